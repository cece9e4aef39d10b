"""Two versions of the drawings on the same simulated year, case by case: which way each took, its dates, how they were kept, whose work it was.

A case is the same in both when it is the same case of the same lead: `L00003-K1` is the first quick relief of the fourth lead, whatever number it
bears. What the clock starts bears its day and place in its number, which is the same in both.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import select

from engine.calendar import ZONE, local
from engine.clocks import AFTER
from engine.db import Tx
from engine.tables import cases, clocks, user_tasks

Load = Mapping[tuple[str, str, str], int]
"""(tier, post, first day of the week) → steps taken."""
MET, MISSED, RUNNING, DROPPED = "met", "missed", "running", "dropped"
STATES: Mapping[str, str] = {MISSED: "超期", RUNNING: "未到期", MET: "按时", DROPPED: "未计完"}
"""How a limit was kept: of several clocks of one limit the first of these."""
INSTANCE = re.compile(":[0-9a-f]{8}")
"""What a path bears to tell one entry of a branch from the next: another one in every run."""


@dataclass(frozen=True, slots=True)
class Due:
    """One limit of a case. `term`: its number and unit in words; `paused`: days its clock stood still; `kept`: how it ended."""

    name: str
    term: str
    started: str
    due: str
    paused: int
    extended: bool
    kept: str


@dataclass(frozen=True, slots=True)
class Course:
    """What became of a case: its steps in order with their names, its conclusion, every limit by term, place in the case and turn."""

    process: str
    title: str
    conclusion: str
    steps: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    due: Mapping[tuple[str, str, int], Due] = field(default_factory=dict)


def courses(tx: Tx, numbers: Mapping[str, str], now: datetime) -> dict[str, Course]:
    """Every case by its stable name. `numbers`: lead by its name in the plan → its number; `now`: the end of the year."""
    c, t, k = cases.c, user_tasks.c, clocks.c
    leads = {number: name for name, number in numbers.items()}
    query = select(c.id, c.number, c.title, c.status, c.conclusion, c.process)
    rows = list(tx.run(query.order_by(c.number, c.opened_at, c.id)))
    steps: dict[str, list[str]] = defaultdict(list)
    names: dict[str, dict[str, str]] = defaultdict(dict)
    done = (
        select(t.case_id, t.element, t.name)
        .where(t.state == "completed")
        .order_by(t.ended_at, t.element, t.path)
    )
    for row in tx.run(done):
        steps[row.case_id].append(row.element)
        names[row.case_id][row.element] = row.name
    due: dict[str, dict[tuple[str, str, int], Due]] = defaultdict(dict)
    turns: Counter[tuple[str, str, str]] = Counter()
    known: dict[tuple[object, ...], tuple[str, str, int]] = {}
    for row in tx.run(select(clocks).order_by(k.started_at, k.due_at, k.element, k.path, k.id)):
        path, kept = INSTANCE.sub("", row.path), _kept(row.state, row.due_at, row.ended_at, now)
        limit = (row.case_id, row.term, row.path, row.started_at)
        if limit in known:  # steps of one branch that show a term from one lawful event show one limit
            one = due[row.case_id][known[limit]]
            due[row.case_id][known[limit]] = replace(one, kept=min(one.kept, kept, key=tuple(STATES).index))
            continue
        turns[row.case_id, row.term, path] += 1
        known[limit] = key = (row.term, path, turns[row.case_id, row.term, path])
        due[row.case_id][key] = Due(
            row.name,
            tx.world.terms.get(row.term, row.terms_on).words,
            local(row.started_at),
            row.due.isoformat() if row.due_at.astimezone(ZONE).time() == time() else local(row.due_at),
            _paused(row.pauses, row.ended_at or now),
            row.extension is not None,
            kept,
        )
    made: dict[str, Course] = {}
    taken: Counter[str] = Counter()
    for row in rows:
        lead, _, rest = row.number.partition("-")
        name = "-".join(filter(None, (leads[lead], rest))) if lead in leads else row.number
        taken[name] += 1
        made[name if taken[name] == 1 else f"{name}（{taken[name]}）"] = Course(
            row.process, row.title, row.conclusion or row.status, tuple(steps[row.id]), names[row.id], due[row.id]
        )  # fmt: skip
    return made


def _paused(pauses: Iterable[Mapping[str, str | None]], until: datetime) -> int:
    spans = ((datetime.fromisoformat(str(p["from"])), p.get("to")) for p in pauses if AFTER not in p)
    hours = sum(
        ((datetime.fromisoformat(to) if to else until) - since).total_seconds() / 3600 for since, to in spans
    )
    return round(hours / 24)


def _kept(state: str, due_at: datetime, ended: datetime | None, now: datetime) -> str:
    """By the act, as everywhere (decision 0012)."""
    if state == "cancelled":
        return DROPPED
    if (ended or now) >= due_at and state != "paused":
        return MISSED
    return MET if state == "stopped" else RUNNING


# ------------------------------------------------------------------------------------------ what differs
@dataclass(frozen=True, slots=True)
class Moved:
    """A limit that differs. `old`, `new`: None where it is in one version only; `why`: what is known of the reason, in words."""

    term: str
    name: str
    path: str
    turn: int
    old: Due | None
    new: Due | None
    why: tuple[str, ...]

    @property
    def date_moved(self) -> bool:
        return (self.old.due if self.old else None) != (self.new.due if self.new else None)

    @property
    def turned(self) -> bool:
        """Kept in one version and not in the other."""
        return {one.kept for one in (self.old, self.new) if one} >= {MET, MISSED}


@dataclass(frozen=True, slots=True)
class Changed:
    """A case that differs. `gone`, `come`: steps taken more often in one version (name → how often); `order`: the same steps in another order."""

    case: str
    process: str
    title: str
    only: str | None  # "old", "new": the case is in one version only
    end: tuple[str | None, str | None]
    gone: Mapping[str, int]
    come: Mapping[str, int]
    order: bool
    due: tuple[Moved, ...]

    @property
    def other_way(self) -> bool:
        return bool(self.only or self.gone or self.come or self.order)

    @property
    def other_end(self) -> bool:
        return self.only is None and self.end[0] != self.end[1]


@dataclass(frozen=True, slots=True)
class Difference:
    """`cases`: in all, of either version; `changed`: those that differ; `load`: (tier, post, week) → steps before, after, where they differ;
    `work`: (tier, post) → the same over the year, all of them."""

    cases: int
    changed: tuple[Changed, ...]
    load: Mapping[tuple[str, str, str], tuple[int, int]]
    work: Mapping[tuple[str, str], tuple[int, int]]

    @property
    def nothing(self) -> bool:
        return not self.changed and not self.load

    def moved(self) -> Iterator[tuple[Changed, Moved]]:
        """Every limit that differs, with its case."""
        return ((one, due) for one in self.changed for due in one.due)


def document(found: Difference) -> dict[str, Any]:
    """All of it, for a program: every case that differs, every week's load that does."""
    return {
        "cases": found.cases,
        "other_way": sum(one.other_way for one in found.changed),
        "other_end": sum(one.other_end for one in found.changed),
        "dates": sum(due.date_moved for _, due in found.moved()),
        "changed": [asdict(one) for one in found.changed],
        "work": [
            {"tier": tier, "post": post, "old": old, "new": new}
            for (tier, post), (old, new) in found.work.items()
        ],
        "load": [
            {"tier": tier, "post": post, "week": begins, "old": old, "new": new}
            for (tier, post, begins), (old, new) in found.load.items()
        ],
    }


