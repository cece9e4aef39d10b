"""Moving open cases to another version of a bundle: what would become of each, and doing it.

A case's history is replayed on the new version (`engine.replay`). Where that leads to the same open work the case moves and
every task keeps its id, holder, draft, dates and clocks; a live task never turns into another one. Where the new version
would have asked for something else on the way, the designer says by a mapping what corresponds and which new steps open cases
need not do; where that is not enough the case stays on its version, with the reason. Undoing is moving back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select

from engine import definitions, history, locking, recusal, step
from engine.db import Tx
from engine.definitions import Deployed, Pinned
from engine.errors import Conflict, Invalid, NotFound, XunzhenError
from engine.locking import by
from engine.model import Node
from engine.moving_write import write
from engine.replay import Act, Moves, Place, Replayed, Wait, replay
from engine.routing import Actor
from engine.runner import unpack
from engine.runner.values import Status, WaitKind
from engine.step import Case
from engine.tables import cases, deployments, jobs, subscriptions, timers, user_tasks

MIGRATED = "case.migrated"


@dataclass(frozen=True, slots=True)
class Question:
    """Something a mapping must say. `place` is what the case did or does; `choices` what could correspond or be skipped."""

    place: Place
    name: str
    what: Literal["renamed", "skipped"]
    choices: tuple[tuple[Place, str], ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What would become of one open case. `notes`: what changes with the move, in words."""

    case_id: str
    number: str
    title: str
    area: str
    state: Literal["moves", "mapping", "blocked"]
    reason: str | None = None
    notes: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True)
class _Judged:
    verdict: Verdict
    case: Case
    target: Pinned | None = None
    replayed: Replayed | None = None
    moves: Moves = field(default_factory=Moves)


# ------------------------------------------------------------------------------------------ asking
def target_of(tx: Tx, bundle: str, version: int | None, now: datetime) -> Deployed:
    """The version to move to: the numbered one, else the one in force."""
    query = select(deployments.c.id).where(deployments.c.bundle == bundle, deployments.c.version == version)
    found = (
        definitions.in_force(tx, now).get(bundle)
        if version is None
        else next(iter(definitions.by_id(tx, tx.run(query).scalars())), None)
    )
    if found is None:
        raise NotFound(
            f"流程包 {bundle} 没有第 {version} 版。" if version else f"没有部署流程包 {bundle}。",
            f"No version {version or 'in force'} of {bundle}.",
        )
    return found


def open_on_other_versions(tx: Tx, target: Deployed) -> list[str]:
    """Open cases that run the bundle in another version, oldest first."""
    rows = tx.run(
        select(cases.c.id, cases.c.pins).where(cases.c.status == "active").order_by(cases.c.opened_at)
    )
    chosen: dict[str, bool] = {}
    found = []
    for row in rows:
        if row.pins not in chosen:
            pinned = definitions.chosen_by(tx, row.pins).get(target.bundle)
            chosen[row.pins] = pinned not in (None, target.id)
        if chosen[row.pins]:
            found.append(str(row.id))
    return found


def plan(tx: Tx, target: Deployed, moves: Moves, now: datetime) -> Iterator[Verdict]:
    """The dry run, case by case. Nothing is written."""
    for case_id in open_on_other_versions(tx, target):
        yield verdict(tx, case_id, target, moves, now)


def verdict(tx: Tx, case_id: str, target: Deployed, moves: Moves, now: datetime) -> Verdict:
    return _judge(tx, locking.case_of(tx, case_id), target, moves, now).verdict


def refused(known: Verdict, why: str) -> Verdict:
    """A verdict overtaken by events: the case cannot move now."""
    return replace(known, state="blocked", reason=why, notes=(), questions=())


def by_number(tx: Tx, numbers: Sequence[str]) -> list[str]:
    return list(tx.run(select(cases.c.id).where(cases.c.number.in_(list(numbers)))).scalars())


