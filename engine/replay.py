"""A case's history played again on a program: where would it stand? For moving open cases and for comparing versions.

Pure: what was told comes in as `Act`s, what waited as `Wait`s (the rows of the ledgers, ended ones included), and out comes
a state with its own token keys plus `twins`, which says which of them stand for which old ones. Played on the program
it ran on, a history gives the same case again; a property test holds that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import orjson

from engine.db import dumps
from engine.errors import Conflict, StepFailed
from engine.runner import Edit, Program, advance
from engine.runner.values import (
    Command,
    Complete,
    Deliver,
    Entered,
    FinishJob,
    FireTimer,
    Host,
    Jump,
    Outcome,
    Redate,
    SendBack,
    SetDue,
    Start,
    Status,
    TraceEvent,
    Waiting,
    WaitKind,
)

Place = tuple[str, str]
"""Process and element."""
LIMIT = 1_000
"""Steps skipped in a row; more is a loop of skipped steps."""


PASSING: dict[WaitKind, Callable[[str], Command]] = {
    WaitKind.USER_TASK: Complete,
    WaitKind.JOB: FinishJob,
    WaitKind.TIMER: FireTimer,
}


@dataclass(frozen=True, slots=True)
class Wait:
    """A token that waited, as its ledger row remembers it. `path` is None where the ledger does not keep it."""

    key: str
    kind: WaitKind
    place: Place
    path: str | None
    owners: tuple[str, ...]
    since: datetime


@dataclass(frozen=True, slots=True)
class Act:
    """One step of the history: when, what the engine was told, what was written into the document, who did it where."""

    seq: int
    now: datetime
    command: Command
    edits: Sequence[Edit] = ()
    element: str | None = None
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Moves:
    """How places of the old version are called in the new one, and new steps that open cases need not do."""

    renamed: Mapping[Place, Place] = field(default_factory=dict)
    skipped: frozenset[Place] = frozenset()

    def of(self, place: Place) -> Place:
        return self.renamed.get(place, place)


@dataclass(frozen=True, slots=True)
class Divergence:
    """The history cannot go on here. `instead`: where the new version waits at that moment."""

    seq: int
    place: Place | None
    why: str
    why_en: str
    instead: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Replayed:
    """Where the history leads. `waiting` by new key; `twins`: old key → new key; `entered`: clocked nodes still standing."""

    state: bytes | None
    status: Status
    waiting: Mapping[str, Waiting]
    twins: Mapping[str, str]
    entered: Mapping[str, Entered]
    variables: Mapping[str, Any]
    trace: tuple[tuple[int, TraceEvent], ...]
    dropped: tuple[Act, ...] = ()
    skipped: tuple[Place, ...] = ()
    divergence: Divergence | None = None


HostAt = Callable[[datetime, Mapping[str, Sequence[str]]], Host]
"""The surroundings at an instant; the second argument says who had done which element by then."""


def replay(
    program: Program,
    acts: Iterable[Act],
    waits: Iterable[Wait],
    host: HostAt,
    mapping: Moves | None = None,
) -> Replayed:
    """Play a history on a program. Never raises for what the history or the program says: a `divergence` tells."""
    playing = _Playing(program, host, mapping or Moves(), list(waits))
    for act in acts:
        if playing.divergence is None:
            playing.act(act)
    return playing.result()


class _Playing:
    def __init__(self, program: Program, host: HostAt, mapping: Moves, waits: list[Wait]) -> None:
        self.program, self.host, self.mapping = program, host, mapping
        self.waits = {wait.key: wait for wait in waits}
        self.whole = {key[:8]: key for wait in waits for key in wait.owners}
        self.document: dict[str, dict[str, Any]] = {}
        self.state: bytes | None = None
        self.status = Status.ACTIVE
        self.open: dict[str, Waiting] = {}
        self.since: dict[str, datetime] = {}
        self.twins: dict[str, str] = {}
        self.entered: dict[str, Entered] = {}
        self.variables: Mapping[str, Any] = {}
        self.done: dict[str, list[str]] = {}
        self.trace: list[tuple[int, TraceEvent]] = []
        self.dropped: list[Act] = []
        self.skipped: list[Place] = []
        self.divergence: Divergence | None = None
        self.seq = 0

    def result(self) -> Replayed:
        if self.divergence is None:
            ordered = sorted(self.waits.values(), key=lambda w: w.since)
            # What began at the same instant first: a boundary event ended long ago must not take the place of a later one.
            for wait in [*(w for w in ordered if self.since_then(w)), *ordered]:
                self.twin(wait)
        return Replayed(
            self.state,
            self.status,
            self.open,
            self.twins,
            self.entered,
            self.variables,
            tuple(self.trace),
            tuple(self.dropped),
            tuple(self.skipped),
            self.divergence,
        )

    # ------------------------------------------------------------------------------ one act
    def act(self, act: Act) -> None:
        self.seq = act.seq
        command = self.translated(act)
        for path, section, values, grows in act.edits:
            self.edit(path, section, values, grows=grows)
        if command is not None and self.divergence is None:
            self.take(command, act.now, act.element)
            self.skip(act.now, act.element)
        if act.element and act.people:
            self.done.setdefault(act.element, []).extend(act.people)
        self.document = orjson.loads(dumps(self.document))

    def translated(self, act: Act) -> Command | None:
        """The command with this program's keys and names. None: nothing to do here (the step was dropped from the drawing)."""
        command = act.command
        if isinstance(command, Start):
            return replace(command, process=self.mapping.of((command.process, command.process))[0])
        if isinstance(command, Redate):
            return replace(command, places=tuple(self.mapping.of((p, e)) for p, e in command.places))
        key: str | None = getattr(command, "key", None)
        if key is None:
            return command
        wait = self.waits.get(key)
        if wait is None:
            self.stop(None, "历史记录不全，无法重放", f"no row for the token {key}")
            return None
        twin = self.twin(wait)
        place = self.mapping.of(wait.place)
        if twin is None:
            if not self.knows(place):
                self.dropped.append(act)
                return None
            self.stop(place, "按这个版本，此时不在办理这一环节", f"{place[1]} is not waiting")
            return None
        if isinstance(command, SendBack | Jump):
            target = self.mapping.of((place[0], command.target))[1]
            return replace(command, key=twin, target=target)
        return replace(command, key=twin)  # type: ignore[arg-type]

    def knows(self, place: Place) -> bool:
        process = self.program.processes.get(place[0])
        return process is not None and place[1] in process.nodes

    def stop(self, place: Place | None, why: str, why_en: str) -> None:
        instead = tuple(dict.fromkeys((w.process, w.element) for w in self.open.values()))
        self.divergence = Divergence(self.seq, place, why, why_en, instead)

    def take(self, command: Command, now: datetime, element: str | None) -> None:
        try:
            if isinstance(command, FireTimer):
                # The ledger may have moved the timer (a pause, an extension); it fired when it fired.
                self.step(SetDue({command.key: now}), now)
            self.step(command, now)
        except StepFailed as failed:
            self.stop(None, f"在「{failed.element}」走不下去：{failed.message}", str(failed))
        except Conflict as conflict:
            self.stop(None, conflict.message, f"{element}: {conflict}")

    def step(self, command: Command, now: datetime) -> None:
        outcome = advance(
            self.program, self.state, command, now, document=self.document, host=self.host(now, self.done)
        )
        self.adopt(outcome, now)

    def adopt(self, outcome: Outcome, now: datetime) -> None:
        self.state, self.status, self.variables = outcome.state, outcome.status, outcome.variables
        for closed in outcome.closed:
            self.open.pop(closed.key, None)
        for waiting in outcome.opened:
            self.open[waiting.key], self.since[waiting.key] = waiting, now
        for left in outcome.left:
            self.entered.pop(left.key, None)
        gone = {left.key for left in outcome.left}
        self.entered.update({e.key: e for e in outcome.entered if e.key not in gone})
        self.trace.extend((self.seq, event) for event in outcome.trace)

    def skip(self, now: datetime, element: str | None) -> None:
        """Pass the steps that open cases need not do."""
        for _ in range(LIMIT):
            found = next(
                (w for w in self.open.values() if (w.process, w.element) in self.mapping.skipped), None
            )
            if found is None or self.divergence is not None:
                return
            self.skipped.append((found.process, found.element))
            self.take(PASSING.get(found.kind, Deliver)(found.key), now, element)
        self.stop(None, "跳过的环节循环不止", "skipped steps go round in a loop")

    # ------------------------------------------------------------------------------ who is who
    def twin(self, wait: Wait) -> str | None:
        """The open token here that stands for an old one, found by place, item, surroundings and order."""
        if wait.key in self.twins:
            return self.twins[wait.key] if self.twins[wait.key] in self.open else None
        if wait.path is None:
            self.neighbours(wait)
        taken = set(self.twins.values())
        place = self.mapping.of(wait.place)
        same = [
            w
            for w in self.open.values()
            if (w.process, w.element) == place
            and w.kind is wait.kind
            and w.key not in taken
            and (wait.path is None or _items(wait.path) == _items(w.path))
            and self.around(wait, w)
        ]
        if not same:
            return None
        found = min(same, key=lambda w: self.since[w.key] != wait.since)
        self.pair(wait, found)
        return found.key

    def since_then(self, wait: Wait) -> bool:
        place = self.mapping.of(wait.place)
        return any(
            (w.process, w.element) == place and self.since[w.key] == wait.since for w in self.open.values()
        )

    def neighbours(self, wait: Wait) -> None:
        """A timer's row does not say to which item it belongs; what waits beside it does."""
        for other in self.waits.values():
            if other.path and other.key not in self.twins and {other.key, *other.owners} & set(wait.owners):
                self.twin(other)

    def around(self, wait: Wait, found: Waiting) -> bool:
        """Nothing known of what encloses the two speaks against it."""
        if len(wait.owners) != len(found.owners):
            return True
        back = {new: old for old, new in self.twins.items()}
        return all(
            self.twins.get(old, new) == new and back.get(new, old) == old
            for old, new in zip(wait.owners, found.owners, strict=True)
        )

    def pair(self, wait: Wait, found: Waiting) -> None:
        self.twins[wait.key] = found.key
        for old, new in zip(_bodies(wait.path or ""), _bodies(found.path), strict=False):
            # A ledger without owners knows a multi-instance body by its first digits only.
            body = next(key for key in found.owners if key.startswith(new))
            whole = self.whole.get(old, old + body[8:])
            self.twins.setdefault(whole, body)
        if len(wait.owners) == len(found.owners):
            for old, new in zip(wait.owners, found.owners, strict=True):
                if self.corresponds(old, new):
                    self.twins.setdefault(old, new)

    def corresponds(self, old: str, new: str) -> bool:
        """A task around (a timer's host) is the same one by its own place only, not because a timer of that name hangs on it."""
        around, here = self.waits.get(old), self.open.get(new)
        return around is None or (
            here is not None and self.mapping.of(around.place) == (here.process, here.element)
        )

    def edit(self, path: str, section: str, values: Any, *, grows: bool | int) -> None:
        """What the step wrote, at the path its token has here."""
        home = self.document.setdefault(self.here(path), {})
        inherited = self.inherited(path, section)
        if not isinstance(grows, bool):  # an entry of a section that repeats was put right
            home[section] = [
                {**entry, **values} if n == grows else entry for n, entry in enumerate(inherited or [])
            ]
        elif grows:
            home[section] = [*(inherited or []), values]
        elif isinstance(values, Mapping):
            home[section] = {**(inherited or {}), **values}
        else:
            home[section] = values

    def inherited(self, path: str, section: str) -> Any:
        found, prefix = self.document.get("", {}).get(section), ""
        for segment in self.here(path).split("/") if path else ():
            prefix = f"{prefix}/{segment}" if prefix else segment
            found = self.document.get(prefix, {}).get(section, found)
        return found

    def here(self, path: str) -> str:
        """An old path with this program's keys: `visits:1a2b3c4d#2` names the multi-instance body by its first digits."""
        short = {old[:8]: new[:8] for old, new in self.twins.items()}
        return re.sub(r"(?<=:)[0-9a-f]{8}(?=#)", lambda m: short.get(m[0], m[0]), path)


def _items(path: str) -> str:
    """A path without keys: the items of which multi-instances, whichever their bodies."""
    return re.sub(r":[0-9a-f]{8}#", "#", path)


def _bodies(path: str) -> list[str]:
    return re.findall(r"(?<=:)[0-9a-f]{8}(?=#)", path)


def renamed(state: bytes, names: Mapping[str, str]) -> bytes:
    """A state whose tokens are called by other keys (new → wanted)."""
    if not names:
        return state
    pattern = re.compile(rb"[0-9a-f]{32}")
    table = {new.encode(): old.encode() for new, old in names.items()}
    return pattern.sub(lambda m: table.get(m[0], m[0]), state)
