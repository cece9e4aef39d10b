"""更正: a lawful date was wrongly typed – that from which a limit runs, or that of the act which ended it.

Everything that rests on the date follows: fields of the file, variables, clocks, timers, tasks. Old and new date, reason and
person stay in the history.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update

from engine import clocks, clockwork, definitions, limits, locking, reprojection, worklist
from engine.calendar import ZONE, acted, by_day, instant, local, midnight
from engine.clocks import Clock, dated, with_
from engine.db import Tx
from engine.definitions import Pinned
from engine.errors import Conflict, Field, Invalid
from engine.locking import by
from engine.routing import Actor
from engine.runner import advance, anchors, bases, scopes
from engine.runner.redating import like, means, mentioned
from engine.runner.values import Redate, covers
from engine.step import Case, host_of, take
from engine.tables import cases, timers
from engine.terms import ACCEPTED


@dataclass(frozen=True, slots=True)
class Wrong:
    """A date to be put right: what it was, as the case holds it, the names it goes by, and the place that counted from it."""

    old: datetime
    names: set[str]
    place: tuple[str, str] | None = None
    end: bool = False
    day: bool = False  # a day without its hour


def correct(
    tx: Tx,
    actor: Actor,
    case_id: str,
    revision: int,
    clock_id: str,
    new: datetime,
    reason: str,
    now: datetime,
    *,
    end: bool = False,
) -> list[Clock]:
    """更正: the date from which a clock runs, or (`end`) the act that ended it. → the clocks whose limit, date or end changed

    It may be done through a clock that has ended, too, as long as the case is open. It concerns the date of that clock's own
    branch (`_home`); a day of acceptance brings the rules in force on the right day with it, an act is judged anew. What was
    recorded stays recorded: the history keeps the old date, when it was entered, and by whom it was put right.
    """
    case = limits.case_under_lock(tx, actor, case_id, revision)
    clock = limits.clock_of(tx, case, clock_id, ended=True)
    why = locking.reason(reason, "更正")
    pinned, known = definitions.pinned(tx, case.pins), clocks.of_case(tx, case.id)
    wrong = _end(pinned, case, clock) if end else _start(pinned, case, clock)
    new = midnight(_day(new)) if wrong.day else new
    _possible(clock, wrong, new, now)
    home, apart = _home(pinned, case, clock.path, wrong.names, wrong.old)
    command = Redate(tuple(sorted(wrong.names)), (), wrong.old, new, home, apart)
    branch = [c for c in known if command.reaches(c.path)]
    mark = {
        "from": local(wrong.old),
        "to": local(new),
        "reason": why,
        "by": actor.id,
        "by_name": actor.name,
    }
    mark["at"] = local(now)
    pairs = [(c, _right(pinned, c, wrong, new, mark, mine=c.id == clock.id)) for c in branch]
    if ACCEPTED in wrong.names:
        since = min(
            (a.entered_at for a, b in pairs if a.started_at != b.started_at), default=clock.entered_at
        )
        pairs = [(a, _under_rules_of(b, wrong.old, new) if a.entered_at >= since else b) for a, b in pairs]
    fields = _fields(case, command)
    places = tuple(dict.fromkeys((b.process, b.element) for _, b in pairs if b.started_at == new))
    command = replace(command, places=places)
    shifted = _shifted(tx, case, pinned, command, now)
    pairs = [(a, _on_made(a, b, shifted, known, mark)) for a, b in pairs]
    pairs = [(a, dated(tx.world, b, now)) for a, b in pairs if a != b]
    for _, one in pairs:
        clocks.rewrite(tx, one)
    payload = {
        **limits.named(clock),
        "old": local(wrong.old),
        "new": local(new),
        "entered_at": local((clock.stopped_at if end else None) or clock.entered_at),
        "reason": why,
        "names": sorted(wrong.names),
        "home": home,
        "apart": list(apart),
        "fields": fields,
        "moved": [
            {**limits.named(b), "old": local(a.due_at), "new": local(b.due_at)}
            for a, b in pairs
            if (a.limit, a.due_at) != (b.limit, b.due_at)
        ],
        **({"end": True} if end else {}),
    }
    judged = [_judged(a, b) for a, b in pairs if (a.ended_at, a.kept) != (b.ended_at, b.kept)]
    if judged:
        payload["judged"] = judged
    take(tx, case, command, by(actor, "clock.corrected", **payload), now)
    _timers(tx, case, pinned, [b for _, b in pairs], now)
    return [b for a, b in pairs if (a.limit, a.due_at, a.ended_at) != (b.limit, b.due_at, b.ended_at)]


def _start(pinned: Pinned, case: Case, clock: Clock) -> Wrong:
    """The date from which a clock runs."""
    counted, certain = _starts(pinned, clock), _starts(pinned, clock, conditions=False)
    names = _names(pinned, case, counted, certain, clock.started_at)
    return Wrong(clock.started_at, names, (clock.process, clock.element))


def _end(pinned: Pinned, case: Case, clock: Clock) -> Wrong:
    """The act that ended a clock, as the file holds it: a day, or an instant."""
    if clock.ended_at is None or clock.ended_by is None:
        raise Conflict(
            f"“{clock.name}”以提交该环节的时刻办结，没有另记的办理时间可更正。",
            "The step itself was the act.",
            code="no_act",
        )
    asked, values = mentioned(clock.ended_by), _values(case, pinned)
    held = [v for name in sorted(asked) for v in values.get(name, ()) if _tells(v, clock)]
    day = midnight(clock.ended_at.astimezone(ZONE).date())
    by_the_day = _is_day(held[0]) if held else by_day(clock.ended_at)
    old = instant(held[0]) if held else day if by_the_day else clock.ended_at
    names = _names(pinned, case, asked, _results([clock.ended_by]) & asked, old)
    return Wrong(old, names, end=True, day=by_the_day)


def _possible(clock: Clock, wrong: Wrong, new: datetime, now: datetime) -> None:
    what = "办理时间" if wrong.end else "起算日期"
    if new > now or not new.year >= 1900:
        raise Invalid(
            f"{what}不能晚于现在。", "The date lies in the future.", fields=[Field("date", "不能晚于现在")]
        )
    if new == wrong.old:
        raise Invalid("与原日期相同。", "Nothing would change.", fields=[Field("date", "与原日期相同")])
    begun = midnight(clock.started_at.astimezone(ZONE).date())
    if wrong.end and new < begun <= wrong.old:
        said = f"不能早于起算日期 {begun:%Y-%m-%d}"
        raise Invalid(f"办理时间{said}。", "Before the clock's start.", fields=[Field("date", said)])


def _right(
    pinned: Pinned,
    clock: Clock,
    wrong: Wrong,
    new: datetime,
    mark: dict[str, Any],
    *,
    mine: bool,
) -> Clock:
    """The clock with the right date where it rests on the wrong one: at its start, at its end."""
    place = (clock.process, clock.element)
    if clock.started_at == wrong.old and (place == wrong.place or wrong.names & _starts(pinned, clock)):
        clock = with_(clock, started_at=new, corrections=[*clock.corrections, mark])
    if clock.ended_by is None or clock.stopped_at is None:
        return clock
    day = _day(wrong.old)
    by_the_day = wrong.old == midnight(day) and _tells(day, clock)
    asked = (mine and wrong.end) or wrong.names & mentioned(clock.ended_by)
    if asked and (by_the_day or _tells(wrong.old, clock)):
        ended = acted(_day(new) if by_the_day else new, clock.stopped_at)
        clock = with_(clock, ended_at=ended, corrections=[*clock.corrections, {**mark, "end": True}])
    return clock


def _shifted(
    tx: Tx, case: Case, pinned: Pinned, command: Redate, now: datetime
) -> dict[str, tuple[datetime, datetime]]:
    """Tokens whose start is made of the wrong date without being it, with their old and their right one."""
    state, host = case.state or b"", host_of(tx, case, pinned, now)
    tried = advance(pinned.program, state, command, now, document=case.document, host=host)
    before, after = anchors(pinned.program, state), anchors(pinned.program, tried.state)
    return {key: (at, after[key]) for key, at in before.items() if after.get(key, at) != at != command.old}


def _on_made(
    was: Clock,
    clock: Clock,
    shifted: Mapping[str, tuple[datetime, datetime]],
    known: Sequence[Clock],
    mark: dict[str, Any],
) -> Clock:
    """The clock of such a token, or of an earlier step of its limit, from the right start."""
    for one in known:
        old, new = shifted.get(one.token, (None, None))
        if new is not None and one.limit == was.limit and was.started_at == old == clock.started_at:
            made = {**mark, "from": local(was.started_at), "to": local(new)}
            return with_(clock, started_at=new, corrections=[*clock.corrections, made])
    return clock


def _tells(value: Any, clock: Clock) -> bool:
    """Is this field or variable the act that ended the clock? A day: that of the act."""
    if clock.ended_at is None or not isinstance(value, str | date):
        return False
    try:
        at = instant(value)
    except (Invalid, ValueError):
        return False
    entered = clock.ended_at == clock.stopped_at
    if not _is_day(value):
        fast = entered and clock.ended_at < at <= clock.ended_at + clocks.LATE
        return at == clock.ended_at or fast
    return at.date() == _day(clock.ended_at) and (entered or by_day(clock.ended_at))


def _is_day(value: str | date) -> bool:
    return not (isinstance(value, datetime) or (isinstance(value, str) and "T" in value))


def _day(at: datetime) -> date:
    return at.astimezone(ZONE).date()


def _judged(a: Clock, b: Clock) -> dict[str, Any]:
    """How an ended limit stands by the right date."""
    assert a.ended_at is not None
    assert b.ended_at is not None
    return {
        **limits.named(b),
        "ended": local(a.ended_at),
        "now_ended": local(b.ended_at),
        "kept": a.kept,
        "now_kept": b.kept,
    }


def _under_rules_of(clock: Clock, old: datetime, new: datetime) -> Clock:
    """A day of acceptance was put right: a clock that follows the rules of the wrong day follows those of the right one."""
    return with_(clock, terms_on=_day(new)) if clock.terms_on == _day(old) else clock


def _home(
    pinned: Pinned, case: Case, path: str, names: set[str], old: datetime
) -> tuple[str, tuple[str, ...]]:
    """Where the date lives that a token at `path` counts from, and the paths below that have it for themselves.

    The nearest section around the token that holds it, as the token sees its document; where no section does, the outermost
    scope that has it among its variables (calls copy theirs inward); else the token's own path.
    """
    filed = {
        at
        for at, sections in case.document.items()
        for values in sections.values()
        if any(_holds(entry, names, old) for entry in entries_of(values))
    }
    known = {at for at, layer in scopes(pinned.program, case.state or b"") if _holds(layer, names, old)}
    parts = path.split("/") if path else []
    around = ["/".join(parts[:n]) for n in range(len(parts), -1, -1)]
    near = [at for at in around if at in filed] or [at for at in reversed(around) if at in known] or [path]
    return near[0], tuple(sorted(at for at in filed if at != near[0] and covers(near[0], at)))


def _holds(values: Mapping[str, Any], names: set[str], at: datetime) -> bool:
    return any(means(values.get(name), at) for name in names)


CONDITION = re.compile(r"\bif\b.*?\bthen\b", re.DOTALL)


def _starts(pinned: Pinned, clock: Clock, *, conditions: bool = True) -> set[str]:
    """The names a clock's node counts from: its `clockStart`, else what its timer asks for; without those only asked in conditions."""
    node = pinned.node(clock.process, clock.element)
    texts: list[str | None] = [node.properties.get("clockStart")] if node.properties.get("clockStart") else []
    texts = texts or [event.expression for event in node.events if event.kind == "timer"]
    found = set().union(*(mentioned(text) for text in texts if text))
    return found if conditions else found & _results(text for text in texts if text)


