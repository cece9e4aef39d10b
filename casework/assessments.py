"""考核: figures counted from the records, each with the list behind it; sheets frozen with a digest; scores changed only beside the original.

Indicators, weights and formulas are a decision table (`processes/assessment/assessment_points.dmn`), pinned by the case that used it. A list
is `[[reference, good], …]`; references are `case:<id>`, `household:<id>:<quarter>`, `person:<id>`, `spot:<check>:<item>`, and those of
`casework/channels.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import insert, or_, select, update

from casework import areas, channels, circulars, sight, staff, visits
from casework.performance import Period, inside, notices_to, opened, terms_kept
from casework.tables import appointments, assessments, households, merits, spot_checks, spot_items
from casework.tables import visits as visits_table
from engine.calendar import ZONE
from engine.db import Tx, dumps, new_id
from engine.deadline import add_months
from engine.errors import NotFound
from engine.routing import Actor
from engine.tables import cases, user_tasks

A = assessments.c
TIERS: Mapping[str, tuple[str, ...]] = {
    "town": ("town",), "village": ("grid", "village"), "cadre": ("grid", "village"),
}  # fmt: skip
"""Whose steps count for a unit: a cadre answers for the villages in his charge."""
INDICATORS = {
    "coverage": "走访覆盖", "informants": "信息员到岗", "channels": "渠道畅通", "on_time": "按期率", "spot_check": "抽查差错",
    "follow_up": "回访到位", "discipline": "催办督办通报",
}  # fmt: skip
UNITS = {"town": "镇（街）", "village": "村（居）", "cadre": "包村干部"}
List = list[tuple[str, bool]]


@dataclass(slots=True)
class Figure:
    """What was counted: each item, and whether it speaks for the unit."""

    items: List = field(default_factory=list)

    @property
    def good(self) -> int:
        return sum(good for _, good in self.items)

    @property
    def share(self) -> float | None:
        """None when there was nothing to count: the table says what that is worth."""
        return self.good / len(self.items) if self.items else None


def year_before(day: date) -> tuple[date, date]:
    """The twelve months before a day."""
    return add_months(day, -12), day


# ------------------------------------------------------------------------------------------ counting
def figures(tx: Tx, unit: str, area: str, period: Period, now: datetime) -> dict[str, Figure]:
    """Every figure of a unit, by indicator; `notices`, `orders`, `named` and `complaints` together are the discipline."""
    tiers = TIERS[unit]
    kept = terms_kept(tx, area, tiers, period, now)
    found = {
        "coverage": _coverage(tx, area, period, now),
        "informants": _informants(tx, area, period),
        "channels": Figure([(one.key, one.good) for one in channels.of_unit(tx, area, period, now)]),
        "on_time": _cases(kept.kept, kept.late),
        "spot_check": _spot(tx, area, period),
        "notices": _against(row.id for row in notices_to(tx, area, tiers, period)),
        "orders": _against(row.id for row in opened(tx, area, "supervision_order", period)),
        "named": _against(circulars.named_in(tx, area, period)),
        "complaints": _against(_upheld(tx, area, period)),
    }
    if unit == "town":
        visited = terms_kept(tx, area, ("town", "village"), period, now, process="follow_up")
        found["follow_up"] = _cases(visited.kept, visited.late)
    return found


def _cases(good: Sequence[str], bad: Sequence[str]) -> Figure:
    return Figure([*((f"case:{one}", True) for one in good), *((f"case:{one}", False) for one in bad)])


def _against(ids: Any) -> Figure:
    return Figure([(f"case:{one}", False) for one in ids])


def _coverage(tx: Tx, area: str, period: Period, now: datetime) -> Figure:
    """Households of the roster in each quarter the village was screened; one explained (moved, in hospital) counts neither way.

    Who left the register before the quarter was over, or came onto it after its roster was frozen and was not met, owes it nothing. A visit counts for its household wherever it was made, and a screening for the village that has taken over the one screened.
    """
    h, v, c = households.c, visits_table.c, cases.c
    heirs = areas.heirs(tx)
    old = areas.formerly(area, heirs)
    began: dict[str, set[str]] = {}
    rosters: dict[str, set[str]] = {}
    open_rosters: set[str] = set()
    screened = select(c.area, c.opened_at, c.document).where(
        inside(c.area, area) | c.area.in_(old), c.process == "village_screening", c.opened_at >= period.start, c.opened_at < min(period.end, now)
    )  # fmt: skip
    for row in tx.run(screened):
        quarter = visits.quarter(row.opened_at.astimezone(ZONE).date())
        began.setdefault(areas.follow(row.area, heirs), set()).add(quarter)
        frozen = row.document.get("", {}).get("roster")
        if frozen is None:  # a round that froze none takes the register as it is
            open_rosters.add(quarter)
        else:
            rosters.setdefault(quarter, set()).update(str(one["household"]) for one in frozen["rows"])
    quarters = {quarter for found in began.values() for quarter in found}
    seen: dict[tuple[str, str], bool] = {}
    query = select(v.household, v.period, v.met).where(
        v.kind == "quarterly",
        v.period.in_(quarters),
        v.household.in_(select(h.id).where(inside(h.area, area))),
    )
    for row in tx.run(query):
        key = (row.household, row.period)
        seen[key] = seen.get(key, False) or row.met != visits.NOBODY
    made = Figure()
    for row in tx.run(select(h.id, h.area, h.ended_on).where(inside(h.area, area)).order_by(h.id)):
        for quarter in sorted(began.get(row.area, ())):
            met = seen.get((row.id, quarter))
            if met is not None and not met:
                continue
            if row.ended_on is not None and row.ended_on < visits.quarter_after(quarter):
                continue
            if met is None and quarter not in open_rosters and row.id not in rosters[quarter]:
                continue
            made.items.append((f"household:{row.id}:{quarter}", met is True))
    return made


def _informants(tx: Tx, area: str, period: Period) -> Figure:
    """Village people in post at the end of the period: did they report a lead or do a step in it (R10)?"""
    a, t, c = appointments.c, user_tasks.c, cases.c
    last = period.ends
    held = select(a.person).where(
        inside(a.area, area), a.tier.in_(("village", "grid")), a.valid_from < last, or_(a.valid_to.is_(None), a.valid_to >= last)
    )  # fmt: skip
    people = sorted(set(tx.run(held).scalars()))
    worked = select(t.ended_by).where(
        t.ended_by.in_(people), t.state == "completed", t.ended_at >= period.start, t.ended_at < period.end
    )
    reported = select(c.opened_by).where(
        c.opened_by.in_(people), c.opened_at >= period.start, c.opened_at < period.end
    )
    active = {*tx.run(worked).scalars(), *tx.run(reported).scalars()}
    return Figure([(f"person:{one}", one in active) for one in people])


def _spot(tx: Tx, area: str, period: Period) -> Figure:
    """Items of the period's spot checks that were looked at: missed or wrong speaks against the unit."""
    s, k = spot_items.c, spot_checks.c
    query = (
        select(s.check_no, s.id, s.missed, s.wrong)
        .join(spot_checks, k.number == s.check_no)
        .where(inside(s.area, area), s.replaced.is_(None), or_(s.missed.is_not(None), s.wrong.is_not(None)))
        .where(k.frozen_at >= period.start, k.frozen_at < period.end)
    )
    rows = tx.run(query.order_by(s.check_no, s.id))
    return Figure([(f"spot:{r.check_no}:{r.id}", not (r.missed or r.wrong)) for r in rows])


