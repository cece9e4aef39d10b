"""What comes round again: monthly report, the quarter's rounds, the spot check, supervision – over HTTP, on legal time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from casework import reports, seed, spot_checks, visits
from engine.calendar import ZONE
from tests.api.office import PEOPLE, Office, acknowledged, found, granted_quickly, opened, verified


@pytest.fixture
def september(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, "2026-09-24T09:00:00+08:00") as made:
        yield made


def cases_of(office: Office, process: str, who: str = "jiuzhu1") -> list[Any]:
    return list(office.get(who, f"cases?process={process}&size=100")["items"])


# ------------------------------------------------------------------------------------------ supervision
def test_twice_overdue_brings_an_order_that_only_another_person_closes(september: Office) -> None:
    office = september
    lead = acknowledged(office)
    office.advance(to="2026-10-12T09:00:00+08:00")
    orders = cases_of(office, "supervision_order")
    assert [row["number"] for row in orders] == [f"{lead['number']}-DB1"]
    office.do("issue_order", "baopian", demand="三日内完成核查", responsible="镇长")
    assert office.receipts("fuwuban1", "answer_order")["supervise.reply"] == "2026-10-15"
    office.do("answer_order", "fuwuban1", answer="已安排两人核查")
    row = office.task("baopian", "check_answer")
    own = office.post("baopian", f"tasks/{row['id']}/claim", {"revision": row["revision"]})
    assert own.json()["code"] == "recused"
    office.do("check_answer", "jiuzhu1", closed=False, closed_reason="尚未核查")
    office.do("issue_order", "baopian", demand="立即核查", responsible="镇长")
    office.do("answer_order", "fuwuban1", answer="仍在安排")
    office.do("check_answer", "jiuzhu1", closed=False, closed_reason="仍未核查")
    office.do("criticise", "juzhang", criticism="通报批评")
    office.do("answer_order", "fuwuban1", answer="已经核查完毕")
    office.do("check_answer", "jiuzhu1", closed=True, closed_reason="核查表已上传")
    (order,) = cases_of(office, "supervision_order")
    assert office.get("jiuzhu1", f"cases/{order['id']}")["case"]["status"] == "completed"
    assert len(cases_of(office, "supervision_order")) == 1, "an order is not supervised in its turn"


# ------------------------------------------------------------------------------------------ monthly report
def reported(office: Office) -> str:
    office.do("prepare_report", "minzheng1", nil_confirmed=False)
    row = office.task("minzheng2", "prepare_report") if "prepare_report" in office.open("minzheng2") else None
    assert row is None
    office.do("review_report", "fuwuban1", ok=True)
    with office.runtime.db.reading() as tx:
        return str(reports.latest(tx, seed.TOWN, date(2026, 9, 1)).number)


def test_a_month_is_counted_from_its_cases_and_frozen(september: Office) -> None:
    office = september
    acknowledged(office, main_cause="15", occurred_at="2026-09-24T08:00:00+08:00")
    verified(office)
    granted_quickly(office)
    found(office, subject_name="钱某丁")
    office.advance(to="2026-10-01T08:00:00+08:00")
    towns = {row["number"] for row in cases_of(office, "monthly_report")}
    assert towns == {"月报-20261001-120115101", "月报-20261001-120115103"}, (
        "one for each town where somebody works"
    )
    assert office.receipts("minzheng1", "prepare_report")["report.monthly"] == "2026-10-10", (
        "the third working day after the National Day holiday, the Saturday a make-up day"
    )
    row = office.task("minzheng1", "prepare_report")
    values = office.get("minzheng1", f"tasks/{row['id']}")["values"]
    wrong = office.post(
        "minzheng1", f"tasks/{row['id']}/complete",
        {"revision": row["revision"], "values": {**values, "nil_confirmed": True}},
    )  # fmt: skip
    assert (wrong.status_code, [one["path"] for one in wrong.json()["fields"]]) == (422, ["nil_confirmed"])
    number = reported(office)
    with office.runtime.db.reading() as tx:
        frozen = reports.get(tx, number)
        total = {column: cell["n"] for column, cell in frozen.figures["total"].items()}
        assert total == {
            "leads": 2, "urgent": 1, "confirmed": 1, "small_quick": 1, "paid": 1, "in_hand_end": 2,
            "overdue": 2, "visits": 2,
        }, "the verifications were visits; one lead was left lying before it was verified, the other before its gap was assessed"  # fmt: skip
        quick = frozen.figures["total"]["small_quick"]
        assert (quick["persons"], quick["yuan"]) == (2, "800.00")
        assert frozen.figures["total"]["leads"]["by"] == {"source:01": 2, "cause:15": 1, "cause:22": 1}
        assert frozen.figures["total"]["paid"]["yuan"] == "800.00"
        assert frozen.digest == reports.digest(frozen.figures, frozen.adjustments, frozen.snapshot)
        assert reports.compute(tx, seed.TOWN, date(2026, 9, 1), frozen.cutoff) == frozen.figures
    office.do("receive_report", "jiuzhu1", accepted=False, return_reason="请核对")
    again = reported(office)
    assert again == number[:-1] + "2", "sent back, it is a new version; the old one stays"
    office.do("receive_report", "jiuzhu1", accepted=True)
    with office.runtime.db.reading() as tx:
        assert (reports.get(tx, number).state, reports.get(tx, again).state) == ("returned", "received")


def test_a_month_without_anything_is_reported_as_nil(september: Office) -> None:
    office = september
    office.advance(to="2026-10-01T08:00:00+08:00")
    assert (
        office.get("minzheng1", f"tasks/{office.task('minzheng1', 'prepare_report')['id']}")["values"][
            "nil_confirmed"
        ]
        is True
    )


def test_what_comes_late_adjusts_the_next_month(september: Office) -> None:
    office = september
    office.advance(to="2026-10-01T08:00:00+08:00")
    office.do("prepare_report", "minzheng1", nil_confirmed=True)
    office.do("review_report", "fuwuban1", ok=True)
    with office.runtime.db.transaction() as tx:
        visits.record(
            tx, case_id=cases_of(office, "monthly_report")[0]["id"], area=seed.VILLAGE, period="2026Q3",
            kind="quarterly", person="p_lianluo", at=datetime(2026, 9, 29, 15, tzinfo=ZONE),
            entered_at=office.runtime.now(tx), rows=[{"head": "李某甲", "household": "h_l", "met": "self"}],
        )  # fmt: skip
        late = reports.adjustments(tx, seed.TOWN, date(2026, 10, 1), office.runtime.now(tx))
    assert late == [{"month": "2026-09-01", "area": seed.VILLAGE, "column": "visits", "was": 0, "now": 1}]


# ------------------------------------------------------------------------------------------ the quarter's rounds
def test_every_household_of_a_village_is_seen_or_explained(september: Office) -> None:
    office = september
    office.advance(to="2026-10-08T09:00:00+08:00")
    assert {row["number"] for row in cases_of(office, "village_screening")} == {
        f"村(居)季度入户排查-20261001-{village.rpartition('/')[2]}"
        for village in (seed.VILLAGE, seed.NEXT_VILLAGE)
    }, "one where somebody works, one where nobody works but a household lives"
    assert office.receipts("lianluo", "plan_visits")["quarter.sweep"] == "2026-12-31"
    office.do("plan_visits", "lianluo")
    seen = {"household": "h_l", "head": "李某甲", "met": "self", "needs": ["care"], "policy_explained": True}
    office.do("visit_households", "lianluo", visits=[seen])
    row = office.task("lianluo", "explain_gaps")
    assert [h["household"] for h in office.get("lianluo", f"tasks/{row['id']}")["values"]["gaps"]] == ["h_w"]
    none = office.post(
        "lianluo", f"tasks/{row['id']}/complete", {"revision": row["revision"], "values": {"gaps": []}}
    )
    assert none.status_code == 422
    office.do(
        "explain_gaps", "lianluo", gaps=[{"household": "h_w", "head": "王某乙", "not_met_reason": "外出务工"}]
    )
    leads = [row for row in cases_of(office, "active_discovery") if row["status"] == "active"]
    assert len(leads) == 1, "a need found on the round is a lead at once"
    office.do("town_confirm", "minzheng1", confirmed=True)
    assert "plan_visits" not in office.open("lianluo"), "another village's round is not theirs"
    with office.runtime.db.reading() as tx:
        rows = {c.area: c for c in visits.coverage(tx, seed.DISTRICT, "2026Q4", office.runtime.now(tx))}
    mine, other = rows[seed.VILLAGE], rows[seed.NEXT_VILLAGE]
    assert (mine.households, mine.visited, mine.explained, mine.silent, mine.vacant) == (2, 1, 1, 0, False)
    assert (other.silent, other.vacant) == (1, True), "a village nobody works in is shown, not passed over"
    office.advance(to="2027-01-01T00:10:00+08:00")
    row = office.task("jiuzhu1", "close_quarter")
    values = {"conclusion": "本季排查汇总", "recount": False}
    refused = office.post(
        "jiuzhu1", f"tasks/{row['id']}/complete", {"revision": row["revision"], "values": values}
    )
    assert (refused.status_code, refused.json()["fields"][0]["path"]) == (422, "recount")
    office.do("plan_visits", "baocun")
    alone = {"household": "h_t", "head": "田某丙", "met": "self", "needs": [], "policy_explained": True}
    office.do("visit_households", "baocun", visits=[alone])
    row = office.task("baocun", "town_confirm")
    own = office.post("baocun", f"tasks/{row['id']}/claim", {"revision": row["revision"]})
    assert own.json()["code"] == "recused", "who visited does not confirm the visits"
    office.do("town_confirm", "minzheng1", confirmed=True)
    assert office.task("jiuzhu1", "close_quarter")["title"] == "季度入户排查汇总 · 宝坻区", (
        "a duty has no name to hide"
    )
    quarter = office.get("jiuzhu1", f"cases/{office.task('jiuzhu1', 'close_quarter')['case_id']}")
    (figures,) = [one for one in quarter["sections"] if one["figures"]]
    assert figures["fields"][0]["columns"][:3] == ["村（居）", "应访户", "已访"]
    assert figures["fields"][0]["rows"], "who closes the quarter sees its villages"
    assert figures["link"] == "/coverage?area=120115&unit=quarter"
    before = office.receipts("jiuzhu1", "close_quarter")["quarter.close"]
    office.do("close_quarter", "jiuzhu1", conclusion="本季排查汇总", recount=True)
    assert office.receipts("jiuzhu1", "close_quarter")["quarter.close"] == before, (
        "counting again gives no new term"
    )
    office.do("close_quarter", "jiuzhu1", conclusion="本季排查汇总", recount=False)
    assert "completed" in {row["status"] for row in cases_of(office, "quarterly_screening")}


# ------------------------------------------------------------------------------------------ spot check
def test_a_spot_check_can_be_drawn_again_by_anybody(tmp_path: Path) -> None:
    with opened(tmp_path, "2026-08-31T09:00:00+08:00") as office:
        for number in range(8):
            found(office, subject_name=f"某{number}")
        office.advance(to="2026-09-01T09:10:00+08:00")
        office.do("define_frame", "jiuzhu1")
        (case,) = cases_of(office, "spot_check")
        with office.runtime.db.reading() as tx:
            check = spot_checks.get(tx, case["number"])
        assert check.seed is None
        assert len(check.frame) == 8 + 3, "leads and households without one"
        office.do("enter_seed", "jiuzhu1", "baopian", seed="六 三 五 二", seed_source="掷骰")
        with office.runtime.db.reading() as tx:
            drawn = spot_checks.items(tx, case["number"])
            frozen = spot_checks.get(tx, case["number"])
        assert frozen.frame == check.frame
        assert frozen.seeded_by == [PEOPLE["jiuzhu1"], PEOPLE["baopian"]]
        assert {row.id for row in drawn} == {
            "Hh_l",
            "Hh_t",
            "Hh_w",
            *(row.id for row in drawn if row.stratum == "leads"),
        }
        leads = [row for row in drawn if row.stratum == "leads"]
        assert len(leads) == 5
        sample = [{"item": row.id} for row in drawn]
        unreached, wrong = leads[0].id, leads[1].id
        hidden = next(row.id for row in drawn if row.stratum == "focus")
        for row in sample:
            row["unreached"] = "外出" if row["item"] == unreached else None
            row["wrong"] = row["item"] == wrong
            row["missed"] = row["in_hardship"] = row["item"] == hidden
        before = len(cases_of(office, "active_discovery"))
        office.do(
            "check_items", "jiuzhu1", "baopian", items=sample, checkers=[PEOPLE["jiuzhu1"], PEOPLE["baopian"]]
        )
        with office.runtime.db.reading() as tx:
            after = {row.id: row for row in spot_checks.items(tx, case["number"])}
        (following,) = after.keys() - {row.id for row in drawn}
        assert after[unreached].replaced == "外出"
        assert after[following].ticket == min(
            spot_checks.ticket(f"六 三 五 二|{frozen.salt}", item["id"])
            for item in frozen.frame
            if item["stratum"] == "leads" and item["id"] not in {row.id for row in drawn}
        ), "the next ticket takes the place"
        assert len(cases_of(office, "active_discovery")) == before + 1, (
            "a missed household in hardship is a lead"
        )
        office.do(
            "check_items",
            "jiuzhu1",
            "baopian",
            items=[{"item": following}],
            checkers=[PEOPLE["jiuzhu1"], PEOPLE["baopian"]],
        )
        office.do("town_answer", "fuwuban1", accepted=True, answer="认可")
        assert office.receipts("minzheng1", "rectify")["spot_check.rectify"] == "2026-09-15"
        office.do("rectify", "minzheng1", measures="已补报并培训")
        assert office.receipts("baopian", "confirm_rectified")["spot_check.rectify"] == "2026-09-15"
        office.do("confirm_rectified", "baopian", rectified=True, rectified_reason="已核对")
        office.do("issue_result", "juzhang", conclusion="全区通报")
        with office.runtime.db.reading() as tx:
            rates = {rate.kind: rate for rate in spot_checks.rates(tx, case["number"])}
        assert (rates["wrong"].looked_at, rates["wrong"].errors) == (5, 1)
        assert rates["wrong"].low < 0.2 < rates["wrong"].high
        assert (rates["missed"].errors, cases_of(office, "spot_check")[0]["status"]) == (1, "completed")


def test_a_seed_is_entered_once_and_a_changed_frame_is_seen() -> None:
    items = [{"id": f"H{n}", "town": "t", "stratum": "focus"} for n in range(30)]
    sizes = spot_checks.Sizes(Decimal("0.1"), 5, 10, 5)
    first = spot_checks.draw(items, "甲", sizes)
    assert [i["id"] for i in first] == [i["id"] for i in spot_checks.draw(list(reversed(items)), "甲", sizes)]
    assert {i["id"] for i in first} != {i["id"] for i in spot_checks.draw(items, "乙", sizes)}
    assert spot_checks.digest(items, "盐") == spot_checks.digest(items, "盐")
    for changed in ((items[1:], "盐"), (items, "糖"), (items[::-1], "盐"), (items, None)):
        assert spot_checks.digest(items, "盐") != spot_checks.digest(*changed)
