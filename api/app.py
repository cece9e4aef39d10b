"""The application: routes, error table, the embedded worker, the built web."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Response
from fastapi.responses import FileResponse, HTMLResponse
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import errors, examples
from api.routes import all_routers
from tasks.runtime import Runtime
from tasks.sweep import Worker

POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; font-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "object-src 'none'; base-uri 'self'; frame-ancestors 'none'"
)
NOT_BUILT = (
    "<!doctype html><html lang='zh-CN'><meta charset='utf-8'><title>巡诊</title>"
    "<p>网页还没有构建。请在项目目录运行：<code>./dev web</code></p></html>"
)


def create_app(runtime: Runtime, *, worker: bool = True) -> FastAPI:
    """The application on an open, migrated installation. `worker=False`: somebody else runs the work (Celery, a test)."""

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        embedded = Worker(runtime.db, runtime.now) if worker else None
        if embedded is not None:
            runtime.ring = embedded.ring
            embedded.start()
        yield
        if embedded is not None:
            embedded.stop()

    app = FastAPI(
        title="巡诊 Xunzhen",
        version="0.1.0",
        summary="困难群众主动发现：流程即程序，法定工作日计时",
        lifespan=life,
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.runtime = runtime
    errors.install(app)
    for router in all_routers(simulated=runtime.settings.simulated):
        app.include_router(router)
    app.add_middleware(GZipMiddleware, minimum_size=1024)
    examples.install(app)
    app.add_middleware(_Headers)
    _web(app, runtime.settings.web)
    return app


class _Headers:
    """Adds the headers of safety to every answer. Plain ASGI: a browser that leaves before its answer is no error."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", POLICY)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "same-origin")
                if scope["path"].startswith("/api/"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, protected)


def _web(app: FastAPI, dist: Path) -> None:
    """The built pages: assets for ever, entry pages never cached. Without a build, a page that says how to make one."""
    if (dist / "assets").is_dir():
        app.mount("/assets", StaticFiles(directory=dist / "assets"), name="assets")

    def page(name: str) -> Response:
        path = dist / name
        if not path.is_file():
            return HTMLResponse(NOT_BUILT, 503)
        return FileResponse(path, headers={"Cache-Control": "no-cache"})

    @app.get("/", include_in_schema=False)
    def staff_entry() -> Response:
        return page("index.html")

    @app.get("/designer.html", include_in_schema=False)
    def designer_entry() -> Response:
        return page("designer.html")

    @app.get("/help", include_in_schema=False)
    def public_entry() -> Response:
        """反映困难: anybody tells of a hardship and asks what became of it."""
        answer = page("help.html")
        answer.headers["Referrer-Policy"] = "no-referrer"
        return answer

    @app.get("/n/{token}", include_in_schema=False)
    def notice_entry() -> Response:
        """The page behind the code on a posted notice: anybody opens it, no search engine keeps it."""
        answer = page("notice.html")
        answer.headers["X-Robots-Tag"] = "noindex, nofollow"
        answer.headers["Referrer-Policy"] = "no-referrer"
        return answer

    for extra in ("icon.svg", "manifest.webmanifest", "robots.txt", "sw.js"):
        if (dist / extra).is_file():
            app.get(f"/{extra}", include_in_schema=False)(lambda name=extra: page(name))
