"""走访覆盖: what a village's day was – visited, reported as nothing, silent, not synced, vacant. Pure rules; the figures are read in `coverage`.

A working day is owed a word (R18: a daily task of the two committees; R60: of the grid); a rest day owes none. A broken telephone excuses for some
days and no longer: after that the silence counts as silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from engine.calendar import ZONE


class State(StrEnum):
    """What is known of a village's day, or of a longer time."""

    VISITED = "visited"  # somebody of the village visited or reported a lead
    ZERO = "zero"  # the village said that there is nothing new
    SILENT = "silent"  # it owed a word and said none: the town asks
    UNSYNCED = "unsynced"  # its devices were not heard of, or keep entries back: the town helps
    VACANT = "vacant"  # nobody holds a post there: the town appoints
    REST = "rest"  # a rest day without anything
    OPEN = "open"  # today, not over yet


WORDS = {
    State.VISITED: "已访",
    State.ZERO: "零报告",
    State.SILENT: "未报（静默）",
    State.UNSYNCED: "设备未同步",
    State.VACANT: "岗位空缺",
    State.REST: "休息日",
    State.OPEN: "今日未报",
}


@dataclass(frozen=True, slots=True)
class Beat:
    """A device's last word of a day, and how many entries it still kept."""

    day: date
    at: datetime
    waiting: int
    device: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """What is known of one village's day."""

    day: date
    working: bool
    staffed: bool
    visits: int
    leads: int
    said: bool
    over: bool


def last_sync(beats: Iterable[Beat], until: date) -> Beat | None:
    """The last a village's devices were heard of, up to the end of that day."""
    return max((b for b in beats if b.day <= until), key=lambda b: b.at, default=None)


def keeping(beats: Iterable[Beat], until: date) -> int:
    """How many entries a village's devices still kept at the end of that day: what one of them sent is not the others' word."""
    last: dict[str, Beat] = {}
    for beat in sorted((b for b in beats if b.day <= until), key=lambda b: b.at):
        last[beat.device] = beat
    return sum(beat.waiting for beat in last.values())


def state(day: Day, beats: Sequence[Beat], grace: int) -> State:
    """The state of a day. `grace`: for how many days a device that is not heard of explains that nothing came."""
    if day.visits or day.leads:
        return State.VISITED
    if day.said:
        return State.ZERO
    if not day.staffed:
        return State.VACANT
    if not day.working:
        return State.REST
    if not day.over:
        return State.OPEN
    recent = [b for b in beats if timedelta(0) <= day.day - b.day <= timedelta(days=grace)]
    last = last_sync(recent, day.day)
    if last is None:
        return State.SILENT
    return State.UNSYNCED if last.day < day.day or keeping(recent, day.day) else State.SILENT


def whole(states: Sequence[State]) -> State:
    """The state of a longer time: what was heard wins over what was not, and what was not heard says why.

    The number of silent days stands beside it: one visit does not hide them.
    """
    for heard in (State.VISITED, State.ZERO):
        if heard in states:
            return heard
    owed = [s for s in states if s not in (State.REST, State.OPEN)]
    if not owed:
        return State.OPEN if State.OPEN in states else State.REST
    if all(s is State.VACANT for s in owed):
        return State.VACANT
    return State.UNSYNCED if owed[-1] is State.UNSYNCED else State.SILENT


def group(states: Sequence[State]) -> State:
    """The state of several villages together: the one somebody must act on, if any must."""
    acted = (State.SILENT, State.UNSYNCED, State.VACANT, State.VISITED, State.ZERO, State.OPEN)
    return next((state for state in acted if state in states), State.REST)


def local_day(at: datetime) -> date:
    return at.astimezone(ZONE).date()
