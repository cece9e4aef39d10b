"""How commands answer: one JSON document and nothing else, or words for people; the exit code says which kind of end."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from engine.errors import XunzhenError
from engine.feel import json_text

BAD, MISSING = 1, 2
ROOT = Path(__file__).parents[1]
PROCESSES = ROOT / "processes"


def print_json(value: Any) -> None:
    """One JSON document; numbers keep every digit, instants are ISO 8601 with offset."""
    sys.stdout.write(json_text(value) + "\n")


def days(console: Console) -> Progress:
    """How far a simulated time is; the task's field `at` says where it stands."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[at]}"),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=console, transient=True)


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
