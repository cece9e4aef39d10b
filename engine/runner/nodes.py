"""Nodes and gateways: each chooses its outgoing flows when it completes; a join is a set of waiting tokens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState as S

from engine.errors import StepFailed, XunzhenError
from engine.model import Flow, Node
from engine.runner import adhoc, graph
from engine.runner.scope import (
    JOIN,
    LIVE,
    ScopeSpec,
    assign,
    case_of,
    evaluate,
    is_item,
    kill,
    move,
    place,
    seen,
    spawn,
    spec_of,
    terminate,
    trace,
    truth,
)
from engine.runner.values import How


class NodeSpec(BpmnSpecMixin):
    """The behaviour all nodes share: entering, guards, io mapping, choosing flows, being ended."""

    split = "all"  # all | one (exclusive) | any (inclusive)
    plain = True  # a start event without definition, or no start event at all
    guard = watch = joins = calls = awaits = False
    inner: str | None = None  # multi-instance: the spec of one instance

    def __init__(self, scope: ScopeSpec, name: str, model: Node | None = None) -> None:
        super().__init__(scope, name)
        self.model = model
        self.bpmn_id = model.id if model is not None else name
        self.process = scope.process
        self.flows: list[tuple[str, Flow | None]] = []
        self.guards: list[str] = []
        self.compensator: str | None = None
        self.entry: NodeSpec = self
        """Where tokens come in: the node itself, but for an event with several definitions."""
        self.any_of: list[str] = []
        self.only: frozenset[str] | None = None

    # ------------------------------------------------------------------------------ building
    def link(self, target: NodeSpec, flow: Flow | None = None) -> None:
        self.connect(target)
        self.flows.append((target.name, flow))

    def test(self) -> None:
        """The library's own check of connections; ours is done at compile time."""

    def _predict(self, my_task: Task, seen: Any = None, looked_ahead: int = 0, mask: int = 0) -> None:
        """Nothing is predicted."""

    # ------------------------------------------------------------------------------ entering
    def enter(self, task: Task) -> None:
        """Once per token: input mapping, the clock's start, the trace, the guards."""
        if task.internal_data.get("entered"):
            return
        task.internal_data["entered"] = True
        if self.model is not None and self.first and not is_item(task):
            self.open_clock(task)
        if self.model is not None and self.model.data_in:
            move(task, self.model.data_in, task.data)
        for source, target in self.model.inputs if self.model is not None and self.maps_inputs else ():
            place(task.data, target, evaluate(task, source), seen(task) if "." in target else {})
        if self.tells("activated"):
            trace(task, "activated")
        for name in self.guards if not is_item(task) else ():
            spawn(task, name)

    first = True  # of the specs made from one node, the one that is entered first
    maps_inputs = True
    traced = True

    def tells(self, event: str) -> bool:
        """Does this event of the node's life go into the trace?"""
        return self.traced if self.only is None else event in self.only

    def open_clock(self, task: Task) -> None:
        """Report a node with `term`, `pauses`, `stops` or `stage`; keep its lawful start for the timers that guard it."""
        properties = self.model.properties if self.model is not None else {}
        start = properties.get("clockStart")
        if start:
            task.internal_data["anchor"] = case_of(task).lawful(task, start).isoformat()
        if {"term", "pauses", "stops", "stage"} & properties.keys():
            case_of(task).entering(task)

    def _update_hook(self, task: Task) -> bool:
        self.enter(task)
        return True

    # ------------------------------------------------------------------------------ leaving
    def holds(self, task: Task, flow: Flow) -> bool:
        assert flow.condition is not None
        where = (self.model.name if self.model else None) or self.bpmn_id
        name = f"“{flow.name}”" if flow.name else flow.id
        return truth(task, flow.condition, f"“{where}”的出口{name}的条件", f"the condition of {flow.id}")

    def choose(self, task: Task) -> list[tuple[str, Flow | None]]:
        """The flows that are taken, each with the name of its target."""
        if not self.flows:
            return []
        conditional = [(n, f) for n, f in self.flows if f is not None and f.condition and not f.default]
        free = [(n, f) for n, f in self.flows if f is None or (not f.condition and not f.default)]
        taken: list[tuple[str, Flow | None]] = []
        for name, flow in conditional:
            if self.holds(task, flow):
                taken.append((name, flow))
                if self.split == "one":
                    break
        if self.split == "one":
            taken, free = taken or free[:1], []
        if not taken and (self.split != "all" or conditional or not free):
            taken = [(n, f) for n, f in self.flows if f is not None and f.default]
        if not taken and not free:
            name = (self.model.name if self.model else None) or self.bpmn_id
            raise StepFailed(
                self.bpmn_id, f"“{name}”没有一条出口的条件成立，也没有默认出口", "no outgoing flow holds"
            )
        return taken + free

    def _run(self, task: Task) -> bool | None:
        done: bool | None = self._run_hook(task)
        if done:
            enough = not is_item(task) and adhoc.enough(task)
            straight = task.internal_data.pop("straight", None)
            chosen: list[tuple[str, Flow | None]]
            if is_item(task):
                chosen = []
            elif enough or straight:
                chosen = [(JOIN if enough else straight, None)]
            else:
                chosen = self.choose(task)
            if self.tells("completed"):
                trace(task, "completed")
            if enough:
                adhoc.rest(task)
            for _, flow in chosen:
                if flow is not None and self.model is not None:
                    case_of(task).take_flow(self.process, flow)
            task._sync_children([self._wf_spec.task_specs[name] for name, _ in chosen], S.FUTURE)
        return done

    def _on_complete_hook(self, task: Task) -> None:
        kill([c for c in task.children if spec_of(c).guard and c.state == S.WAITING])
        case = case_of(task)
        self.depart(task)
        item = is_item(task)
        handler = (spec_of(task.parent) if item else self).compensator
        inside = task.id.hex if task.id in case.subprocesses else None
        if self.inner is not None:
            handler = None  # its instances have logged themselves
        if handler or inside:
            task.workflow.log.append([handler, inside, dict(task.data)])
        self.undone(task)
        if item and task.parent.has_state(S.STARTED):
            spec_of(task.parent).item_done(task.parent, task)

    def depart(self, task: Task) -> None:
        """Tell of a node that was done."""
        case_of(task).leaving(task, How.COMPLETED)

    def undone(self, task: Task) -> None:
        """A compensation handler has finished, or was interrupted: its thrower goes on."""
        if "compensates" in task.internal_data:
            thrower = case_of(task).get_task_from_id(UUID(task.internal_data["compensates"]))
            if thrower is not None and thrower.has_state(S.STARTED):
                thrower._set_state(S.READY)

    def gone(self, task: Task) -> None:
        """The token was terminated."""
        if self.tells("terminated") and task.internal_data.get("entered"):
            trace(task, "terminated")
        case_of(task).leaving(task, How.TERMINATED)
        self.undone(task)
        gate = task.parent
        if gate is not None and spec_of(gate).awaits and not any(c.has_state(LIVE) for c in gate.children):
            case_of(task).leaving(gate, How.TERMINATED)

    def settle(self, task: Task, values: Mapping[str, Any], *, merge: bool = True) -> None:
        """Output mapping: with outputs only those go up; without, everything merges – unless `merge="none"`."""
        model = self.model
        case_of(task).changed = True
        if model is not None and model.data_out:
            moved: dict[str, Any] = {}
            move(task, model.data_out, moved, values)
            assign(task, moved, own=False)
        if model is not None and model.outputs:
            made: dict[str, Any] = {}
            for source, target in model.outputs:
                place(made, target, evaluate(task, source, values), seen(task) if "." in target else {})
            if is_item(task):
                task.data.update(made)
            else:
                assign(task, made, own=False)
        elif merge and not (model is not None and model.properties.get("merge") == "none"):
            if is_item(task):
                task.data.update(values)
            else:
                assign(task, values)

    def scope_done(self, task: Task, sub: Any) -> None:
        raise NotImplementedError

    def item_done(self, task: Task, child: Task) -> None:
        raise NotImplementedError


