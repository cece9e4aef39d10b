"""What a person may start by hand: start events that carry a form and the posts that may begin there.

The event's `form` is filled in, its section begins the case's document and its answers are the first variables. `area` in the form
says where the case lives (default: the case it is about, else the person's own area); `area_tier` is told to the drawing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from casework import areas, sight
from engine import cases, definitions, feel, forms, recusal
from engine.bundle import Bundle
from engine.calendar import ZONE
from engine.db import Tx
from engine.definitions import Pinned
from engine.errors import Field, Forbidden, Invalid, NotFound
from engine.forms import Form
from engine.hosting import LegalHost
from engine.model import Node, Process
from engine.routing import DEPTH, Actor, Route, as_context, reaches, split
from engine.tables import cases as cases_table

C = cases_table.c


@dataclass(frozen=True, slots=True)
class Offer:
    """A start event somebody may use."""

    process: str
    event: str
    name: str
    process_name: str
    documentation: str | None


def _by_hand(process: Process) -> list[Node]:
    return [
        node
        for node in process.in_scope(process.id)
        if node.type == "startEvent" and node.properties.get("form") and node.properties.get("post")
    ]


def _may(actor: Actor, node: Node) -> bool:
    posts = split(node.properties["post"])
    return any(held.post in posts for held in actor.appointments)


def offers(tx: Tx, actor: Actor, now: datetime, *, about: bool) -> list[Offer]:
    """What the actor may start; with `about` what is started from a case's page, else what stands by itself."""
    found = []
    for deployed in definitions.in_force(tx, now).values():
        bundle = definitions.bundle_of_deployment(tx, deployed)
        for process in bundle.processes.values():
            for node in _by_hand(process) if process.executable else ():
                alone = not _about(node) or _has_area(bundle, node)
                if _may(actor, node) and (_about(node) if about else alone):
                    name = process.name or process.id
                    found.append(Offer(process.id, node.id, node.name or name, name, process.documentation))
    return sorted(found, key=lambda offer: (offer.process_name, offer.event))


def _about(node: Node) -> bool:
    """The start takes over which case it is about (`about_case`)."""
    return any(target == "about_case" and source == "=about_case" for source, target in node.outputs)


def _has_area(bundle: Bundle, node: Node) -> bool:
    """The form itself says where the case lives: it can stand without another case."""
    raw = bundle.forms.get(node.properties["form"])
    return raw is not None and any(one.key == "area" for one in forms.load(raw).fields)


@dataclass(frozen=True, slots=True)
class Opened:
    """A start event with everything its form needs."""

    pinned: Pinned
    process: Process
    node: Node
    form: Form
    context: Mapping[str, Any]
    functions: Mapping[str, Any]
    parent: Any


def open_form(
    tx: Tx, actor: Actor, process_id: str, event: str, case_id: str | None, now: datetime
) -> Opened:
    """The form of a start event. Raises NotFound for none, and for a case the actor does not see; Forbidden for who holds none
    of its posts."""
    try:
        pinned = definitions.coming(tx, process_id, now)
        process = pinned.processes[process_id]
        node = process.nodes[event]
    except (KeyError, NotFound) as error:
        raise NotFound("没有这个流程可以发起。", "No such start.") from error
    if node not in _by_hand(process):
        raise NotFound("没有这个流程可以发起。", "No such start.")
    if not _may(actor, node):
        raise Forbidden("您的岗位不能发起这个流程。", "None of your posts may start it.")
    form, parent = pinned.form(process_id, node.properties["form"]), None
    if case_id is not None:
        parent = sight.within(tx, actor, case_id)
        recusal.not_related(tx, parent, actor)
    elif _about(node) and not any(one.key == "area" for one in form.fields):
        raise Invalid("请从一件救助事项的页面发起。", "It is about a case.", code="case_needed")
    context = {
        "actor": as_context(actor),
        "about_case": parent.number if parent is not None else None,
        "about_title": parent.title if parent is not None else None,
        "about_area": parent.area if parent is not None else None,
    }
    functions = LegalHost(tx.world.terms, tx.world.calendar, now=now).functions(now, context)
    return Opened(
        pinned, process, node, pinned.form(process_id, node.properties["form"]), context, functions, parent
    )


def prefill(opened: Opened) -> dict[str, Any]:
    """What the form can know by itself."""
    return {
        key: feel.to_json(value)
        for key, value in opened.form.prefill(opened.context, opened.functions).items()
    }


def _place(tx: Tx, actor: Actor, opened: Opened, values: Mapping[str, Any], now: datetime) -> str:
    """Where the case lives: as the form says, within what the actor's posts cover."""
    chosen = values.get("area") or (
        opened.parent.area if opened.parent is not None else actor.appointments[0].area
    )
    area = areas.standing(tx, str(chosen), now.astimezone(ZONE).date())
    if not reaches(actor, Route(None, split(opened.node.properties["post"])), area):
        field = [Field("area", "不在您的区域范围内")] if "area" in values else []
        raise Invalid(
            "选择的区域不在您的区域范围内。", "The area is outside yours.", fields=field, code="outside_area"
        )
    return area


def tier_of(area: str) -> str:
    """The tier of an area path by its depth."""
    depth = area.count("/") + 1
    return next((tier.value for tier, n in DEPTH.items() if n == depth), "grid")


def begin(
    tx: Tx,
    actor: Actor,
    process_id: str,
    event: str,
    case_id: str | None,
    values: Mapping[str, Any],
    now: datetime,
) -> tuple[str, str]:
    """Start a case by hand; returns its id and number. Raises Invalid with every wrong field."""
    opened = open_form(tx, actor, process_id, event, case_id, now)
    checked = opened.form.check(values, opened.context, opened.functions, codes=opened.pinned.codes)
    if checked.errors:
        raise Invalid("填写内容有误，请按提示修改。", "The form has errors.", fields=checked.errors)
    given = dict(checked.values)
    area = _place(tx, actor, opened, given, now)
    name = opened.process.name or process_id
    number = _number(tx, process_id, name, area, now)
    section = opened.form.section or "start"
    about = (
        f"{name}：{opened.parent.title}"
        if opened.parent is not None
        else f"{name} · {areas.names(tx, [area])[area]}"
    )
    made = cases.start(
        tx,
        process_id,
        now=now,
        area=area,
        number=number,
        title=about,  # after a colon a list masks the person's name
        actor=actor,
        variables={
            **given, "area": area, "area_tier": tier_of(area),
            "about_case": opened.parent.number if opened.parent is not None else given.get("about_case"),
        },
        document={section: [given] if opened.form.repeats else given},
        event=event,
        parent=opened.parent.id if opened.parent is not None else None,
    )  # fmt: skip
    return made, number


def _number(tx: Tx, process: str, name: str, area: str, now: datetime) -> str:
    """`督查-20260901-120115-2`: process as scheduled ones are called, day, area, how many that day."""
    stem = f"{name}-{now.astimezone(ZONE):%Y%m%d}-{area.rpartition('/')[2]}"
    count = select(func.count()).where(C.process == process, C.number.startswith(f"{stem}-", autoescape=True))
    return f"{stem}-{int(tx.run(count).scalar_one()) + 1}"
