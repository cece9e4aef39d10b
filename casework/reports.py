"""Monthly reports: figures counted from the cases themselves, frozen with a digest; what comes late is an adjustment of the next month.

A figure counts what happened in the month and was entered by the cut-off, so counting a frozen month again gives the same numbers (D.12).
What has no history to be counted from – the register's size, vacancies, the preparer's note – is kept as a snapshot with the report.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import chain
from typing import Any

from sqlalchemy import or_, select, update

from casework import (
    areas,
    report_facts,
    report_follow_ups,
    report_late,
    report_points,
    report_steps,
    report_visits,
)
from casework.tables import appointments, households, ledger, reports, visits
from engine.calendar import ZONE, midnight
from engine.db import Tx
from engine.deadline import add_months

COLUMNS: Mapping[str, str] = {
    "visits": "走访户次",
    "not_met": "未见到（已说明）",
    "in_hand_begin": "上月结转线索",
    "leads": "新增线索",
    "confirmed": "核查属实",
    "not_confirmed": "核查不属实",
    "merged": "重复并案",
    "urgent": "急难线索",
    "first_aid": "先行救助",
    "small_quick": "小额快救",
    "temp_emergency": "急难型救助",
    "temp_expenditure": "支出型救助",
    "paid": "发放",
    "dibao": "新增低保",
    "tekun": "新增特困",
    "edge": "新增边缘",
    "rigid": "新增刚性",
    "stopped": "停止救助",
    "reduced": "减发",
    "referrals": "部门转介",
    "referrals_accepted": "部门接收",
    "referrals_bounced": "部门退回",
    "referrals_closed": "转介办结",
    "escorts": "护送引导",
    "charity": "慈善帮扶",
    "deliberations": "一事一议会议",
    "backstop": "政府兜底",
    "notices": "公示",
    "objections": "异议",
    "renotices": "重新公示",
    "refused": "不予确认（受理）",
    "declined": "本人谢绝",
    "reconsiderations": "行政复议",
    "follow_ups_due": "应回访",
    "follow_ups": "已回访",
    "overdue": "超期催办",
    **report_points.COLUMNS,
    "publicity": "政策宣传",
    "closed": "线索办结",
    "handed_in": "移入线索",
    "handed_out": "移出线索",
    "in_hand_end": "结转下月线索",
}
"""Figures in the order of policy.md D.12."""
FIRST = tuple(
    column for column in COLUMNS if column not in (*report_points.COLUMNS, "handed_in", "handed_out")
)
"""What a report was counted with that was frozen before reports said it themselves."""
CARRIED = frozenset({"in_hand_begin", "in_hand_end"})
"""Balances: a month with nothing else is still a nil report."""
PERSONS = frozenset(
    {
        "small_quick",
        "temp_emergency",
        "temp_expenditure",
        "dibao",
        "tekun",
        "edge",
        "rigid",
        "backstop",
        "stopped",
        "reduced",
        "publicity",
    }
)
YUAN = frozenset({*PERSONS, "first_aid", "paid", "charity"}) - {
    "edge",
    "rigid",
    "stopped",
    "reduced",
    "publicity",
}
MONTHS_BACK = 12
"""How far back late entries are still reported as adjustments."""

R = reports.c
SENT = R.state != "prepared"
"""What has left the town; before that it is the preparer's, and is made anew."""


Cell = dict[str, Any]
"""`{"n": 3, "persons": 5 | None, "yuan": "900.00" | None, "by": {"source:01": 2}, "cases": [ids]}`."""
Figures = dict[str, dict[str, Cell]]


def compute(tx: Tx, town: str, month: date, cutoff: datetime) -> Figures:
    """Village path → column → cell, with the town's total under `total`. Columns without anything are left out."""
    made: Figures = {"total": {}}
    w = report_facts.Window.of(tx, town, month, cutoff)
    sources = (
        report_visits.facts,
        report_facts.of_month,
        report_steps.facts,
        report_follow_ups.facts,
        report_points.facts,
    )
    for fact in chain.from_iterable(source(tx, w) for source in sources):
        for place in (fact.area, "total"):
            _add(made.setdefault(place, {}), fact)
    return {place: made[place] for place in sorted(made)}


def _add(row: dict[str, Cell], fact: report_facts.Fact) -> None:
    cell = row.setdefault(fact.column, {"n": 0, "persons": None, "yuan": None, "by": {}, "cases": []})
    cell["n"] += 1
    if fact.persons is not None:
        cell["persons"] = (cell["persons"] or 0) + fact.persons
    if fact.yuan is not None:
        cell["yuan"] = f"{Decimal(cell['yuan'] or 0) + fact.yuan:.2f}"
    for mark in fact.by:
        cell["by"][mark] = cell["by"].get(mark, 0) + 1
    if fact.case_id and fact.case_id not in cell["cases"]:
        cell["cases"].append(fact.case_id)


