"""A step that was a visit leaves a visit in the register, so that nobody writes it down twice (policy.md D.6); one that found a
duplicate joins the leads; one that prepared a monthly report cuts its month off."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from datetime import datetime
from typing import Any

from casework import households, leads, mergers, report_signing, takedowns, visits
from engine.calendar import instant
from engine.db import Tx
from engine.step import Case
from engine.world import StepDone

Facts = Mapping[str, Any]


def _self_verify(v: Facts) -> Facts:
    how = {"visit": "on_site"}.get(str(v.get("method")), v.get("method"))
    met = "neighbour" if how == "neighbour" else "self"
    return {
        "kind": "verification",
        "met": met,
        "method": how,
        "at": v.get("seen_at"),
        "needs": v.get("needs"),
        "note": v.get("notes"),
    }


def _verify(v: Facts) -> Facts:
    told = {"policy_explained": bool(v.get("policy_explained")), "visitors": v.get("visitors")}
    return {
        "kind": "verification",
        "met": v.get("met"),
        "at": v.get("verified_at"),
        "needs": v.get("needs"),
        "reason": v.get("not_met_reason"),
        **told,
    }


def _survey(v: Facts) -> Facts:
    named = [m.get("name") for m in v.get("members") or []]
    return {
        "kind": "survey",
        "met": "family",
        "visitors": v.get("visitors"),
        "members_met": named,
        "note": v.get("findings"),
    }


def _follow_up(v: Facts) -> Facts:
    return {
        "kind": "follow_up",
        "met": "self",
        "at": v.get("done_at"),
        "visitors": v.get("by"),
        "needs": v.get("new_needs"),
    }


FORMS: Mapping[str, Callable[[Facts], Facts]] = {
    "self_verify": _self_verify,
    "verify_on_site": _verify,
    "survey": _survey,
    "follow_up": _follow_up,
}
"""By form: what of its values is a visit."""


def done(tx: Tx, step: StepDone, now: datetime) -> None:
    """Write down what a finished step means for the books, once."""
    mergers.done(tx, step)
    report_signing.done(tx, step, now)
    takedowns.done(tx, step, now)
    shape = FORMS.get(step.form or "")
    if shape is None:
        return
    found = shape(step.values)
    home = households.of_person(tx, step.area, step.title)
    at = instant(found["at"]) if found.get("at") else now
    visits.enter(tx, {
        "kind": found["kind"], "area": step.area, "household": home, "head": step.title or "未知", "met": _first(found.get("met")),
        "needs": _codes(found.get("needs")), "note": _text(found.get("note")), "reason": _text(found.get("reason")),
        "policy_explained": bool(found.get("policy_explained")), "person": step.people[0], "at": min(at, now), "ended_at": min(at, now), "entered_at": now,
        "visitors": list(dict.fromkeys([*(found.get("visitors") or []), *step.people])), "members_met": found.get("members_met") or [],
        "method": found.get("method") or "on_site", "case_id": step.case_id, "source": step.task,
    })  # fmt: skip


def cut(tx: Tx, case: Case, processes: Set[str], now: datetime) -> None:
    """What follows when something of a case was cut off, or the case is over."""
    takedowns.cut(tx, case, processes, now)
    if case.status != "active":
        leads.close_again(tx, case.number, now)


def _first(met: Any) -> str:
    """Several may have been met: the register keeps who counts most, as the form lists them."""
    named = met if isinstance(met, list) else [met]
    return str(next((one for one in named if one), visits.NOBODY))


def _codes(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


def _text(value: Any) -> str | None:
    if isinstance(value, list):
        return "、".join(str(one) for one in value) or None
    return str(value) if value else None
