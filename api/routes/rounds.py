"""走访: what is due today, entering a visit, the village's daily word, coverage with its alarms."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from api import schemas
from api.deps import Read, Reader, Write
from api.periods import Day, From
from api.routes.register import places
from api.schemas import homes as shapes
from api.views import homes as views
from casework import areas, coverage, entering, focus, households, silence, staff, visits
from casework.silence import State
from casework.tables import visits as visits_table
from engine.calendar import ZONE
from engine.deadline import add_months
from engine.errors import NotFound
from engine.routing import at_tier, sees
from engine.worklist import in_sight

router = APIRouter(prefix="/api", tags=["rounds"])
CELLS = 6
"""Weeks or months side by side."""


def _today(at: Reader) -> date:
    return at.now.astimezone(ZONE).date()


# ------------------------------------------------------------------------------------------ today
@router.get("/rounds")
def rounds(
    at: Read,
    due: Literal["soon", "overdue"] = "soon",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 50,
) -> shapes.Rounds:
    """今日走访: households whose visit is due within the week, overdue ones first; the state of one's own villages today."""
    today = _today(at)
    mine = tuple(coverage.own(at.actor)) or places(at, None)
    late = households.Filter(mine, due="overdue")
    found, total = households.listing(at.tx, households.Filter(mine, due=due), today, (page - 1) * size, size)
    overdue = total if due == "overdue" else households.listing(at.tx, late, today, 0, 1)[1]
    items = views.due_homes(at.tx, at.actor, found, at.now)
    return shapes.Rounds(
        today=today, overdue=overdue, items=items, total=total, villages=_villages(at, today)
    )


def _villages(at: Reader, today: date) -> list[shapes.VillageToday]:
    made = []
    for path in coverage.own(at.actor):
        known = {v.area: v for v in coverage.villages(at.tx, path, today, today, at.now)}
        state = known[path].state if path in known else State.OPEN
        made.append(
            shapes.VillageToday(
                area=path, name=areas.names(at.tx, [path])[path], state=silence.WORDS[state],
                said=bool(coverage.said(at.tx, path, today, today)), neighbours=coverage.neighbours(at.tx, path, at.now),
                items=views.coded(coverage.ITEMS),
            )
        )  # fmt: skip
    return made


@router.post("/rounds/day")
def say(at: Write, body: shapes.DayWrite) -> schemas.Done:
    """每日事项 / 零报告: one tap; a reason where the neighbours report leads."""
    day = body.day or _today(at)
    coverage.say(at.tx, at.actor, body.area, day, body.done, body.reason, body.note, at.now)
    return at.done(schemas.Done(message=f"{day:%m 月 %d 日}已报告，谢谢。"))


@router.post("/heartbeat")
def heartbeat(at: Write, body: shapes.Beat) -> schemas.Done:
    """A device of the reader is heard of; `waiting`: entries it has not sent yet."""
    coverage.beat(at.tx, at.actor.id, body.device, body.waiting, at.now)
    return at.done(schemas.Done(message="已同步。"))


# ------------------------------------------------------------------------------------------ visits
@router.get("/visits/choices")
def visit_choices(at: Read) -> shapes.VisitChoices:
    """The code lists of the visit form."""
    lists = views.codes(at.tx, at.now)
    return shapes.VisitChoices(
        kinds=views.coded(
            {k: visits.KINDS[k] for k in ("focus", "patrol", "guidance", "verification", "follow_up")}
        ),
        methods=views.coded(visits.METHODS),
        met=views.choices(lists, "met_person"),
        needs=views.choices(lists, "needs"),
        causes=views.choices(lists, "hardship_cause"),
        urgent_signs=views.choices(lists, "urgent_signs"),
        categories=views.coded(focus.CATEGORIES),
    )