# ------------------------------------------------------------------------------------------ doing
def move(
    tx: Tx,
    actor: Actor | None,
    case_id: str,
    target: Deployed,
    moves: Moves,
    now: datetime,
    *,
    undoes: bool = False,
) -> Verdict:
    """Move one case. Raises Conflict when it cannot move as the mapping stands; then nothing is changed."""
    case = step.lock(tx, case_id)
    if case.status != "active":
        raise Conflict("这件事项已经办结。", "The case is closed.")
    if actor is not None:
        recusal.not_related(tx, case, actor)
    judged = _judge(tx, case, target, moves, now)
    said = judged.verdict
    if said.state != "moves" or judged.replayed is None or judged.target is None:
        raise Conflict(
            f"{said.number} 不能移到新版本：{said.reason}", str(said.reason), code="cannot_migrate"
        )
    before = definitions.chosen_by(tx, case.pins)[target.bundle]
    payload = {
        "bundle": target.bundle,
        "version": target.version,
        "from": before,
        "to": target.id,
        "renamed": [[*old, *new] for old, new in moves.renamed.items()],
        "skipped": [list(place) for place in sorted(judged.replayed.skipped)],
        "notes": list(said.notes),
        **({"undoes": True} if undoes else {}),
    }
    record = by(actor, MIGRATED, **payload) if actor else step.Record(MIGRATED, payload=payload)
    write(tx, case, judged.target, judged.replayed, judged.moves, record, now)
    return said


def undo(tx: Tx, actor: Actor | None, case_id: str, now: datetime) -> Verdict:
    """Back to the version before the last move, as far as what has been done since has a place there."""
    last = next((e for e in reversed(history.entries(tx, case_id)) if e.kind == MIGRATED), None)
    if last is None or last.payload is None:
        raise Conflict("这件事项没有移过版本。", "The case has not been moved.")
    (target,) = definitions.by_id(tx, [last.payload["from"]])
    return move(tx, actor, case_id, target, _back(last.payload), now, undoes=True)


def _back(payload: Mapping[str, Any]) -> Moves:
    return Moves({(p, e): (q, f) for q, f, p, e in payload["renamed"]})


# ------------------------------------------------------------------------------------------ judging
def _judge(tx: Tx, case: Case, target: Deployed, moves: Moves, now: datetime) -> _Judged:
    source = definitions.pinned(tx, case.pins)
    about = (case.id, case.number, case.title, case.area)

    def blocked(reason: str) -> _Judged:
        return _Judged(Verdict(*about, "blocked", reason), case)

    try:
        new = definitions.compiled(tx, definitions.repinned(tx, case.pins, target, now))
    except XunzhenError as error:
        return blocked(f"新版本与本件所用的其他流程包合不起来：{error.message}")
    history_ = told(tx, case.id)
    if history_ is None:
        return blocked("早期记录不全，不能按新版本重放")
    waits = ledger(tx, case.id)
    wrong = [place for pair in moves.renamed.items() for place in pair[1:] if not _exists(new, place)]
    if wrong:
        return blocked(f"对应表里的 {wrong[0][1]} 在新版本中不存在")
    mapping = history_.mapping(moves)
    found = replay(new.program, history_.acts, waits, hosts(tx, case, new), mapping)
    lost = [
        w for w in live(tx, case.id, waits) if w.kind in HANDS and found.twins.get(w.key) not in found.waiting
    ]
    reason = _obstacle(source, new, found, lost)
    if reason is not None:
        questions = _questions(source, new, found, waits, lost)
        return _Judged(Verdict(*about, "mapping" if questions else "blocked", reason, (), questions), case)
    other = _turned(source, new, found, {w.key: w for w in waits})
    if other:
        return blocked(other)
    said = Verdict(*about, "moves", None, tuple(_notes(tx, case, source, new, found, waits)))
    return _Judged(said, case, new, found, mapping)


def _obstacle(source: Pinned, new: Pinned, found: Replayed, lost: Sequence[Wait]) -> str | None:
    """Why the history does not lead to the same open work in the new version."""
    if found.divergence is not None:
        instead = "、".join(_name(new, place) for place in found.divergence.instead) or "无"
        where = f"「{_name(source, found.divergence.place)}」" if found.divergence.place else ""
        return f"{found.divergence.why}{where}；按新版本此时在：{instead}"
    if found.status is not Status.ACTIVE:
        return "按新版本，这件事项已经办结"
    if lost:
        names = "、".join(dict.fromkeys(_name(source, w.place) for w in lost))
        return f"按新版本，此时不在办理「{names}」"
    return None


HANDS = (WaitKind.USER_TASK, WaitKind.JOB)


def _exists(pinned: Pinned, place: Place) -> bool:
    return place[0] in pinned.processes and place[1] in pinned.processes[place[0]].nodes


def _name(pinned: Pinned, place: Place | None) -> str:
    if place is None:
        return ""
    return (_exists(pinned, place) and pinned.node(*place).name) or place[1]