def _results(texts: Iterable[str]) -> set[str]:
    """The words of expressions, without those only asked in conditions."""
    return set(re.findall(r"\w+", " ".join(CONDITION.sub(" ", text) for text in texts)))


def _names(pinned: Pinned, case: Case, asked: set[str], certain: set[str], old: datetime) -> set[str]:
    """The names the date goes by: of those `asked` for, and what the drawings pass it on as (`=accepted_on` → x).

    Where the case holds it no more (the call that had it has ended), every name it could have had (`certain`).
    """
    known = _values(case, pinned)
    found = {name for name in asked if any(means(v, old) for v in known.get(name, ()))} or set(certain)
    links = _links(pinned)
    while True:
        more = {b for a, b in links if a in found} | {a for a, b in links if b in found}
        if more <= found:
            return found
        found |= more


def _links(pinned: Pinned) -> list[tuple[str, str]]:
    """Pairs of names that input and output mappings make the same value of."""
    found = []
    for process in pinned.processes.values():
        for node in process.nodes.values():
            for a, b in (*node.inputs, *node.outputs):
                source, target = (a, b) if a.startswith("=") else (b, a)
                name = source.removeprefix("=").strip()
                if name.replace("_", "").replace(".", "").isalnum():
                    found.append((name.rpartition(".")[2], target.rpartition(".")[2]))
    return found