@router.post("/visits")
def enter(at: Write, body: shapes.VisitWrite) -> shapes.VisitDone:
    """入户登记: a visit outside a campaign; needs become a lead, a change goes to the town."""
    at.require("work")
    made = entering.enter(at.tx, at.actor, entering.Visit(**body.model_dump()), at.now)
    parts = ["走访已登记"]
    if made.lead_no:
        parts.append(f"线索 {made.lead_no} 已上报")
    if body.change:
        parts.append(f"家庭变化已启动 {made.reviews} 件复核" if made.reviews else "家庭变化已转镇（街）")
    at.tx.after_commit("worker", at.tx.world.bell)
    return at.done(
        shapes.VisitDone(
            message="，".join(parts) + "。", visit=made.visit, lead_no=made.lead_no, case_id=made.case_id
        )
    )


@router.get("/visits")
def list_visits(
    at: Read,
    area: str | None = None,
    kind: str | None = None,
    mine: bool = False,
    since: From = None,
    to: Day | None = None,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> schemas.Page[shapes.VisitRow]:
    """Visits to households of the reader's areas, newest first, and with `mine` the reader's own; the last thirty days unless said otherwise."""
    v = visits_table.c
    where = [v.person == at.actor.id if mine else in_sight(at.actor, visits.place())]
    if area:
        where.append(visits.of_area(at.tx, area))
    if kind:
        where.append(v.kind == kind)
    begins, ends = views.day_range(since, to, _today(at))
    found, total = visits.between(at.tx, where, begins, ends, (page - 1) * size, size)
    items = views.visit_rows(at.tx, at.actor, found, views.codes(at.tx, at.now))
    return schemas.Page(items=items, total=total, page=page, size=size)


# ------------------------------------------------------------------------------------------ coverage
@router.get("/coverage")
def show_coverage(
    at: Read, area: str | None = None, unit: Literal["week", "month", "quarter"] = "month"
) -> shapes.Coverage:
    """走访覆盖: villages (or, for the district, towns) by week, month or quarter; those that say nothing first."""
    root = area or at.home
    if not sees(at.actor, root):
        raise NotFound("不在您的辖区。", "The area is outside yours.")
    today = _today(at)
    spans = _spans(today, unit)
    known = coverage.villages(at.tx, root, spans[0][0], spans[-1][1], at.now)
    owed = [coverage.owed(at.tx, root, first, last, today) for first, last in spans]
    tier = "town" if root.count("/") == 0 else "village"
    groups: dict[str, list[coverage.Village]] = {}
    for village in known:
        groups.setdefault(at_tier(village.area, tier), []).append(village)
    names = areas.names(at.tx, groups)
    rows = [_row(path, names[path], tier, members, spans, owed) for path, members in groups.items()]
    order = list(State)
    first = dict.fromkeys((State.SILENT, State.UNSYNCED, State.VACANT, *order))
    worst = {state.value: n for n, state in enumerate(first)}
    rows.sort(key=lambda r: (worst[r.state], -sum(c.silent for c in r.cells), r.area))
    current = [v.latest for v in known]
    totals = {state.value: sum(s is state for s in current) for state in order}
    totals |= {"villages": len(known), "overdue": sum(r.overdue for r in rows)}
    return shapes.Coverage(area=root, unit=unit, today=today, rows=rows, totals=totals)


def _spans(today: date, unit: str) -> list[tuple[date, date]]:
    """The last CELLS weeks, months or (four) quarters, the running one last."""
    if unit == "week":
        monday = today - timedelta(days=today.weekday())
        firsts = [monday - timedelta(weeks=n) for n in range(CELLS - 1, -1, -1)]
        return [(first, first + timedelta(days=6)) for first in firsts]
    step, count = (1, CELLS) if unit == "month" else (3, 4)
    begin = today.replace(day=1, month=today.month if step == 1 else (today.month - 1) // 3 * 3 + 1)
    firsts = [add_months(begin, -step * n) for n in range(count - 1, -1, -1)]
    return [(first, add_months(first, step) - timedelta(days=1)) for first in firsts]


def _row(
    path: str,
    name: str,
    tier: str,
    members: list[coverage.Village],
    spans: list[tuple[date, date]],
    owed: list[dict[str, coverage.Owed]],
) -> shapes.CoverRow:
    cells = []
    for (first, last), due in zip(spans, owed, strict=True):
        parts = [v.between(first, last) for v in members]
        states = [p.state for p in parts]
        state = states[0] if len(states) == 1 else silence.group(states)
        none = coverage.Owed(0, 0, 0)
        cells.append(
            shapes.CoverCell(
                first=first, last=last, state=state.value, label=silence.WORDS[state],
                silent=sum(p.count(State.SILENT) for p in parts), unsynced=sum(p.count(State.UNSYNCED) for p in parts),
                visits=sum(p.visits for p in parts), leads=sum(p.leads for p in parts),
                expected=sum(due.get(v.area, none).expected for v in members), visited=sum(due.get(v.area, none).visited for v in members),
            )
        )  # fmt: skip
    now = silence.group([v.latest for v in members])
    syncs = [v.last_sync for v in members if v.last_sync is not None]
    late = sum(owed[-1][v.area].overdue for v in members if v.area in owed[-1])
    return shapes.CoverRow(
        area=path, name=name, tier=tier, state=now.value, label=silence.WORDS[now], last_sync=max(syncs, default=None), overdue=late,
        cells=cells,
    )  # fmt: skip


@router.get("/coverage/days")
def coverage_days(at: Read, area: str, since: From = None, to: Day | None = None) -> list[shapes.CoverDay]:
    """A village day by day, newest first: what was said, what the town found out about its silence."""
    if not sees(at.actor, area):
        raise NotFound("不在您的辖区。", "The area is outside yours.")
    today = _today(at)
    last = min(to or today, today)
    first = max(since or last - timedelta(days=30), last - timedelta(days=92))
    known = next(iter(coverage.villages(at.tx, area, first, last, at.now)), None)
    if known is None:
        return []
    words = {row.day: row for row in coverage.said(at.tx, area, first, last)}
    answers = {
        row.day: row.answer for row in coverage.alarms(at.tx, [area], answered=None, offset=0, limit=200)[0]
    }
    made = []
    for day, state in reversed(known.days):
        row = words.get(day)
        made.append(
            shapes.CoverDay(
                day=day, state=state.value, label=silence.WORDS[state], said_by=row.who if row else None,
                done=[coverage.ITEMS.get(code, code) for code in row.done] if row else [], reason=row.reason if row else None,
                note=row.note if row else None, said_at=row.at if row else None, answer=answers.get(day),
            )
        )  # fmt: skip
    return made


@router.get("/coverage/alarms")
def list_alarms(
    at: Read,
    area: str | None = None,
    answered: bool | None = False,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> schemas.Page[shapes.AlarmRow]:
    """静默提醒: days on which a village owed a word and said none."""
    wanted = places(at, area)
    found, total = coverage.alarms(at.tx, wanted, answered=answered, offset=(page - 1) * size, limit=size)
    names = areas.names(at.tx, {row.area for row in found})
    who = staff.names(at.tx, {row.answered_by for row in found if row.answered_by})
    items = [
        shapes.AlarmRow(
            area=row.area, place=names.get(row.area, row.area), day=row.day, state=row.state, label=silence.WORDS[State(row.state)],
            last_sync=row.last_sync, at=row.at, answer=row.answer, answered_by=who.get(row.answered_by), answered_at=row.answered_at,
        )
        for row in found
    ]  # fmt: skip
    return schemas.Page(items=items, total=total, page=page, size=size)


@router.post("/coverage/alarms/answer")
def answer_alarm(at: Write, body: shapes.AlarmAnswer) -> schemas.Done:
    """The town writes down what the silence was."""
    coverage.answer(at.tx, at.actor, body.area, body.day, body.text, at.now)
    return at.done(schemas.Done(message="已登记。"))
