"""Scopes: variables seen from a token, tokens made and ended, and the two kinds of workflow that hold them.

Ideas (engine-repairs): every token is a live task; nothing is predicted; catching events hang below what they guard;
variables live in scopes, not in tasks; finished tasks are never consulted and may be dropped at any moment.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState as S

from engine import feel
from engine.errors import StepFailed
from engine.model import DataMove
from engine.runner.token import Token
from engine.runner.values import TraceEvent, Warned

if TYPE_CHECKING:
    from engine.runner.adhoc import AdHocRule
    from engine.runner.case import Case
    from engine.runner.nodes import NodeSpec

# The library tells of every start and end of a workflow.
for _name in ("spiff.task", "spiff.workflow"):
    logging.getLogger(_name).setLevel(logging.ERROR)

LIVE = S.FUTURE | S.WAITING | S.READY | S.STARTED
START, JOIN, END = "#start", "#join", "#end"
MAX_DEPTH, MAX_SCOPES = 40, 5000


def spec_of(task: Task) -> NodeSpec:
    return task.task_spec  # type: ignore[no-any-return]


def case_of(task: Task) -> Case:
    return task.workflow.top_workflow  # type: ignore[no-any-return]


# ------------------------------------------------------------------------------------------ variables
def layers(task: Task) -> Iterator[dict[str, Any]]:
    """The dictionaries a token sees, innermost first, up to the process it belongs to (a call starts afresh)."""
    while True:
        yield task.data
        yield task.workflow.data
        owner = task.workflow.owner
        if owner is None or spec_of(owner).calls:
            return
        task = owner


def variables(task: Task) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for layer in reversed(list(layers(task))):
        found.update(layer)
    return found


def path(task: Task) -> str:
    """Where the document sections of a token live: one segment per enclosing multi-instance item."""
    segments = []
    at: Task | None = task
    while at is not None:
        if is_item(at):
            body = at.parent
            segments.append(f"{spec_of(body).bpmn_id}:{body.id.hex[:8]}#{at.data['loopCounter']}")
        at = at.workflow.owner
    return "/".join(reversed(segments))


def path_of(scope: Any) -> str:
    """Where the document sections of a scope live: with the token it runs for."""
    return path(scope.owner) if scope.owner is not None else ""


def seen(task: Task) -> dict[str, Any]:
    """What FEEL sees: variables over the document sections of the token's path over those around it."""
    document = case_of(task).document
    found: dict[str, Any] = dict(document.get("", {}))
    prefix = ""
    where = path(task) if len(document) > 1 else ""
    for segment in where.split("/") if where else ():
        prefix = f"{prefix}/{segment}" if prefix else segment
        found.update(document.get(prefix, {}))
    found.update(variables(task))
    return found


