"""Households and visits as the reader may see them: names in clear for who works there, sensitive fields only while revealed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select

from api.schemas import homes as shapes
from api.schemas.limits import Receipt
from api.schemas.reviews import HomeOffered
from api.views import due
from api.views.people import mask_account, mask_id, mask_name, mask_phone
from casework import (
    areas,
    audit,
    focus,
    household_changes,
    households,
    members,
    recognitions,
    rediscovery,
    reveals,
    staff,
    visits,
)
from casework.reading import Listed
from casework.tables import reveals as reveals_table
from engine import definitions
from engine.calendar import ZONE, midnight
from engine.db import Tx
from engine.model import Tier
from engine.routing import Actor, within
from engine.tables import cases as cases_table

PROGRAMMES = {"DIBAO": "低保", "DIBAO_EDGE": "低保边缘", "TEKUN": "特困供养", "RIGID_EXP": "刚性支出困难"}
SEXES = {"1": "男", "2": "女"}  # GB/T 2261.1
LABOUR = {"full": "有", "partial": "部分", "none": "无"}
HIDDEN = "（已隐藏）"


def clear(actor: Actor, area: str) -> bool:
    """Does the actor work there? Village, grid and town see their people's names; the district sees them masked (D.4, K2)."""
    return any(
        held.tier != Tier.DISTRICT
        and (within(area, held.area) or (held.tier == Tier.GRID and within(held.area, area)))
        for held in actor.appointments
    )


def codes(tx: Tx, now: datetime) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """The district's code lists in force; empty before anything is deployed. Read without pinning: a pin is written."""
    common = definitions.in_force(tx, now).get(definitions.COMMON)
    return definitions.bundle_of_deployment(tx, common).codes if common is not None else {}


def words(lists: Mapping[str, Sequence[Mapping[str, Any]]], name: str) -> dict[str, str]:
    return {str(o["value"]): str(o["label"]) for o in lists.get(name, [])}


def choices(lists: Mapping[str, Sequence[Mapping[str, Any]]], name: str) -> list[shapes.Coded]:
    return [shapes.Coded(value=value, label=label) for value, label in words(lists, name).items()]


def coded(known: Mapping[str, str]) -> list[shapes.Coded]:
    return [shapes.Coded(value=value, label=label) for value, label in known.items()]


# ------------------------------------------------------------------------------------------ households
def rows(tx: Tx, actor: Actor, found: Sequence[Any], now: datetime) -> list[shapes.HomeRow]:
    places = areas.names(tx, {row.area for row in found})
    today = now.astimezone(ZONE).date()
    return [shapes.HomeRow(**_row(actor, row, places, today)) for row in found]


def due_homes(tx: Tx, actor: Actor, found: Sequence[Any], now: datetime) -> list[shapes.DueHome]:
    """Rows with the names of who lives there; a child's name is masked, as on the household's page."""
    living = households.living(tx, [row.id for row in found])
    places, today = areas.names(tx, {row.area for row in found}), now.astimezone(ZONE).date()
    return [
        shapes.DueHome(
            **_row(actor, row, places, today),
            members=[_name(p, clear(actor, row.area), today) for p in living.get(row.id, [])],
        )
        for row in found
    ]


def _name(p: Any, own: bool, today: date, *, revealed: bool = False) -> str:
    """A member's name, masked for those who do not work there and, unless revealed, of a child."""
    years = members.age(_facts(p), today)
    shown = own and (revealed or years is None or years >= members.CHILD)
    return str(p.name) if shown else mask_name(p.name)


def _facts(p: Any) -> dict[str, Any]:
    return {"birth_date": p.birth_date.isoformat() if p.birth_date else "", "id_no": p.id_no}


def _row(actor: Actor, row: Any, places: Mapping[str, str], today: date) -> dict[str, Any]:
    own = clear(actor, row.area)
    return {
        "id": row.id, "number": row.number, "head": row.head if own else mask_name(row.head), "place": places.get(row.area, row.area),
        "area": row.area, "address": row.address if own else None, "phone": (row.phone or "") if own else mask_phone(row.phone),
        "size": row.size, "focus": [shapes.Coded(value=c, label=focus.CATEGORIES.get(c, c)) for c in row.focus],
        "programmes": [shapes.Coded(value=p["code"], label=PROGRAMMES.get(p["code"], p["code"])) for p in row.programmes],
        "last_visit_at": row.last_visit_at, "next_due": row.next_due,
        "overdue": row.next_due is not None and row.next_due < today, "ended_on": row.ended_on,
    }  # fmt: skip


