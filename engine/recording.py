"""Who may record what an outside party said (a bank's answer, a withdrawal): routed like a task.

By the lane of the message's node, or the node's own `tier` and `post` (with a leading `=` FEEL at the token). Only a node with a `form`
is for people. Kin of the household and whom the node's `recuse` names do not record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine import before_step, definitions, duties, feel, filling, recusal, step, subscriptions
from engine.db import Tx
from engine.errors import Conflict, Forbidden
from engine.model import Node
from engine.routing import Actor, Route, route_of, split
from engine.step import Case
from engine.subscriptions import Subscription

NOBODY = "nobody"
"""What a computed tier or post becomes that is none: it leaves the message to nobody, never to everybody."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A message the actor's posts may record. `refused`: why this person does not."""

    id: str
    name: str
    refused: str | None


def route(tx: Tx, case: Case, found: Subscription, node: Node, now: datetime) -> Route:
    """Where the recording of a message goes."""
    tier, post = node.properties.get("tier", ""), node.properties.get("post", "")
    if not (tier.startswith("=") or post.startswith("=")):
        return route_of(node)
    seen = filling.context(tx, case, found.id, found.path)
    functions = step.host_of(tx, case, definitions.pinned(tx, case.pins), now).functions(now, seen)
    groups = _posts(post, seen, functions) if post.startswith("=") else ()
    asked = str(feel.evaluate(tier, seen, functions).value or NOBODY) if tier.startswith("=") else None
    return route_of(node, groups, asked)


def _posts(text: str, seen: Mapping[str, Any], functions: Mapping[str, Any]) -> tuple[str, ...]:
    value = feel.evaluate(text, seen, functions).value
    listed = [str(one) for one in value] if isinstance(value, list) else split(str(value or ""))
    return tuple(listed) or (NOBODY,)


def must(tx: Tx, case: Case, found: Subscription, node: Node, actor: Actor, now: datetime) -> Route:
    """The route by which the actor may record the message. Raises Forbidden."""
    if form_of(node) is None:
        raise Forbidden(
            "这一消息由系统收发，不由人登记。", "The message goes between cases; nobody records it."
        )
    routed = route(tx, case, found, node, now)
    if not recusal.entitled(tx, actor, routed, case, now):
        raise Forbidden(
            "登记这一消息不在您的岗位和区域范围内。", "Recording it is outside your posts and areas."
        )
    not_recused(tx, case, found, node, actor, now)
    return routed


def not_recused(tx: Tx, case: Case, found: Subscription, node: Node, actor: Actor, now: datetime) -> None:
    """Neither kin nor named by the node's `recuse`, as with tasks. Raises Forbidden."""
    relation = before_step.look(tx, case.id, actor.id).relation
    duties.bar(tx, case, node.properties.get("recuse"), found.id, found.path, actor, now, relation)


def offers(tx: Tx, case: Case, actor: Actor, now: datetime) -> list[Offer]:
    """The messages the case waits for that the actor's posts may record."""
    pinned, made = definitions.pinned(tx, case.pins), []
    for found in subscriptions.of_case(tx, case.id):
        node = pinned.node(found.process, found.element)
        if found.kind != "message" or form_of(node) is None:
            continue
        if not recusal.entitled(tx, actor, route(tx, case, found, node, now), case, now):
            continue
        try:
            not_recused(tx, case, found, node, actor, now)
            refused = None
        except Forbidden as error:
            refused = error.message
        made.append(Offer(found.id, node.name or found.name, refused))
    return made


def form_of(node: Node) -> str | None:
    """The form a person fills in to record the message; without one it goes between cases."""
    return node.properties.get("form") or node.form


def awaited(tx: Tx, subscription_id: str, case_id: str | None = None) -> Subscription:
    """The open subscription (of that case). Raises Conflict."""
    found = subscriptions.get(tx, subscription_id)
    if found is None or (case_id is not None and found.case_id != case_id):
        raise Conflict("这件事项已不再等待该消息。", "The case no longer waits for that message.")
    return found