def plain(value: Any) -> Any:
    """A FEEL result as a variable: integral numbers become int, as far as the stored state can hold one."""
    if isinstance(value, Decimal) and abs(value) < 2**63 and value == value.to_integral_value():
        return int(value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


def evaluate(task: Task, text: str, extra: Mapping[str, Any] | None = None) -> Any:
    """An expression at a token. FEEL errors give None and a recorded warning."""
    case = case_of(task)
    context = seen(task)
    if extra:
        context.update(extra)
    result = feel.evaluate(text, context, case.host.functions(anchor(task), context))
    for warning in result.warnings:
        case.warnings.append(Warned(spec_of(task).bpmn_id, text, warning.message))
    return plain(result.value)


def truth(task: Task, text: str, what: str, english: str, element: str | None = None) -> bool:
    """A condition that decides something now. Null or no boolean is an incident at the node, never a default."""
    value = evaluate(task, text)
    if not isinstance(value, bool):
        raise StepFailed(
            element or spec_of(task).bpmn_id,
            f"{what}没有得到是或否（{text} → {value!r}）",
            f"{english} gave {value!r}",
        )
    return value


def anchor(task: Task) -> Any:
    """The lawful start of the node an expression stands at: that of the guarded activity for its boundary events."""
    from_host = (
        task.parent.internal_data.get("anchor") if task.parent is not None and spec_of(task).guard else None
    )
    return case_of(task).instant(task.internal_data.get("anchor") or from_host)


def literal_or_feel(task: Task, text: str | None) -> Any:
    """Attribute texts: FEEL with a leading `=`, else the text itself."""
    if text is None:
        return None
    return evaluate(task, text) if text.lstrip().startswith("=") else text


def assign(task: Task, values: Mapping[str, Any], *, own: bool = True) -> None:
    """Into the nearest scope that has the name; a new name goes to the item it was made in, else to the process."""
    found = list(layers(task))
    if not own:
        found = found[1:]
    for key, value in values.items():
        home = next((layer for layer in found if key in layer), None)
        if home is None:
            home = next((layer for layer in found if "loopCounter" in layer), found[-1])
        home[key] = value


def place(values: dict[str, Any], target: str, value: Any, around: Mapping[str, Any]) -> None:
    """Put a mapped value at its target; `a.b` is the entry b of the context a, which keeps its other entries."""
    root, _, rest = target.partition(".")
    if not rest:
        values[target] = value
        return
    found = values.get(root, around.get(root))
    context = dict(found) if isinstance(found, dict) else {}
    place(context, rest, value, {})
    values[root] = context


def move(
    task: Task, moves: Iterable[DataMove], into: dict[str, Any], values: Mapping[str, Any] | None = None
) -> None:
    """What data associations carry. A plain source that has no value yet carries nothing."""
    for one in moves:
        if one.expression is not None:
            into[one.target] = evaluate(task, one.expression, values)
            continue
        known = {**seen(task), **(values or {})}
        if one.source in known:
            into[one.target] = copy.deepcopy(known[one.source])


# ------------------------------------------------------------------------------------------ tokens
def spawn(task: Task, name: str, data: Mapping[str, Any] | None = None) -> Task:
    """A new token at a node, hung below a task."""
    child = task._add_child(task.workflow.spec.task_specs[name], S.FUTURE)
    child.triggered = True
    child.data.update(data or {})
    spec_of(child)._update(child)
    return child


def is_item(task: Task) -> bool:
    """Is this one instance of a multi-instance or loop activity?"""
    return task.parent is not None and spec_of(task.parent).inner == spec_of(task).name


def waits_as_guard(task: Task) -> bool:
    return bool(spec_of(task).guard or spec_of(task).watch) and task.state == S.WAITING


def terminate(task: Task) -> None:
    if not task.has_state(S.FINISHED_MASK):
        task._set_state(S.CANCELLED)
        spec_of(task).gone(task)


def kill(roots: Iterable[Task], spare: Task | None = None) -> None:
    """Cancel tasks with all that hangs below and inside them; boundary events that have fired live on."""
    stack = list(roots)
    while stack:
        task = stack.pop()
        if task is spare or (spec_of(task).guard and task.state != S.WAITING):
            continue
        stack.extend(c for c in task.children if c.triggered or c.has_state(LIVE))
        sub = case_of(task).subprocesses.pop(task.id, None)
        if sub is not None:
            sub.completed = True
            kill_scope(sub)
        terminate(task)


def kill_scope(workflow: Any, spare: Task | None = None) -> None:
    """Cancel every token of a scope (but one)."""
    live = [t for t in workflow.tasks.values() if t.has_state(LIVE) and t is not spare]
    for task in live:
        if spec_of(task).guard:  # fired boundary events are tokens of this scope too
            terminate(task)
    kill([t for t in live if t.has_state(LIVE)], spare)


def trace(task: Task, event: str, what: Mapping[str, Any] | None = None) -> None:
    """Add to the case's trace; nodes of our own making never appear."""
    spec = spec_of(task)
    if spec.model is None:
        return
    case_of(task).trace.append(
        TraceEvent(event, spec.process, spec.bpmn_id, spec.model.type, spec.model.name, task.id.hex, what)
    )


# ------------------------------------------------------------------------------------------ scopes
class ScopeSpec(BpmnProcessSpec):
    """The library's container with three internal nodes of our own, under names no model can use."""

    def __init__(self, name: str, process: str, node_id: str) -> None:
        super().__init__(name=name)
        self.task_specs.clear()
        self.process, self.node_id = process, node_id
        self.watches: list[str] = []
        self.compensates: dict[str, str] = {}
        self.reach: dict[Any, Any] = {}
        self.start: Any = None
        self.end: Any = None
        self.adhoc: AdHocRule | None = None


class Flat:
    """What both kinds of workflow do: everything by a flat look at the live tasks, nothing by walking the tree."""

    log: list[list[Any]]
    at: str | None
    tasks: dict[Any, Task]
    task_tree: Task
    last_task: Any
    completed: bool
    owner: Any
    top_workflow: Any
    joining: dict[Any, Task]

    def _setup(self) -> None:
        self.log, self.at = [], None
        self.joining = {}
        self.stirred = self.littered = False

    def adopt_root(self) -> None:
        """The library makes the first task itself; from it on all are tokens."""
        root = getattr(self, "task_tree", None)  # none yet in a workflow that is being read back
        if root is not None:
            root.__class__ = Token
            self.stirred = True

    def tokens(self) -> list[Task]:
        return [t for t in self.tasks.values() if t.has_state(LIVE) and not waits_as_guard(t)]

    def update_waiting_tasks(self) -> None:
        for task in list(self.joining.values()):
            if task._state == S.WAITING:
                spec_of(task)._update(task)

    def _task_completed_notify(self, task: Task) -> None:
        self.last_task = task
        if spec_of(task).name == END:
            self.completed = True
            if self.owner is not None:
                spec_of(self.owner).scope_done(self.owner, self)
        elif not self.completed:
            self.update_waiting_tasks()

    def ready(self) -> list[Task]:
        """The tokens that go on by themselves."""
        if not self.stirred:
            return []
        found = [t for t in self.tasks.values() if t._state == S.READY and not t.task_spec.manual]
        self.stirred = bool(found)
        return found

    def prune(self) -> None:
        """Drop everything finished except what is parent of something alive."""
        self.last_task = None
        if not self.littered:
            return
        self.littered = False
        root, tasks, inner = self.task_tree, self.tasks, self.top_workflow.subprocesses
        over = {key for key, t in tasks.items() if not t._state & LIVE and t is not root and key not in inner}
        gone = [key for key in over if all(c in over or c not in tasks for c in tasks[key]._children)]
        for key in gone:
            task = tasks.pop(key)
            if task._parent in tasks:
                tasks[task._parent]._children.remove(key)
            for child in task._children:
                if child in tasks:
                    tasks[child]._parent = root.id
                    root._children.append(child)
        self.littered = len(gone) < len(over)


class SubScope(Flat, BpmnSubWorkflow):
    """A running sub-process, call or event handler."""

    def __init__(self, spec: ScopeSpec, parent: Task, top_workflow: Any, **kwargs: Any) -> None:
        self._setup()
        self._owner = parent
        super().__init__(spec, parent.id, top_workflow, **kwargs)
        self.adopt_root()
        if self.depth > MAX_DEPTH:
            raise StepFailed(
                spec_of(parent).bpmn_id, f"调用或嵌套超过 {MAX_DEPTH} 层，可能是循环调用", "nested too deeply"
            )
        if len(top_workflow.subprocesses) > MAX_SCOPES:
            raise StepFailed(
                spec_of(parent).bpmn_id,
                f"同时运行的子流程超过 {MAX_SCOPES} 个，可能是循环调用",
                "too many scopes",
            )

    def _calculate_depth(self) -> int:
        """The library's hook, without its walk through all scopes."""
        return getattr(self._owner.workflow, "depth", 0) + 1

    @property
    def owner(self) -> Any:
        """The task this scope runs for; None when it is gone (the scope is then swept)."""
        task = self._owner
        home = task.workflow
        known = home is self.top_workflow or self.top_workflow.subprocesses.get(home.parent_task_id) is home
        return task if known and home.tasks.get(task.id) is task else None
