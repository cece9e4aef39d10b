"""A monthly report on paper and as a workbook, in the official order of columns (policy.md D.12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from casework import papers, points, reports, visits, workbooks
from casework.words import Words
from engine.calendar import ZONE

LISTS = {
    "source": "lead_source",
    "cause": "hardship_cause",
    "department": "department",
    "conclusion": "conclusion",
    "level": "decision_level",
    "fund": "fund",
    "result": "letter_result",
}
"""Mark of a breakdown → its code list."""
KINDS = {
    "source": "来源",
    "cause": "致困原因",
    "department": "部门",
    "conclusion": "办理结果",
    "level": "审批层级",
    "fund": "资金",
    "result": "结果",
    "step": "环节",
    "kind": "类别",
    "mode": "方式",
    "method": "走访方式",
    "visit": "回访",
    "call": "试拨",
    "point": "服务点",
    "pay": "发放",
    "papers": "其中",
}
OWN = {
    **{f"kind:{key}": label for key, label in visits.KINDS.items()},
    **{f"method:{key}": label for key, label in visits.METHODS.items()},
    "mode:escort_person": "护送",
    "mode:guide_person": "引导",
    "visit:first_visit": "首次",
    "visit:second_visit": "第二次",
    "call:answered": "接通",
    "call:silent": "没有接通",
    "pay:monthly": "按月",
    "pay:once": "一次性",
    "papers:first_aid": "先行救助补办手续（金额已计入先行救助）",
    **{f"point:{key}": label for key, label in points.KINDS.items()},
}


def mark_words(marks: Sequence[str], words: Words) -> dict[str, str]:
    """`source:01` → 来源：网格员走访发现."""
    found = {}
    for mark in marks:
        kind, _, value = mark.partition(":")
        said = OWN.get(mark) or words.of(LISTS.get(kind, ""), value) or "未填"
        found[mark] = f"{KINDS.get(kind, kind)}：{said}"
    return found


@dataclass(frozen=True, slots=True)
class Whole:
    """Everything a sheet says. `state` in words; `rows`: places with their names; `places`: names of those that are adjusted; `receipts`: how its
    own deadline was counted."""

    number: str
    unit: str
    month: date
    version: int
    state: str
    cutoff: datetime
    submitted_at: datetime | None
    digest: str
    prepared_by: str
    reviewed_by: str
    figures: Mapping[str, Mapping[str, Any]]
    snapshot: Mapping[str, Any]
    adjustments: Sequence[Mapping[str, Any]]
    rows: Sequence[tuple[str, str]]
    places: Mapping[str, str]
    checks: Sequence[reports.Check]
    words: Words
    receipts: Sequence[papers.Receipt] = ()

    @property
    def title(self) -> str:
        return f"{self.unit}困难群众主动发现救助工作月报（{self.month.year}年{self.month.month}月）"

    @property
    def head(self) -> list[str]:
        nil = "　零报告" if reports.nil(self.figures) else ""
        sent = f"　上报 {_moment(self.submitted_at)}" if self.submitted_at else ""
        return [
            f"编号 {self.number}　第 {self.version} 版　{self.state}{nil}　截止 {_moment(self.cutoff)}{sent}",
            f"编报 {self.prepared_by or '—'}　审签 {self.reviewed_by or '—'}　校验码 {self.digest}",
        ]


def _moment(at: datetime) -> str:
    return f"{at.astimezone(ZONE):%Y-%m-%d %H:%M}"


def _header(it: Whole) -> list[tuple[str, str, str]]:
    """Label, column, measure – official order."""
    found = []
    for one in reports.header(it.snapshot):
        column, label = one.key, one.label
        found.append((label, column, "snapshot" if one.kept else "n"))
        if column in reports.PERSONS:
            found.append((f"{label}（人）", column, "persons"))
        if column in reports.YUAN:
            found.append((f"{label}（元）", column, "yuan"))
    return found


def _cell(it: Whole, place: str, column: str, measure: str) -> Any:
    if measure == "snapshot":
        return it.snapshot.get("rows", {}).get(place, {}).get(column, 0)
    value = it.figures.get(place, {}).get(column, {}).get(measure)
    if measure == "yuan":
        return float(value) if value is not None else 0.0
    return value or 0


def _places(it: Whole) -> list[tuple[str, str]]:
    """The total, then the villages in their order."""
    return [("total", "合计"), *it.rows]


def workbook(it: Whole) -> bytes:
    """The report as a file: villages by columns, breakdowns, adjustments."""
    header = _header(it)
    rows = [
        [name, *(_cell(it, place, column, measure) for _label, column, measure in header)]
        for place, name in _places(it)
    ]
    below = [
        *(f"校验：{c.name}　{'相符' if c.ok else '不符'}（{c.detail}）" for c in it.checks),
        f"编报人：{it.prepared_by or ''}　　审签人：{it.reviewed_by or ''}",
    ]
    main = workbooks.Sheet("月报", ["村（居）", *(h[0] for h in header)], rows, [it.title, *it.head], below)
    return workbooks.workbook([main, _details(it), _changes(it)], it.cutoff)


def _details(it: Whole) -> workbooks.Sheet:
    total = it.figures["total"]
    marks = mark_words([m for cell in total.values() for m in cell.get("by") or {}], it.words)
    rows: list[list[workbooks.Value]] = [
        [label, marks[mark], n]
        for column, label in reports.COLUMNS.items()
        for mark, n in sorted((total.get(column, {}).get("by") or {}).items())
    ]
    return workbooks.Sheet("明细", ["项目", "分类", "数量"], rows)


def _changes(it: Whole) -> workbooks.Sheet:
    rows: list[list[workbooks.Value]] = [
        [
            str(c["month"])[:7],
            it.places.get(c["area"], c["area"]),
            reports.COLUMNS.get(c["column"], c["column"]),
            c["was"],
            c["now"],
            c["now"] - c["was"],
        ]
        for c in it.adjustments
    ]
    return workbooks.Sheet("调整", ["原月份", "村（居）", "项目", "原报", "现为", "调整"], rows)


SHOWN = 14
"""Columns of a printed table; more go into the next one below it."""


def pdf(it: Whole) -> bytes:
    """The report on A4, turned: only columns in which something happened, then checks, adjustments, signatures."""
    header = [
        h
        for h in _header(it)
        if h[2] in ("snapshot", "n") or any(_cell(it, p, h[1], h[2]) for p, _n in _places(it))
    ]
    places = [(p, n) for p, n in _places(it) if p == "total" or _busy(it, p)]
    tables = []
    for start in range(0, len(header), SHOWN):
        part = header[start : start + SHOWN]
        rows = [[n, *(_text(_cell(it, p, c, m), m) for _l, c, m in part)] for p, n in places]
        tables.append(papers.Grid("", ["村（居）", *(h[0] for h in part)], rows, [2, *([1] * len(part))]))
    quiet = sum(not _busy(it, p) for p, _n in it.rows if p.count("/") > 1)
    details = _details(it).rows
    if details:
        lines = [[str(cell) for cell in row] for row in details]
        tables.append(papers.Grid("明细", ["项目", "分类", "数量"], lines, [2, 4, 1]))
    if it.adjustments:
        lines = [[str(cell) for cell in row] for row in _changes(it).rows]
        tables.append(papers.Grid("对以前月份的调整", _changes(it).header, lines, [2, 3, 3, 1, 1, 1]))
    note = it.snapshot.get("note")
    reserve = it.snapshot.get("reserve")
    closing = [
        *([f"其余 {quiet} 个村（居）本月各项均为零。"] if quiet > 0 else []),
        *(
            [
                f"备用金：期初 {reserve['begin']}，拨入 {reserve['in']}，支出 {reserve['out']}，结余 {reserve['end']}（元）。"
            ]
            if reserve
            else []
        ),
        *([f"情况说明：{note}"] if note else []),
        *(f"校验：{c.name}——{'相符' if c.ok else '不符'}（{c.detail}）" for c in it.checks),
    ]
    return papers.sheet(
        it.title,
        above=it.head,
        tables=tables,
        lines=closing,
        signatures=["编报人", "审签人", "单位（盖章）", "区社会救助室接收"],
        receipts=it.receipts,
        footer=it.number,
    )


def _busy(it: Whole, place: str) -> bool:
    return any(column not in reports.CARRIED for column in it.figures.get(place, {}))


def _text(value: Any, measure: str) -> str:
    """A figure as printed; nothing is 0, so that a nil report says so in every cell."""
    return f"{value or 0:.2f}" if measure == "yuan" else str(value or 0)
