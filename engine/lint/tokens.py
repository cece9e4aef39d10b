"""The token game on a drawing, without data: what can happen if every condition may turn out either way.

A state of a scope is a multiset of tokens on sequence flows (and on the nodes a scope begins at). One token is moved at a time,
always the first that can move: a token's own choices – which branch, which boundary event – are all explored, but the order of
independent tokens is not, for it changes nothing about where the game can end. Inclusive joins are looked at last, by the
standard's rule. Sub-processes are games of their own; what matters outside is how they can end.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

from engine.model import Flow, Node, Process

MOST_STATES = 20_000
PILE = 12
"""Tokens on one place that count as piling up without end."""
WIDEST = 8
"""Branches of an inclusive split of which every subset is tried; of more, each alone, all pairs and all together."""
State = tuple[str, ...]
"""Places with a token, sorted, each as often as it holds one: flow ids, and `@node` where a scope begins."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a scope can end: `kind` is normal, error, escalation (goes on, too) or cancel; `code` as in the file."""

    kind: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that can happen: the tokens it takes and puts; `ends` ends the whole scope; `says`: for the path."""

    takes: State
    puts: State
    says: str
    ends: Ending | None = None
    beside: Ending | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """`kind`: starved (tokens wait at joins for ever), endless (no way to an end), piling, unexplored. `path`: what led there."""

    kind: str
    scope: str
    nodes: tuple[str, ...]
    path: tuple[str, ...]


@dataclass
class Game:
    """The game of one scope. `endings`: how the scopes inside can end, by node id."""

    process: Process
    scope: str
    endings: Mapping[str, frozenset[Ending]]
    troubles: list[Trouble] = field(default_factory=list)

    # ------------------------------------------------------------------------------ the graph
    @cached_property
    def nodes(self) -> dict[str, Node]:
        return {node.id: node for node in self.process.in_scope(self.scope)}

    @cached_property
    def out(self) -> dict[str, list[Flow]]:
        found: dict[str, list[Flow]] = defaultdict(list)
        for flow in self.process.flows.values():
            if flow.source in self.nodes and flow.target in self.nodes:
                found[flow.source].append(flow)
        for node in self.nodes.values():  # a link goes on at its other end, as if a flow led there
            for event in node.events:
                if node.type == "intermediateThrowEvent" and event.kind == "link":
                    for other in self.nodes.values():
                        if other.type == "intermediateCatchEvent" and event in other.events:
                            found[node.id].append(Flow(f"{node.id}>{other.id}", node.id, other.id))
        return found

    @cached_property
    def into(self) -> dict[str, list[Flow]]:
        found: dict[str, list[Flow]] = defaultdict(list)
        for flows in self.out.values():
            for flow in flows:
                found[flow.target].append(flow)
        return found

    @cached_property
    def by_flow(self) -> dict[str, Flow]:
        return {flow.id: flow for flows in self.out.values() for flow in flows}

    @cached_property
    def guards(self) -> dict[str, list[Node]]:
        found: dict[str, list[Node]] = defaultdict(list)
        for node in self.nodes.values():
            if node.attached_to:
                found[node.attached_to].append(node)
        return found

    @cached_property
    def handlers(self) -> list[Node]:
        """Event sub-processes of the scope."""
        return [node for node in self.nodes.values() if node.triggered_by_event]

    @cached_property
    def reach(self) -> dict[tuple[str, str], frozenset[str]]:
        return {}

    def reachable(self, node: str, stop: str) -> frozenset[str]:
        """Flows that a token leaving `node` can come to without passing through `stop`."""
        key = (node, stop)
        if key not in self.reach:
            found: set[str] = set()
            todo = [node]
            seen = {node}
            while todo:
                at = todo.pop()
                sources = [at, *(guard.id for guard in self.guards[at])]
                for flow in (f for source in sources for f in self.out[source]):
                    found.add(flow.id)
                    if flow.target not in seen and flow.target != stop:
                        seen.add(flow.target)
                        todo.append(flow.target)
            self.reach[key] = frozenset(found)
        return self.reach[key]

    @cached_property
    def circling(self) -> frozenset[str]:
        """Nodes on a loop: they move after the others, or a loop would run ahead of what it leaves behind."""
        return frozenset(
            node for node in self.nodes if {f.id for f in self.into[node]} & self.reachable(node, "")
        )

    def name(self, node: str) -> str:
        found = self.nodes.get(node)
        return (found.name if found is not None else None) or node

    # ------------------------------------------------------------------------------ the beginning
    def begins(self) -> list[State]:
        """The first states, one per way to begin."""
        starts = [n for n in self.nodes.values() if n.type == "startEvent" or n.instantiate]
        plain = [n for n in starts if not n.events]
        if plain or starts:
            return [(f"@{node.id}",) for node in (*plain[:1], *(n for n in starts if n.events))]
        first = tuple(
            sorted(
                f"@{node.id}"
                for node in self.nodes.values()
                if not self.into[node.id]
                and node.attached_to is None
                and not node.triggered_by_event
                and not node.for_compensation
                and not (node.type == "intermediateCatchEvent" and any(e.kind == "link" for e in node.events))
            )
        )
        return [first]

    # ------------------------------------------------------------------------------ moves
    def moves(self, state: State) -> list[Move]:
        """What can happen next, to one token (or one join's tokens); empty when nothing can."""
        count = Counter(state)
        late: list[str] = []
        for place in sorted(dict.fromkeys(state), key=lambda p: self.at(p).id in self.circling):
            node = self.at(place)
            incoming = self.into[node.id]
            if len(incoming) < 2 or node.type not in ("parallelGateway", "inclusiveGateway"):
                return self.alternatives(node, (place,))
            if node.type == "parallelGateway":
                if all(count[flow.id] for flow in incoming):
                    return self.alternatives(node, tuple(sorted(flow.id for flow in incoming)))
            elif node.id not in late:
                late.append(node.id)
        for join in late:
            if self.inclusive_may_go(join, count):
                held = tuple(sorted(f.id for f in self.into[join] if count[f.id]))
                return self.alternatives(self.nodes[join], held)
        return []

    def at(self, place: str) -> Node:
        return self.nodes[place[1:] if place.startswith("@") else self.by_flow[place].target]

    def inclusive_may_go(self, join: str, count: Counter[str]) -> bool:
        """No token elsewhere can come to an empty incoming flow, but for those that can also come to a filled one."""
        empty = {f.id for f in self.into[join] if not count[f.id]}
        full = {f.id for f in self.into[join] if count[f.id]}
        for place in count:
            node = self.at(place)
            if node.id == join:
                continue
            ways = self.reachable(node.id, join)
            if ways & empty and not ways & full:
                return False
        return True

    def alternatives(self, node: Node, takes: State) -> list[Move]:
        found = list(self._leaving(node, takes))
        if node.type.endswith(("ask", "ctivity", "rocess", "transaction")):
            for guard in self.guards[node.id]:
                found.extend(self._guarded(node, guard, takes))
        return found

    def _leaving(self, node: Node, takes: State) -> Iterator[Move]:
        """How a node can go on by itself."""
        says = node.name or node.id
        if node.type in ("endEvent", "intermediateThrowEvent"):
            for event in node.events:
                if event.kind == "terminate":
                    yield Move(takes, (), says, Ending("normal"))
                    return
                if event.kind in ("error", "cancel"):
                    yield Move(takes, (), says, Ending(event.kind, event.code))
                    return
        beside = next((Ending("escalation", e.code) for e in node.events if e.kind == "escalation"), None)
        thrown = beside if node.type in ("endEvent", "intermediateThrowEvent") else None
        if node.id in self.endings and not any(e.kind == "normal" for e in self.endings[node.id]):
            return  # a sub-process that never ends normally; what it throws is a boundary event's matter
        for chosen in self.splits(node):
            label = says
            if len(self.out[node.id]) > 1 and len(chosen) < len(self.out[node.id]):
                label = f"{says}→{'、'.join(f.name or self.name(f.target) for f in chosen)}"
            yield Move(takes, tuple(sorted(f.id for f in chosen)), label, beside=thrown)

    def splits(self, node: Node) -> list[list[Flow]]:
        """Which outgoing flows can be taken together."""
        flows = self.out[node.id]
        if len(flows) <= 1 or node.type == "parallelGateway":
            return [flows]
        if node.type in ("exclusiveGateway", "eventBasedGateway"):
            return [[flow] for flow in flows]
        free = [f for f in flows if not f.condition and not f.default]
        if node.type != "inclusiveGateway" and len(free) == len(flows):
            return [flows]
        asked = [f for f in flows if f.condition and not f.default]
        default = [f for f in flows if f.default]
        sizes = range(1, len(asked) + 1) if len(asked) <= WIDEST else (1, 2, len(asked))
        found = [[*free, *some] for size in sizes for some in combinations(asked, size)]
        if default or free:
            found.append([*free, *default])
        return found

    def _guarded(self, node: Node, guard: Node, takes: State) -> Iterator[Move]:
        """What a boundary event can do."""
        says = f"{self.name(node.id)}⚡{self.name(guard.id)}"
        outs = tuple(sorted(f.id for f in self.out[guard.id]))
        for event in guard.events:
            if event.kind == "compensation":
                continue
            if event.kind in ("error", "escalation", "cancel") and not self._throws(
                node, event.kind, event.code
            ):
                continue
            if guard.interrupting:
                yield Move(takes, outs, says)
            else:
                for move in self._leaving(node, takes):
                    yield Move(takes, tuple(sorted((*move.puts, *outs))), says, move.ends, move.beside)

    def _throws(self, node: Node, kind: str, code: str | None) -> bool:
        """Can the node throw this? Jobs and calls may throw anything; a sub-process what is drawn inside."""
        if node.id not in self.endings:
            return node.type in (
                "callActivity",
                "serviceTask",
                "sendTask",
                "businessRuleTask",
                "scriptTask",
                "userTask",
            )
        return any(e.kind == kind and code in (None, e.code) for e in self.endings[node.id]) or (
            any(e.kind == "unknown" for e in self.endings[node.id])
        )


def apply(state: State, move: Move) -> State:
    """The state after a move."""
    count = Counter(state)
    count.subtract(move.takes)
    count.update(move.puts)
    return tuple(sorted(count.elements()))


# ------------------------------------------------------------------------------------------ exploring
def explore(process: Process) -> list[Trouble]:
    """Every trouble of a process, scopes inside first. The process must be one the runner accepts."""
    endings: dict[str, frozenset[Ending]] = {}
    troubles: list[Trouble] = []
    inner = [n for n in process.nodes.values() if n.type in ("subProcess", "transaction", "adHocSubProcess")]
    depth = {process.id: 0}
    for node in inner:  # nodes stand after the scope that holds them
        depth[node.id] = depth.get(node.scope, 0) + 1
    for node in sorted(inner, key=lambda n: -depth[n.id]):
        endings[node.id] = _play(Game(process, node.id, endings, troubles), node.type == "adHocSubProcess")
    _play(Game(process, process.id, endings, troubles), loose=False)
    return troubles


def _play(game: Game, loose: bool) -> frozenset[Ending]:
    """How a scope can end; troubles are noted. `loose`: ad hoc – its activities end as people see fit."""
    found: set[Ending] = {Ending("unknown")} if any(_acts(n) for n in game.nodes.values()) else set()
    for node in game.nodes.values():
        found |= {e for e in game.endings.get(node.id, ()) if not _caught(game, node, e)}
    if loose:
        return frozenset(found | {Ending("normal")})
    for first in game.begins():
        found |= _walk(game, first)
    ended = {e for e in found if e.kind == "error" and _handled(game, e)}
    if ended or any(h for h in game.handlers):
        found.add(Ending("normal"))
    return frozenset(found - ended)


def _acts(node: Node) -> bool:
    return node.type in ("callActivity", "serviceTask", "sendTask", "businessRuleTask")


def _caught(game: Game, node: Node, ending: Ending) -> bool:
    if ending.kind in ("normal", "unknown", "cancel"):
        return True
    guards = (e for g in game.guards[node.id] for e in g.events)
    return any(e.kind == ending.kind and e.code in (None, ending.code) for e in guards)


def _handled(game: Game, ending: Ending) -> bool:
    """Does an event sub-process of this scope catch it?"""
    for handler in game.handlers:
        for start in game.process.in_scope(handler.id):
            if start.type == "startEvent" and any(
                e.kind == ending.kind and e.code in (None, ending.code) for e in start.events
            ):
                return True
    return False


def _walk(game: Game, first: State) -> set[Ending]:
    """Explore from one beginning."""
    endings: set[Ending] = set()
    came: dict[State, tuple[State, str] | None] = {first: None}
    back: dict[State, list[State]] = defaultdict(list)
    ends: list[State] = []
    todo = [first]
    while todo:
        state = todo.pop()
        if not state:
            endings.add(Ending("normal"))
            ends.append(state)
            continue
        moves = game.moves(state)
        if not moves:
            stuck = dict.fromkeys(game.at(place).id for place in state)
            known = any(t.kind == "starved" and t.nodes == tuple(stuck) for t in game.troubles)
            silent = [n for n in stuck if game.nodes[n].type not in ("parallelGateway", "inclusiveGateway")]
            if not known and not silent:
                game.troubles.append(Trouble("starved", game.scope, tuple(stuck), _path(came, state)))
            ends.append(state)
            continue
        for move in moves:
            if move.beside is not None:
                endings.add(move.beside)
            if move.ends is not None:
                endings.add(move.ends)
                ends.append(state)
                continue
            after = apply(state, move)
            back[after].append(state)
            if after in came:
                continue
            came[after] = (state, move.says)
            piled = next((p for p, n in Counter(after).items() if n > PILE), None)
            if piled is not None:
                game.troubles.append(Trouble("piling", game.scope, (game.at(piled).id,), _path(came, after)))
                return endings | {Ending("normal")}
            if len(came) > MOST_STATES:
                game.troubles.append(Trouble("unexplored", game.scope, (), ()))
                return endings | {Ending("normal")}
            todo.append(after)
    _endless(game, came, back, ends)
    return endings


def _endless(
    game: Game,
    came: Mapping[State, tuple[State, str] | None],
    back: Mapping[State, list[State]],
    ends: list[State],
) -> None:
    """States from which no end can be reached."""
    good, todo = set(ends), list(ends)
    while todo:
        for before in back.get(todo.pop(), ()):
            if before not in good:
                good.add(before)
                todo.append(before)
    lost = next((s for s in came if s not in good and any(game.at(p).id in game.circling for p in s)), None)
    if lost is not None and not any(h for h in game.handlers):
        nodes = tuple(dict.fromkeys(game.at(place).id for place in lost))
        game.troubles.append(Trouble("endless", game.scope, nodes, _path(came, lost)))


def _path(came: Mapping[State, tuple[State, str] | None], state: State) -> tuple[str, ...]:
    """What happened on the way to a state."""
    said: list[str] = []
    at = came[state]
    while at is not None:
        said.append(at[1])
        at = came[at[0]]
    return tuple(reversed(said))
