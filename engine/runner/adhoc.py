"""Ad-hoc sub-processes: what is open at first, what comes next, when it is over (BPMN 2.0, 13.3.5).

All activities without incoming flows are open at once – or those that `zeebe:adHoc activeElementsCollection` lists. With
ordering *Sequential* they come one after another, as drawn. After each activity the completion condition is looked at: true ends
the sub-process, cancelling what is still open unless `cancelRemainingInstances` is false. When everything is done and the
condition does not hold, people may do the activities again; with machines alone that would never end and is an incident.
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.task import Task

from engine.errors import StepFailed
from engine.model import Node
from engine.runner.scope import evaluate, kill, spawn, spec_of, truth


class AdHocRule:
    """The rule of one ad-hoc scope. What it remembers is kept with the token the scope runs for."""

    def __init__(self, node: Node) -> None:
        self.node = node

    def first(self, task: Task, names: list[str]) -> list[str]:
        """What to begin with, of the activities without incoming flows. `task`: the scope's start."""
        owner = task.workflow.owner
        if self.node.active_elements:
            wanted = evaluate(owner, self.node.active_elements)
            if not isinstance(wanted, list) or any(name not in names for name in wanted):
                raise StepFailed(
                    self.node.id,
                    f"临时子流程要启动的活动不是其中活动的 id 列表（{self.node.active_elements} → {wanted!r}）",
                    f"not a list of inner activities: {wanted!r}",
                )
            names = list(wanted)
        owner.internal_data["round"] = names
        begun = names[:1] if self.node.sequential else names
        owner.internal_data["pending"] = names[len(begun) :]
        return begun

    def enough(self, task: Task) -> bool:
        """An activity inside is being completed: is the sub-process over with it?"""
        owner = task.workflow.owner
        if owner.internal_data.get("enough"):
            return True
        if not self.holds(task):
            return False
        owner.internal_data.update(enough=True, pending=[])
        return True

    def holds(self, task: Task) -> bool:
        """The completion condition; without one nothing is enough before all is done."""
        if not self.node.completion:
            return False
        return truth(
            task,
            self.node.completion,
            f"临时子流程“{self.node.name or self.node.id}”的完成条件",
            "the completion condition",
            self.node.id,
        )

    def more(self, workflow: Any, end: Task) -> bool:
        """All tokens are at the end: is there anything to begin still?"""
        owner = workflow.owner
        known = owner.internal_data
        if known.get("enough"):
            return False
        if not known.get("pending"):
            if not self.node.completion or (not known.get("round") and self.holds(end)):
                return False
            names = known.get("round") or []
            if not any(workflow.spec.task_specs[name].manual for name in names):
                raise StepFailed(
                    self.node.id,
                    "临时子流程的活动都已完成，但完成条件不成立",
                    "all inner activities are done and the completion condition does not hold",
                )
            known["pending"] = list(names)
        begin = known["pending"][:1] if self.node.sequential else known["pending"]
        known["pending"] = known["pending"][len(begin) :]
        for name in begin:
            spawn(workflow.task_tree, name)
        return True


def enough(task: Task) -> bool:
    """Does completing this token end the ad-hoc sub-process it is in?"""
    rule = task.workflow.spec.adhoc
    model = spec_of(task).model
    return (
        rule is not None
        and model is not None
        and not model.type.endswith(("Event", "Gateway"))
        and rule.enough(task)
    )


def rest(task: Task) -> None:
    """What is still open beside the last activity is cancelled, unless it may be finished."""
    if task.workflow.spec.adhoc.node.cancel_remaining:
        kill([t for t in task.workflow.tokens() if t is not task])