def _upheld(tx: Tx, area: str, period: Period) -> list[str]:
    """Complaints of the period found to be true, wholly or partly."""
    return [
        row.id for row in opened(tx, area, "complaint", period) if row.variables.get("complaint_finding") in ("upheld", "partly")
    ]  # fmt: skip


def for_table(found: Mapping[str, Figure]) -> dict[str, Any]:
    """The figures as the decision table reads them: shares (None: nothing to count), the error rate, and counts against."""
    spot = found["spot_check"].share
    return {
        "coverage": found["coverage"].share,
        "informants": found["informants"].share,
        "channels": found["channels"].share,
        "on_time": found["on_time"].share,
        "errors": None if spot is None else round(1 - spot, 6),
        "follow_up": found["follow_up"].share if "follow_up" in found else None,
        **{key: len(found[key].items) for key in ("notices", "orders", "named", "complaints")},
    }


DISCIPLINE = ("notices", "orders", "named", "complaints")
WORDS = {"notices": "催办通知书", "orders": "督办", "named": "点名通报", "complaints": "属实投诉"}


def measured(indicator: str, found: Mapping[str, Figure]) -> str:
    """A figure in words, for the sheet."""
    if indicator == "discipline":
        counts = [f"{WORDS[key]} {len(found[key].items)}" for key in DISCIPLINE if found[key].items]
        return "、".join(counts) or "无"
    one = found[indicator]
    if not one.items:
        return "本期无此项"
    if indicator == "spot_check":
        return f"查 {len(one.items)}，差错 {len(one.items) - one.good}"
    return f"{one.good} / {len(one.items)}"


