"""重点户台账 and 季度入户排查台账: the register with what the rounds found."""

from __future__ import annotations

from sqlalchemy import String, cast, select

from casework import focus
from casework import visits as rounds
from casework.ledgers.book import Book, Found, Scope, moment, truth
from casework.tables import households, visits
from engine.worklist import in_sight

FOCUS_COLUMNS = {
    "town": "镇街",
    "village": "村居",
    "head": "户主",
    "size": "家庭人口",
    "focus": "重点类别",
    "programmes": "已享受政策",
    "visited_at": "最近走访时间",
    "visitor": "走访人",
    "met": "见到何人",
    "needs": "所需帮助",
    "change": "情况变化",
    "lead_no": "引出线索",
}
SCREENING_COLUMNS = {
    "period": "季度",
    "town": "镇街",
    "village": "村居",
    "head": "户主",
    "visited_at": "走访时间",
    "visitor": "走访人",
    "met": "见到何人",
    "policy": "政策讲解",
    "needs": "所需帮助",
    "change": "情况变化",
    "reason": "未见到原因",
    "lead_no": "引出线索",
}


def _focus(scope: Scope) -> Found:
    h, v = households.c, visits.c
    chosen = cast(h.focus, String) != "[]"
    query = select(households).where(scope.sight(h.area), chosen, h.ended_on.is_(None))
    rows, total = scope.page(query.order_by(h.area, h.id))
    latest = {}
    seen = select(visits).where(v.household.in_([row.id for row in rows]), *scope.during(v.at))
    for visit in scope.tx.run(seen.order_by(v.at, v.id)):
        latest[visit.household] = visit
    places, people = scope.places(r.area for r in rows), scope.people(v.person for v in latest.values())
    made = []
    for row in rows:
        last = latest.get(row.id)
        made.append(
            {
                "case_id": last.case_id if last else None,
                **places[row.area],
                "head": scope.mask["name"](row.head),
                "size": str(row.size),
                "focus": "、".join(label for key, label in focus.CATEGORIES.items() if key in row.focus),
                "programmes": "、".join(
                    scope.words.of("programme_all", p.get("code")) for p in row.programmes
                ),
                "visited_at": moment(last.at) if last else "未走访",
                "visitor": people.get(last.person, "") if last else "",
                "met": scope.words.of("met_person", last.met) if last else "",
                "needs": scope.words.of("needs", last.needs) if last else "",
                "change": (last.change or "") if last else "",
                "lead_no": (last.lead_no or "") if last else "",
            }
        )
    return made, total


def _screening(scope: Scope) -> Found:
    v = visits.c
    query = select(visits, rounds.place().label("place")).select_from(rounds.HOME)
    wanted = [in_sight(scope.actor, rounds.place()), v.kind == "quarterly", *scope.during(v.at)]
    if scope.area:
        wanted.append(rounds.of_area(scope.tx, scope.area))
    rows, total = scope.page(query.where(*wanted).order_by(v.at.desc(), v.id))
    places, people = scope.places(r.place for r in rows), scope.people(r.person for r in rows)
    made = [
        {
            "case_id": row.case_id,
            "period": row.period,
            **places[row.place],
            "head": scope.mask["name"](row.head),
            "visited_at": moment(row.at),
            "visitor": people.get(row.person, ""),
            "met": scope.words.of("met_person", row.met),
            "policy": truth(row.policy_explained, "已讲解", "未讲解"),
            "needs": scope.words.of("needs", row.needs),
            "change": row.change or "",
            "reason": row.reason or "",
            "lead_no": row.lead_no or "",
        }
        for row in rows
    ]
    return made, total


FOCUS = Book("focus", "重点户台账", "在册重点户及最近一次走访", FOCUS_COLUMNS, _focus, "走访日期")
SCREENING = Book(
    "screening", "季度入户排查台账", "每季入户排查的每一户", SCREENING_COLUMNS, _screening, "走访日期"
)
