"""The script of a trial: a JSON list of what people, machines and the world outside do, one step after the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine import feel
from engine.calendar import ZONE
from engine.errors import Invalid

KEYS = {
    "complete": {"data", "nth"},
    "message": {"key", "data"},
    "signal": {"data"},
    "advance": set[str](),
    "error": {"code", "data", "nth"},
    "fail": {"message", "nth"},
}
"""What a step is called, and what else it may say."""


@dataclass(frozen=True, slots=True)
class Step:
    """`kind`: a key of KEYS; `target`: element id, message or signal name, or a duration (ISO 8601)."""

    kind: str
    target: str
    number: int
    data: Mapping[str, Any] = field(default_factory=dict)
    nth: int = 1
    key: str | None = None
    code: str = ""
    message: str = ""


def parse(raw: Any) -> list[Step]:
    """The steps of a script. Raises Invalid (`bad_steps`) naming the step, counted from 1."""
    if not isinstance(raw, list):
        raise _wrong("步骤须是一个 JSON 列表。", "The steps must be a JSON list.")
    return [_step(number, one) for number, one in enumerate(raw, 1)]


def _wrong(message: str, english: str, **data: Any) -> Invalid:
    return Invalid(message, english, code="bad_steps", **data)


def _step(number: int, raw: Any) -> Step:
    where, english = f"第 {number} 步：", f"step {number}: "
    if not isinstance(raw, dict):
        raise _wrong(f"{where}须是 JSON 对象。", f"{english}not an object", step=number)
    # `fail` carries a `message` of its own, so what a step is called is looked for in this order.
    kind = next((k for k in ("fail", "complete", "error", "message", "signal", "advance") if k in raw), None)
    if kind is None:
        raise _wrong(
            f"{where}须有 {'、'.join(KEYS)} 之一。", f"{english}needs one of {', '.join(KEYS)}", step=number
        )
    unknown = sorted(raw.keys() - KEYS[kind] - {kind})
    if unknown:
        raise _wrong(
            f"{where}“{kind}”不认识 {'、'.join(unknown)}。",
            f"{english}{kind} does not know {', '.join(unknown)}",
            step=number,
        )
    for key, kinds, word in ((kind, str, "文字"), ("data", dict, "JSON 对象"), ("code", str, "文字")):
        if key in raw and not isinstance(raw[key], kinds):
            raise _wrong(f"{where}{key} 须是{word}。", f"{english}{key} is wrong", step=number)
    nth = raw.get("nth", 1)
    if not isinstance(nth, int) or isinstance(nth, bool) or nth < 1:
        raise _wrong(f"{where}nth 须是不小于 1 的整数。", f"{english}nth is wrong", step=number)
    if kind == "advance":
        duration(raw[kind], f"{where}advance")
    if kind == "error" and not raw.get("code"):
        raise _wrong(f"{where}error 须有 code（错误代码）。", f"{english}error needs a code", step=number)
    correlation = raw.get("key")
    return Step(
        kind=kind,
        target=raw[kind],
        number=number,
        data=raw.get("data", {}),
        nth=nth,
        key=None if correlation is None else str(correlation),
        code=raw.get("code", ""),
        message=str(raw.get("message", "")) if kind == "fail" else "",
    )


def duration(text: str, where: str) -> Any:
    """A FEEL duration from ISO 8601; Invalid for anything else or a negative one."""
    value = feel.evaluate("duration(t)", {"t": text}).value
    if value is None or text.startswith("-"):
        raise Invalid(
            f"{where}：“{text}”不是时长，例如 PT5M、P3D。", f"not a duration: {text}", code="bad_steps"
        )
    return value


def later(now: datetime, text: str, where: str) -> datetime:
    """`now` and a duration, or an instant as it stands (naive: Shanghai time). Raises Invalid."""
    if text.startswith(("P", "-P")):
        value = duration(text, where)
        moved = feel.evaluate("at + length", {"at": now, "length": value}).value
        if not isinstance(moved, datetime):
            raise Invalid(f"{where}：{text} 太长。", f"{text} is too long", code="bad_steps")
        return moved
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(
            f"{where}：“{text}”不是 ISO 8601 的时刻或时长。",
            f"not an instant or a duration: {text}",
            code="bad_steps",
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=ZONE)
