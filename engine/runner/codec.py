"""The state of a case as bytes: live tokens and variables, no model, no history.

Numbers, dates and durations come back exactly as they were. The format carries a number; an unknown one is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from SpiffWorkflow.util.task import TaskState as S

from engine import feel
from engine.errors import Conflict
from engine.feel.temporal import parse_any
from engine.runner.case import Case, Program
from engine.runner.scope import SubScope
from engine.runner.token import Token
from engine.runner.values import (
    Cancel,
    Command,
    Complete,
    Deliver,
    FinishJob,
    FireTimer,
    Jump,
    Redate,
    SendBack,
    SetVariables,
    Signal,
    Start,
    ThrowError,
)

FORMAT = 1
_MARK = "\u0001"
"""What a tag begins with. A context of a case that holds it as a key is written as pairs, under a tag of its own."""


def _encode(value: Any) -> Any:
    if isinstance(value, Decimal):
        return {_MARK: "n", "v": str(value)}
    if isinstance(value, datetime | time) and not isinstance(value.tzinfo, ZoneInfo):
        return {_MARK: "t" if isinstance(value, datetime) else "c", "v": value.isoformat()}
    if isinstance(value, date) and not isinstance(value, datetime):
        return {_MARK: "d", "v": value.isoformat()}
    if isinstance(value, timedelta):
        return {_MARK: "s", "v": [value.days, value.seconds, value.microseconds]}
    if (text := feel.literal(value)) is not None:
        return {_MARK: "f", "v": text}
    if is_dataclass(value):
        return {f.name: getattr(value, f.name) for f in fields(value)}
    raise TypeError(f"a variable cannot hold {type(value).__name__}")


_DECODE: dict[str, Callable[[Any], Any]] = {
    "n": Decimal,
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "c": time.fromisoformat,
    "s": lambda v: timedelta(*v),
    "m": lambda v: {key: _decode(item) for key, item in v},
    "f": lambda v: parse_any(v[2:-1]) if v.startswith("@") else feel.evaluate(v).value,
}


def _decode(value: Any) -> Any:
    if isinstance(value, dict):
        if _MARK in value:
            return _DECODE[value[_MARK]](value["v"])
        return {key: _decode(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_decode(item) for item in value]
    return value


_OPTIONS = (
    orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_SUBCLASS
    | orjson.OPT_NON_STR_KEYS
)


def _dumps(value: Any) -> bytes:
    """Canonical bytes. Only where the mark stands more often than tags were written is the whole looked through for it."""
    tags = 0

    def encode(item: Any) -> Any:
        nonlocal tags
        made = _encode(item)
        tags += _MARK in made
        return made

    found = orjson.dumps(value, default=encode, option=_OPTIONS)
    if found.count(b"\\u0001") != tags:
        found = orjson.dumps(_escaped(value), default=_encode, option=_OPTIONS)
    return found


def _escaped(value: Any) -> Any:
    if isinstance(value, dict):
        items = {key: _escaped(item) for key, item in value.items()}
        return {_MARK: "m", "v": list(items.items())} if _MARK in items else items
    if isinstance(value, list | tuple):
        return [_escaped(item) for item in value]
    if is_dataclass(value) and feel.literal(value) is None:
        return {f.name: _escaped(getattr(value, f.name)) for f in fields(value)}
    return value


COMMANDS = {
    kind.__name__: kind
    for kind in (
        Start,
        Complete,
        FinishJob,
        ThrowError,
        FireTimer,
        Deliver,
        Signal,
        SendBack,
        Jump,
        SetVariables,
        Redate,
        Cancel,
    )
}
Edit = tuple[str, str, Any, bool | int]
"""What a step wrote into the document: path, section, values, whether the section grows by one entry – or which of its entries was
put right."""


def pack(command: Command, edits: Sequence[Edit]) -> bytes:
    """A command with its edits, exactly, for the history."""
    told = {f.name: getattr(command, f.name) for f in fields(command)}
    return _dumps([type(command).__name__, told, list(edits)])


def unpack(told: bytes) -> tuple[Command, list[Edit]]:
    name, arguments, edits = _decode(orjson.loads(told))
    return COMMANDS[name](**arguments), [
        (path, section, values, grows) for path, section, values, grows in edits
    ]


def _rows(workflow: Any) -> list[list[Any]]:
    ids = {key: number for number, key in enumerate(workflow.tasks)}
    return [
        [
            t.id.hex,
            ids.get(t._parent, -1),
            t._state,
            t.task_spec.name,
            int(t.triggered),
            t.internal_data,
            t.data,
        ]
        for t in workflow.tasks.values()
    ]


def save(case: Case) -> bytes:
    """A case at rest as bytes."""
    scopes = [
        [
            None if scope is case else scope.parent_task_id.hex,
            scope.spec.name,
            scope.completed,
            scope.log,
            scope.data,
            _rows(scope),
        ]
        for scope in case.scopes()
    ]
    return _dumps([FORMAT, scopes])


def load(state: bytes, program: Program, **surroundings: Any) -> Case:
    """The case again. Raises Conflict for a state of a format this version does not know."""
    document = orjson.loads(state)
    if b"\\u0001" in state:
        document = _decode(document)
    if document[0] != FORMAT:
        raise Conflict(
            f"状态格式 {document[0]} 不能读取。", f"unknown state format {document[0]}", code="state_format"
        )
    scopes = document[1]
    case = Case(program, scopes[0][1], deserializing=True, **surroundings)
    made: dict[UUID, Token] = {}
    for owner, name, completed, log, data, rows in scopes:
        workflow: Any = case
        if owner:
            key = UUID(owner)
            # Scopes are stored outermost first, so the token a scope runs for is here already.
            workflow = SubScope(program.scopes[name], made[key], case, deserializing=True)
            case.subprocesses[key] = workflow
        workflow.completed, workflow.log, workflow.data = completed, log, data
        _tasks(workflow, rows)
        made.update(workflow.tasks)
    return case


def _tasks(workflow: Any, rows: list[list[Any]]) -> None:
    specs, tasks = workflow.spec.task_specs, workflow.tasks
    made: list[Token] = []
    for key, parent, state, name, triggered, internal, data in rows:
        token = Token.__new__(Token)
        known = token.__dict__
        known["id"] = UUID(key)
        known["workflow"], known["_children"], known["_state"] = workflow, [], state
        known["task_spec"], known["triggered"] = specs[name], bool(triggered)
        known["internal_data"], known["data"], known["_parent"] = internal, data, None
        if parent >= 0:
            above = made[parent]
            known["_parent"] = above.id
            above._children.append(token.id)
        made.append(token)
        tasks[token.id] = token
        if state == S.WAITING and token.task_spec.joins:
            workflow.joining[token.id] = token
        elif state & S.FINISHED_MASK:
            workflow.littered = True
    workflow.task_tree = made[0]
