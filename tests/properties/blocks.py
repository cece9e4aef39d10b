"""Random block-structured processes: their shapes, their BPMN, and a second, tiny interpreter of the shapes.

A shape is nested tuples, drawn by hypothesis: `("task",)`, `("seq", [..])`, `("par", [..])`, `("xor", [..], pick)`,
`("or", [..], picks)`, `("loop", body)`, `("sub", body)`, `("multi", activity, count, sequential, enough)`,
`("timed", activity, interrupting, handler)`, `("event", [(kind, block), ..])`. `drawn` turns it into BPMN and the same tree with ids;
`Reference` plays that tree with nothing but callbacks – it shares no line with the engine.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="D" targetNamespace="urn:t"><bpmn:message id="m" name="m"/>'
)


# ------------------------------------------------------------------------------------------ shapes
TASK = st.just(("task",))


def _blocks(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    listed = st.lists(inner, min_size=2, max_size=3)
    activity = TASK | st.tuples(st.just("sub"), inner)
    repeated = st.tuples(
        st.just("multi"), activity, st.integers(0, 3), st.booleans(), st.none() | st.integers(1, 3)
    )
    handler = TASK | st.just(("seq", [("task",), ("task",)]))
    event = st.tuples(st.sampled_from(["timer", "message"]), inner)
    return st.one_of(
        st.tuples(st.just("seq"), listed),
        st.tuples(st.just("par"), listed),
        listed.flatmap(lambda b: st.tuples(st.just("xor"), st.just(b), st.integers(0, len(b) - 1))),
        listed.flatmap(
            lambda b: st.tuples(st.just("or"), st.just(b), st.sets(st.integers(0, len(b) - 1)).map(sorted))
        ),
        st.tuples(st.just("loop"), inner),
        st.tuples(st.just("sub"), inner),
        repeated,
        st.tuples(st.just("timed"), activity | repeated, st.booleans(), handler),
        st.tuples(st.just("event"), st.lists(event, min_size=2, max_size=3)),
    )


SHAPES = st.recursive(TASK, _blocks, max_leaves=14)


# ------------------------------------------------------------------------------------------ BPMN
@dataclass
class Block:
    kind: str
    id: str
    parts: list[Block] = field(default_factory=list)
    more: Any = None


@dataclass
class Drawing:
    """Numbers for ids, and the variables that make the gateways choose as drawn."""

    number: int = 0
    variables: dict[str, Any] = field(default_factory=dict)

    def next(self, letter: str) -> str:
        self.number += 1
        return f"{letter}{self.number}"


def flow(a: str, b: str, condition: str | None = None) -> str:
    inside = f"<bpmn:conditionExpression>{condition}</bpmn:conditionExpression>" if condition else ""
    return f'<bpmn:sequenceFlow id="{a}-{b}" sourceRef="{a}" targetRef="{b}">{inside}</bpmn:sequenceFlow>'


def gateway(kind: str, element: str, default: str | None = None) -> str:
    chosen = f' default="{element}-{default}"' if default else ""
    return f'<bpmn:{kind}Gateway id="{element}"{chosen}/>'


def timer(hours: int) -> str:
    return f"<bpmn:timerEventDefinition><bpmn:timeDuration>PT{hours}H</bpmn:timeDuration></bpmn:timerEventDefinition>"


Drawn = tuple[Block, str, str, str]
"""A block, its XML, the ids of its first and last node."""


def draw(shape: Any, d: Drawing, loop: str = "") -> Drawn:
    return DRAW[shape[0]](shape, d, loop) if shape[0] in ACTIVITIES else DRAW[shape[0]](shape, d)


def _task(_shape: Any, d: Drawing, loop: str = "") -> Drawn:
    key = d.next("t")
    return Block("task", key), f'<bpmn:userTask id="{key}">{loop}</bpmn:userTask>', key, key


def _sub(shape: Any, d: Drawing, loop: str = "") -> Drawn:
    key = d.next("s")
    body, xml, first, last = draw(shape[1], d)
    inside = f'{loop}<bpmn:startEvent id="{key}b"/>{xml}<bpmn:endEvent id="{key}e"/>{flow(f"{key}b", first)}{flow(last, f"{key}e")}'
    return Block("sub", key, [body]), f'<bpmn:subProcess id="{key}">{inside}</bpmn:subProcess>', key, key


def _multi(shape: Any, d: Drawing, _loop: str = "") -> Drawn:
    _, activity, count, sequential, enough = shape
    until = f"= numberOfCompletedInstances &gt;= {enough}" if enough else ""
    loop = (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}"><bpmn:extensionElements>'
        f'<zeebe:loopCharacteristics inputCollection="= {list(range(count))}" inputElement="item"/></bpmn:extensionElements>'
        + (f"<bpmn:completionCondition>{until}</bpmn:completionCondition>" if until else "")
        + "</bpmn:multiInstanceLoopCharacteristics>"
    )
    body, xml, first, last = draw(activity, d, loop)
    return Block("multi", first, [body], (count, sequential, enough)), xml, first, last


def _seq(shape: Any, d: Drawing) -> Drawn:
    made = [draw(part, d) for part in shape[1]]
    joins = "".join(flow(a[3], b[2]) for a, b in itertools.pairwise(made))
    return (
        Block("seq", "", [m[0] for m in made]),
        "".join(m[1] for m in made) + joins,
        made[0][2],
        made[-1][3],
    )


def _par(shape: Any, d: Drawing) -> Drawn:
    split, join = d.next("g"), d.next("g")
    made = [draw(part, d) for part in shape[1]]
    xml = gateway("parallel", split) + gateway("parallel", join)
    xml += "".join(m[1] + flow(split, m[2]) + flow(m[3], join) for m in made)
    return Block("par", split, [m[0] for m in made]), xml, split, join


def _xor(shape: Any, d: Drawing) -> Drawn:
    """The last branch is the default."""
    return _chosen(shape, d, "exclusive", [shape[2]])


def _or(shape: Any, d: Drawing) -> Drawn:
    return _chosen(shape, d, "inclusive", shape[2])


def _chosen(shape: Any, d: Drawing, kind: str, picks: list[int]) -> Drawn:
    split, join = d.next("g"), d.next("g")
    made = [draw(part, d) for part in shape[1]]
    last = len(made) - 1
    xml = gateway(kind, split, made[last][2]) + gateway(kind, join)
    for number, m in enumerate(made):
        d.variables[f"{split}v{number}"] = number in picks
        xml += m[1] + flow(split, m[2], None if number == last else f"= {split}v{number}") + flow(m[3], join)
    # The default is taken only when no condition holds.
    taken = [n for n in picks if n != last] or [last]
    return Block("some", split, [m[0] for m in made], taken), xml, split, join


def _loop(shape: Any, d: Drawing) -> Drawn:
    enter, check, leave = d.next("g"), d.next("t"), d.next("g")
    body, xml, first, last = draw(shape[1], d)
    out = d.next("g")
    xml += (
        gateway("exclusive", enter)
        + f'<bpmn:userTask id="{check}"></bpmn:userTask>'
        + gateway("exclusive", leave, out)
    )
    xml += (
        gateway("exclusive", out)
        + flow(enter, first)
        + flow(last, check)
        + flow(check, leave)
        + flow(leave, out)
    )
    xml += flow(leave, enter, "= again")
    return Block("loop", check, [body]), xml, enter, out


def _timed(shape: Any, d: Drawing) -> Drawn:
    _, activity, interrupting, handler = shape
    host, xml, first, last = draw(activity, d)
    late = d.next("b")
    xml += (
        f'<bpmn:boundaryEvent id="{late}" attachedToRef="{last}" cancelActivity="{str(interrupting).lower()}">'
        f"{timer(d.number)}</bpmn:boundaryEvent>"
    )
    other, more, begin, finish = draw(handler, d)
    out = d.next("g")
    xml += more + flow(late, begin) + gateway("exclusive", out) + flow(last, out)
    end = d.next("e")
    xml += flow(finish, out) if interrupting else f'<bpmn:endEvent id="{end}"/>' + flow(finish, end)
    return Block("timed", late, [host, other], interrupting), xml, first, out


def _event(shape: Any, d: Drawing) -> Drawn:
    split, out = d.next("g"), d.next("g")
    xml, parts, kinds = gateway("eventBased", split) + gateway("exclusive", out), [], []
    for kind, part in shape[1]:
        caught = d.next("c")
        inside = timer(d.number) if kind == "timer" else '<bpmn:messageEventDefinition messageRef="m"/>'
        block, inner, first, last = draw(part, d)
        xml += f'<bpmn:intermediateCatchEvent id="{caught}">{inside}</bpmn:intermediateCatchEvent>{inner}'
        xml += flow(split, caught) + flow(caught, first) + flow(last, out)
        parts.append(block)
        kinds.append(caught)
    return Block("event", split, parts, kinds), xml, split, out


ACTIVITIES = {"task", "sub", "multi"}
DRAW: dict[str, Callable[..., Drawn]] = {
    "task": _task,
    "sub": _sub,
    "multi": _multi,
    "seq": _seq,
    "par": _par,
    "xor": _xor,
    "or": _or,
    "loop": _loop,
    "timed": _timed,
    "event": _event,
}


def drawn(shape: Any) -> tuple[Block, bytes, dict[str, Any]]:
    """The tree with ids, the BPMN file, the variables to start with."""
    d = Drawing()
    block, xml, first, last = draw(shape, d)
    ends = f'<bpmn:startEvent id="start"/><bpmn:endEvent id="end"/>{flow("start", first)}{flow(last, "end")}'
    file = f'{HEAD}<bpmn:process id="P" isExecutable="true">{ends}{xml}</bpmn:process></bpmn:definitions>'
    return block, file.encode(), d.variables


# ------------------------------------------------------------------------------------------ the reference
Path = tuple[tuple[str, int], ...]
Then = Callable[[], None]


@dataclass
class Group:
    """What is ended together."""

    parent: Group | None = None
    dead: bool = False

    def alive(self) -> bool:
        return not self.dead and (self.parent is None or self.parent.alive())


@dataclass
class Scope:
    """Ends when its last token has ended."""

    then: Then
    tokens: int = 1

    def end(self) -> None:
        self.tokens -= 1
        if self.tokens == 0:
            self.then()


@dataclass
class Leaf:
    """Something open: a task or an event, in an item (`path`)."""

    id: str
    path: Path
    group: Group
    done: Callable[[bool], None]


@dataclass(frozen=True)
class At:
    """Where a block runs."""

    group: Group
    scope: Scope
    path: Path = ()


class Reference:
    """`open()`: what is open now; `do(leaf, again)`: complete or fire it; `ended`."""

    def __init__(self, block: Block) -> None:
        self.ended = False
        self.leaves: list[Leaf] = []
        scope = Scope(self._end)
        self.run(block, At(Group(), scope), scope.end)

    def _end(self) -> None:
        self.ended = True

    def open(self) -> list[Leaf]:
        self.leaves = [leaf for leaf in self.leaves if leaf.group.alive()]
        return self.leaves

    def do(self, leaf: Leaf, again: bool) -> None:
        self.leaves.remove(leaf)
        leaf.done(again)

    def leaf(self, key: str, at: At, done: Callable[[bool], None]) -> None:
        self.leaves.append(Leaf(key, at.path, at.group, done))

    def run(self, block: Block, at: At, then: Then) -> None:
        getattr(self, f"run_{block.kind}")(block, at, then)

    def run_task(self, block: Block, at: At, then: Then) -> None:
        self.leaf(block.id, at, lambda _again: then())

    def run_seq(self, block: Block, at: At, then: Then) -> None:
        first, *rest = block.parts
        after = (lambda: self.run_seq(Block("seq", "", rest), at, then)) if rest else then
        self.run(first, at, after)

    def run_par(self, block: Block, at: At, then: Then) -> None:
        self._all(block.parts, at, then)

    def run_some(self, block: Block, at: At, then: Then) -> None:
        self._all([block.parts[n] for n in block.more], at, then)

    def _all(self, parts: list[Block], at: At, then: Then) -> None:
        join = Scope(then, len(parts))
        for part in parts:
            self.run(part, at, join.end)

    def run_loop(self, block: Block, at: At, then: Then) -> None:
        def check() -> None:
            self.leaf(block.id, at, lambda again: self.run_loop(block, at, then) if again else then())

        self.run(block.parts[0], at, check)

    def run_sub(self, block: Block, at: At, then: Then) -> None:
        scope = Scope(then)
        self.run(block.parts[0], At(Group(at.group), scope, at.path), scope.end)

    def run_multi(self, block: Block, at: At, then: Then) -> None:
        count, sequential, enough = block.more
        group, done = Group(at.group), 0

        def begin(number: int) -> None:
            self.run(block.parts[0], At(group, at.scope, (*at.path, (block.id, number))), finished)

        def finished() -> None:
            nonlocal done
            done += 1
            if done == count or (enough and done >= enough):
                group.dead = True
                then()
            elif sequential:
                begin(done + 1)

        if count == 0:
            then()
        for number in range(1, (min(count, 1) if sequential else count) + 1):
            begin(number)

    def run_timed(self, block: Block, at: At, then: Then) -> None:
        (host, handler), interrupting, group = block.parts, block.more, Group(at.group)

        def fired(_again: bool) -> None:
            if interrupting:
                group.dead = True
                self.run(handler, at, then)
            else:
                at.scope.tokens += 1
                self.run(handler, at, at.scope.end)

        def finished() -> None:
            group.dead = True
            then()

        inside = At(group, at.scope, at.path)
        self.leaf(block.id, inside, fired)
        self.run(host, inside, finished)

    def run_event(self, block: Block, at: At, then: Then) -> None:
        group = Group(at.group)

        def caught(part: Block) -> Callable[[bool], None]:
            def go(_again: bool) -> None:
                group.dead = True
                self.run(part, at, then)

            return go

        for key, part in zip(block.more, block.parts, strict=True):
            self.leaf(key, At(group, at.scope, at.path), caught(part))