def _questions(
    source: Pinned, new: Pinned, found: Replayed, waits: Sequence[Wait], lost: Sequence[Wait]
) -> tuple[Question, ...]:
    """What a mapping could say to let the case go on: new steps to skip, or the new name of an old one."""
    asked: list[Question] = []
    unknown = [
        (w.process, w.element) for w in found.waiting.values() if not _exists(source, (w.process, w.element))
    ]
    fresh = tuple((place, _name(new, place)) for place in dict.fromkeys(unknown))
    late = next((w.place for w in lost if _exists(new, w.place)), None)
    place = found.divergence.place if found.divergence else late
    if fresh and place is not None:
        asked.append(Question(place, _name(new, place), "skipped", fresh))
    for wait in waits:
        if wait.key in found.twins or _exists(new, wait.place) or wait.kind is not WaitKind.USER_TASK:
            continue
        same = [
            choice
            for choice in fresh
            if new.node(*choice[0]).type == source.node(*wait.place).type and _exists(source, wait.place)
        ]
        if same:
            asked.append(Question(wait.place, _name(source, wait.place), "renamed", tuple(same)))
    return tuple(dict.fromkeys(asked))


def _turned(source: Pinned, new: Pinned, found: Replayed, waits: Mapping[str, Wait]) -> str | None:
    """A live task that would become another one: same id, but neither its name nor its form is left."""
    for old, twin in found.twins.items():
        if old not in waits or twin not in found.waiting or waits[old].kind not in HANDS:
            continue
        waiting = found.waiting[twin]
        was, now = source.node(*waits[old].place), new.node(waiting.process, waiting.element)
        if waits[old].kind is WaitKind.JOB and was.job_type != now.job_type:
            return f"后台作业「{was.name or was.id}」在新版本中改作他用"
        if waits[old].kind is WaitKind.USER_TASK and was.name != now.name and was.form != now.form:
            return f"在办环节「{was.name or was.id}」在新版本中成了另一个环节「{now.name or now.id}」"
    return None


def _notes(
    tx: Tx, case: Case, source: Pinned, new: Pinned, found: Replayed, waits: Sequence[Wait]
) -> Iterator[str]:
    now_live = {w.key: w for w in live(tx, case.id, waits)}
    standing = {found.twins[key] for key in now_live if key in found.twins}
    for waiting in found.waiting.values():
        if waiting.key not in standing:
            word = {
                WaitKind.USER_TASK: "新增待办",
                WaitKind.JOB: "将自动办理",
                WaitKind.TIMER: "新增时限提醒",
            }
            yield f"{word.get(waiting.kind, '新增等待')}：{_name(new, (waiting.process, waiting.element))}"
    for key, wait in now_live.items():
        if found.twins.get(key) not in found.waiting:
            yield f"不再等待：{_name(source, wait.place)}"
            continue
        waiting = found.waiting[found.twins[key]]
        if wait.kind is WaitKind.USER_TASK:
            yield from _changed(source.node(*wait.place), new.node(waiting.process, waiting.element))
    for place in dict.fromkeys(found.skipped):
        yield f"不补办：{_name(new, place)}"


def _changed(was: Node, now: Node) -> Iterator[str]:
    if was.name != now.name:
        yield f"「{was.name}」改称「{now.name}」"
    if was.form != now.form:
        yield f"「{now.name or now.id}」改用表单 {now.form or '（无）'}"
    if _route(was) != _route(now):
        yield f"「{now.name or now.id}」改由其他岗位办理，放回待认领"


def _route(node: Node) -> tuple[object, ...]:
    lane = node.lane.properties if node.lane else {}
    placed = [node.properties.get(key) or lane.get(key) for key in ("tier", "post")]
    return (*placed, node.candidate_groups, node.assignee)


# ------------------------------------------------------------------------------------------ what is known
@dataclass(frozen=True, slots=True)
class Told:
    """A case's history: what the engine was told, and the moves to other versions the case has been through."""

    acts: tuple[Act, ...]
    moved: tuple[Mapping[str, Any], ...]

    def mapping(self, moves: Moves) -> Moves:
        """The earlier moves and this one as one mapping to the newest names; a row may still bear any of the older ones."""
        renamed: dict[Place, Place] = {}
        skipped: set[Place] = set()
        for then in [*(_moves_of(payload) for payload in self.moved), moves]:
            renamed = {old: then.of(new) for old, new in renamed.items()}
            renamed.update({old: new for old, new in then.renamed.items() if old not in renamed})
            skipped = {then.of(place) for place in skipped} | then.skipped
        return Moves(renamed, frozenset(skipped))


