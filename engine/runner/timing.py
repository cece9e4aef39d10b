"""When a timer fires: ISO 8601 literals or FEEL, always with a zone, never by a silent guess."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from SpiffWorkflow.task import Task

from engine import feel
from engine.errors import StepFailed
from engine.feel import YearsMonths
from engine.model import Event
from engine.runner.scope import case_of, evaluate, spec_of
from engine.runner.values import Host

LITERAL = re.compile(r"^(-?P|R\d*/|\d{4}-)")
WEEKS = re.compile(r"(-?)P(\d{1,6})W", re.ASCII)
PARTS = re.compile(r"(-?)P((?:\d+Y)?(?:\d+M)?)((?:\d+D)?(?:T[0-9.HMS]+)?)", re.ASCII)
SHORTEST = timedelta(seconds=1)
"""The period of a cycle at least: one that does not go forward would never rest."""
_SOME_DAY = datetime(2000, 1, 1, tzinfo=UTC)
CYCLE = re.compile(r"R(\d*)/(?:(\d{4}-[^/]+)/)?(P.+)")


def armed(task: Task, event: Event) -> dict[str, Any]:
    """`due` (ISO), `left` (cycles, -1 for ever), `period`, `basis` of a timer armed now."""
    text = (event.expression or "").strip()
    value: Any = text if LITERAL.match(text) else evaluate(task, text)
    return _armed(spec_of(task).bpmn_id, event, value, case_of(task).now)


def first_turn(element: str, event: Event, now: datetime, host: Host) -> dict[str, Any]:
    """The same for a timer start event, deployed at `now`: it has no case and no variables yet."""
    text = (event.expression or "").strip()
    value = text if LITERAL.match(text) else feel.evaluate(text, {}, host.functions(now, {})).value
    return _armed(element, event, value, now)


def _armed(element: str, event: Event, value: Any, now: datetime) -> dict[str, Any]:
    text = event.expression
    left, period = 1, None
    if isinstance(value, str) and (match := CYCLE.fullmatch(value)):
        count, begin, period = match.groups()
        left = int(count) if count else -1
        if left == 0:
            raise StepFailed(element, f"定时器的周期次数为 0：{text}", f"a cycle of no turns: {text}")
        value = _iso(element, begin, text) if begin else plus(now, *_duration(element, period, text))
    elif isinstance(value, str) and value.startswith(("P", "-P")):
        if event.timer == "cycle":
            left, period = -1, value
        value = plus(now, *_duration(element, value, text))
    elif isinstance(value, str):
        value = _iso(element, value, text)
    elif isinstance(value, timedelta | YearsMonths):
        if event.timer == "cycle":
            left, period = -1, str(feel.to_json(value))
        value = plus(now, value)
    if not isinstance(value, datetime):
        raise StepFailed(element, f"定时器没有得到时刻（{text} → {value!r}）", f"the timer gave {value!r}")
    if value.tzinfo is None:
        raise StepFailed(element, f"定时器的时刻没有时区：{value.isoformat()}", "a time without zone")
    if period is not None and left != 1 and not repeats(period):
        raise StepFailed(
            element, f"定时器的周期短于一秒：{text} → {period}", f"a cycle that does not go forward: {period}"
        )
    basis = getattr(value, "basis", None)
    found: dict[str, Any] = {"due": _text(value), "left": left, "period": period}
    if period is not None and left != 1 and _by_months(period):
        found.update(begin=found["due"], turn=0)
    if basis:
        found["basis"] = dict(basis)
    return found


def _text(value: datetime) -> str:
    return value.isoformat()


def plus(at: datetime, *by: Any) -> Any:
    """An instant and FEEL durations, one after the other; no `datetime` where the sum is beyond Python's years."""
    result: Any = at
    for part in by:
        result = feel.evaluate("at + length", {"at": result, "length": part}).value
    return result


@lru_cache(maxsize=1024)
def length(text: str) -> tuple[Any, ...]:
    """An ISO 8601 duration as FEEL durations: months before days, which FEEL keeps apart; weeks too. Empty for anything else."""
    if weeks := WEEKS.fullmatch(text):
        text = f"{weeks[1]}P{int(weeks[2]) * 7}D"
    texts = [text]
    if (parts := PARTS.fullmatch(text)) and parts[2] and parts[3]:
        texts = [f"{parts[1]}P{part}" for part in parts.groups()[1:]]
    found = [feel.evaluate("duration(text)", {"text": part}).value for part in texts]
    return () if None in found else tuple(found)


def _duration(element: str, text: str, source: str | None) -> tuple[Any, ...]:
    value = length(text)
    if not value:
        raise StepFailed(element, f"定时器的时长写法有误：{source}", f"not a duration: {source}")
    return value


def _iso(element: str, text: str, source: str | None) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise StepFailed(element, f"定时器的时刻写法有误：{source}", f"not an instant: {source}") from None


def repeats(period: str) -> bool:
    """Does a cycle of this period go forward, by a second or more?"""
    later = plus(_SOME_DAY, *length(period))
    return isinstance(later, datetime) and later - _SOME_DAY >= SHORTEST


def _by_months(period: str) -> bool:
    return any(isinstance(part, YearsMonths) for part in length(period))


def following(armed_: Mapping[str, Any]) -> dict[str, Any] | None:
    """The next turn of a cycle, or None when there is none. Months are counted from the first turn: after the 28th comes the 31st."""
    if not armed_.get("period") or armed_.get("left") == 1 or not armed_.get("due"):
        return None
    period = length(armed_["period"])
    found: dict[str, Any] = {"left": max(armed_["left"] - 1, -1), "period": armed_["period"]}
    if "begin" in armed_:
        turn = armed_["turn"] + 1
        found.update(begin=armed_["begin"], turn=turn)
        parts = [feel.evaluate("part * turn", {"part": part, "turn": turn}).value for part in period]
        due = plus(datetime.fromisoformat(armed_["begin"]), *parts)
    else:
        due = plus(datetime.fromisoformat(armed_["due"]), *period)
    return {"due": due.isoformat(), **found} if isinstance(due, datetime) else None