def compare(before: Mapping[str, Course], after: Mapping[str, Course], load: tuple[Load, Load]) -> Difference:
    """What differs between two lived years. `load`: of the old and of the new version."""
    names = sorted(before.keys() | after.keys())
    compared = (_compared(name, before.get(name), after.get(name)) for name in names)
    old, new = load
    by_week = {key: (old.get(key, 0), new.get(key, 0)) for key in sorted({*old, *new})}
    work: dict[tuple[str, str], tuple[int, int]] = {}
    for (tier, post, _week), (one, two) in by_week.items():
        sums = work.get((tier, post), (0, 0))
        work[tier, post] = (sums[0] + one, sums[1] + two)
    return Difference(
        len(names),
        tuple(one for one in compared if one is not None),
        {key: pair for key, pair in by_week.items() if pair[0] != pair[1]},
        work,
    )


def _compared(name: str, old: Course | None, new: Course | None) -> Changed | None:
    if old == new:
        return None
    known = new or old
    assert known is not None
    was, now = (one.steps if one else () for one in (old, new))
    labels = {**(old.names if old else {}), **(new.names if new else {})}
    gone, come = Counter(was) - Counter(now), Counter(now) - Counter(was)
    dues = tuple(_dues(old.due if old else {}, new.due if new else {}))
    end = (old.conclusion if old else None, new.conclusion if new else None)
    made = Changed(
        name,
        known.process,
        known.title,
        "old" if new is None else "new" if old is None else None,
        end,
        {labels[key]: n for key, n in gone.items()},
        {labels[key]: n for key, n in come.items()},
        was != now and not gone and not come,
        dues,
    )
    return made if made.other_way or made.other_end or dues else None


def _dues(
    old: Mapping[tuple[str, str, int], Due], new: Mapping[tuple[str, str, int], Due]
) -> Iterator[Moved]:
    for term, path, turn in sorted(old.keys() | new.keys()):
        one, two = old.get((term, path, turn)), new.get((term, path, turn))
        known = two or one
        assert known is not None
        same = one is not None and two is not None and (one.due, one.kept) == (two.due, two.kept)
        if not same:
            yield Moved(term, known.name, path, turn, one, two, tuple(_why(one, two)))


def _why(old: Due | None, new: Due | None) -> Iterator[str]:
    """What is known of why a date is another one."""
    if old is None or new is None:
        yield "只在新版本中" if old is None else "只在原版本中"
        return
    if old.term != new.term:
        yield f"时限由{old.term}改为{new.term}"
    if old.started != new.started:
        yield f"起算由 {minute(old.started)} 改为 {minute(new.started)}"
    if old.paused != new.paused:
        yield f"中止由 {old.paused} 天改为 {new.paused} 天"
    if old.extended != new.extended:
        yield "新版本中延长过" if new.extended else "原版本中延长过"


def minute(text: str) -> str:
    """An instant to the minute as people write it; a day stays a day."""
    return text[:16].replace("T", " ")


def week(day: date) -> str:
    """The first day of a day's week."""
    return date.fromordinal(day.toordinal() - day.weekday()).isoformat()
