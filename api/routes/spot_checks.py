"""抽查: the frame and its digest, the seed, the sample with tickets, what was found. A town sees its part when it has been visited, the rest when all have been (K4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Response
from sqlalchemy import select

from api.deps import Read, Reader
from api.schemas import books as schemas
from api.views import due
from api.views.people import mask_name
from casework import areas, printing, spot_checks, spot_sheets, staff
from casework.tables import households, leads
from engine import clocks
from engine.errors import Forbidden, NotFound
from engine.model import Tier
from engine.routing import sees
from engine.tables import cases

router = APIRouter(prefix="/api/spot-checks", tags=["spot checks"])


def _district(at: Reader) -> bool:
    return any(held.tier == Tier.DISTRICT for held in at.actor.appointments)


def _staff(at: Reader) -> None:
    if not any(held.tier in (Tier.TOWN, Tier.DISTRICT) for held in at.actor.appointments):
        raise Forbidden("抽查由区局和镇（街）办理。", "Spot checks are for district and town.")


@dataclass(frozen=True, slots=True)
class Part:
    """What a reader may know of a check. `towns`: whose lines, sample and results are open to him; `whole`: so are the seed and
    every line; `sealed`: something of his own areas is not open yet; `opened`: everything is open to everybody."""

    row: Any
    items: list[Any]
    towns: frozenset[str]
    whole: bool
    sealed: bool
    opened: bool


def _part(at: Reader, number: str) -> Part:
    """The district makes the draw and knows it; a town its part once it was visited, the whole once all were (K4)."""
    row = _check(at, number)
    rows = spot_checks.items(at.tx, number)
    opened = spot_checks.opened(row, rows)
    whole = opened or _district(at)
    mine = {item["town"] for item in row.frame if _district(at) or sees(at.actor, item["town"])}
    towns = mine if whole else mine & spot_checks.visited_towns(rows)
    shown = [one for one in rows if one.town in towns]
    sealed = not whole and (not towns or towns != mine)
    return Part(row, shown, frozenset(towns), whole, sealed, opened)


@router.get("")
def listed(at: Read) -> list[schemas.SpotRow]:
    """Every check that reaches the reader's areas, newest first; the digest is public from the freezing on."""
    _staff(at)
    roots = {held.area for held in at.actor.appointments}
    rows = {row.number: row for root in roots for row in spot_checks.listed(at.tx, root)}
    ordered = sorted(rows.values(), key=lambda row: (row.frozen_at, row.number), reverse=True)
    return [
        schemas.SpotRow(
            number=row.number,
            quarter=row.quarter,
            digest=row.digest,
            frozen_at=row.frozen_at,
            drawn=row.seed is not None,
            case_id=row.case_id,
        )
        for row in ordered
    ]


def _check(at: Reader, number: str) -> Any:
    _staff(at)
    roots = {held.area for held in at.actor.appointments}
    if not any(row.number == number for root in roots for row in spot_checks.listed(at.tx, root)):
        raise NotFound("没有这次抽查，或您无权查看。", "No such spot check.")
    return spot_checks.get(at.tx, number)


def _open_sheet(at: Reader, number: str) -> Part:
    part = _part(at, number)
    if not part.whole and not part.towns:
        raise Forbidden(
            "入户抽查完毕之前，样本对镇（街）封存。",
            "The sample is sealed until the visits are done.",
            code="sealed",
        )
    return part


@router.get("/{number}.txt")
def data(at: Read, number: str) -> Response:
    """What the draw needs, as the script of docs/spot-check.md reads it: all of it, or a town's own lines with their tickets."""
    part = _open_sheet(at, number)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(f'抽样数据 {number}.txt')}"}
    text = spot_checks.sheet(part.row, None if part.whole else part.towns)
    return Response(text, media_type="text/plain; charset=utf-8", headers=headers)


@router.get("/{number}.pdf")
def sheet(at: Read, number: str) -> Response:
    """The sheet to print, sign and hang out; a town's own until all have been visited."""
    part = _open_sheet(at, number)
    row, towns = part.row, None if part.whole else part.towns
    items = spot_checks.items(at.tx, number) if part.whole else part.items
    names = areas.names(at.tx, {i["town"] for i in row.frame})
    known = staff.names(at.tx, row.seeded_by)
    ids = [one.case_id for one in _towns(at, number, sorted(towns or names)).values() if one.case_id]
    receipts = printing.receipts(at.tx, ids, lambda clock: clock.term == "spot_check.rectify")
    people = [known[p] for p in row.seeded_by if p in known]
    content = spot_sheets.pdf(row, _named(at, items), names, people, receipts, towns)
    headers = {
        "Content-Disposition": f"inline; filename*=UTF-8''{quote(f'抽样单 {number}.pdf')}",
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type="application/pdf", headers=headers)