def points(weight: Any, share: Any) -> Decimal:
    """Weight × share, to two places, half up."""
    return (Decimal(str(weight)) * Decimal(str(share))).quantize(Decimal("0.01"), ROUND_HALF_UP)


# ------------------------------------------------------------------------------------------ sheets
def record(
    tx: Tx,
    *,
    case_id: str,
    unit: str,
    area: str,
    person: str | None,
    period: Period,
    rows: Sequence[Mapping[str, Any]],
    lists: Mapping[str, Any],
    now: datetime,
) -> Any:
    """Freeze a sheet; said again for the same case it is the same sheet. `rows`: indicator, weight, share, points, formula, measured."""
    known = tx.run(select(assessments).where(A.case_id == case_id)).one_or_none()
    if known is not None:
        return known
    sheet = {"rows": list(rows), "lists": dict(lists)}
    score = sum((Decimal(str(row["points"])) for row in rows), Decimal(0))
    tx.run(
        insert(assessments),
        {
            "number": _number(tx, unit, area, person, period),
            "period": str(period.ends.year),
            "unit": unit,
            "area": area,
            "person": person,
            "case_id": case_id,
            "begins": period.begins,
            "ends": period.ends,
            "sheet": sheet,
            "digest": digest(sheet),
            "score": score,
            "appeals": [],
            "state": "computed",
            "computed_at": now,
        },
    )
    return of_case(tx, case_id)


def digest(sheet: Mapping[str, Any]) -> str:
    """SHA-256 of a sheet as it was computed."""
    return hashlib.sha256(dumps(dict(sheet)).encode()).hexdigest()


def _number(tx: Tx, unit: str, area: str, person: str | None, period: Period) -> str:
    code = area.rpartition("/")[2]
    stem = f"KH{period.ends:%Y%m}-{code}" + ("-BC" if unit == "cadre" and person else "")
    taken = tx.run(select(A.number).where(A.number.startswith(stem, autoescape=True))).scalars().all()
    return stem if stem not in taken else f"{stem}-{len(taken) + 1}"


def of_case(tx: Tx, case_id: str) -> Any:
    row = tx.run(select(assessments).where(A.case_id == case_id)).one_or_none()
    if row is None:
        raise NotFound("没有这份考核表，或您无权查看。", "No such assessment.")
    return row


def get(tx: Tx, number: str) -> Any:
    row = tx.run(select(assessments).where(A.number == number)).one_or_none()
    if row is None:
        raise NotFound("没有这份考核表，或您无权查看。", "No such assessment.")
    return row


def appealed(tx: Tx, number: str, entry: Mapping[str, Any]) -> None:
    """What became of an appeal, beside the score; the computed one stays."""
    row = tx.run(select(assessments).where(A.number == number).with_for_update()).one()
    if entry not in row.appeals:
        tx.run(update(assessments).where(A.number == number).values(appeals=[*row.appeals, dict(entry)]))


