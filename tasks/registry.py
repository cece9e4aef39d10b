"""Handlers of service tasks by job type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.db import Tx
from engine.errors import NotFound
from engine.step import Case


class BpmnError(Exception):
    """A handler raises this for an error the drawing may catch."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Job:
    """What a handler gets. It runs in the transaction that finishes the job."""

    id: str
    type: str
    element: str
    path: str
    headers: Mapping[str, str]
    variables: Mapping[str, Any]
    attempt: int
    case: Case
    document: Mapping[str, Any]
    tx: Tx
    now: datetime


@dataclass(frozen=True, slots=True)
class Result:
    """Variables for the token, sections for the document."""

    variables: Mapping[str, Any] = field(default_factory=dict)
    document: Mapping[str, Any] = field(default_factory=dict)


Handler = Callable[[Job], Result]
HANDLERS: dict[str, Handler] = {}


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Register a function for a job type."""

    def register(function: Handler) -> Handler:
        HANDLERS[kind] = function
        return function

    return register


def run(tx: Tx, row: Any, case: Case, now: datetime) -> Result:
    """Run the handler of a leased job. An unknown type is a failure like any other: it becomes an incident."""
    found = HANDLERS.get(row.type)
    if found is None:
        raise NotFound(
            f"没有处理“{row.type}”的后台作业。", f"There is no handler for {row.type}.", code="no_handler"
        )
    return found(
        Job(
            row.id,
            row.type,
            row.element,
            row.path,
            row.headers,
            row.variables,
            row.attempt,
            case,
            case.sections(row.path),
            tx,
            now,
        )
    )
