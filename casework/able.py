"""Who may do a step of a case, before it opens: whoever its posts reach, without those who did what it must not follow, and without kin.

Where fewer are left than must act together, the posts that stand by (`standby` of the step) count as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from casework import staff
from engine import before_step, definitions, feel, locking, step
from engine.db import Tx
from engine.model import Node
from engine.routing import Route, route_of, split
from engine.step import Case


def standby(node: Node) -> Route | None:
    """The posts that take part where a step's own are too few."""
    posts = split(node.properties.get("standby"))
    return Route(None, posts) if posts else None


def together(tx: Tx, case: Case, node: Node, now: datetime) -> int:
    """How many do a step, as far as the case knows before it opens: what cannot be told yet is one."""
    text = node.properties.get("together") or "1"
    if not text.startswith("="):
        return int(text)
    host = step.host_of(tx, case, definitions.pinned(tx, case.pins), now)
    seen = {**case.sections(""), **case.variables}
    found = feel.evaluate(text[1:], seen, host.functions(now, case.variables)).value
    return int(found) if isinstance(found, int | Decimal) and not isinstance(found, bool) else 1


def left(tx: Tx, case: Case, people: Iterable[str], without: Iterable[str]) -> list[str]:
    """Of these people who is neither named in `without` nor kin of whom the case is about."""
    gone = set(without)
    free = [person for person in people if person not in gone]
    kin = before_step.relations(tx, free, case.subject, case.title, case.area)
    return [person for person in free if person not in kin]


def people(tx: Tx, key: Any) -> list[dict[str, Any]] | None:
    """`register("able", {process, step, without})` of a form: options, those who stand by marked; null where there is no such step."""
    given = key if isinstance(key, Mapping) else {}
    now = given.get("asked_at")
    if not isinstance(now, datetime) or not given.get("case_id"):
        return None
    case = locking.case_of(tx, str(given["case_id"]))
    process = definitions.pinned(tx, case.pins).processes.get(str(given.get("process")))
    node = process.nodes.get(str(given.get("step"))) if process is not None else None
    if node is None:
        return None
    without = [str(person) for person in given.get("without") or []]
    own = Route(route_of(node).tier, split(node.candidate_groups) or route_of(node).posts)
    spare = standby(node)
    routes = [own, *([spare] if spare else [])]
    reached = staff.reached(tx, [(route, case.area) for route in routes], now)
    found = left(tx, case, reached[0], without)
    extra: list[str] = []
    if spare and len(found) < together(tx, case, node, now):
        extra = [p for p in left(tx, case, reached[1], without) if p not in found]
    names, posts = staff.names(tx, [*found, *extra]), staff.posts_of(tx, [*found, *extra], now)
    labels = {post: str(about.get("label", post)) for post, about in tx.world.posts.items()}
    return [
        {
            "value": person,
            "label": f"{names[person]}（{'、'.join(dict.fromkeys(labels.get(h.post, h.post) for h in posts.get(person, ())))}）",
            "standby": person in extra,
        }
        for person in (*found, *extra)
    ]