def _moves_of(payload: Mapping[str, Any]) -> Moves:
    renamed = {(p, e): (q, f) for p, e, q, f in payload["renamed"]}
    return Moves(renamed, frozenset((p, e) for p, e in payload["skipped"]))


def told(tx: Tx, case_id: str) -> Told | None:
    """None when rows are too old to be replayed, or lawfully emptied."""
    acts: list[Act] = []
    moved: list[Mapping[str, Any]] = []
    for entry in history.entries(tx, case_id, commands=True):
        payload = dict(entry.payload or {})
        if entry.payload is None or (entry.seq == 1 and entry.command is None):
            return None
        if entry.kind == MIGRATED:
            moved.append(payload)
        if entry.command is None:
            continue
        command, edits = unpack(entry.command)
        people: list[str | None] = []
        if entry.kind == "task.completed":
            people = [entry.actor, *(s["person"] for s in payload.get("signed", []))]
        done_by = tuple(dict.fromkeys(p for p in people if p))
        acts.append(Act(entry.seq, entry.entered_at, command, edits, payload.get("element"), done_by))
    return Told(tuple(acts), tuple(moved))


def ledger(tx: Tx, case_id: str) -> list[Wait]:
    """Every token of the case that has ever waited, from the four ledgers."""
    u, j, t, s = user_tasks.c, jobs.c, timers.c, subscriptions.c
    rows: list[Wait] = []
    for kind, query in (
        (WaitKind.USER_TASK, select(u.id, u.process, u.element, u.path, u.owners, u.created_at, u.case_id)),
        (WaitKind.JOB, select(j.id, j.process, j.element, j.path, j.created_at, j.case_id)),
        (WaitKind.TIMER, select(t.id, t.process, t.element, t.owners, t.created_at, t.case_id)),
        (None, select(s.id, s.process, s.element, s.path, s.kind, s.created_at, s.case_id)),
    ):
        rows.extend(
            Wait(
                row.id,
                kind or WaitKind(row.kind),
                (row.process, row.element),
                getattr(row, "path", None),
                tuple(getattr(row, "owners", ())),
                row.created_at,
            )
            for row in tx.run(query.where(query.selected_columns.case_id == case_id))
        )
    return sorted(rows, key=lambda w: w.since)


def live(tx: Tx, case_id: str, waits: Sequence[Wait]) -> list[Wait]:
    """Those that wait now. A failed job or timer waits too: its incident may be retried."""
    keys: set[str] = set()
    for table, states in (
        (user_tasks, ("open",)),
        (jobs, ("ready", "failed")),
        (timers, ("pending", "failed")),
        (subscriptions, ("open",)),
    ):
        query = select(table.c.id).where(table.c.case_id == case_id, table.c.state.in_(states))
        keys.update(tx.run(query).scalars())
    return [w for w in waits if w.key in keys]


def hosts(tx: Tx, case: Case, pinned: Pinned) -> Any:
    def host(now: datetime, done: Mapping[str, Sequence[str]]) -> Any:
        def actors(*elements: str) -> list[str]:
            return list(dict.fromkeys(person for element in elements for person in done.get(element, ())))

        return step.host_of(tx, case, pinned, now, actors)

    return host


def parse(renamed: Sequence[str], skipped: Sequence[str]) -> Moves:
    """A mapping from words: `process/old=new` (or `process/old=process/new`) and `process/element`."""

    def place(text: str, process: str | None = None) -> Place:
        parts = [part.strip() for part in text.split("/")]
        if len(parts) == 1 and process:
            parts = [process, *parts]
        if len(parts) != 2 or not all(parts):
            raise Invalid(
                f"对应关系写成“流程/环节=流程/环节”，不是 {text}。",
                f"Not process/element: {text!r}",
                code="bad_mapping",
            )
        return parts[0], parts[1]

    pairs = {}
    for text in renamed:
        old, sign, new = text.partition("=")
        if not sign:
            raise Invalid(f"对应关系缺少等号：{text}。", f"No = in {text!r}", code="bad_mapping")
        before = place(old)
        pairs[before] = place(new, before[0])
    return Moves(pairs, frozenset(place(text) for text in skipped))
