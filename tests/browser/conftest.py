"""A real server and a real browser. Without a browser the tests say so and are skipped, except in CI (`CI=1`), where they fail."""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from api.app import create_app
from casework import seed
from tasks.runtime import Runtime, Settings
from tests.api.office import installed
from tests.conftest import PROCESSES

DIST = PROCESSES.parent / "web" / "dist"
AXE = PROCESSES.parent / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
]
PHONE, DESK = (390, 844), (1280, 900)
PHOTO = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8cfc0f01f0005000"
    "1ff89993d1d0000000049454e44ae426082"
)
expect.set_options(timeout=10_000)


@dataclass
class Server:
    """The running installation; `at` is where its simulated clock was set at the start."""

    url: str
    runtime: Runtime


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = os.environ.get("E2E_BROWSER") or shutil.which("chromium") or shutil.which("google-chrome")
    missing = (
        "no browser (chromium)"
        if path is None
        else None
        if DIST.exists()
        else "the web is not built (./dev web)"
    )
    if missing:
        if os.environ.get("CI"):
            pytest.fail(f"CI needs the browser tests: {missing}")
        pytest.skip(missing)
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield found
        found.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    settings = Settings(data=tmp_path, processes=PROCESSES, simulated=True, demo=True, web=DIST)
    runtime = installed(settings, "2026-09-25T20:30:00+08:00")
    made = uvicorn.Server(uvicorn.Config(create_app(runtime), port=0, log_level="error", lifespan="on"))
    ready = threading.Event()
    thread = threading.Thread(target=_serve, args=(made, ready), daemon=True)
    thread.start()
    assert ready.wait(20), "the server did not start"
    port = made.servers[0].sockets[0].getsockname()[1]
    yield Server(f"http://127.0.0.1:{port}", runtime)
    made.should_exit = True
    thread.join(10)
    runtime.db.engine.dispose()


def _serve(server: uvicorn.Server, ready: threading.Event) -> None:
    startup = server.startup

    async def announced(sockets: Any = None) -> None:
        await startup(sockets=sockets)
        ready.set()

    server.startup = announced  # type: ignore[method-assign]
    server.run()


def accessible(page: Page) -> None:
    """The page as it stands breaks no rule of WCAG 2.1 AA that a machine can judge."""
    page.evaluate(
        AXE.read_text(encoding="utf-8")
    )  # by evaluation: the page's own policy lets no foreign script in
    found = page.evaluate(
        "async rules => (await axe.run(document, {runOnly: rules})).violations.map(v => [v.id, v.nodes.map(n => n.html)])",
        RULES,
    )
    assert found == []


@dataclass
class Seat:
    """One person at one screen. What the browser complained of is kept and must be nothing at the end."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(f"{self.url}/#{path}")
        self.page.reload()  # a page already there would show what it knew

    def field(self, label: str) -> Locator:
        named = self.page.locator(".field-label").filter(has_text=re.compile(rf"^{re.escape(label)}"))
        return self.page.locator(".field").filter(has=named).first

    def choose(self, label: str, *options: str) -> None:
        for option in options:
            self.field(label).locator("label").filter(
                has_text=re.compile(rf"^{re.escape(option)}$")
            ).first.click()

    def pick(self, label: str, option: str) -> None:
        """Choose from a drop-down list, and see it chosen."""
        self.field(label).locator(".ant-select").first.click()
        open_list = self.page.locator(".ant-select-dropdown:not(.ant-select-dropdown-hidden)")
        open_list.locator(".ant-select-item-option").filter(has_text=option).first.click()
        expect(self.field(label).locator(".ant-select").first).to_contain_text(option)

    def write(self, label: str, text: str) -> None:
        self.field(label).locator("input, textarea").first.fill(text)

    def sign(self, label: str, name: str) -> None:
        typed = self.field(label).get_by_role("button", name="改为键入姓名")
        if typed.count():  # with touch one signs by hand; at a desk one types
            typed.click()
        self.field(label).locator("input").first.fill(name)

    def photo(self, label: str) -> None:
        file = {"name": "a.png", "mimeType": "image/png", "buffer": PHOTO}
        self.field(label).locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
        expect(self.field(label).locator("img").first).to_be_visible()

    def open_task(self, button: str) -> None:
        """From the worklist, the first task with this verb."""
        self.go("/tasks")
        verbs = self.page.locator(".card-verb, table a, table button")
        verbs.filter(has_text=re.compile(rf"^{button}$")).first.click()
        expect(self.page.locator(".task-page, .task-done").first).to_be_visible()

    def submit(self, button: str = "提交") -> None:
        """Hand in the open step: the server takes it, and the page moves on."""
        here = self.page.url
        with self.page.expect_response(re.compile(r"/complete$"), timeout=10_000) as answer:
            self.page.get_by_role("button", name=button, exact=True).first.click()
        assert answer.value.status == 200, answer.value.text()
        expect(self.page).not_to_have_url(here)


@pytest.fixture
def seat(browser: Browser, server: Server) -> Iterator[Any]:
    """Seat a person: `seat("wangge", PHONE)`."""
    seats: list[Seat] = []

    def sit(username: str, size: tuple[int, int] = DESK) -> Seat:
        small = size[0] < 500
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            service_workers="block",
            reduced_motion="reduce",  # a list still sliding open may lose a click
            has_touch=small,
            is_mobile=small,
        )
        context.set_default_timeout(10_000)
        page = context.new_page()
        made = Seat(page, server.url)
        page.on("console", lambda m: made.complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: made.complaints.append(str(e)))
        page.on(
            "response", lambda r: made.complaints.append(f"{r.status} {r.url}") if r.status >= 400 else None
        )
        page.goto(server.url)
        page.get_by_label("用户名").fill(username)
        page.get_by_label("密码").fill(seed.PASSWORD)
        page.get_by_role("button", name="登录").click()
        expect(page.get_by_role("button", name="登录")).to_have_count(0)
        seats.append(made)
        return made

    yield sit
    for made in seats:
        made.page.context.close()
    assert [complaint for made in seats for complaint in made.complaints] == []