def nil(figures: Mapping[str, Mapping[str, Any]]) -> bool:
    """Nothing happened in the month."""
    return not any(column not in CARRIED for column in figures["total"])


# ------------------------------------------------------------------------------------------ the snapshot
def snapshot(tx: Tx, town: str, month: date, now: datetime) -> dict[str, Any]:
    """What stands at the cut-off and cannot be counted again: register, focus households, vacancies; the reserve's balance.

    `{"columns": [...], "rows": {place: {key of SNAPSHOT: n}}, "reserve": {...}}`; the town itself has a place for its own points.
    """
    w = report_facts.Window.of(tx, town, month, now)
    h, v, a = households.c, visits.c, appointments.c
    rows: dict[str, dict[str, int]] = {path: {} for path, _name in villages(tx, town, now)}
    here = select(h.id).where(w.within(h.area))
    seen_query = select(v.household).where(w.during(v.at), v.met != "none", v.household.in_(here))
    seen = set(tx.run(seen_query).scalars())
    for row in tx.run(select(h.id, h.area, h.focus).where(w.within(h.area), h.ended_on.is_(None))):
        place = rows.setdefault(row.area, {})
        place["households"] = place.get("households", 0) + 1
        if row.focus:
            place["focus"] = place.get("focus", 0) + 1
            place["focus_visited"] = place.get("focus_visited", 0) + (row.id in seen)
    today = now.astimezone(ZONE).date()
    liaison = (
        a.post == "village_liaison",
        a.valid_from <= today,
        or_(a.valid_to.is_(None), a.valid_to > today),
    )
    held = set(tx.run(select(a.area).where(w.within(a.area), *liaison)).scalars())
    for path, place in rows.items():
        place["vacant"] = int(path not in held)
    for path, lacking in report_points.vacancies(tx, w, [town, *rows]).items():
        rows[path] = {**rows.get(path, {}), **lacking}
    total = {key: sum(place.get(key, 0) for place in rows.values()) for key in SNAPSHOT}
    return {"columns": list(COLUMNS), "rows": {**rows, "total": total}, "reserve": _reserve(tx, w)}


def columns(snap: Mapping[str, Any] | None) -> dict[str, str]:
    """What a report was counted with, in the official order: an old report shows no zeros for what nobody counted."""
    known = (snap or {}).get("columns", FIRST)
    return {column: label for column, label in COLUMNS.items() if column in known}


def snapshot_columns(snap: Mapping[str, Any] | None) -> dict[str, str]:
    """What a report kept as a snapshot."""
    kept = (snap or {}).get("rows", {}).get("total", {})
    return {key: label for key, label in SNAPSHOT.items() if key in kept}


SNAPSHOT: Mapping[str, str] = {
    "households": "在册户数",
    "focus": "重点户（应走访）",
    "focus_visited": "重点户（已走访）",
    "vacant": "联络员空缺",
    **report_points.VACANCIES,
}
BEFORE: Mapping[str, Sequence[str]] = {
    "visits": ("households",),
    "in_hand_begin": ("focus", "focus_visited"),
    "closed": ("vacant", *report_points.VACANCIES),
}
"""Figure → what is kept as a snapshot and stands before it."""


@dataclass(frozen=True, slots=True)
class Headed:
    """One column of a report. `kept`: from its snapshot, not a figure."""

    key: str
    label: str
    kept: bool


def header(snap: Mapping[str, Any] | None) -> list[Headed]:
    """The official order of everything a report says (policy.md D.12); the balance of leads around it is ours."""
    known, kept = columns(snap), snapshot_columns(snap)
    found = []
    for column in COLUMNS:
        found += [Headed(key, kept[key], True) for key in BEFORE.get(column, ()) if key in kept]
        if column in known:
            found.append(Headed(column, known[column], False))
    return found


def _reserve(tx: Tx, w: report_facts.Window) -> dict[str, str]:
    """The town's reserve in the month: opening, in, out, balance."""
    b = ledger.c
    begin = incoming = out = Decimal(0)
    query = select(b.at, b.amount).where(b.book == "reserve_fund", b.area == w.town, b.at < w.end)
    for row in tx.run(query.where(b.at <= w.cutoff)):
        if row.at < w.begin:
            begin += row.amount
        elif row.amount > 0:
            incoming += row.amount
        else:
            out -= row.amount
    found = {"begin": begin, "in": incoming, "out": out, "end": begin + incoming - out}
    return {key: f"{value:.2f}" for key, value in found.items()}


