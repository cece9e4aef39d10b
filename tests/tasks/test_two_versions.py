"""Two versions of the drawings on the same simulated weeks: no difference where there is none, and every one that there is."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from rich.console import Console

from cli import compared
from engine.calendar import midnight
from tasks import comparison
from tasks.comparison import Course, Due
from tests.conftest import PROCESSES
from tests.tasks.years import weeks

DAYS, AT = 30, date(2027, 1, 1)
Made = tuple[Any, dict[str, float], dict[str, Course]]
WORDS = compared.Labels({"town_civil_officer": "镇（街）民政干部"}, {"helped": "已救助"})


def changed(folder: Path) -> Path:
    """The processes with three days instead of one for a village's own look."""
    shutil.copytree(PROCESSES, folder)
    terms = folder / "terms.toml"
    text = terms.read_text(encoding="utf-8")
    known = 'key = "lead.self_verify.ordinary"\nname = "第一时间核实"\nn = 24'
    assert known in text
    terms.write_text(text.replace(known, known.replace("n = 24", "n = 72")), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def may(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return weeks(tmp_path_factory.mktemp("may"), DAYS)[:3]


def test_the_same_version_on_the_same_seed_is_no_difference_at_all(tmp_path: Path, may: Made) -> None:
    """Another folder, another database, other ids: not a due day, a step or a person is different."""
    one, waited, courses = may
    two, again, others, _ = weeks(tmp_path, DAYS)
    found = comparison.compare(courses, others, (one.result.load, two.result.load))
    assert found.nothing
    assert (found.changed, found.load) == ((), {})
    assert courses == others
    assert waited == again
    assert one.result.work == two.result.work
    assert any("-" in name and name.startswith("L0") for name in courses), (
        "cases beside the lead are compared"
    )
    assert "没有差别" in shown(found)


def test_a_changed_term_shows_case_by_case_and_changes_nobodys_end(tmp_path: Path, may: Made) -> None:
    """Fewer notices and orders leave people more time, so steps may be taken at other hours; what becomes of a lead stays."""
    one, _, before = may
    two, _, after, _ = weeks(tmp_path / "two", DAYS, processes=changed(tmp_path / "processes"))
    found = comparison.compare(before, after, (one.result.load, two.result.load))
    leads = one.result.numbers
    assert [case.case for case in found.changed if case.case in leads and case.other_end] == []
    assert sum(case.case in leads and case.other_way for case in found.changed) < len(leads) / 2
    moved = {case.case: due for case, due in found.moved() if due.term == "lead.self_verify.ordinary"}
    assert len(moved) >= len(leads) / 2  # the urgent ones have another term
    for due in moved.values():
        assert due.old is not None
        assert due.new is not None
        assert due.old.due < due.new.due
        assert due.why[0] == "时限由24小时改为72小时"
    some, due = next(iter(moved.items()))
    told = shown(found)
    assert "第一时间核实" in told
    assert f"{some}：{comparison.minute(due.old.due)} → {comparison.minute(due.new.due)}" in told  # type: ignore[union-attr]
    assert comparison.document(found)["dates"] == sum(d.date_moved for _, d in found.moved())


# ------------------------------------------------------------------------------------------ what a comparison says
def limit(
    due: str, kept: str = comparison.MET, term: str = "3个工作日", started: str = "2026-05-11T09:00+08:00"
) -> Due:
    return Due("实地核查", term, started, due, 0, False, kept)


def course(*steps: str, end: str = "helped", **due: Due) -> Course:
    names = {"survey": "入户核查", "decide": "确认", "meet": "民主评议"}
    return Course("dibao", "某00001", end, steps, names, {(term, "", 1): one for term, one in due.items()})


LOADS = {("town", "town_civil_officer", "2026-05-11"): 4}, {("town", "town_civil_officer", "2026-05-11"): 6}


def difference() -> comparison.Difference:
    before = {
        "L00001": course("survey", "decide", site=limit("2026-05-14")),
        "L00001-F1": course("survey"),
        "L00002": course("survey", "meet", "decide"),
        "L00003": course("survey", "decide"),
        "L00004": course("survey", site=limit("2026-05-14")),
    }
    after = {
        "L00001": course("survey", "decide", site=limit("2026-05-12", comparison.MISSED, "1个工作日")),
        "L00002": course("survey", "decide", end="active"),
        "L00002-R1": course("meet"),
        "L00003": course("decide", "survey"),
        "L00004": course("survey", site=limit("2026-05-14", started="2026-05-11T09:05+08:00")),
    }
    return comparison.compare(before, after, LOADS)


def test_each_case_says_what_differs() -> None:
    found = {one.case: one for one in difference().changed}
    assert list(found) == ["L00001", "L00001-F1", "L00002", "L00002-R1", "L00003"], (
        "the same date is no difference"
    )
    (due,) = found["L00001"].due
    assert (due.turned, due.why) == (True, ("时限由3个工作日改为1个工作日",))
    assert not found["L00001"].other_way
    assert (found["L00001-F1"].only, found["L00002-R1"].only) == ("old", "new")
    assert (found["L00002"].gone, found["L00002"].come) == ({"民主评议": 1}, {})
    assert (found["L00002"].other_end, found["L00002"].end) == (True, ("helped", "active"))
    assert found["L00003"].order
    assert difference().load == {("town", "town_civil_officer", "2026-05-11"): (4, 6)}
    assert difference().work == {("town", "town_civil_officer"): (4, 6)}


def shown(found: comparison.Difference, top: int | None = 12) -> str:
    out = StringIO()
    compared.show(Console(file=out, width=200), found, WORDS, top, None)
    return out.getvalue()


def test_a_person_reads_the_new_misses_first() -> None:
    told = shown(difference())
    assert "5 件中" not in told
    assert "6 件中 4 件走法不同，1 件结果不同；期限变化 1 项" in told
    assert "按时 → 超期" in told
    assert "2026-05-11 起：4 → 6" in told
    assert "已救助 → 未办结" in told
    assert "另有 3 件未列出" in shown(difference(), 1)


def sheets_of_a_workbook(folder: Path) -> dict[str, list[list[Any]]]:
    compared.write(folder / "a.xlsx", difference(), WORDS, midnight(AT))
    book = openpyxl.load_workbook(folder / "a.xlsx")
    return {
        sheet.title: [["" if cell is None else cell for cell in row] for row in sheet.values]
        for sheet in book
    }


def files_of_lines(folder: Path) -> dict[str, list[list[Any]]]:
    compared.write(folder / "a.csv", difference(), WORDS, midnight(AT))
    found = {}
    for file in folder.glob("a-*.csv"):
        with file.open(encoding="utf-8-sig", newline="") as lines:
            found[file.stem.removeprefix("a-")] = [
                [int(cell) if cell.isdecimal() else cell for cell in row] for row in csv.reader(lines)
            ]
    return found


@pytest.mark.parametrize("read", [sheets_of_a_workbook, files_of_lines])
def test_everything_is_in_the_file(
    tmp_path: Path, read: Callable[[Path], dict[str, list[list[Any]]]]
) -> None:
    found = read(tmp_path)
    assert sorted(found) == sorted(["走法和结果", "期限", "工作量", "每周工作量"])
    assert [row[0] for row in found["走法和结果"][1:]] == ["L00001-F1", "L00002", "L00002-R1", "L00003"]
    assert found["期限"][1] == [
        "L00001", "某00001", "实地核查", "2026-05-14", "2026-05-12", "按时", "超期", "时限由3个工作日改为1个工作日",
    ]  # fmt: skip
    assert found["每周工作量"][1] == ["镇（街）", "镇（街）民政干部", "2026-05-11", 4, 6, 2]
