"""Questions about a scope's graph: what is reachable, which edges close loops. Pure, cached on the scope's spec."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.runner.scope import ScopeSpec


def successors(spec: ScopeSpec, name: str, *, dag: bool = False) -> list[str]:
    """The nodes that follow, boundary events of the node included; with `dag` without edges that close loops."""
    node = spec.task_specs[name]
    following = [*node._outputs, *node.guards]
    return [n for n in following if (name, n) not in back_edges(spec)] if dag else following


def reachable(spec: ScopeSpec, name: str, stop: str | None = None, *, dag: bool = False) -> set[str]:
    """Nodes reachable from a node, itself included, without entering `stop`."""
    key = (name, stop, dag)
    if key not in spec.reach:
        found, stack = {name}, [name]
        while stack:
            new = [n for n in successors(spec, stack.pop(), dag=dag) if n != stop and n not in found]
            found.update(new)
            stack.extend(new)
        spec.reach[key] = found
    return spec.reach[key]  # type: ignore[no-any-return]


def back_edges(spec: ScopeSpec) -> set[tuple[str, str]]:
    """The edges that close loops in a depth-first walk from the start."""
    if "back" not in spec.reach:
        back: set[tuple[str, str]] = set()
        on_path: dict[str, bool] = {}
        for root in [spec.start.name, *spec.watches]:
            stack = [(root, iter(successors(spec, root)))]
            on_path[root] = True
            while stack:
                node, following = stack[-1]
                step = next(following, None)
                if step is None:
                    on_path[stack.pop()[0]] = False
                elif on_path.get(step):
                    back.add((node, step))
                elif step not in on_path:
                    on_path[step] = True
                    stack.append((step, iter(successors(spec, step))))
        spec.reach["back"] = back
    return spec.reach["back"]  # type: ignore[no-any-return]