def detail(
    tx: Tx, actor: Actor, household: str, now: datetime, listed: Callable[[list[str], str], Listed]
) -> shapes.HomeDetail:
    """一户一档: members, lists, visits, leads with their fate, cases, and who looked. `listed`: how the leads lie before the reader."""
    row = households.seen(tx, actor, household)
    places, today = areas.names(tx, {row.area}), now.astimezone(ZONE).date()
    until = reveals.open_until(tx, actor.id, now, household=household)
    people = households.people(tx, household)
    own, lists = clear(actor, row.area), codes(tx, now)
    names = {row.head, *(p.name for p in people)}
    return shapes.HomeDetail(
        **_row(actor, row, places, today),
        hukou_area=row.hukou_area,
        housing=row.housing,
        account=(row.account or "") if until else mask_account(row.account),
        note=row.note if own else None,
        ended_why=row.ended_why,
        members=[_member(p, own, until is not None, today, lists) for p in people],
        lists=[
            shapes.ListEntry(
                category=f.category, label=focus.CATEGORIES.get(f.category, f.category), source=f.source, since=f.since, ended_on=f.ended_on
            )
            for f in households.lists(tx, household)
        ],
        visits=visit_rows(tx, actor, visits.of_household(tx, household, 50), lists),
        leads=past(tx, row, names, lists, listed),
        cases=_cases(tx, row.area, names),
        receipt=receipt(tx, row, now),
        revealed_until=until,
        may_keep=_may_keep(actor, row.area),
        reveals=_reveals(tx, row, places),
        revision=row.revision,
        masked=not own,
        held=_held(tx, row, lists),
        changes=_changes(tx, row.id, {p.id: _name(p, own, today, revealed=until is not None) for p in people}),
    )  # fmt: skip


def _held(tx: Tx, row: Any, lists: Any) -> list[shapes.HomeHeld]:
    called = words(lists, "programme_all")
    return [
        shapes.HomeHeld(
            application_no=one.recognition.application_no,
            programme_name=called.get(one.recognition.programme, one.recognition.programme),
            amount=float(one.recognition.amount) if one.recognition.amount is not None else None,
            by_name=one.by_name,
        )
        for one in recognitions.held_by(tx, row.id, row.area, row.head)
    ]


def offered(
    actor: Actor, row: Any, places: Mapping[str, str], people: Sequence[Any], now: datetime
) -> HomeOffered:
    """A household a recognition may be linked to; names and address as in the register."""
    own, today = clear(actor, row.area), now.astimezone(ZONE).date()
    return HomeOffered(
        id=row.id,
        head=row.head if own else mask_name(row.head),
        number=row.number,
        place=places[row.area],
        address=row.address if own else None,
        members=[_name(one, own, today, revealed=False) for one in people],
        fits=bool(row.fits),
    )


def _may_keep(actor: Actor, area: str) -> bool:
    return any(p.post in households.KEEPERS and within(area, p.area) for p in actor.appointments)


def _member(p: Any, own: bool, open_: bool, today: date, lists: Any) -> shapes.HomeMember:
    years, minor = members.age(_facts(p), today), members.is_minor(_facts(p), today)
    shown = _name(p, own, today, revealed=open_)

    def sensitive(text: str | None) -> str | None:
        return text if open_ or not text else HIDDEN

    return shapes.HomeMember(
        id=p.id,
        name=shown,
        relation=words(lists, "relation").get(p.relation, "子女" if p.relation == "child" else p.relation)
        if p.relation
        else None,
        id_no=(p.id_no or "") if open_ else mask_id(p.id_no),
        sex=SEXES.get(p.sex or ""),
        age=years,
        minor=minor,
        health=sensitive(p.health),
        disability=sensitive(p.disability),
        illness=sensitive(p.illness),
        labour=LABOUR.get(p.labour or "", p.labour),
        work=p.work,
        note=p.note if own else None,
        left_on=p.left_on,
        left_why=_left(p) if p.left_why else None,
        masked=shown != p.name,
        birth_date=p.birth_date if shown == p.name else None,
        codes=shapes.MemberCodes(relation=p.relation, sex=p.sex, labour=p.labour),
    )


def _left(p: Any) -> str:
    why = household_changes.WHYS.get(p.left_why, p.left_why)
    return f"{why}（{p.left_note}）" if p.left_note else why


def receipt(tx: Tx, row: Any, now: datetime) -> Receipt | None:
    """Why the next visit is due that day; None when no list asks for one."""
    today, world = now.astimezone(ZONE).date(), tx.world
    term = focus.term_of(row.focus, row.programmes, world.terms.parameter("visit.monthly", today))
    if term is None or row.ended_on is not None:
        return None
    since = min((f.since for f in households.lists(tx, row.id) if f.ended_on is None), default=today)
    found = focus.due(term, since, row.last_visit_at, world.terms, world.calendar.of(row.area))
    return due.of_deadline(found) if found is not None else None


