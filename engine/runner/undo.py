"""Compensation: what completed activities owe, last first, inner scopes in their place."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from engine.runner.scope import spec_of


def plan(workflow: Any, only: str | None = None) -> list[list[Any]]:
    """The handlers owed by a scope (or by one activity), taken off its log: [owner of the scope, handler, item data]."""
    while workflow.owner is not None and spec_of(workflow.owner.parent).watch:
        workflow = workflow.owner.workflow  # a handler undoes its scope
    top = workflow.top_workflow
    here = None if workflow.owner is None else workflow.parent_task_id.hex
    found: list[list[Any]] = []
    for record in list(reversed(workflow.log)):
        handler, inside, data = record
        if only is not None:
            name = workflow.spec.compensates.get(handler) or (
                spec_of(top.get_task_from_id(UUID(inside))).bpmn_id if inside else None
            )
            if name != only:
                continue
        workflow.log.remove(record)
        found.extend([[here, handler, data]] if handler else plan(top.subprocesses[UUID(inside)]))
    return found