def villages(tx: Tx, town: str, now: datetime) -> list[tuple[str, str]]:
    """Path and short name of the town's villages, in the order of their codes."""
    return [(one.path, one.name) for one in areas.children(tx, town, now)]


def rows(
    tx: Tx, town: str, month: date, cutoff: datetime, *stand: Mapping[str, Any]
) -> list[tuple[str, str]]:
    """Path and name of a report's rows: the villages of the month's end, then whatever else figures or a snapshot `stand` at – a village
    founded or gone since, the town itself."""
    last = midnight(add_months(month.replace(day=1), 1)) - timedelta(microseconds=1)
    found = dict(villages(tx, town, min(last, cutoff)))
    others = {place for figures in stand for place in figures} - {*found, "total"}
    return [*found.items(), *sorted(place_names(tx, town, others).items())]


def place_names(tx: Tx, town: str, places: Iterable[str]) -> dict[str, str]:
    """Path → how a report of the town calls a place, also one that is no more or another town's now."""
    names = areas.names(tx, {town, *places})
    return {
        place: "镇（街）本级" if place == town else names[place].removeprefix(names[town]) for place in places
    }


# ------------------------------------------------------------------------------------------ checks
@dataclass(frozen=True, slots=True)
class Check:
    """One sum that must come out. `detail` says with which numbers."""

    name: str
    ok: bool
    detail: str


def checks(
    figures: Mapping[str, Mapping[str, Any]],
    snap: Mapping[str, Any] | None,
    before: Any,
    changed: Sequence[Mapping[str, Any]] = (),
) -> list[Check]:
    """Villages sum to the town; what was carried over is what the month before carried on. `before`: its report, or None."""
    total = figures["total"]
    wrong = [
        COLUMNS[column]
        for column in COLUMNS
        if sum(_n(row, column) for place, row in figures.items() if place != "total") != _n(total, column)
    ]
    found = [Check("各村（居）之和等于全镇（街）合计", not wrong, "、".join(wrong) or "全部相符")]
    begin, new, closed, end = (_n(total, c) for c in ("in_hand_begin", "leads", "closed", "in_hand_end"))
    came, went = _n(total, "handed_in"), _n(total, "handed_out")
    moved = bool(came or went)
    found.append(
        Check(
            f"上月结转 + 新增{' + 移入' if moved else ''} − 办结{' − 移出' if moved else ''} = 结转下月",
            begin + new + came - closed - went == end,
            f"{begin} + {new}{f' + {came}' if moved else ''} − {closed}{f' − {went}' if moved else ''} = {end}",
        )
    )
    if before is not None:
        month = before.month.isoformat()
        late = sum(
            c["now"] - c["was"] for c in changed if c["month"] == month and c["column"] == "in_hand_end"
        )
        was = _n(before.figures["total"], "in_hand_end")
        sum_text = f"{was}" + (f" + 调整 {late}" if late else "")
        found.append(Check("上月结转等于上月报表的结转下月", was + late == begin, f"{sum_text} = {begin}"))
    reserve = (snap or {}).get("reserve")
    if reserve:
        b, i, o, e = (Decimal(reserve[key]) for key in ("begin", "in", "out", "end"))
        found.append(Check("备用金：期初 + 拨入 − 支出 = 结余", b + i - o == e, f"{b} + {i} − {o} = {e}"))
        earlier = ((before.snapshot if before is not None else None) or {}).get("reserve")
        if earlier:
            carried = Decimal(earlier["end"])
            found.append(Check("备用金期初等于上月结余", carried == b, f"{carried} = {b}"))
    return found


def _n(row: Mapping[str, Any], column: str) -> int:
    return int(row.get(column, {}).get("n", 0))


# ------------------------------------------------------------------------------------------ freezing
def digest(figures: Mapping[str, Any], adjustments: Any, snap: Any = None) -> str:
    """SHA-256 of the report as it stands."""
    whole = [figures, adjustments, snap]
    text = json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def adjustments(tx: Tx, town: str, month: date, now: datetime) -> list[dict[str, Any]]:
    """What has changed in earlier months since it was last told: by their own reports, or by adjustments of the reports that followed.

    Lines `{"month", "area", "column", "was", "now", "yuan_was", "yuan_now"}`; each change is reported once. Frozen figures stay, also where a
    later version of this program counts by a better rule: the difference is an adjustment like any other.
    Only months in whose books something was entered since they were told are counted again (`report_late`). That a village became part of
    another, or a case went to another town, is no correction (`standing`).
    """
    first = month.replace(day=1)
    where = (R.area == town, R.month < first, R.month >= add_months(first, -MONTHS_BACK), SENT)
    known = select(R.month, R.cutoff, R.figures, R.adjustments, R.snapshot).where(*where)
    rows = list(tx.run(known.order_by(R.cutoff, R.version)))
    told: dict[date, Figures] = {}
    counted: dict[date, Mapping[str, str]] = {}
    for row in rows:
        told[row.month], counted[row.month] = deepcopy(row.figures), columns(row.snapshot)
        for line in row.adjustments or []:
            _tell(told.get(date.fromisoformat(line["month"]), {}), line)
    since = _told_at(rows)
    again = report_late.months(tx, town, told, since) if since is not None else set(told)
    made: list[dict[str, Any]] = []
    for earlier in sorted(again):
        lines = _changes(earlier, told[earlier], compute(tx, town, earlier, now))
        made += [line for line in lines if line["column"] in counted[earlier]]
    return made


