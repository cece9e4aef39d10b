"""Activities with a scope of their own – sub-process, call – and activities done many times."""

from __future__ import annotations

import copy
from typing import Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState as S

from engine.errors import StepFailed
from engine.model import Loop, Node
from engine.runner.nodes import NodeSpec
from engine.runner.scope import (
    ScopeSpec,
    assign,
    case_of,
    evaluate,
    kill,
    seen,
    spawn,
    spec_of,
    truth,
    variables,
)

MOST = 20_000
"""Instances of one multi-instance activity; more is a slip of the pen."""


class Sub(NodeSpec):
    """An embedded sub-process or an event handler: its scope must end before it does."""

    def __init__(self, scope: ScopeSpec, name: str, model: Node, inside: str) -> None:
        super().__init__(scope, name, model)
        self.inside = inside

    def _update_hook(self, task: Task) -> bool:
        if task.state == S.STARTED:
            return False  # only its scope may end it
        task._set_state(S.STARTED)
        self.enter(task)
        self.begin(task)
        return False

    def begin(self, task: Task) -> None:
        model = self.model
        own = dict.fromkeys(model.declares) if model is not None else {}
        case_of(task).create_subprocess(task, self.inside, own)

    def scope_done(self, task: Task, sub: Any) -> None:
        if not task.has_state(S.STARTED):
            return
        self.leave(task, sub)
        if not sub.log:
            case_of(task).subprocesses.pop(task.id, None)
        case_of(task).outward = True
        task._set_state(S.READY)

    def leave(self, task: Task, sub: Any) -> None:
        self.settle(task, sub.data, merge=False)


class AdHoc(Sub):
    """An ad-hoc sub-process: its scope's rule says what is open and when it is over."""


class Call(Sub):
    """A call activity: the called process runs as a scope of the same case, with variables of its own."""

    calls = True

    def begin(self, task: Task) -> None:
        case = case_of(task)
        if self.inside not in case.subprocess_specs:
            raise StepFailed(
                self.bpmn_id,
                f"被调用的流程 {self.inside} 没有部署",
                f"the called process {self.inside} is not deployed",
            )
        assert self.model is not None
        given = variables(task) if self.model.inherit_all else dict(task.data)
        case.create_subprocess(task, self.inside, given)

    def leave(self, task: Task, sub: Any) -> None:
        assert self.model is not None
        self.settle(task, sub.data, merge=self.model.propagate_all)


class Many(NodeSpec):
    """Multi-instance, parallel or sequential, and the standard loop (sequential, no list)."""

    maps_inputs = False
    traced = False

    def __init__(self, scope: ScopeSpec, name: str, model: Node, loop: Loop, inner: str) -> None:
        super().__init__(scope, name, model)
        self.loop, self.inner = loop, inner

    def _update_hook(self, task: Task) -> bool:
        if task.state == S.STARTED:
            return False
        task._set_state(S.STARTED)
        self.enter(task)
        items = None if self.loop.standard else self.items(task)
        task.internal_data.update(items=items, begun=0, done=0, out=[None] * len(items or []))
        if items == [] or (self.loop.standard and self.loop.test_before and not self.more(task)):
            if self.loop.output:
                assign(task, {self.loop.output: []}, own=False)
            return True
        for _ in range(1 if self.loop.sequential else len(items or [])):
            self.next(task)
        return False

    def items(self, task: Task) -> list[Any]:
        """What to repeat over; null or no list is an incident, never a default."""
        if self.loop.collection or self.loop.collection_data:
            text, name = self.loop.collection, self.loop.collection_data
            value = evaluate(task, text) if text else seen(task).get(name or "")
            if not isinstance(value, list):
                raise StepFailed(
                    self.bpmn_id,
                    f"多实例的集合不是列表（{text or name} → {value!r}）",
                    f"not a list: {value!r}",
                )
            self.bounded(len(value))
            return value
        count = evaluate(task, self.loop.cardinality or "")
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise StepFailed(
                self.bpmn_id,
                f"多实例的次数不是非负整数（{self.loop.cardinality} → {count!r}）",
                f"not a count: {count!r}",
            )
        self.bounded(count)
        return list(range(1, count + 1))

    def bounded(self, count: int) -> None:
        if count > MOST:
            raise StepFailed(
                self.bpmn_id, f"多实例的次数 {count} 超过 {MOST}", f"{count} instances are more than {MOST}"
            )

    def next(self, task: Task) -> None:
        known = task.internal_data
        number, known["begun"] = known["begun"], known["begun"] + 1
        data: dict[str, Any] = {"loopCounter": number + 1}
        if self.loop.element and known["items"] is not None:
            data[self.loop.element] = copy.deepcopy(known["items"][number])
        wanted = self.loop.output_data or (self.loop.output_element or "").strip("= ")
        if wanted.isidentifier():
            data.setdefault(wanted, None)
        assert self.inner is not None
        spawn(task, self.inner, data)

    def more(self, task: Task) -> bool:
        loop = self.loop
        if loop.maximum is not None and task.internal_data["done"] >= loop.maximum:
            return False
        return loop.condition is None or truth(task, loop.condition, "循环条件", "the loop condition")

    def item_done(self, task: Task, child: Task) -> None:
        known, loop = task.internal_data, self.loop
        known["done"] += 1
        if known["items"] is None:
            # What an instance of a loop leaves behind is for the next one and for what follows.
            assign(task, {k: v for k, v in child.data.items() if k != "loopCounter"}, own=False)
            if self.more(task):
                self.next(task)
            else:
                task._set_state(S.READY)
            return
        total = len(known["items"])
        task.data.update(
            numberOfInstances=total,
            numberOfCompletedInstances=known["done"],
            numberOfActiveInstances=known["begun"] - known["done"],
            numberOfTerminatedInstances=0,
        )
        if loop.output:
            number = child.data["loopCounter"] - 1
            if loop.output_element:
                known["out"][number] = [evaluate(child, loop.output_element)]
            else:
                known["out"][number] = [child.data.get(loop.output_data or "")]
            task.data[loop.output] = [x[0] for x in known["out"] if x is not None]
        if loop.completion and truth(task, loop.completion, "多实例的完成条件", "the completion condition"):
            kill([c for c in task.children if spec_of(c).name == self.inner and c is not child])
        elif known["done"] < total:
            if loop.sequential:
                self.next(task)
            return
        results = task.data.get(loop.output or "")
        task.data.clear()
        if loop.output:
            assign(task, {loop.output: results}, own=False)
        task._set_state(S.READY)
