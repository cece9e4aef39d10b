"""How commands answer: one JSON document and nothing else, or words for people; the exit code says which kind of end."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

import typer

from engine.errors import XunzhenError
from engine.feel import to_json

BAD, MISSING = 1, 2
ROOT = Path(__file__).parents[1]
PROCESSES = ROOT / "processes"


class _Exact(float):
    """A decimal that keeps its digits in JSON."""

    def __new__(cls, value: Decimal) -> _Exact:
        made = super().__new__(cls, value)
        made.text = str(value)
        return made

    text: str

    def __repr__(self) -> str:
        return self.text


def _exact(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else _Exact(value)
    if isinstance(value, Mapping):
        return {key: _exact(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(item) for item in value]
    return value


def print_json(value: Any) -> None:
    sys.stdout.write(
        json.dumps(_exact(value), ensure_ascii=False, default=lambda v: _exact(to_json(v))) + "\n"
    )


def fail(error: XunzhenError, as_json: bool, code: int, **more: Any) -> NoReturn:
    """Say what went wrong and leave."""
    if as_json:
        print_json({"error": {"code": error.code, **more, "message": error.message}})
    else:
        typer.secho(error.message, fg="red", err=True)
    raise typer.Exit(code)


def read_json(text: str | None) -> dict[str, Any]:
    """JSON from the command line, or from a file with a leading @. Numbers stay exact."""
    if not text:
        return {}
    raw = Path(text[1:]).read_text("utf-8") if text.startswith("@") else text
    try:
        value = json.loads(raw, parse_float=Decimal)
    except json.JSONDecodeError as error:
        raise typer.BadParameter(f"不是合法的 JSON：{error}") from error
    if not isinstance(value, dict):
        raise typer.BadParameter("须是 JSON 对象")
    return value
