"""Tokens: the library's tasks without its log records, telling their scope what has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState as S

if TYPE_CHECKING:
    from SpiffWorkflow.specs.base import TaskSpec

    from engine.runner.scope import SubScope


class Token(Task):
    """A task whose change of state is one assignment. The library's builds a log record with all task data each time.

    Its scope learns whether something may run (`stirred`), is over (`littered`) or waits at a join (`joining`), so that nothing
    has to look at every token of a scope with thousands of them.
    """

    def _set_state(self, value: int) -> None:
        self._state = value
        scope = self.workflow
        if value == S.READY:
            scope.stirred = True
        if value & S.FINISHED_MASK:
            scope.littered = True
        if self.task_spec.joins:
            if value == S.WAITING:
                scope.joining[self.id] = self
            else:
                scope.joining.pop(self.id, None)

    def _add_child(self, task_spec: TaskSpec, state: int = S.MAYBE) -> Token:
        child = Token(self.workflow, task_spec, self, state=state)
        if state == S.READY:
            child._ready()
        return child


class Scopes(dict[UUID, "SubScope"]):
    """Running scopes by the id of the token each runs for; outermost first without sorting."""

    def __init__(self) -> None:
        super().__init__()
        self._levels: dict[int, dict[UUID, SubScope]] = {}

    def __setitem__(self, key: UUID, scope: SubScope) -> None:
        super().__setitem__(key, scope)
        self._levels.setdefault(scope.depth, {})[key] = scope

    def __delitem__(self, key: UUID) -> None:
        self.pop(key)

    def pop(self, key: UUID, default: SubScope | None = None) -> SubScope | None:  # type: ignore[override]
        """Take a scope out."""
        scope = super().pop(key, default)
        if scope is not None:
            self._levels[scope.depth].pop(key, None)
        return scope

    def outermost_first(self) -> list[SubScope]:
        return [scope for depth in sorted(self._levels) for scope in self._levels[depth].values()]
