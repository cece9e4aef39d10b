"""A limit begins at the event its receipt names, also when that event was written down late; a notice is not over before its days."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.api.office import PEOPLE, Office, opened
from tests.api.stories import receipts
from tests.api.test_expenditure import THURSDAY, surveyed, to_application
from tests.api.test_programmes import without_support

RECOGNISED = {"recognised": "edge", "kinship_declared": False}


def starts(office: Office, lead: Any, term: str) -> list[tuple[str, str]]:
    return [(r["start"][:16], r["due"]) for r in receipts(office, lead, term)]


def test_investigators_are_due_from_the_day_of_acceptance(tmp_path: Path) -> None:
    with opened(tmp_path, THURSDAY) as office:
        lead = to_application(office)
        office.advance(to="2026-09-17T14:00:00+08:00")
        office.do(
            "receive_application", "fuwuban1",
            accept_result="accepted", accepted_on="2026-09-14", submitted_at="2026-09-10T10:00:00+08:00", **RECOGNISED,
        )  # fmt: skip
        assert [due for _, due in starts(office, lead, "survey.assign")] == ["2026-09-15"]


def test_papers_handed_in_are_accepted_from_the_day_they_came(tmp_path: Path) -> None:
    with opened(tmp_path, THURSDAY) as office:
        lead = to_application(office)
        office.advance(to="2026-09-14T10:00:00+08:00")
        office.do("receive_application", "fuwuban1", accept_result="supplement", **RECOGNISED)
        office.do("ask_supplement", "fuwuban1")
        office.advance(to="2026-09-23T10:00:00+08:00")
        shown = receipts(office, lead, "apply.accept")
        assert [(r["state"], r["light"], r["words"]) for r in shown if r["state"] != "stopped"] == [
            ("paused", "paused", "已中止计时 · 等待补正（第10日）")
        ]
        office.message("fuwuban1", lead["case_id"], "补正材料已到", received_at="2026-09-17T10:00:00+08:00")
        assert ("2026-09-17T02:00", "2026-09-18") in starts(office, lead, "apply.accept")
        assert "paused" not in {r["state"] for r in receipts(office, lead, "apply.accept")}


def test_the_stations_receipt_is_due_from_the_arrival(tmp_path: Path) -> None:
    with opened(tmp_path, "2026-10-12T08:30:00+08:00") as office:
        lead = without_support(office)
        office.do("explain_rescue", "minzheng1", accepts=True, vulnerable=["disabled"])
        office.advance(to="2026-10-14T09:00:00+08:00")
        office.do(
            "escort_person", "minzheng1", "minzheng2",
            escorts=[PEOPLE["minzheng1"], PEOPLE["minzheng2"]], identity_inquiry="已请公安机关协查",
            departed_at="2026-10-12T10:00:00+08:00", arrived_at="2026-10-12T12:00:00+08:00",
        )  # fmt: skip
        assert [start for start, _ in starts(office, lead, "escort.receipt")] == ["2026-10-12T04:00"]


def test_a_posting_date_put_right_after_the_notice_keeps_it_hanging_to_its_true_end(tmp_path: Path) -> None:
    with opened(tmp_path, THURSDAY) as office:
        lead = to_application(office)
        surveyed(office)
        office.do("home_survey", "minzheng1", "minzheng2")
        office.do("draft_opinion", "minzheng1", opinion="support", amount=7 * 1010)
        office.advance(to="2026-09-21T09:00:00+08:00")
        office.do("check_notice", "fuwuban1", content_ok=True)
        office.do("post_notice", "jiandu", posted_on="2026-09-21", complaint_phone="022-00000000")
        office.advance(to="2026-09-29T08:40:00+08:00")
        (notice,) = receipts(office, lead, "relief.notice")
        revision = office.get("fuwuban1", f"cases/{lead['case_id']}")["revision"]
        body = {"revision": revision, "clock": notice["id"], "date": "2026-09-24", "reason": "照片显示24日"}
        answer = office.post("fuwuban1", f"cases/{lead['case_id']}/start-dates", body)
        assert answer.status_code == 200, answer.text
        assert starts(office, lead, "notice.close") == [("2026-10-07T16:00", "2026-10-09")]
        row = office.task("jiandu", "remove_notice")
        assert row["due"]["due"] == "2026-10-09"
        values = {"removed_at": "2026-09-29T08:40:00+08:00", "photo_end": [], "continuous": True}
        refused = office.post(
            "jiandu", f"tasks/{row['id']}/complete", {"revision": row["revision"], "values": values}
        )
        assert refused.status_code == 422
        assert any("还没有届满" in one["message"] for one in refused.json()["fields"])
        office.advance(to="2026-10-09T08:40:00+08:00")
        office.do("remove_notice", "jiandu", continuous=True)
        assert ("2026-10-07T16:00", "2026-10-09") in starts(office, lead, "notice.close")
        office.do("close_notice", "fuwuban1", notice_result="cleared")
