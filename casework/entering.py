"""入户登记: a visit as somebody enters it – what was seen, which needs become a lead, which change starts a review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from casework import areas, books, households, leads, reviews, staff, visits
from engine.calendar import ZONE
from engine.db import Tx
from engine.errors import Field, Forbidden, Invalid
from engine.routing import Actor, sees

SOURCES: Mapping[str, str] = {
    "grid_worker": "01",
    "village_committee": "03",
    "village_liaison": "04",
    "village_lead_cadre": "05",
    "resident_cadre": "06",
    "town_civil_officer": "07",
    "town_service_office": "07",
    "district_area_officer": "08",
}
"""Code of `lead_source` by the post that found it (policy.md D.1)."""
PLACELESS = ("patrol", "guidance")
"""Kinds that need no household: going round, and guiding a town or village."""
TOLERANCE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Visit:
    """What a person enters. `met`: code of `met_person`; `cause` and `urgent_signs` are asked for when there are needs."""

    kind: str
    met: str
    started_at: datetime
    ended_at: datetime
    household: str | None = None
    area: str | None = None
    method: str = "on_site"
    visitors: Sequence[str] = ()
    members_met: Sequence[str] = ()
    policy_explained: bool = False
    note: str | None = None
    needs: Sequence[str] = ()
    cause: str | None = None
    urgent_signs: Sequence[str] = ()
    subject: str | None = None
    change: str | None = None
    next_due: date | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Entered:
    visit: str
    lead_no: str | None
    case_id: str | None
    reviews: int


def enter(tx: Tx, actor: Actor, given: Visit, now: datetime) -> Entered:
    """Write the visit; a need is a lead at once, a change goes to the town. Raises Invalid with the fields that are wrong."""
    home = households.seen(tx, actor, given.household) if given.household else None
    today = now.astimezone(ZONE).date()
    area = home.area if home is not None else given.area
    if home is None and area:
        day = min(given.ended_at.astimezone(ZONE).date(), today)
        area = areas.where_done(tx, area, day, today)
    wrong = [*_wrong(tx, given, now), *([] if area else [Field("area", "请选择村（居）或户")])]
    if wrong:
        raise Invalid("填写内容有误，请按提示修改。", "The visit has errors.", fields=wrong)
    assert area is not None
    if not sees(actor, area):
        raise Forbidden("不在您的辖区。", "The place is outside your areas.")
    people = list(dict.fromkeys([actor.id, *given.visitors]))
    head = home.head if home is not None else (given.subject or "（未到户）")
    visit = visits.enter(tx, {
        "kind": given.kind, "area": area, "household": given.household, "head": head, "met": given.met, "needs": list(given.needs),
        "change": given.change, "policy_explained": given.policy_explained, "reason": given.reason, "person": actor.id, "at": given.ended_at, "entered_at": now,
        "started_at": given.started_at, "ended_at": given.ended_at, "method": given.method, "visitors": people,
        "members_met": list(given.members_met), "note": given.note, "next_due": given.next_due,
    })  # fmt: skip
    lead = _lead(tx, actor, given, area, head, visit, now) if given.needs else None
    reviewed = _changed(tx, actor, home, given, now) if given.change and home is not None else 0
    return Entered(visit, lead.number if lead else None, lead.case_id if lead else None, reviewed)


def _wrong(tx: Tx, given: Visit, now: datetime) -> list[Field]:
    """Beyond the district's bounds of how long a visit may be and how long ago a date is mistyped."""
    today = now.astimezone(ZONE).date()
    longest = int(tx.world.terms.parameter("visit.longest_hours", today))
    earliest = int(tx.world.terms.parameter("visit.entered_within_days", today))
    found = []
    if given.kind not in visits.KINDS:
        found.append(Field("kind", "没有这种走访"))
    if given.household is None and given.kind not in PLACELESS:
        found.append(Field("household", "请选择户"))
    if given.ended_at < given.started_at:
        found.append(Field("ended_at", "不能早于开始时间"))
    elif given.ended_at - given.started_at > timedelta(hours=longest):
        found.append(Field("ended_at", f"一次走访不超过 {longest} 小时，请核对日期"))
    if given.started_at < now - timedelta(days=earliest):
        found.append(Field("started_at", f"不能早于 {earliest} 天前，请核对日期"))
    if given.ended_at > now + TOLERANCE:
        found.append(Field("ended_at", "不能晚于现在"))
    if given.household and given.met == visits.NOBODY and not (given.reason or "").strip():
        found.append(Field("reason", "没有见到人的，请写明原因"))
    if given.needs and not given.cause:
        found.append(Field("cause", "有需要帮助的，请选择主要困难"))
    if given.next_due is not None and given.next_due < today:
        found.append(Field("next_due", "不能早于今天"))
    return found


def _lead(
    tx: Tx, actor: Actor, given: Visit, area: str, head: str, visit: str, now: datetime
) -> leads.Reported:
    """A need found on a visit is a lead like any other; it knows the visit, the visit knows it."""
    post = next((p.post for p in actor.appointments if p.post in SOURCES), "")
    values = {
        "source": SOURCES.get(post, "14"), "place_area": area, "place_text": "入户走访发现", "main_cause": given.cause,
        "urgent_signs": list(given.urgent_signs), "subject_name": given.subject or head, "needs": list(given.needs),
        "residence_status": "1", "description": given.note or given.change,
    }  # fmt: skip
    made = leads.report(tx, actor, values, now, given.household, found_at=given.ended_at)
    visits.opened(tx, visit, made.number)
    return made


def _changed(tx: Tx, actor: Actor, home: Any, given: Visit, now: datetime) -> int:
    """家庭变化 (R22): reviews whatever the family receives, and tells the town where it receives nothing. Returns how many reviews."""
    said = {"source": "visit", "change": None, "content": given.change}
    found = reviews.seen_on_a_visit(tx, home.id, home.area, home.head, said, actor, now)
    if not found:
        people = staff.holders(tx, ["town_civil_officer"], home.area, now)
        text = f"{home.head}：{given.change}"
        books.tell(tx, people, kind="change", title="走访发现家庭情况变化", text=text, now=now)
    return found
