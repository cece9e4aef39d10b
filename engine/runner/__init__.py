"""The runner: the only importer of SpiffWorkflow. No database, no clock.

program = compile_program(processes)                        # once per pin set
outcome = advance(program, state, command, now, document=…, host=…)
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from engine.errors import StepFailed
from engine.runner import back, codec, redating, report
from engine.runner.case import Case, Program
from engine.runner.codec import Edit, pack, unpack
from engine.runner.program import compile_program
from engine.runner.scope import path, path_of, variables
from engine.runner.values import (
    Cancel,
    Closed,
    Command,
    Complete,
    Deliver,
    FinishJob,
    FireTimer,
    Host,
    How,
    Jump,
    Outcome,
    Redate,
    SendBack,
    SetDue,
    SetVariables,
    Signal,
    Start,
    Status,
    ThrowError,
    WaitKind,
)

__all__ = [
    "Edit",
    "Program",
    "advance",
    "anchors",
    "bases",
    "compile_program",
    "earlier_tasks",
    "jump_targets",
    "pack",
    "scopes",
    "unpack",
    "visible",
]

Document = Mapping[str, Mapping[str, Any]]


class _NoHost:
    """For looking into a state: nothing is evaluated."""

    def functions(self, _anchor: datetime, _variables: Mapping[str, Any]) -> Mapping[str, Any]:
        return {}

    def decide(self, decision: str, _variables: Mapping[str, Any]) -> Any:
        raise LookupError(decision)


def advance(
    program: Program, state: bytes | None, command: Command, now: datetime, *, document: Document, host: Host
) -> Outcome:
    """Run one command until only waiting is left.

    Raises StepFailed when the step cannot be taken, Conflict when the token is gone or the timer early; the old state stays valid.
    """
    with _collector_at_rest():
        return _advance(program, state, command, now, document, host)


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """A step makes many objects at once and is soon over: the cyclic collector would look at all of them, many times, for
    nothing (three quarters of the time of a step with 2,000 tokens)."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _advance(
    program: Program, state: bytes | None, command: Command, now: datetime, document: Document, host: Host
) -> Outcome:
    before: dict[str, WaitKind] = {}
    if isinstance(command, Start):
        start = (command.variables, command.event)
        case = Case(program, command.process, now=now, document=document, host=host, start=start)
    else:
        assert state is not None
        case = codec.load(state, program, now=now, document=document, host=host)
        before = {key: kind for key, kind, _ in report.waits(case)}
    try:
        return _step(case, command, before)
    except StepFailed as failed:
        failed.trace = tuple(case.trace)
        raise


def _step(case: Case, command: Command, before: Mapping[str, WaitKind]) -> Outcome:
    """Apply a command and say what changed."""
    if isinstance(command, Start):
        case.begin()
    else:
        _apply(case, command)
    after = list(report.waits(case))
    remaining = {key for key, _, _ in after}
    done = _completed(case)
    return Outcome(
        state=_saved(case),
        status=Status.CANCELLED if case.cancelled else Status.COMPLETED if case.completed else Status.ACTIVE,
        opened=tuple(report.waiting(kind, task) for key, kind, task in after if key not in before),
        closed=tuple(
            Closed(key, kind, How.COMPLETED if key in done else How.TERMINATED)
            for key, kind in before.items()
            if key not in remaining
        ),
        entered=tuple(case.entered),
        left=tuple(case.left),
        trace=tuple(case.trace),
        thrown=tuple(case.thrown),
        warnings=tuple(case.warnings),
        variables=dict(case.data),
    )


def _saved(case: Case) -> bytes:
    try:
        return codec.save(case)
    except TypeError as error:
        raise StepFailed(
            case.spec.name,
            "变量里有不能保存的值（函数或过大的整数）",
            f"a variable cannot be stored: {error}",
        ) from error


def _completed(case: Case) -> set[str]:
    """Tokens that ended by being done or caught, not by being cancelled."""
    return {e.key for e in case.trace if e.key and e.event in ("completed", "caught")}


def _apply(case: Case, command: Command) -> None:
    if isinstance(command, Complete | FinishJob):
        case.complete(command.key, command.variables)
    elif isinstance(command, FireTimer):
        case.fire(command.key, "timer", {})
    elif isinstance(command, Deliver):
        case.fire(command.key, "message", command.variables)
    elif isinstance(command, Signal):
        case.signal(command.name, command.variables)
        case.run()
    elif isinstance(command, ThrowError):
        case.throw_error(command.key, command.code, command.variables)
    elif isinstance(command, SendBack):
        case.send_back(command.key, command.target, straight=command.straight)
    elif isinstance(command, Jump):
        case.jump(command.key, command.target)
    elif isinstance(command, SetDue):
        case.set_due(command.due)
    elif isinstance(command, SetVariables):
        case.set_variables(command.variables)
    elif isinstance(command, Redate):
        redating.redate(case, command)
    elif isinstance(command, Cancel):
        case.cancel_all()


def _look(program: Program, state: bytes) -> Case:
    return codec.load(state, program, now=datetime.min.replace(tzinfo=UTC), document={}, host=_NoHost())


def visible(program: Program, state: bytes, key: str) -> dict[str, Any]:
    """The variables the token `key` sees (nothing when it is gone)."""
    task = _look(program, state).get_task_from_id(UUID(key))
    return variables(task) if task is not None else {}


def bases(program: Program, state: bytes) -> dict[str, Mapping[str, Any]]:
    """What the waiting timers counted from: token → basis."""
    waits = report.waits(_look(program, state))
    return {key: task.internal_data["basis"] for key, _, task in waits if task.internal_data.get("basis")}


def anchors(program: Program, state: bytes) -> dict[str, datetime]:
    """The lawful start of the waiting tokens that have one: token → instant."""
    live = _look(program, state).live()
    return {
        task.id.hex: datetime.fromisoformat(at) for task in live if (at := task.internal_data.get("anchor"))
    }


def scopes(program: Program, state: bytes) -> list[tuple[str, Mapping[str, Any]]]:
    """Every layer of variables of a case, its scopes' and its tokens', with its path."""
    case = _look(program, state)
    found = [(path_of(scope), scope.data) for scope in case.scopes()]
    return found + [(path(task), task.data) for task in case.live()]


def earlier_tasks(program: Program, state: bytes, key: str, *, straight: bool = False) -> set[str]:
    """Ids of user tasks that the token `key` could be sent back to (and, with `straight`, come straight back from)."""
    task = _look(program, state).get_task_from_id(UUID(key))
    if task is None:
        return set()
    found = back.possible(task)
    return found & back.straight_too(task) if straight else found


def jump_targets(program: Program, state: bytes, key: str) -> set[str]:
    """Ids of activities that the token `key` could be moved to."""
    task = _look(program, state).get_task_from_id(UUID(key))
    return back.targets(task) if task is not None else set()