def _values(case: Case, pinned: Pinned) -> dict[str, list[Any]]:
    """Everything the case holds under a name: fields of its document, variables of its scopes."""
    found: dict[str, list[Any]] = {}
    for sections in case.document.values():
        for section in sections.values():
            for entry in entries_of(section):
                for key, value in entry.items():
                    found.setdefault(key, []).append(value)
    for _, layer in scopes(pinned.program, case.state or b""):
        for key, value in layer.items():
            found.setdefault(key, []).append(value)
    return found


def _fields(case: Case, command: Redate) -> list[str]:
    """Put the right date into the document; returns which fields changed, as `section.field`."""
    changed = []
    for path in filter(command.reaches, list(case.document)):
        for section, values in list(case.document[path].items()):
            for n, entry in enumerate(entries_of(values)):
                wrong = {
                    key: like(v, command.new)
                    for key, v in entry.items()
                    if key in command.names and means(v, command.old)
                }
                if wrong:
                    case.store(path, section, wrong, repeats=n if isinstance(values, list) else False)
                    changed += [f"{section}.{key}" for key in wrong]
    return changed


def entries_of(section: Any) -> list[Mapping[str, Any]]:
    """The forms a section of the file holds: one, or those of a section that repeats."""
    return [one for one in (section if isinstance(section, list) else [section]) if isinstance(one, Mapping)]


def _timers(tx: Tx, case: Case, pinned: Pinned, moved: Sequence[Clock], now: datetime) -> None:
    """Timers that counted from the wrong date fire by the right one."""
    counted = bases(pinned.program, case.state) if case.state else {}
    known, touched = clocks.of_case(tx, case.id), {clock.id for clock in moved}
    due: dict[str, datetime | None] = {}
    rows = tx.run(select(timers).where(timers.c.case_id == case.id, timers.c.state == "pending"))
    for row in list(rows):
        basis = counted.get(row.id)
        if not row.basis or basis is None:
            continue
        clock = clockwork.clock_of(known, clockwork.Timer(row.id, row.owners, row.path, basis))
        if basis == row.basis and (clock is None or clock.id not in touched):
            continue
        tx.run(update(timers).where(timers.c.id == row.id).values(basis=dict(basis)))
        due[row.id] = reprojection.timer_due(tx.world, case, row, basis, known)
    if due:
        reprojection.set_due(tx, case, due, now)
        tx.run(update(cases).where(cases.c.id == case.id).values(state=case.state))
    worklist.redate(tx, case.id, known)
    tx.after_commit("worker", tx.world.bell)