def _told_at(rows: Sequence[Any]) -> datetime | None:
    """The moment at which all these months stood as they are told: the newest month's last report counted every one before it.

    None where one of the reports since was counted by other rules than today's. `rows`: reports in the order of their cut-offs.
    """
    newest = max((row.month for row in rows), default=None)
    since = max((row.cutoff for row in rows if row.month == newest), default=None)
    marks = {(row.snapshot or {}).get("rules") for row in rows if since is not None and row.cutoff >= since}
    return since if marks == {report_late.rules()} else None


def _tell(figures: Figures, line: Mapping[str, Any]) -> None:
    """A month as it stands after an adjustment of a later report."""
    cell = figures.setdefault(line["area"], {}).setdefault(line["column"], {})
    cell["n"] = line["now"]
    if "yuan_now" in line:
        cell["yuan"] = line["yuan_now"]


def _changes(month: date, was: Figures, found: Figures) -> list[dict[str, Any]]:
    lines = []
    for area in sorted({*was, *found} - {"total"}):
        for column in COLUMNS:
            old, new = (rows.get(area, {}).get(column, {}) for rows in (was, found))
            line = {
                "month": month.isoformat(),
                "area": area,
                "column": column,
                "was": old.get("n", 0),
                "now": new.get("n", 0),
            }
            if old.get("yuan") != new.get("yuan"):
                line |= {"yuan_was": old.get("yuan"), "yuan_now": new.get("yuan")}
            if line["was"] != line["now"] or "yuan_now" in line:
                lines.append(line)
    return lines


def differences(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Which figures of two versions of one month differ: `{"area", "column", "was", "now"}` (yuan where it differs)."""
    lines = _changes(date.min, dict(earlier), dict(later))
    return [{key: value for key, value in line.items() if key != "month"} for line in lines]


def settle(tx: Tx, number: str, state: str) -> None:
    """The district has received a report, or sent it back."""
    tx.run(update(reports).where(reports.c.number == number).values(state=state))


def get(tx: Tx, number: str) -> Any:
    """One report, or None."""
    return tx.run(select(reports).where(reports.c.number == number)).one_or_none()


def latest(tx: Tx, town: str, month: date) -> Any:
    """The newest version of a month that was submitted, or None."""
    query = select(reports).where(R.area == town, R.month == month, SENT).order_by(R.version.desc()).limit(1)
    return tx.run(query).one_or_none()


def versions(tx: Tx, town: str, month: date) -> list[Any]:
    """Every version of a month that was submitted, oldest first."""
    query = select(reports).where(R.area == town, R.month == month, SENT)
    return list(tx.run(query.order_by(R.version)))


def of_district(tx: Tx, root: str, month: date) -> list[Any]:
    """The newest version of each town below `root` that has submitted the month."""
    inside = or_(R.area == root, R.area.startswith(root + "/", autoescape=True))
    newest: dict[str, Any] = {}
    query = select(reports).where(inside, R.month == month.replace(day=1), SENT)
    for row in tx.run(query.order_by(R.version)):
        newest[row.area] = row
    return [newest[area] for area in sorted(newest)]


def added(rows: Sequence[Mapping[str, Mapping[str, Any]]]) -> dict[str, Cell]:
    """The district's total: the towns' totals added up, cases left out."""
    made: dict[str, Cell] = {}
    for figures in rows:
        for column, cell in figures["total"].items():
            sum_ = made.setdefault(column, {"n": 0, "persons": None, "yuan": None, "by": {}, "cases": []})
            sum_["n"] += cell["n"]
            if cell.get("persons") is not None:
                sum_["persons"] = (sum_["persons"] or 0) + cell["persons"]
            if cell.get("yuan") is not None:
                sum_["yuan"] = f"{Decimal(sum_['yuan'] or 0) + Decimal(cell['yuan']):.2f}"
            for mark, n in (cell.get("by") or {}).items():
                sum_["by"][mark] = sum_["by"].get(mark, 0) + n
    return made
