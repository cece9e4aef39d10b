"""退回: cancel what lies downstream of the target, make a fresh token at it. Needs live tokens and the graph only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState as S

from engine.errors import Conflict
from engine.runner.activities import Many, Sub
from engine.runner.graph import reachable
from engine.runner.nodes import Join, Wait
from engine.runner.scope import is_item, kill, spawn, spec_of

if TYPE_CHECKING:
    from engine.runner.case import Case


def _refused(message: str, english: str) -> Conflict:
    return Conflict(message, english, code="cannot_send_back")


def _where(task: Task) -> str:
    """The node a token stands at; one that waits at a join is judged by the flow it came through."""
    spec = spec_of(task)
    if isinstance(spec, Join) and task.state == S.WAITING:
        return str(task.internal_data["from"])
    return str(spec.name)


def _plan(task: Task, target: str) -> tuple[Any, list[Task]]:
    """The scope and the tokens to cancel. Raises Conflict where going back would not be right."""
    while target not in task.workflow.spec.task_specs:
        if task.workflow.owner is None:
            raise _refused("退回的环节不在本流程之前。", f"{target} is in no enclosing scope")
        task = task.workflow.owner
    if is_item(task):
        task = task.parent
    workflow, spec = task.workflow, task.workflow.spec
    node, down = spec.task_specs[target], reachable(spec, target, dag=True)
    before = (
        isinstance(node, Wait | Sub | Many) and spec_of(task).name in down and target != spec_of(task).name
    )
    if not before:
        raise _refused("只能退回到之前的环节。", f"{target} is no activity before {spec_of(task).name}")
    tokens = [
        t
        for t in workflow.tokens()
        if not is_item(t) and "compensates" not in t.internal_data and t.task_spec is not spec.end
    ]
    gone = [t for t in tokens if _where(t) in down]
    fed = down.union(*[reachable(spec, _where(t), dag=True) for t in tokens if t not in gone])
    for name in down:
        join = spec.task_specs[name]
        if type(join) is Join and any(source not in fed for source in join._inputs):
            raise _refused(
                "并行的几路已经汇合，不能只退回其中一路。", f"the parallel block was joined at {name}"
            )
    return workflow, gone


def send_back(_case: Case, task: Task, target: str) -> None:
    """Move the work back. Variables stay, legal clocks are the ledger's matter, nothing is compensated."""
    workflow, gone = _plan(task, target)
    kill(gone)
    spawn(workflow.task_tree, target)


def possible(task: Task) -> set[str]:
    """User tasks the token could go back to."""
    found = set()
    at: Task | None = task
    while at is not None:
        for name, node in at.workflow.spec.task_specs.items():
            manual = node.manual or isinstance(node, Many)
            if not manual or name.startswith("#"):
                continue
            try:
                _plan(task, name)
            except Conflict:
                continue
            found.add(node.bpmn_id)
        at = at.workflow.owner
    return found