@router.get("/{number}")
def check(at: Read, number: str) -> schemas.SpotCheck:
    """The check as far as the reader may know it."""
    part = _part(at, number)
    row, towns = part.row, areas.names(at.tx, part.towns)
    people = staff.names(at.tx, row.seeded_by)
    cases_of = _towns(at, number, sorted(towns))
    return schemas.SpotCheck(
        number=row.number,
        quarter=row.quarter,
        case_id=row.case_id if _district(at) else None,
        frame_size=len(row.frame),
        digest=row.digest,
        frozen_at=row.frozen_at,
        seeded=row.seed is not None,
        seed=row.seed if part.whole else None,
        salt=row.salt if part.whole and row.seed is not None else None,
        seed_source=row.seed_source if part.whole else None,
        seeded_by=[people.get(p, "") for p in row.seeded_by],
        sealed=part.sealed,
        opened=part.opened,
        strata=[
            schemas.SpotStratum(town_name=t, stratum=s, rule=r, population=p, drawn=d)
            for t, s, r, p, d in spot_sheets.strata(row, part.items, towns)
        ],
        items=_items(at, part.items, towns),
        towns=[cases_of[town] for town in sorted(cases_of)],
        rates=[
            schemas.SpotRate(
                town_name=r.name,
                kind=_kind(r.kind),
                looked_at=r.looked_at,
                errors=r.errors,
                low=r.low,
                high=r.high,
            )
            for r in sorted(spot_checks.rates(at.tx, number), key=lambda r: (r.town, r.kind))
            if r.town in towns and r.looked_at
        ],
    )


def _kind(kind: str) -> Any:
    return kind


def _named(at: Reader, items: Sequence[Any]) -> list[spot_sheets.Drawn]:
    """What was drawn as people know it: the name masked (K2), the village, the number of the household or lead."""
    places = areas.names(at.tx, {item.area for item in items})
    h = households.c
    known = at.tx.run(select(h.id, h.number).where(h.id.in_([item.id[1:] for item in items])))
    homes = {row.id: f"第 {row.number} 户" if row.number else "未编户号" for row in known}
    return [
        spot_sheets.Drawn(
            item,
            name=mask_name(item.name) if item.name != "匿名" else "匿名",
            place=places.get(item.area, item.area),
            ref=item.id[1:] if item.stratum in spot_checks.REPORTED else homes.get(item.id[1:], "户册已注销"),
        )
        for item in items
    ]


def _items(at: Reader, items: Sequence[Any], towns: dict[str, str]) -> list[schemas.SpotItem]:
    numbers = [item.lead_no for item in items if item.lead_no]
    found = select(leads.c.number, leads.c.case_id).where(leads.c.number.in_(numbers))
    opened = {row.number: row.case_id for row in at.tx.run(found)}
    return [
        schemas.SpotItem(
            id=one.item.id,
            ref=one.ref,
            ticket=one.item.ticket,
            town=one.item.town,
            town_name=towns.get(one.item.town, one.item.town),
            stratum=spot_checks.STRATA[one.item.stratum],
            name=one.name,
            place=one.place,
            result=_result(one.item),
            replaced=one.item.replaced,
            in_hardship=one.item.in_hardship,
            note=one.item.note,
            lead_no=one.item.lead_no,
            lead_case=opened.get(one.item.lead_no or ""),
        )
        for one in _named(at, items)
    ]


def _result(item: Any) -> str:
    if item.replaced:
        return "已替换"
    if item.missed is None and item.wrong is None:
        return "待抽查"
    return "漏报" if item.missed else "错报" if item.wrong else "相符"


STATUS = {"active": "办理中", "completed": "已完成", "cancelled": "已终止"}


def _towns(at: Reader, number: str, towns: Sequence[str]) -> dict[str, schemas.SpotTown]:
    c = cases.c
    names = areas.names(at.tx, towns)
    by_number = {f"{number}-{town.rpartition('/')[2]}": town for town in towns}
    query = select(c.id, c.number, c.status).where(c.process == "town_check", c.number.in_(list(by_number)))
    found = {}
    for row in at.tx.run(query):
        town = by_number[row.number]
        known = [k for k in clocks.of_case(at.tx, row.id) if k.term == "spot_check.rectify"]
        found[town] = schemas.SpotTown(
            area=town,
            name=names[town],
            case_id=row.id,
            status=STATUS.get(row.status, row.status),
            receipts=[due.receipt(at.tx.world, k, at.now, binding=True) for k in known],
        )
    return found
