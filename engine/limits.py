"""What people do to a running limit: extend it by a recorded decision, correct a lawful date that was wrongly typed.

Both take the case's row lock, move the clocks with their timers and tasks, and leave old and new date, reason and person in
the history. The number of a term is never changed here (that is `engine.legal`, for coming cases only).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from engine import clocks, clockwork, definitions, locking, recusal, reprojection, step, worklist
from engine.calendar import ZONE, local, midnight
from engine.clocks import Clock, dated, term_of, with_
from engine.db import Tx
from engine.definitions import Pinned
from engine.errors import Conflict, Field, Forbidden, Invalid, NotFound
from engine.locking import by
from engine.routing import Actor, Route, sees, split
from engine.runner import bases, scopes
from engine.runner.redating import like, means, mentioned
from engine.runner.values import Redate, covers
from engine.step import Case, take
from engine.tables import cases, timers
from engine.terms import ACCEPTED, UNIT_WORDS, Term
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
    case = _case(tx, actor, case_id, revision)
    clock = _clock(tx, case, clock_id)
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
    told = {**_named(clock), "old": local(clock.due_at), "new": local(new.due_at), "n": more}
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
    case = _case(tx, actor, case_id, revision)
    clock = _clock(tx, case, clock_id)
    rule = extension_of(term_of(tx.world, clock), clock, now)
    if clock.asked is None or rule is None:
        raise Conflict("没有待决定的延长申请。", "No extension is asked for.")
    if not may_extend(tx, actor, rule, case, now):
        raise Forbidden(f"须由{_labels(tx, rule.posts)}决定。", "The actor's posts may not decide.")
    why = locking.reason(reason, "不予延长")
    clocks.rewrite(tx, with_(clock, asked=None))
    _noted(tx, case, by(actor, "clock.extension_refused", **_named(clock), reason=why), now)


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
        by(actor, "clock.extension_asked", **_named(clock), n=rule.n, unit=rule.unit, reason=reason),
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


# ------------------------------------------------------------------------------------------ 更正
def correct(
    tx: Tx,
    actor: Actor,
    case_id: str,
    revision: int,
    clock_id: str,
    new: datetime,
    reason: str,
    now: datetime,
) -> list[Clock]:
    """更正: a lawful date was wrongly typed. Every clock, timer and field that rests on it follows. → the clocks

    It may be done through a clock that has ended, too, as long as the case is open. It concerns the date of that clock's own
    branch (`Homes`); a day of acceptance brings the rules in force on the right day with it. What was recorded stays recorded:
    the history keeps the old date, when it was entered, and by whom it was put right.
    """
    case = _case(tx, actor, case_id, revision)
    clock = _clock(tx, case, clock_id, ended=True)
    why = locking.reason(reason, "更正")
    old = clock.started_at
    if new > now or not new.year >= 1900:
        raise Invalid(
            "起算日期不能晚于现在。", "The date lies in the future.", fields=[Field("date", "不能晚于现在")]
        )
    if new == old:
        raise Invalid("与原日期相同。", "Nothing would change.", fields=[Field("date", "与原日期相同")])
    pinned, known = definitions.pinned(tx, case.pins), clocks.of_case(tx, case.id)
    names = _names(pinned, case, clock, old)
    place, (home, apart) = (clock.process, clock.element), _home(pinned, case, clock.path, names, old)
    command = Redate(tuple(sorted(names)), (), old, new, home, apart)
    branch = [c for c in known if command.reaches(c.path)]
    concerned = [
        c
        for c in branch
        if c.started_at == old and ((c.process, c.element) == place or names & _starts(pinned, c))
    ]
    mark = {
        "from": local(old),
        "to": local(new),
        "reason": why,
        "by": actor.id,
        "by_name": actor.name,
    }
    mark["at"] = local(now)
    moved = [with_(c, started_at=new, corrections=[*c.corrections, mark]) for c in concerned]
    if ACCEPTED in names:
        others = [c for c in branch if c not in concerned and c.entered_at >= concerned[0].entered_at]
        concerned, moved = _rules_of(concerned + others, moved + others, old, new)
    moved = [dated(tx.world, one, now) for one in moved]
    for one in moved:
        clocks.rewrite(tx, one)
    told = [
        (a, b) for a, b in zip(concerned, moved, strict=True) if (a.limit, a.due_at) != (b.limit, b.due_at)
    ]
    fields = _fields(case, command)
    payload = {
        **_named(clock),
        "old": local(old),
        "new": local(new),
        "entered_at": local(clock.entered_at),
        "reason": why,
        "names": sorted(names),
        "home": home,
        "apart": list(apart),
        "fields": fields,
        "moved": [{**_named(b), "old": local(a.due_at), "new": local(b.due_at)} for a, b in told],
    }
    places = tuple(dict.fromkeys((c.process, c.element) for c in moved if c.started_at == new))
    take(tx, case, replace(command, places=places), by(actor, "clock.corrected", **payload), now)
    _timers(tx, case, pinned, moved, now)
    return [b for _, b in told]


def _rules_of(
    before: list[Clock], after: list[Clock], old: datetime, new: datetime
) -> tuple[list[Clock], list[Clock]]:
    """A day of acceptance was put right: clocks that follow the rules of the wrong day follow those of the right one. → both states"""
    wrong, right = old.astimezone(ZONE).date(), new.astimezone(ZONE).date()
    pinned = [with_(c, terms_on=right) if c.terms_on == wrong else c for c in after]
    kept = [(a, b) for a, b in zip(before, pinned, strict=True) if a != b]
    return [a for a, _ in kept], [b for _, b in kept]


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
        if isinstance(values, Mapping) and _holds(values, names, old)
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
    texts = [node.properties.get("clockStart")] if node.properties.get("clockStart") else []
    texts = texts or [event.expression for event in node.events if event.kind == "timer"]
    found = set().union(*(mentioned(text) for text in texts if text))
    results = " ".join(CONDITION.sub(" ", text) for text in texts if text)
    return found if conditions else found & set(re.findall(r"\w+", results))


def _names(pinned: Pinned, case: Case, clock: Clock, old: datetime) -> set[str]:
    """The names the date goes by: what the node counts from, and what the drawings pass it on as (`=accepted_on` → x).

    Where the case holds it no more (the call that had it has ended), every name the node could have counted from.
    """
    known = _values(case, pinned)
    found = {name for name in _starts(pinned, clock) if any(means(v, old) for v in known.get(name, ()))}
    found = found or _starts(pinned, clock, conditions=False)
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
        for values in sections.values():
            if isinstance(values, Mapping):
                for key, value in values.items():
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
            if not isinstance(values, Mapping):
                continue
            wrong = {
                key: like(v, command.new)
                for key, v in values.items()
                if key in command.names and means(v, command.old)
            }
            if wrong:
                case.store(path, section, wrong, repeats=False)
                changed += [f"{section}.{key}" for key in wrong]
    return changed


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


# ------------------------------------------------------------------------------------------ common
def _case(tx: Tx, actor: Actor, case_id: str, revision: int) -> Case:
    case = locking.for_act(tx, actor, case_id, revision)
    if not sees(actor, case.area):
        raise Forbidden("这件事项不在您的区域范围内。", "The case is outside your areas.")
    return case


def _clock(tx: Tx, case: Case, clock_id: str, *, ended: bool = False) -> Clock:
    found = next((c for c in clocks.of_case(tx, case.id) if c.id == clock_id), None)
    if found is None:
        raise NotFound("这件事项没有这项时限。", "No such clock.")
    if not found.live and not ended:
        raise Conflict("该时限已经停止。", "The clock has stopped.")
    return found


def _named(clock: Clock) -> dict[str, Any]:
    return {"clock": clock.id, "term": clock.term, "name": clock.name, "element": clock.element}


def _noted(tx: Tx, case: Case, record: step.Record, now: datetime) -> None:
    """The history row, with the state and the tasks as they stand after the clock has moved."""
    worklist.redate(tx, case.id, clocks.of_case(tx, case.id))
    tx.run(update(cases).where(cases.c.id == case.id).values(state=case.state))
    locking.note(tx, case, record, now)
