"""What waits after a step, in the words of `values`: everything a ledger row needs, evaluated at activation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState as S

from engine import feel
from engine.errors import StepFailed
from engine.model import Tier
from engine.runner.case import Case, owners
from engine.runner.events import Boundary, Catch, timer_due
from engine.runner.nodes import Job, UserTask
from engine.runner.scope import literal_or_feel, path, spec_of, variables
from engine.runner.values import Waiting, WaitKind

KINDS = {"timer": WaitKind.TIMER, "message": WaitKind.MESSAGE, "signal": WaitKind.SIGNAL}


def waits(case: Case) -> Iterator[tuple[str, WaitKind, Task]]:
    """Tokens that wait for the outside world."""
    for scope in case.scopes():
        for task in scope.tasks.values():
            spec = task.task_spec
            if task._state == S.READY and spec.manual:
                yield task.id.hex, WaitKind.USER_TASK if isinstance(spec, UserTask) else WaitKind.JOB, task
            elif (
                task._state == S.WAITING
                and isinstance(spec, Catch)
                and spec.event is not None
                and spec.event.kind in KINDS
            ):
                yield task.id.hex, KINDS[spec.event.kind], task


def waiting(kind: WaitKind, task: Task) -> Waiting:
    spec = spec_of(task)
    common: dict[str, Any] = {
        "key": task.id.hex,
        "kind": kind,
        "process": spec.process,
        "element": spec.bpmn_id,
        "owners": owners(task),
        "path": path(task),
    }
    if kind is WaitKind.USER_TASK:
        return Waiting(**common, **_user_task(task))
    if kind is WaitKind.JOB:
        return Waiting(**common, **_job(task))
    event = spec.event
    common["interrupting"] = spec.interrupting if isinstance(spec, Boundary) else True
    if kind is WaitKind.TIMER:
        return Waiting(**common, due=timer_due(task), basis=task.internal_data.get("basis"))
    return Waiting(**common, name=event.name, correlation=task.internal_data.get("correlation"))


def _user_task(task: Task) -> dict[str, Any]:
    node = spec_of(task).model
    assert node is not None
    groups = literal_or_feel(task, node.candidate_groups)
    listed = groups if isinstance(groups, list) else str(groups).split(",") if groups else []
    assignee = literal_or_feel(task, node.assignee)
    tier = node.properties.get("tier", "")
    return {
        "assignee": str(assignee) if assignee else None,
        "candidate_groups": tuple(str(g).strip() for g in listed if str(g).strip()),
        "tier": _tier(task, tier) if tier.startswith("=") else None,
        "area": _place(task, node.properties.get("area")),
        "due": _instant(task, node.due_date),
        "follow_up": _instant(task, node.follow_up_date),
        "priority": _whole(task, node.priority, 50),
        "together": max(1, _whole(task, node.properties.get("together"), 1, "共同办理人数")),
    }


def _tier(task: Task, text: str) -> str:
    """A computed tier; anything else than a tier would leave the task to nobody."""
    value = literal_or_feel(task, text)
    if value not in list(Tier):
        raise StepFailed(
            spec_of(task).bpmn_id, f"办理层级不是村、镇、区之一（{text} → {value!r}）", f"no tier: {value!r}"
        )
    return str(value)


def _place(task: Task, text: str | None) -> str | None:
    """The area a step stays at, whose place of the case does not matter; unknown: that of the case."""
    value = literal_or_feel(task, text) if text else None
    if value is not None and not isinstance(value, str):
        raise StepFailed(
            spec_of(task).bpmn_id, f"办理地区不是区划编码（{text} → {value!r}）", f"no area: {value!r}"
        )
    return value or None


def _whole(task: Task, text: str | None, default: int, what: str = "重试次数或优先级") -> int:
    value = literal_or_feel(task, text or None)
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,3}", value.strip()):
        value = int(value)
    if value is None and not text:
        return default
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 999:
        raise StepFailed(
            spec_of(task).bpmn_id,
            f"{what}不是整数（{text} → {value!r}）",
            f"not a number: {value!r}",
        )
    return value


def _instant(task: Task, text: str | None) -> datetime | None:
    value = literal_or_feel(task, text)
    if isinstance(value, str):
        value = feel.evaluate("date and time(v)", {"v": value}).value
    if value is None:
        return None
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise StepFailed(
            spec_of(task).bpmn_id, f"日期没有时区或不是时刻：{text}", f"not an aware instant: {text}"
        )
    return value


def _job(task: Task) -> dict[str, Any]:
    spec = spec_of(task)
    node = spec.model
    assert node is not None
    assert isinstance(spec, Job)
    inputs = {target: task.data.get(target) for _, target in node.inputs}
    return {
        "type": node.job_type or node.id,
        "headers": dict(node.headers),
        "retries": _whole(task, node.retries, 3),
        "variables": {**variables(task), **inputs},
    }