def past(
    tx: Tx, row: Any, names: Iterable[str], lists: Any, listed: Callable[[list[str], str], Listed]
) -> list[shapes.PastLead]:
    """Leads about anybody of the household, each once."""
    found = {
        one.number: one
        for name in sorted(names)
        for one in rediscovery.history(tx, subject=name, area=row.area, household=row.id)
    }
    ordered = sorted(found.values(), key=lambda p: p.discovered_at, reverse=True)
    seen = listed([one.case_id for one in ordered], "以前的线索")
    return [past_lead(one, lists, seen) for one in ordered]


CAUSE = ("lead", "main_cause")


def past_lead(one: rediscovery.Past, lists: Any, seen: Listed) -> shapes.PastLead:
    return shapes.PastLead(
        number=one.number, case_id=one.case_id, discovered_at=one.discovered_at, closed_at=one.closed_at,
        cause=seen.text(one.case_id, CAUSE, words(lists, "hardship_cause").get(one.cause, one.cause)),
        conclusion=words(lists, "conclusion").get(one.conclusion, one.conclusion) if one.conclusion else None,
        refused=one.refused, reason=one.reason if one.refused else None,
    )  # fmt: skip


def _cases(tx: Tx, area: str, names: Iterable[str]) -> list[shapes.HomeCase]:
    c = cases_table.c
    query = select(c.id, c.number, c.process, c.status, c.opened_at, c.pins)
    where = (or_(c.area == area, c.area.startswith(area + "/", autoescape=True)), c.title.in_(sorted(names)))
    found = list(
        tx.run(query.where(*where, c.process != "handle_objection").order_by(c.opened_at.desc()).limit(50))
    )
    return [
        shapes.HomeCase(
            id=r.id, number=r.number, name=_process(tx, r), status=r.status, opened_at=r.opened_at
        )
        for r in found
    ]


def _process(tx: Tx, row: Any) -> str:
    found = definitions.pinned(tx, row.pins).processes.get(row.process)
    return (found.name if found is not None else None) or str(row.process)


def _reveals(tx: Tx, row: Any, places: Mapping[str, str]) -> list[shapes.RevealRow]:
    r = reveals_table.c
    found = list(tx.run(select(reveals_table).where(r.household == row.id).order_by(r.at.desc()).limit(20)))
    who = staff.names(tx, {one.person for one in found})
    return [
        shapes.RevealRow(
            at=one.at, until=one.until, who=who.get(one.person, ""), reason=one.reason, household=row.id, head=mask_name(row.head),
            place=places.get(row.area, row.area),
        )
        for one in found
    ]  # fmt: skip


def _changes(tx: Tx, household: str, called: Mapping[str, str]) -> list[shapes.HomeChange]:
    found = audit.of_household(tx, household, 100)
    who = staff.names(tx, {one.by for one in found})
    return [
        shapes.HomeChange(
            at=one.at, who=who.get(one.by, ""), kind=audit.KINDS[one.kind], member=called.get(one.details.get("member") or ""),
            what=one.details.get("what") or "", visit=one.details.get("visit"),
        )
        for one in found
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------ visits
def visit_rows(tx: Tx, actor: Actor, found: Sequence[Any], lists: Any) -> list[shapes.VisitRow]:
    """Visits with names instead of ids; whom one does not work for, where it was made or where the household is now, is masked."""
    places = areas.names(tx, {v.area for v in found})
    homes = visits.homes(tx, found)
    own = {v.id: clear(actor, v.area) or clear(actor, homes.get(v.household, v.area)) for v in found}
    who = staff.names(tx, {p for v in found for p in [v.person, *(v.visitors or [])]})
    need, met = words(lists, "needs"), words(lists, "met_person")
    return [
        shapes.VisitRow(
            id=v.id, kind=v.kind, kind_label=visits.KINDS.get(v.kind, v.kind), at=v.at,
            minutes=round((v.ended_at - v.started_at).total_seconds() / 60) if v.started_at and v.ended_at else None,
            household=v.household, head=v.head if own[v.id] else mask_name(v.head), place=places.get(v.area, v.area),
            met=met.get(v.met, v.met), method=visits.METHODS.get(v.method or "", v.method),
            visitors=[who.get(p, "") for p in (v.visitors or [v.person]) if p], needs=[need.get(n, n) for n in v.needs],
            members_met=(v.members_met or []) if own[v.id] else [mask_name(n) for n in v.members_met or []],
            policy_explained=v.policy_explained, note=v.note, change=v.change, reason=v.reason, next_due=v.next_due, lead_no=v.lead_no,
            case_id=v.case_id,
        )
        for v in found
    ]  # fmt: skip


def day_range(first: date | None, last: date | None, today: date) -> tuple[datetime, datetime]:
    """[begin of the first day, end of the last): the last thirty days when nothing is said."""
    until = last or today
    since = first or date.fromordinal(until.toordinal() - 30)
    return midnight(since), midnight(date.fromordinal(until.toordinal() + 1))
