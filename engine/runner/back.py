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


def _plan(task: Task, target: str) -> tuple[Task, list[Task]]:
    """The token in the target's scope and the tokens to cancel. Raises Conflict where going back would not be right."""
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
    tokens = _tokens(workflow)
    gone = [t for t in tokens if _where(t) in down]
    _joins_are_fed(spec, down, [target, *(_where(t) for t in tokens if t not in gone)])
    return task, gone


def _tokens(workflow: Any) -> list[Task]:
    return [
        t
        for t in workflow.tokens()
        if not is_item(t) and "compensates" not in t.internal_data and t.task_spec is not workflow.spec.end
    ]


def _joins_are_fed(spec: Any, names: set[str], standing: list[str]) -> None:
    """After a move, every parallel join among `names` must still get all it waits for from where tokens stand."""
    fed: set[str] = set().union(*[reachable(spec, at, dag=True) for at in standing])
    for name in names:
        join = spec.task_specs[name]
        if type(join) is Join and name in fed and any(source not in fed for source in join._inputs):
            raise _refused("并行的几路已经汇合，不能只移动其中一路。", f"the join {name} would wait for ever")


def send_back(_case: Case, task: Task, target: str, *, straight: bool = False) -> None:
    """Move the work back. Variables stay, legal clocks are the ledger's matter, nothing is compensated.

    `straight`: once the target is done again the token comes straight back here (直送) instead of going every step. Refused
    where more than this one token would be cancelled: the others have to go every step anyway.
    """
    at, gone = _plan(task, target)
    if straight and (gone != [task] or at is not task):
        raise _refused(
            "退回会同时撤下其他并行或上下层的环节，改完后须逐级重走。",
            "other tokens are cancelled as well: every step must be gone again",
        )
    here = spec_of(task).name
    kill(gone)
    new = spawn(at.workflow.task_tree, target)
    if straight:
        new.internal_data["straight"] = here


def jump(_case: Case, task: Task, target: str) -> None:
    """Move a token anywhere within its scope (自由跳转), as long as no join starves and no other branch is begun twice."""
    if is_item(task):
        task = task.parent
    _may_jump(task, target)
    kill([task])
    spawn(task.workflow.task_tree, target)


def _may_jump(task: Task, target: str) -> None:
    spec = task.workflow.spec
    node = spec.task_specs.get(target)
    if not isinstance(node, Wait | Sub | Many) or node is task.task_spec or target.endswith("]"):
        raise _refused(
            "只能跳转到同一流程层次里的另一个办理环节。", f"{target} is no other activity of the scope"
        )
    others = [_where(t) for t in _tokens(task.workflow) if t is not task]
    twice = reachable(spec, target, dag=True) - reachable(spec, spec_of(task).name, dag=True)
    if twice.intersection(others):
        raise _refused("跳到那里会把正在办理的另一路再开始一遍。", "another branch would be begun twice")
    standing = [target, *others]
    names: set[str] = set().union(*[reachable(spec, at, dag=True) for at in standing])
    _joins_are_fed(spec, names, standing)


def targets(task: Task) -> set[str]:
    """Activities the token could be moved to by `jump`."""
    if is_item(task):
        task = task.parent
    found = set()
    for name, node in task.workflow.spec.task_specs.items():
        try:
            _may_jump(task, name)
        except Conflict:
            continue
        found.add(node.bpmn_id)
    return found


def straight_too(task: Task) -> set[str]:
    """Those of `possible` from which the token could come straight back."""
    found = set()
    for name in task.workflow.spec.task_specs:
        try:
            at, gone = _plan(task, name)
        except Conflict:
            continue
        if at is task and gone == [task]:
            found.add(name)
    return found


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
