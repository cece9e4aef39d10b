"""The loop back: my leads and their fate, what was before, who is found again and never taken up; and the network in figures."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import func, select

from api import schemas
from api.deps import Read, Reader, Write
from api.periods import Day, From
from api.routes.register import places
from api.schemas import loop as shapes
from api.views import homes as views
from api.views.people import mask_name
from casework import areas, households, indicators, leads, mergers, rediscovery
from casework.indicators import Figures
from casework.tables import leads as leads_table
from engine.calendar import ZONE, midnight
from engine.deadline import add_months
from engine.errors import NotFound
from engine.routing import sees
from engine.tables import cases

router = APIRouter(prefix="/api", tags=["loop"])


# ------------------------------------------------------------------------------------------ the finder
@router.get("/leads/mine")
def mine(
    at: Read, page: Annotated[int, Query(ge=1, le=10_000)] = 1, size: Annotated[int, Query(ge=1, le=100)] = 20
) -> schemas.Page[shapes.MyLead]:
    """我上报的: every lead of mine with its fate and the reason; a merged one follows its main lead."""
    k, c = leads_table.c, cases.c
    where = (c.opened_by == at.actor.id,)
    joined = leads_table.join(cases, c.id == k.case_id)
    total = at.tx.run(select(func.count()).select_from(joined).where(*where)).scalar_one()
    query = select(leads_table, c.document, c.status, c.stage).select_from(joined).where(*where)
    found = list(
        at.tx.run(query.order_by(k.discovered_at.desc(), k.number).offset((page - 1) * size).limit(size))
    )
    main = mergers.ends(at.tx, [row.number for row in found if row.merged_into])
    names, lists = areas.names(at.tx, {row.area for row in found}), views.codes(at.tx, at.now)
    words, causes = views.words(lists, "conclusion"), views.words(lists, "hardship_cause")
    seen = at.listed([row.case_id for row in found], "我上报的")
    items = []
    for row in found:
        fate = main.get(row.number, row)
        items.append(
            shapes.MyLead(
                number=row.number, case_id=row.case_id, subject=row.subject or "未知", place=names.get(row.area, row.area),
                cause=seen.text(row.case_id, views.CAUSE, causes.get(row.cause, row.cause)), discovered_at=row.discovered_at,
                state={"active": "办理中", "completed": "已办结"}.get(row.status, "已终止"),
                conclusion=words.get(fate.conclusion, fate.conclusion) if fate.conclusion else None,
                reason=rediscovery.why(row.document) if row.conclusion in rediscovery.REFUSED else None,
                closed_at=fate.closed_at, merged_into=fate.number if row.merged_into else None, told_at=row.told_at, told_how=row.told_how,
                may_tell=row.conclusion is not None and row.told_at is None and row.conclusion != mergers.MERGED and sees(at.actor, row.area),
            )
        )  # fmt: skip
    return schemas.Page(items=items, total=int(total), page=page, size=size)


@router.post("/leads/{number}/told")
def told(at: Write, number: str, body: shapes.ToldWrite) -> schemas.Done:
    """告知家庭: when and how the household heard what became of its lead."""
    leads.tell_household(at.tx, at.actor, number, body.how, at.now)
    return at.done(schemas.Done(message="已登记告知。"))


@router.get("/leads/past")
def past(
    at: Read,
    name: Annotated[str, Query(max_length=80)] = "",
    area: str | None = None,
    household: str | None = None,
) -> shapes.Past:
    """While typing: what was reported before of this person in this village, and what became of it."""
    if area is not None and not sees(at.actor, area):
        return shapes.Past(leads=[])
    if household is not None:
        households.seen(at.tx, at.actor, household)
    found = rediscovery.history(at.tx, subject=name.strip() or None, area=area, household=household)
    lists = views.codes(at.tx, at.now)
    seen = at.listed([one.case_id for one in found], "以前的线索")
    return shapes.Past(leads=[views.past_lead(one, lists, seen) for one in found if one.conclusion])


@router.get("/leads/{number}/past")
def past_of(at: Read, number: str) -> shapes.Past:
    """What was before a lead: earlier ones with fate and reason, and whether a supervisor must look."""
    row = at.tx.run(select(leads_table).where(leads_table.c.number == number)).one_or_none()
    if row is None:
        raise NotFound("没有这条线索。", "No such lead.")
    if not sees(at.actor, row.area):  # a finder from elsewhere sees the lead, not the past of the household
        return shapes.Past(leads=[])
    found = rediscovery.history(
        at.tx, subject=row.subject, area=row.area, household=row.household, besides=number
    )
    lists = views.codes(at.tx, at.now)
    seen = at.listed([one.case_id for one in found], "以前的线索")
    return shapes.Past(review=row.review, leads=[views.past_lead(one, lists, seen) for one in found])


@router.get("/leads/refused-again")
def refused_again(at: Read, area: str | None = None) -> list[shapes.RefusedRow]:
    """反复上报未采纳: people found again and again and never taken up."""
    at.require("watch")
    today = at.now.astimezone(ZONE).date()
    months = int(at.tx.world.terms.parameter("rediscovery.months", today))
    since = midnight(add_months(today, -months))
    found = rediscovery.refused_again(at.tx, places(at, area), since)
    names = areas.names(at.tx, {row.area for row in found})
    numbers = [n for row in found for n in row.numbers]
    k = leads_table.c
    ids = {r.number: r.case_id for r in at.tx.run(select(k.number, k.case_id).where(k.number.in_(numbers)))}
    return [
        shapes.RefusedRow(
            area=row.area, place=names.get(row.area, row.area), subject=row.subject or "" if views.clear(at.actor, row.area) else
            mask_name(row.subject), times=row.times, finders=row.finders, first=row.first, last=row.last, numbers=list(row.numbers),
            case_ids=[ids[n] for n in row.numbers], reasons=list(row.reasons),
        )
        for row in found
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------ figures
@router.get("/indicators")
def show_indicators(
    at: Read,
    area: str | None = None,
    since: From = None,
    to: Day | None = None,
) -> shapes.Indicators:
    """早发现、早报告、早救助 and the network, for an area and each area below it; the last ninety days unless said otherwise."""
    root, first, last = _scope(at, area, since, to)
    tier = "town" if root.count("/") == 0 else "village"
    begins, ends = midnight(first), midnight(last + timedelta(days=1))
    found = indicators.figures(at.tx, root, tier, begins, ends)
    names = areas.names(at.tx, [*found, root])
    rows = [_row(path, names.get(path, path), one) for path, one in sorted(found.items())]
    whole = Figures()
    for one in found.values():
        whole.leads += one.leads
        whole.window += one.window
        for key, values in one.hours.items():
            whole.hours[key] += values
        for slot in ("informants", "active", "homes", "visited", "channels", "tested", "due", "in_time"):
            setattr(whole.network, slot, getattr(whole.network, slot) + getattr(one.network, slot))
    return shapes.Indicators(
        area=root, first=first, last=last, total=_row(root, names.get(root, root), whole), rows=rows
    )


def _scope(at: Reader, area: str | None, since: date | None, to: date | None) -> tuple[str, date, date]:
    at.require("watch")
    root = area or at.home
    if not sees(at.actor, root):
        raise NotFound("不在您的辖区。", "The area is outside yours.")
    last = to or at.now.astimezone(ZONE).date()
    return root, since or last - timedelta(days=89), last


def _row(path: str, name: str, one: Figures) -> shapes.IndicatorRow:
    shown = {}
    for key in indicators.INTERVALS:
        found = indicators.spread(one.hours[key])
        shown[key] = (
            shapes.SpreadShown(n=found.n, median=round(found.median, 1), p90=round(found.p90, 1))
            if found
            else None
        )
    n = one.network
    return shapes.IndicatorRow(
        area=path, name=name, leads=one.leads, window=one.window, by_visit=one.leads - one.window, informants=n.informants,
        active=n.active, homes=n.homes, visited=n.visited, channels=n.channels, tested=n.tested, due=n.due, in_time=n.in_time, **shown,
    )  # fmt: skip


@router.get("/indicators/informants")
def list_informants(
    at: Read,
    area: str | None = None,
    since: From = None,
    to: Day | None = None,
) -> list[shapes.InformantRow]:
    """The informants behind the figure: who was silent first."""
    root, first, last = _scope(at, area, since, to)
    found = indicators.informants(at.tx, root, midnight(first), midnight(last + timedelta(days=1)))
    names = areas.names(at.tx, {one.area for one in found})
    found.sort(key=lambda one: (one.last is not None, one.last or at.now, one.area))
    posts = at.tx.world.posts
    return [
        shapes.InformantRow(
            name=one.name, post=str(posts.get(one.post, {}).get("label", one.post)), place=names.get(one.area, one.area), last=one.last
        )
        for one in found
    ]  # fmt: skip