class Inner(NodeSpec):
    """Nodes of our own making: they never appear in a trace."""

    traced = False


class ScopeStart(Inner):
    """Where a scope begins: its plain start event, the one that was asked for, or nodes without incoming flows."""

    def choose(self, task: Task) -> list[tuple[str, Flow | None]]:
        at = task.workflow.at
        rule = self._wf_spec.adhoc
        if rule is not None:
            begun = rule.first(task, [s.name for s in self.outputs])
        else:
            found = [s for s in self.outputs if (s.bpmn_id == at if at else s.plain)]
            begun = [s.name for s in found or ([] if at else self.outputs[:1])]
        return [(name, None) for name in begun or [JOIN]]

    def _on_complete_hook(self, task: Task) -> None:
        for name in self._wf_spec.watches:
            spawn(task, name)


class EndJoin(Inner):
    """A scope ends when no other token is left; event sub-processes that were not triggered do not count.

    One waits for all: the token of a path that ends beside one that has already ended is gone.
    """

    joins = True

    def _update_hook(self, task: Task) -> bool:
        if task.state != S.WAITING and any(
            t.state == S.WAITING and spec_of(t) is self for t in task.workflow.tasks.values()
        ):
            terminate(task)
            return False
        task._set_state(S.WAITING)
        if any(spec_of(t) is not self for t in task.workflow.tokens()):
            return False
        rule = self._wf_spec.adhoc
        if rule is not None and rule.more(task.workflow, task):
            terminate(task)
            return False
        for other in list(task.workflow.tasks.values()):
            if other is not task and other.has_state(LIVE):
                terminate(other)
        return True

    def _on_complete_hook(self, task: Task) -> None:
        return None


