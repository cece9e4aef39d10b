"""What people do to a running limit: extend it by a recorded decision (a date put right: `engine.correcting`).

It takes the case's row lock, moves the clocks with their timers and tasks, and leaves old and new date, reason and person in
the history. The number of a term is never changed here (that is `engine.legal`, for coming cases only).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import update

from engine import clocks, definitions, locking, recusal, step, worklist
from engine.calendar import ZONE, local, midnight
from engine.clocks import Clock, dated, term_of, with_
from engine.db import Tx
from engine.definitions import Pinned
from engine.errors import Conflict, Field, Forbidden, Invalid, NotFound
from engine.locking import by
from engine.routing import Actor, Route, sees, split
from engine.step import Case
from engine.tables import cases
from engine.terms import UNIT_WORDS, Term
from engine.world import ToPosts


# ------------------------------------------------------------------------------------------ 延长
@dataclass(frozen=True, slots=True)
class Extension:
    """What a term says of its extension, for one clock. `refusal`: why it cannot be extended (any more), whoever asks; `lapsed`:
    only because it has run out, so a decision taken before may still be entered."""

    n: int
    unit: str
    posts: tuple[str, ...]
    reasons: tuple[str, ...]
    refusal: str | None
    lapsed: bool = False


def extension_of(term: Term, clock: Clock, at: datetime) -> Extension | None:
    """The extension as it could be decided at that moment; None for a term that knows none."""
    rule = term.extension
    if rule is None:
        return None
    done = (clock.extension or {}).get("decisions", [])
    left = int(rule["n"]) - int((clock.extension or {}).get("n", 0))
    refusal, lapsed = None, False
    if not clock.live:
        refusal = "该时限已经停止，不能延长。"
    elif len(done) >= int(rule["how_often"]) or left <= 0:
        refusal = f"该时限依规定只能延长 {rule['how_often']} 次，合计不超过 {rule['n']} {UNIT_WORDS[term.unit]}，已经延长过。"
    elif clocks.run_out(clock, at):
        refusal, lapsed = "时限已经届满，不能再延长；延长决定须在届满前作出。", True
    reasons = tuple(rule.get("reasons", ()))
    return Extension(left, UNIT_WORDS[term.unit], split(rule["who"]), reasons, refusal, lapsed)


def may_extend(tx: Tx, actor: Actor, rule: Extension, case: Any, now: datetime) -> bool:
    """Does the actor decide on this extension of a case: by a post over its area, or above those who are all recused?"""
    return recusal.entitled(tx, actor, Route(None, rule.posts), case, now)


def extend(
    tx: Tx,
    actor: Actor,
    case_id: str,
    revision: int,
    clock_id: str,
    reason: str,
    now: datetime,
    *,
    n: int | None = None,
    text: str = "",
    decided_on: date | None = None,
) -> Clock:
    """延长: a recorded decision within what the term allows – who, for which reason, how often, how long.

    `decided_on`: the day it was taken, where it is entered later (补录); it must have been taken before the limit ran out.
    """
    case = case_under_lock(tx, actor, case_id, revision)
    clock = clock_of(tx, case, clock_id)
    return _extend(tx, actor, case, clock, reason, n, text, now, decided_on)


def _decided(clock: Clock, on: date | None, now: datetime) -> datetime:
    """The moment as of which an extension is judged: now, or the end of the day it was decided on."""
    today = now.astimezone(ZONE).date()
    if on is None or on == today:
        return now
    if not clock.started_at.astimezone(ZONE).date() <= on < today:
        said = "须在时限起算之后，且不晚于今天"
        raise Invalid(
            f"作出决定的日期{said}。", "Not a day of this limit.", fields=[Field("decided_on", said)]
        )
    return midnight(on + timedelta(days=1)) - timedelta(microseconds=1)


def _extend(
    tx: Tx,
    actor: Actor,
    case: Case,
    clock: Clock,
    reason: str,
    n: int | None,
    text: str,
    now: datetime,
    decided_on: date | None = None,
) -> Clock:
    term = term_of(tx.world, clock)
    taken = _decided(clock, decided_on, now)
    rule = _allowed(term, clock, taken)
    if not may_extend(tx, actor, rule, case, now):
        raise Forbidden(
            f"延长“{clock.name}”须由{_labels(tx, rule.posts)}决定。",
            "The actor's posts may not extend this term.",
        )
    if not rule.reasons:
        reason = locking.reason(reason, "延长")
    elif reason not in rule.reasons:
        listed = "、".join(rule.reasons)
        raise Invalid(
            f"延长“{clock.name}”须有规定的事由：{listed}。",
            "Not a lawful reason.",
            fields=[Field("reason", f"请从规定的事由中选择：{listed}")],
        )
    more = rule.n if n is None else n
    if not 1 <= more <= rule.n:
        raise Invalid(
            f"最多还能延长 {rule.n} {rule.unit}。",
            "Too long an extension.",
            fields=[Field("n", f"须在 1 至 {rule.n} 之间")],
        )
    before = clock.extension or {"n": 0, "decisions": []}
    decided = {
        "n": more,
        "reason": reason,
        "text": text.strip() or None,
        "by": actor.id,
        "by_name": actor.name,
    }
    decided["at"] = local(now)
    decided["on"] = decided_on.isoformat() if decided_on is not None and taken < now else None
    extension = {
        "n": before["n"] + more,
        "unit": term.unit.value,
        "decisions": [*before["decisions"], decided],
    }
    known = {c.id: c for c in clocks.of_case(tx, case.id)}
    for one in [c for c in known.values() if c.live and c.limit == clock.limit]:
        known[one.id] = dated(tx.world, with_(one, extension=extension, asked=None), now)
        clocks.rewrite(tx, known[one.id])
    new, pinned = known[clock.id], definitions.pinned(tx, case.pins)
    same = {c.id for c in known.values() if c.limit == clock.limit}
    step.retime(tx, case, pinned, list(known.values()), same, now)
    told = {**named(clock), "old": local(clock.due_at), "new": local(new.due_at), "n": more}
    _noted(
        tx,
        case,
        by(
            actor,
            "clock.extended",
            **told,
            unit=rule.unit,
            reason=reason,
            text=decided["text"],
            on=decided["on"],
        ),
        now,
    )
    return new


def refuse_extension(
    tx: Tx, actor: Actor, case_id: str, revision: int, clock_id: str, reason: str, now: datetime
) -> None:
    """An extension somebody asked for is not granted; the date stands."""
    case = case_under_lock(tx, actor, case_id, revision)
    clock = clock_of(tx, case, clock_id)
    rule = extension_of(term_of(tx.world, clock), clock, now)
    if clock.asked is None or rule is None:
        raise Conflict("没有待决定的延长申请。", "No extension is asked for.")
    if not may_extend(tx, actor, rule, case, now):
        raise Forbidden(f"须由{_labels(tx, rule.posts)}决定。", "The actor's posts may not decide.")
    why = locking.reason(reason, "不予延长")
    clocks.rewrite(tx, with_(clock, asked=None))
    _noted(tx, case, by(actor, "clock.extension_refused", **named(clock), reason=why), now)


def by_form(
    tx: Tx, actor: Actor, case: Case, pinned: Pinned, task: Any, values: Mapping[str, Any], now: datetime
) -> bool:
    """A step (its row) whose node `extends` terms and whose form says `extension`: decided at once by who may, else put before
    them. Limits of its own branch only.

    Returns whether clocks were written. Raises Invalid at the form's field where no running limit may be extended.
    """
    terms = split(pinned.node(task.process, task.element).properties.get("extends"))
    if not terms or values.get("extension") is not True:
        return False
    labels = {str(o["value"]): str(o["label"]) for o in pinned.codes.get("extension_reason", [])}
    reason = labels.get(str(values.get("extension_reason")), str(values.get("extension_reason")))
    mine = (c for c in clocks.of_case(tx, case.id) if c.token in task.owners or c.path == task.path)
    running = {c.limit: c for c in mine if c.live and c.term in terms}.values()
    rules = [(c, extension_of(term_of(tx.world, c), c, now)) for c in running]
    able = [(c, rule) for c, rule in rules if rule is not None and rule.refusal is None]
    if not able:
        why = next((rule.refusal for _, rule in rules if rule is not None and rule.refusal), None)
        sentence = why or "这件事项适用的时限依规定不能延长，请选“否”。"
        raise Invalid(
            sentence, "No limit of the case may be extended.", fields=[Field("extension", sentence)]
        )
    for clock, rule in able:
        if may_extend(tx, actor, rule, case, now):
            _extend(tx, actor, case, clock, reason, None, "", now)
        else:
            _ask(tx, actor, case, clock, rule, reason, now)
    return True


def _ask(tx: Tx, actor: Actor, case: Case, clock: Clock, rule: Extension, reason: str, now: datetime) -> None:
    """申请延长: put before the posts that decide. The date stands until they do."""
    asked = {"n": rule.n, "reason": reason, "by": actor.id, "by_name": actor.name, "at": local(now)}
    clocks.rewrite(tx, with_(clock, asked=asked))
    text = f"{case.number}：{actor.name}申请将“{clock.name}”延长 {rule.n} {rule.unit}，事由：{reason}。请在事项页“时限”中决定。"
    tx.world.tell(tx, ToPosts(rule.posts, case.area, "extension", "延长时限待决定", text, case.id), now)
    _noted(
        tx,
        case,
        by(actor, "clock.extension_asked", **named(clock), n=rule.n, unit=rule.unit, reason=reason),
        now,
    )


def _allowed(term: Term, clock: Clock, now: datetime) -> Extension:
    rule = extension_of(term, clock, now)
    if rule is None:
        source = f"（依据：{term.citation}）" if term.citation else ""
        raise Conflict(
            f"“{clock.name}”依规定不能延长{source}。", "The term knows no extension.", code="no_extension"
        )
    if rule.refusal is not None:
        raise Conflict(rule.refusal, "No further extension.", code="no_extension")
    return rule


def _labels(tx: Tx, posts: Iterable[str]) -> str:
    return "、".join(str(tx.world.posts.get(post, {}).get("label", post)) for post in posts)


# ------------------------------------------------------------------------------------------ common
def case_under_lock(tx: Tx, actor: Actor, case_id: str, revision: int) -> Case:
    case = locking.for_act(tx, actor, case_id, revision)
    if not sees(actor, case.area):
        raise Forbidden("这件事项不在您的区域范围内。", "The case is outside your areas.")
    return case


def clock_of(tx: Tx, case: Case, clock_id: str, *, ended: bool = False) -> Clock:
    found = next((c for c in clocks.of_case(tx, case.id) if c.id == clock_id), None)
    if found is None:
        raise NotFound("这件事项没有这项时限。", "No such clock.")
    if not found.live and not ended:
        raise Conflict("该时限已经停止。", "The clock has stopped.")
    return found


def named(clock: Clock) -> dict[str, Any]:
    return {"clock": clock.id, "term": clock.term, "name": clock.name, "element": clock.element}


def _noted(tx: Tx, case: Case, record: step.Record, now: datetime) -> None:
    """The history row, with the state and the tasks as they stand after the clock has moved."""
    worklist.redate(tx, case.id, clocks.of_case(tx, case.id))
    tx.run(update(cases).where(cases.c.id == case.id).values(state=case.state))
    locking.note(tx, case, record, now)
