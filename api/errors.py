"""Domain errors to HTTP: one table, one shape. The code is stable, the sentences are for people."""

from __future__ import annotations

from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException

from engine.errors import (
    CalendarMissing,
    Conflict,
    Field,
    Forbidden,
    Invalid,
    ModelRefused,
    NotFound,
    StepFailed,
    XunzhenError,
)

log = structlog.get_logger("api")

STATUS: tuple[tuple[type[XunzhenError], int], ...] = (
    (NotFound, 404),
    (Forbidden, 403),
    (Conflict, 409),
    (Invalid, 422),
    (ModelRefused, 422),
    (CalendarMissing, 422),
    (StepFailed, 409),
)


class NotLoggedIn(XunzhenError):
    """There is no session, or it has ended."""

    code = "not_logged_in"


class TooMany(XunzhenError):
    """Too many failed attempts."""

    code = "too_many_attempts"


class Replayed(Exception):
    """The write was done before under the same key: the first answer stands."""

    def __init__(self, status: int, answer: Any) -> None:
        super().__init__("replayed")
        self.status, self.answer = status, answer


def answer(
    status: int,
    code: str,
    message: str,
    message_en: str,
    fields: tuple[Field, ...] = (),
    household: str | None = None,
) -> JSONResponse:
    listed = [{"path": f.path, "message": f.message} for f in fields]
    body = {"code": code, "message": message, "message_en": message_en, "fields": listed}
    return JSONResponse(body if household is None else {**body, "household": household}, status)


def status_of(error: XunzhenError) -> int:
    if isinstance(error, NotLoggedIn):
        return 401
    if isinstance(error, TooMany):
        return 429
    return next((status for kind, status in STATUS if isinstance(error, kind)), 400)


_WORDS = {
    "missing": "必填",
    "string_too_short": "太短",
    "string_too_long": "太长",
    "int_parsing": "应为整数",
    "int_type": "应为整数",
    "extra_forbidden": "不认识的字段",
    "json_invalid": "不是合法的 JSON",
    "date_parsing": "应为日期，如 2026-09-30",
    "date_from_datetime_parsing": "应为日期，如 2026-09-30",
    "date_from_datetime_inexact": "应为日期，如 2026-09-30",
    "datetime_from_date_parsing": "应为带时区的时间",
    "datetime_parsing": "应为带时区的时间",
}


def install(app: FastAPI) -> None:
    """Register the handlers. Anything unforeseen is logged whole and answered without details."""

    @app.exception_handler(XunzhenError)
    async def domain(_request: Request, error: XunzhenError) -> JSONResponse:
        known = error.data.get("household")
        return answer(status_of(error), error.code, error.message, error.message_en, error.fields, known)

    @app.exception_handler(Replayed)
    async def replayed(_request: Request, again: Replayed) -> JSONResponse:
        return JSONResponse(again.answer, again.status, headers={"Idempotent-Replay": "true"})

    @app.exception_handler(RequestValidationError)
    async def shape(_request: Request, error: RequestValidationError) -> JSONResponse:
        fields = tuple(
            Field(
                ".".join(str(part) for part in e["loc"][1:]) or str(e["loc"][0]),
                _WORDS.get(e["type"], e["msg"]),
            )
            for e in error.errors()
        )
        return answer(
            422, "invalid", "请求内容不符合要求。", "The request does not have the right shape.", fields
        )

    @app.exception_handler(HTTPException)
    async def http(_request: Request, error: HTTPException) -> JSONResponse:
        code = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}.get(error.status_code, "error")
        return answer(error.status_code, code, "没有这个地址或不支持这样访问。", str(error.detail))

    @app.exception_handler(DBAPIError)
    async def database(request: Request, error: DBAPIError) -> JSONResponse:
        log.error("database", path=request.url.path, error=str(error.orig))
        return answer(
            503,
            "database",
            "数据库暂时不可用，本次操作没有保存，请稍后再试。",
            "The database failed; nothing was saved.",
        )

    @app.exception_handler(Exception)
    async def unforeseen(request: Request, error: Exception) -> JSONResponse:
        log.exception("unforeseen", path=request.url.path, error=str(error))
        return answer(
            500,
            "internal",
            "系统出错，本次操作没有保存，已记录。",
            "Something went wrong; nothing was saved.",
        )