def settle(tx: Tx, number: str, final: Decimal, grade: str) -> None:
    """The last word: score after appeals, grade."""
    tx.run(
        update(assessments).where(A.number == number).values(final_score=final, grade=grade, state="final")
    )


def merit(
    tx: Tx,
    *,
    kind: str,
    area: str,
    person: str | None,
    case_id: str,
    text: str,
    basis: str,
    evidence: Sequence[Mapping[str, str]],
    by: str | None,
    now: datetime,
) -> None:
    """A reward or penalty with what it rests on (R65); one a case and kind."""
    m = merits.c
    same = [m.case_id == case_id, m.kind == kind, m.person == person if person else m.person.is_(None)]
    if tx.run(select(m.id).where(*same)).first() is not None:
        return
    row = {
        "id": new_id(), "kind": kind, "area": area, "person": person, "case_id": case_id, "text": text, "basis": basis,
        "evidence": [dict(one) for one in evidence], "decided_by": by, "at": now,
    }  # fmt: skip
    tx.run(insert(merits), row)


def veto(tx: Tx, unit: str, area: str, person: str | None, period: Period) -> bool:
    """Was anybody of the unit (or the cadre himself) found responsible in an accountability case of the period? (R66)"""
    m = merits.c
    found = select(m.area, m.person).join(cases, cases.c.id == m.case_id).where(
        m.kind == "penalty", cases.c.process == "accountability", m.at >= period.start, m.at < period.end, inside(m.area, area)
    )  # fmt: skip
    rows = list(tx.run(found))
    return any(row.person == person for row in rows) if unit == "cadre" else bool(rows)


def cadres_of(tx: Tx, town: str, on: date) -> list[tuple[str, str]]:
    """Person and area of every village-responsible cadre of a town that day."""
    a = appointments.c
    valid = (a.valid_from <= on, or_(a.valid_to.is_(None), a.valid_to > on))
    query = select(a.person, a.area).where(a.post == "village_lead_cadre", inside(a.area, town), *valid)
    return [(row.person, row.area) for row in tx.run(query.order_by(a.person, a.area))]


# ------------------------------------------------------------------------------------------ lists
def shown(tx: Tx, refs: Sequence[tuple[str, bool]], actor: Actor) -> list[dict[str, Any]]:
    """References as the actor reads them: `{"label", "good", "case_id"}`; a case sealed from the actor is counted and not named."""
    ids: dict[str, set[str]] = {}
    for ref, _ in refs:
        kind, _, rest = ref.partition(":")
        ids.setdefault(kind, set()).add(rest)
    c, h = cases.c, households.c
    named = select(c.id, c.number, c.title).where(c.id.in_(ids.get("case", ())), sight.open_to(actor))
    known = {row.id: row for row in tx.run(named)}
    houses = {rest.partition(":")[0] for rest in ids.get("household", ())}
    heads = dict(tuple(row) for row in tx.run(select(h.id, h.head).where(h.id.in_(houses))))
    places = channels.labels(tx, [ref for ref, _ in refs])
    items, people = _spot_names(tx, ids.get("spot", set())), staff.names(tx, ids.get("person", set()))
    made = []
    for ref, good in refs:
        kind, _, rest = ref.partition(":")
        case_id, label = None, rest
        if kind == "case" and rest in known:
            case_id, label = rest, f"{known[rest].number} {known[rest].title}"
        elif kind == "case":
            label = "依规保密的事项"
        elif kind == "household":
            house, _, quarter = rest.partition(":")
            label = f"{heads.get(house, house)} {quarter}"
        elif kind == "spot":
            label = items.get(rest, rest)
        elif kind == "person":
            label = people.get(rest, rest)
        elif ref in places:
            label = places[ref]
        made.append({"kind": kind, "label": label, "good": good, "case_id": case_id})
    return made


def _spot_names(tx: Tx, wanted: set[str]) -> dict[str, str]:
    s = spot_items.c
    checks = {one.partition(":")[0] for one in wanted}
    query = select(s.check_no, s.id, s.name).where(s.check_no.in_(checks))
    return {f"{row.check_no}:{row.id}": f"{row.name}（{row.check_no}）" for row in tx.run(query)}