class StartEvent(NodeSpec):
    """A start event inside its scope; what it waited for has happened outside."""

    def _run_hook(self, task: Task) -> bool | None:
        events = self.model.events if self.model is not None else ()
        if task.workflow.at == self.bpmn_id and events:
            first = events[0] if len(events) == 1 else None
            what = {"kind": first.kind, "name": first.name} if first is not None else {}
            trace(task, "caught", {k: v for k, v in what.items() if v})
        self.settle(task, {}, merge=False)
        return True


class Plain(NodeSpec):
    """A task nobody does: it passes."""

    def _run_hook(self, task: Task) -> bool | None:
        self.settle(task, {}, merge=False)
        return True


class EventGateway(NodeSpec):
    """Its targets are catching events; the first that is caught ends the others, and only then is the gateway left."""

    awaits = True

    def depart(self, task: Task) -> None:
        """It waits on in its events."""


class Exclusive(NodeSpec):
    split = "one"


class Join(NodeSpec):
    """Parallel gateway: one token from each incoming flow."""

    joins = True

    def _update_hook(self, task: Task) -> bool:
        if task.state != S.WAITING:
            task.internal_data["from"] = spec_of(task.parent).name
            task._set_state(S.WAITING)
        tokens = [t for t in task.workflow.tasks.values() if spec_of(t) is self and t.state == S.WAITING]
        have: Counter[str] = Counter(t.internal_data["from"] for t in tokens)
        need: Counter[str] = Counter(self._inputs)
        if not self.complete(task, have, need):
            return False
        for token in [task, *(t for t in tokens if t is not task)]:
            if need[token.internal_data["from"]] > 0:
                need[token.internal_data["from"]] -= 1
                if token is not task:
                    token._set_state(S.CANCELLED)
        self.enter(task)
        return True

    def complete(self, _task: Task, have: Counter[str], need: Counter[str]) -> bool:
        return all(have[flow] >= n for flow, n in need.items())


class Inclusive(Join):
    """Waits while a token elsewhere can still reach an empty incoming flow but none that already holds a token."""

    split = "any"

    def complete(self, task: Task, have: Counter[str], need: Counter[str]) -> bool:
        if any(t.state == S.FUTURE and spec_of(t) is self for t in task.workflow.tasks.values()):
            return False  # several flows of one source: the other tokens arrive in the same moment
        empty = {flow for flow in need if not have[flow]}
        full = {flow for flow in need if have[flow]}
        others = [t for t in task.workflow.tokens() if spec_of(t) is not self]
        reach = [graph.reachable(self._wf_spec, spec_of(t).name, self.name) for t in others]
        return not any(r & empty and not r & full for r in reach)


class Wait(NodeSpec):
    """A user task or job: somebody outside completes it."""

    def __init__(self, scope: ScopeSpec, name: str, model: Node | None = None) -> None:
        super().__init__(scope, name, model)
        self.manual = True


class UserTask(Wait):
    pass


class Job(Wait):
    pass


class Script(NodeSpec):
    """FEEL in the runner: one expression with a result variable, or lines `name = expression`."""

    def _run_hook(self, task: Task) -> bool:
        assert self.model is not None
        if self.model.result_variable:
            self.settle(task, {self.model.result_variable: evaluate(task, self.model.script or "")})
            return True
        for line in filter(str.strip, (self.model.script or "").splitlines()):
            name, _, text = line.partition("=")
            self.settle(task, {name.strip(): evaluate(task, text)})
        return True


class Rule(NodeSpec):
    """A business rule task: decided at once, with what the tables matched in the trace."""

    def _run_hook(self, task: Task) -> bool:
        assert self.model is not None
        decision = self.model.called_decision or ""
        try:
            made = case_of(task).host.decide(decision, seen(task))
        except XunzhenError as error:
            raise StepFailed(self.bpmn_id, error.message, error.message_en) from error
        what = {"decision": decision, "value": made.value, "matched": [dict(m) for m in made.matched]}
        if made.explained:
            what["explained"] = [dict(e) for e in made.explained]
        if made.source:
            what["source"] = dict(made.source)
        if made.errors:
            what["errors"] = [dict(e) for e in made.errors]
        trace(task, "decided", what)
        if made.errors and made.value is None:
            first = made.errors[0]
            raise StepFailed(
                self.bpmn_id, f"决策表 {decision} 出错：{first.get('message')}", f"decision {decision} failed"
            )
        name = self.model.result_variable
        self.settle(task, {name: made.value} if name else {})
        return True
