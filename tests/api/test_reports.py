"""The monthly report's page: draft, figures with their cases, versions, the district's sum, workbook and paper – over HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from casework import seed
from casework.tables import reports as reports_table
from tests.api.office import Office, acknowledged, granted_quickly, opened, verified
from tests.api.test_books import cells, text


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, "2026-09-24T09:00:00+08:00") as made:
        acknowledged(made, main_cause="15")
        verified(made)
        granted_quickly(made)
        made.advance(to="2026-10-01T08:00:00+08:00")
        yield made


def submitted(office: Office) -> str:
    office.do("prepare_report", "minzheng1", nil_confirmed=False, note="本月平稳")
    office.do("review_report", "fuwuban1", ok=True)
    (town,) = [t for t in office.get("jiuzhu1", "reports?month=2026-09")["towns"] if t["area"] == seed.TOWN]
    return str(town["number"])


def test_a_draft_is_counted_now_and_every_figure_opens_its_cases(office: Office) -> None:
    draft = office.get("minzheng1", f"reports/draft?area={seed.TOWN}&month=2026-09")
    assert (draft["state"], draft["number"], draft["nil"]) == ("draft", None, False)
    assert all(check["ok"] for check in draft["checks"])
    assert draft["receipts"][0]["due"] == "2026-10-10"
    page = office.get("minzheng1", f"reports/draft/cases?town={seed.TOWN}&month=2026-09&column=small_quick")
    assert [row["process"] for row in page["items"]] == ["active_discovery"]
    other = office.client("linzhen1").get(f"/api/reports/draft?area={seed.TOWN}&month=2026-09")
    assert other.status_code == 403


def test_who_prepares_and_who_signs_see_the_figures_and_the_report_behind_them(office: Office) -> None:
    def figures(who: str, element: str) -> tuple[dict[str, list[str]], str]:
        case = office.get(who, f"cases/{office.task(who, element)['case_id']}")
        (section,) = [one for one in case["sections"] if one["figures"]]
        (table,) = [field for field in section["fields"] if field["rows"]]
        assert (section["title"], table["columns"]) == ("本月数字", ["项目", "数量", "人数", "金额（元）"])
        return {row[0]: row[1:] for row in table["rows"]}, section["link"]

    found, link = figures("minzheng1", "prepare_report")
    assert found["小额快救"] == ["1", "2", "800.00"]
    assert found["停止救助"][0] == "0", "what did not happen is said as well"
    assert link == f"/reports/draft?area={seed.TOWN.replace('/', '%2F')}&month=2026-09"
    office.do("prepare_report", "minzheng1", nil_confirmed=False, note="本月平稳")
    assert figures("fuwuban1", "review_report")[0] == found
    office.do("review_report", "fuwuban1", ok=True)
    (town,) = [t for t in office.get("jiuzhu1", "reports?month=2026-09")["towns"] if t["area"] == seed.TOWN]
    assert figures("jiuzhu1", "receive_report")[1] == f"/reports/{town['number']}"


def test_the_district_sees_who_has_reported_and_who_has_not(office: Office) -> None:
    before = office.get("jiuzhu1", "reports?month=2026-09")
    assert {(t["area"], t["state"], t["receipt"]["due"]) for t in before["towns"]} == {
        (seed.TOWN, "missing", "2026-10-10"),
        (seed.OTHER_TOWN, "missing", "2026-10-10"),
    }
    number = submitted(office)
    after = office.get("jiuzhu1", "reports?month=2026-09")
    assert after["missing"] == 1
    assert after["total"]["small_quick"]["yuan"] == "800.00"
    report = office.get("jiuzhu1", f"reports/{number}")
    assert (report["prepared_by"], report["reviewed_by"], report["note"]) == ("戊民政", "庚服务", "本月平稳")
    marks = report["figures"]["total"]["leads"]["by"]
    assert {report["words"]["marks"][mark] for mark in marks} == {"来源：网格员走访发现", "致困原因：火灾"}
    page = office.get("jiuzhu1", f"reports/{number}/cases?column=leads&area={seed.VILLAGE}")
    assert page["total"] == 1
    assert office.client("linzhen1").get(f"/api/reports/{number}").status_code == 404


def test_a_figure_of_visits_opens_its_visits_and_a_frozen_month_keeps_its_list(office: Office) -> None:
    def visited(household: str, met: str, ended: str, started: str) -> None:
        body = {
            "kind": "focus", "household": household, "met": met, "started_at": started, "ended_at": ended,
            "visitors": [], "members_met": [], "method": "on_site", "reason": "家中无人" if met == "none" else None,
        }  # fmt: skip
        answer = office.post("wangge", "visits", body)
        assert answer.status_code == 200, answer.text

    visited("h_w", "self", "2026-09-30T10:30:00+08:00", "2026-09-30T10:00:00+08:00")
    visited("h_l", "none", "2026-09-30T11:10:00+08:00", "2026-09-30T11:00:00+08:00")
    asked = f"reports/draft/visits?town={seed.TOWN}&month=2026-09"
    draft = office.get("minzheng1", f"reports/draft?area={seed.TOWN}&month=2026-09")
    for column, household in (("visits", "h_w"), ("not_met", "h_l")):
        assert column in draft["visit_columns"]
        page = office.get("minzheng1", f"{asked}&column={column}&area={seed.VILLAGE}")
        figure = draft["figures"][seed.VILLAGE][column]["n"]
        assert page["total"] == len(page["items"]) == figure
        assert household in [row["household"] for row in page["items"]]
    assert office.get("minzheng1", f"{asked}&column=visits&area={seed.NEXT_VILLAGE}")["total"] == 0
    assert office.client("linzhen1").get(f"/api/{asked}&column=visits").status_code == 403
    number = submitted(office)
    visited("h_l", "self", "2026-09-30T15:10:00+08:00", "2026-09-30T15:00:00+08:00")
    kept = office.get("jiuzhu1", f"reports/{number}/visits?column=visits")["items"]
    assert {row["household"] for row in kept} == {"h_w", None}, "entered late is not in the frozen list"
    assert kept[0]["household"] == "h_w", "the newest first"
    now = office.get("minzheng1", f"{asked}&column=visits")["items"]
    assert "h_l" in [row["household"] for row in now]
    assert office.client("linzhen1").get(f"/api/reports/{number}/visits?column=visits").status_code == 404


def called(office: Office, *answered: bool) -> str:
    """A hotline of the village is registered and called, once for each."""
    body = {
        "area": seed.VILLAGE,
        "kind": "hotline",
        "name": "服务电话",
        "place": "村委会",
        "phone": "022-00000000",
    }
    point = str(office.post("lianluo", "service-points", body).json()["id"])
    for one in answered:
        office.post("lianluo", f"service-points/{point}/calls", {"answered": one, "note": "忙音"})
        office.advance(by="PT1M")
    return point


def test_calls_of_a_hotline_are_counted_with_their_list_and_a_frozen_month_stays(tmp_path: Path) -> None:
    with opened(tmp_path, "2026-09-24T09:00:00+08:00") as office:
        called(office, True, False)
        office.advance(to="2026-10-01T08:00:00+08:00")
        number = submitted(office)
        called(office, True)
        office.do("receive_report", "jiuzhu1", accepted=False, return_reason="请核对")
        report = office.get("jiuzhu1", f"reports/{number}")
        cell = report["figures"][seed.VILLAGE]["hotline_calls"]
        assert (cell["n"], cell["by"]) == (2, {"call:answered": 1, "call:silent": 1})
        assert report["words"]["marks"]["call:silent"] == "试拨：没有接通"
        assert [check["name"] for check in report["checks"] if not check["ok"]] == []
        kept = report["snapshot"]["rows"]
        assert (kept[seed.VILLAGE]["no_hotline"], kept[seed.VILLAGE]["no_window"]) == (0, 1)
        assert kept[seed.TOWN]["no_hotline"] == 1, "the town has its own points"
        behind = office.get("jiuzhu1", f"reports/{number}/points?column=hotline_calls&area={seed.VILLAGE}")
        assert [(one["ok"], one["finding"]) for one in behind["items"]] == [(False, "忙音"), (True, None)]
        assert office.get("jiuzhu1", f"reports/{number}/points?column=points_checked")["total"] == 0
        assert (
            office.client("linzhen1").get(f"/api/reports/{number}/points?column=hotline_calls").status_code
            == 404
        )
        unknown = office.client("jiuzhu1").get(f"/api/reports/{number}/points?column=leads")
        assert unknown.status_code == 422
        draft = office.get(
            "minzheng1", f"reports/draft/points?town={seed.TOWN}&month=2026-10&column=hotline_calls"
        )
        assert draft["total"] == 1, "the call of October is October's"


def test_a_report_frozen_before_a_column_was_counted_stays_readable_without_it(office: Office) -> None:
    called(office, True)
    number = submitted(office)
    rows = reports_table.c
    with office.runtime.db.transaction() as tx:
        old = dict(tx.run(select(rows.snapshot).where(rows.number == number)).scalar_one())
        del old["columns"]
        kept = {
            place: {k: n for k, n in row.items() if not k.startswith("no_")}
            for place, row in old["rows"].items()
        }
        tx.run(update(reports_table).where(rows.number == number).values(snapshot={**old, "rows": kept}))
    report = office.get("jiuzhu1", f"reports/{number}")
    assert {one["key"] for one in report["columns"]} >= {"leads", "publicity"}
    assert "hotline_calls" not in {one["key"] for one in report["columns"]}
    assert "no_window" not in {one["key"] for one in report["header"]}
    assert (
        office.client("jiuzhu1").get(f"/api/reports/{number}/points?column=hotline_calls").status_code == 404
    )
    book = cells(office.client("jiuzhu1").get(f"/api/reports/{number}.xlsx").content)
    assert "服务电话试拨" not in book
    assert "超期催办" in book


def test_a_returned_report_becomes_a_new_version_and_then_is_locked(office: Office) -> None:
    first = submitted(office)
    office.do("receive_report", "jiuzhu1", accepted=False, return_reason="请核对走访数")
    assert office.get("jiuzhu1", "reports?month=2026-09")["missing"] == 2, "sent back is not there"
    second = submitted(office)
    office.do("receive_report", "jiuzhu1", accepted=True)
    versions = office.get("minzheng1", f"reports/{second}")["versions"]
    assert [(v["number"], v["state"]) for v in versions] == [(first, "returned"), (second, "received")]


def test_a_nil_report_on_paper_says_nothing_happened_in_every_cell(tmp_path: Path) -> None:
    with opened(tmp_path, "2026-09-30T18:00:00+08:00") as office:
        office.advance(to="2026-10-01T08:00:00+08:00")
        office.do("prepare_report", "minzheng1", nil_confirmed=True)
        office.do("review_report", "fuwuban1", ok=True)
        (town,) = [
            t for t in office.get("jiuzhu1", "reports?month=2026-09")["towns"] if t["area"] == seed.TOWN
        ]
        paper = text(office.client("jiuzhu1").get(f"/api/reports/{town['number']}.pdf").content)
        assert re.search(r"合计0{10,}", paper)


WORDS = (
    "在册户数 走访户次 重点户（应走访） 重点户（已走访） 新增线索 核查属实 核查不属实 重复并案 急难线索 先行救助 小额快救 急难型救助 支出型救助 "
    "新增低保 新增特困 新增边缘 新增刚性 停止救助 减发 部门转介 部门接收 转介办结 护送引导 慈善帮扶 政府兜底 公示 异议 重新公示 不予确认（受理） "
    "行政复议 应回访 已回访 超期催办 服务电话试拨 政策宣传 联络员空缺 窗口空缺 公示牌空缺 服务电话空缺"
)
OFFICIAL = tuple(WORDS.split())
"""policy.md D.12."""
OWN = {
    "未见到（已说明）", "上月结转线索", "发放", "部门退回", "一事一议会议", "本人谢绝", "服务点核验", "服务点有问题", "服务点整改", "线索办结",
    "移入线索", "移出线索", "结转下月线索",
}  # fmt: skip
"""What the report says beyond the official columns, between them."""


def official(labels: Iterable[str]) -> tuple[str, ...]:
    return tuple(label for label in labels if label not in OWN)


def test_page_step_workbook_and_paper_have_the_official_columns_in_their_order(office: Office) -> None:
    detail = office.get("minzheng1", f"tasks/{office.task('minzheng1', 'prepare_report')['id']}")
    (table,) = [field for field in detail["about"][0]["fields"] if field["rows"]]
    assert official(row[0] for row in table["rows"]) == OFFICIAL
    number = submitted(office)
    report = office.get("jiuzhu1", f"reports/{number}")
    labels = [one["label"] for one in report["header"]]
    assert official(labels) == OFFICIAL
    assert set(labels) == {*OFFICIAL, *OWN}
    book = cells(office.client("jiuzhu1").get(f"/api/reports/{number}.xlsx").content)
    measured = [
        label for label in re.findall(r">([^<>]+)<", book) if re.sub("（[人元]）$", "", label) in labels
    ]
    (first, *_rest) = [at for at, label in enumerate(measured) if label == OFFICIAL[0]]
    plain = [label for label in measured[first:] if label in labels][: len(labels)]
    assert official(plain) == OFFICIAL
    assert measured.index("小额快救（人）") == measured.index("小额快救") + 1
    assert measured.index("小额快救（元）") == measured.index("小额快救") + 2
    paper = text(office.client("jiuzhu1").get(f"/api/reports/{number}.pdf").content)
    for said in (number, "小额快救（元）", "编报人", "审签人", "相符", "2026-10-10", "本月平稳"):
        assert said in paper


def test_a_draft_is_of_a_town_and_of_a_month_that_has_begun(office: Office) -> None:
    asked = {"area": seed.VILLAGE, "month": "2026-08"}, {"area": seed.TOWN, "month": "2099-01"}
    for query, field in zip(asked, ("area", "month"), strict=True):
        answer = office.client("jiuzhu1").get("/api/reports/draft", params=query)
        assert (answer.status_code, answer.json()["fields"][0]["path"]) == (422, field), answer.text
    assert office.client("jiuzhu1").get("/api/reports/draft", params={"area": "120115"}).status_code == 422
