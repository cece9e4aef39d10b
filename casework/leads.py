"""Leads: what was found, by whom; duplicates; numbers without gaps."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import and_, insert, or_, select, update

from casework import areas, households, mergers
from casework.tables import decisions, leads, numbers, payouts
from engine import cases, incidents, jobs, locking, recusal
from engine.calendar import ZONE
from engine.db import Tx
from engine.errors import Conflict, Field, Invalid, NotFound
from engine.routing import Actor, at_tier, sees
from engine.tables import cases as cases_table
from engine.tables import incidents as incidents_table
from engine.tables import jobs as jobs_table

PROCESS = "active_discovery"
WINDOW = timedelta(days=14)
LATE = timedelta(minutes=10)
"""By how much arrival and finding may differ and still be one moment; beyond it both are kept."""
CHANNELS = ("09", "10", "15")
"""Codes of `lead_source` by which a person came or called: the window. All others found somebody (R8)."""
STILL_OPEN = "still_open"
"""Why a lead cannot be closed yet."""
HARDSHIP = ("confirmed", "declined")
"""Results of the visit that say the hardship is real."""


@dataclass(frozen=True, slots=True)
class Reported:
    """`area`: the village it is in, which may be the successor of the one that was named."""

    case_id: str
    number: str
    area: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """A lead that may be about the same person."""

    number: str
    case_id: str
    subject: str | None
    area: str
    cause: str
    reported_at: datetime | None
    discovered_at: datetime
    conclusion: str | None
    why: str


def next_number(tx: Tx, series: str) -> int:
    """The next number of a series, without gaps: the row is locked until commit."""
    row = tx.run(select(numbers.c.last).where(numbers.c.series == series).with_for_update()).one_or_none()
    if row is None:
        tx.run(insert(numbers), {"series": series, "last": 1})
        return 1
    tx.run(update(numbers).where(numbers.c.series == series).values(last=row.last + 1))
    return int(row.last) + 1


def number(tx: Tx, area: str, now: datetime) -> str:
    """adcode + town + month + sequence; nothing personal in it."""
    town = at_tier(area, "town").rpartition("/")[2]
    series = f"{town[:9]}{now.astimezone(ZONE):%Y%m}"
    return f"{series}{next_number(tx, series):04d}"


def phone_hash(phone: str | None) -> str | None:
    digits = "".join(c for c in phone or "" if c.isdigit())
    return hashlib.sha256(digits.encode()).hexdigest() if len(digits) >= 7 else None


def similar(
    tx: Tx,
    *,
    subject: str | None,
    area: str | None,
    phone: str | None,
    now: datetime,
    besides: str | None = None,
    seen: Callable[[str], bool] = lambda _area: True,
) -> list[Earlier]:
    """Earlier leads of the same phone, or of the same name in the same village within 14 days; of areas that may be `seen`."""
    c, hashed = leads.c, phone_hash(phone)
    found = []
    if hashed:
        found.append(c.phone_hash == hashed)
    if subject and area:
        here = c.area.in_(areas.of_village(tx, area))
        found.append(and_(c.subject == subject, here, c.discovered_at > now - WINDOW))
    if not found:
        return []
    query = select(leads).where(or_(*found), c.merged_into.is_(None)).order_by(c.discovered_at.desc())
    rows = (row for row in tx.run(query) if row.number != besides and seen(row.area))
    return [
        Earlier(
            row.number,
            row.case_id,
            row.subject,
            row.area,
            row.cause,
            row.reported_at,
            row.discovered_at,
            row.conclusion,
            "电话相同" if hashed and row.phone_hash == hashed else "同村同名，14 日内",
        )
        for row in islice(rows, 20)
    ]


def tell_household(tx: Tx, actor: Actor, lead_no: str, how: str, now: datetime) -> None:
    """告知家庭: when and how the household was told what became of its lead. Raises Conflict before there is anything to tell."""
    row = tx.run(select(leads).where(leads.c.number == lead_no).with_for_update()).one_or_none()
    if row is None or not sees(actor, row.area):
        raise NotFound("没有这条线索，或您无权查看。", "No such lead.")
    recusal.not_related(tx, locking.case_of(tx, row.case_id), actor)
    if row.conclusion is None:
        raise Conflict("线索尚未办结，还没有可告知的结果。", "The lead is still open.", code=STILL_OPEN)
    if row.told_at is not None:
        raise Conflict("已经登记过告知。", "It is recorded already.", code="told_already")
    if not how.strip():
        raise Invalid("请写明告知方式。", "Say how.", fields=[Field("how", "请写明告知方式")])
    values = {"told_at": now, "told_how": how.strip(), "told_by": actor.id}
    tx.run(update(leads).where(leads.c.number == lead_no).values(**values))


def report(
    tx: Tx,
    actor: Actor | None,
    values: Mapping[str, Any],
    now: datetime,
    household: str | None = None,
    *,
    found_at: datetime | None = None,
) -> Reported:
    """登记线索: a number, the lead's row, and the case. Without an actor somebody unknown told of it: whoever it belongs to takes it up.

    `household`: of the register, where a visit knows it; else by the one name.
    `found_at`: when it was found, where it comes late (entered without a network, or with a visit of earlier). What runs from
    the finding – the village's own check – runs from then; the town's limits run from the arrival, for it could not know.
    """
    area = at_tier(str(values.get("place_area") or ""), "village")
    if area.count("/") < 1:
        raise Invalid(
            "请选择所在村（居）。", "A village is needed.", fields=[Field("place_area", "请选择所在村（居）")]
        )
    area = areas.standing(tx, area, now.astimezone(ZONE).date(), "place_area")
    lead_no = number(tx, area, now)
    home = household or households.of_person(tx, area, str(values.get("subject_name") or ""))
    late = found_at is not None and now - found_at > LATE
    found = found_at if found_at is not None and late else now
    finder = actor.id if actor else None
    section = {**values, "place_area": area, "discovered_at": found.isoformat(), "finder": finder}
    if late:
        section["received_at"] = now.isoformat()
    case_id = cases.start(
        tx,
        PROCESS,
        now=now,
        area=area,
        number=lead_no,
        title=str(values.get("subject_name") or ""),
        actor=actor,
        variables={
            "lead_no": lead_no,
            "source": values.get("source"),
            "urgent_signs": values.get("urgent_signs") or [],
            "main_cause": values.get("main_cause"),
            "residence_status": values.get("residence_status"),
            "occurred_at": values.get("occurred_at"),
            "discovered_at": found.isoformat(),
            **({"reported_at": now.isoformat()} if late else {}),
            "finder": finder,
            "source_tier": (actor.tier or "village") if actor else "town",
        },
        document={"lead": section},
        subject=home,
    )
    tx.run(
        insert(leads),
        {
            "number": lead_no,
            "case_id": case_id,
            "area": area,
            "subject": values.get("subject_name"),
            "phone_hash": phone_hash(values.get("subject_phone")),
            "cause": str(values.get("main_cause") or "99"),
            "sources": [{"source": values.get("source"), "person": finder, "at": found.isoformat()}],
            "discovered_at": found,
            "household": home,
        },
    )
    return Reported(case_id, lead_no, area)


def close(tx: Tx, lead_no: str, conclusion: str, now: datetime, merged_into: str | None = None) -> None:
    """办结: the conclusion stands; a duplicate gives its sources to the main lead, and there is no duplicate without one."""
    main_no = mergers.settle(tx, lead_no, merged_into) if conclusion == mergers.MERGED else None
    numbers = sorted({lead_no, main_no or lead_no})
    query = select(leads.c.number, leads.c.sources).where(leads.c.number.in_(numbers))
    found = {row.number: row.sources for row in tx.run(query.order_by(leads.c.number).with_for_update())}
    values = {"conclusion": conclusion, "closed_at": now, "merged_into": main_no}
    tx.run(update(leads).where(leads.c.number == lead_no).values(**values))
    if main_no is not None:
        sources = [*found[main_no], *found[lead_no]]
        tx.run(update(leads).where(leads.c.number == main_no).values(sources=sources))


def answered(variables: Mapping[str, Any]) -> bool:
    """Whether a confirmed hardship has its answer (R62, R68): relieved, declined by the person, who is
    no longer there (on the word of two, the rest of the family seen to), or through the whole waterfall."""
    return (
        variables.get("gap_result") == "relieved"
        or variables.get("changed_mind") is False
        or variables.get("gone") is True
        or variables.get("backstop_result") is not None
    )


def unanswered(tx: Tx, case_id: str) -> str | None:
    """Why a lead must not be ended by hand: real hardship was seen on site, or others were joined to it, and there is no answer yet (R62, R68)."""
    c = cases_table.c
    row = tx.run(select(c.process, c.status, c.variables).where(c.id == case_id)).one()
    if row.process != PROCESS or row.status != "active" or answered(row.variables):
        return None
    if row.variables.get("verify_result") in HARDSHIP:
        return "困难已核实属实，须有救助、转介、慈善或兜底会议的结果，或本人谢绝的记录，才能办结。"
    joined = mergers.joined_to(tx, case_id)
    return f"线索 {'、'.join(joined)} 已并入本线索，随本线索答复，须先核查办理。" if joined else None


def sources(tx: Tx, lead_no: str) -> list[dict[str, Any]]:
    return list(tx.run(select(leads.c.sources).where(leads.c.number == lead_no)).scalar_one())


def sampled(tx: Tx, number: str, on: date) -> bool:
    """Whether the bureau visits for this lead's applications without a reason (bureau.file_share): drawn by the number, always the same."""
    share = float(tx.world.terms.parameter("bureau.file_share", on))
    return int(hashlib.sha256(number.encode()).hexdigest()[:8], 16) / 0xFFFFFFFF < share


def aided(tx: Tx, case_id: str, number: str) -> bool:
    """Whether anything was given on a lead in any round: money that arrived, or an application approved."""
    d, p = decisions.c, payouts.c
    mine = or_(p.case_id == case_id, p.application_no.startswith(f"{number}-", autoescape=True))
    paid = select(p.number).where(mine, p.state == "paid")
    approved = select(d.number).where(
        d.application_no.startswith(f"{number}-", autoescape=True), d.result == "approved"
    )
    return any(tx.run(query.limit(1)).first() is not None for query in (paid, approved))


def close_again(tx: Tx, ended: str, now: datetime) -> None:
    """A case of a lead's line is over: a lead that could not be closed and answered while something was open is looked at again."""
    lead, _, rest = ended.partition("-")
    if not rest:
        return
    i, c = incidents_table.c, cases_table.c
    stopped = (i.kind == "job", i.code == STILL_OPEN, i.state == "open", c.number == lead)
    for job in list(tx.run(select(i.ref).join(cases_table, c.id == i.case_id).where(*stopped)).scalars()):
        jobs.again(tx, jobs_table, job, now)
        incidents.resolve(tx, "job", job, now)
        tx.after_commit("worker", tx.world.bell)
