"""The real drawings with several applications in one lead: what one of them does to its clocks moves no clock of another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select

from engine.tables import timers
from tests.api import test_dynamic_review as review
from tests.api.office import PEOPLE, Office, acknowledged, opened, verified
from tests.api.stories import here, orders, receipts, routed
from tests.api.test_emergency import FIRE, surveyed

ACCEPTED = {"accept_result": "accepted", "recognised": "none", "kinship_declared": False}
WANTED = {"accept_result": "supplement", "recognised": "none", "kinship_declared": False}


@contextmanager
def lead_of(
    folder: Path, begin: str, *ways: str, cause: str = "21", **kinds: Any
) -> Iterator[tuple[Office, Any]]:
    with opened(folder, begin) as office:
        lead = acknowledged(office, main_cause=cause)
        verified(office, causes=[cause])
        routed(office, *ways, **kinds)
        yield office, lead


def accept(office: Office, on: str) -> None:
    office.do(
        "receive_application", "fuwuban1", accepted_on=on, submitted_at=f"{on}T08:40:00+08:00", **ACCEPTED
    )


def papers_wanted(office: Office) -> None:
    office.do("receive_application", "fuwuban1", **WANTED)
    office.do("ask_supplement", "fuwuban1", missing=[{"document": "medical_bills", "why": "核定支出"}])


def states(office: Office, lead: Any, *terms: str) -> list[tuple[str, str, str]]:
    return [(r["term"], r["state"], r["due"]) for term in terms for r in receipts(office, lead, term)]


def corrected(office: Office, lead: Any, clock: str, day: str) -> None:
    revision = office.get("fuwuban1", f"cases/{lead['case_id']}")["revision"]
    body = {"revision": revision, "clock": clock, "date": day, "reason": "登记簿"}
    answer = office.post("fuwuban1", f"cases/{lead['case_id']}/start-dates", body)
    assert answer.status_code == 200, answer.text


def late_review(office: Office, lead: Any) -> list[str]:
    t = timers.c
    query = select(t.due_at).where(
        t.case_id == lead["case_id"], t.element == "late_review", t.state == "pending"
    )
    with office.runtime.db.reading() as tx:
        return sorted(f"{at:%m-%d}" for at in tx.run(query).scalars())


def test_papers_of_one_application_hold_up_nobody_in_an_emergency(tmp_path: Path) -> None:
    with lead_of(
        tmp_path,
        "2026-10-12T08:30:00+08:00",
        "TEMP_EXPENDITURE",
        cause="15",
        green="TEMP_EMERGENCY",
        first_aid=True,
    ) as (office, lead):
        first = ("first_aid.within", "relief.emergency_total")
        papers_wanted(office)
        assert {state for _, state, _ in states(office, lead, *first)} == {"running"}
        office.message("fuwuban1", lead["case_id"], "补正材料已到", papers=[{"document": "medical_bills"}])
        office.advance(to="2026-10-16T10:00:00+08:00")
        assert {state for _, state, _ in states(office, lead, *first)} == {"running"}
        told = [m["text"] for m in office.get("minzheng1", "notifications")["items"]]
        assert any("先行救助" in text for text in told), "overdue, and somebody is told"
        assert orders(office, lead)


def test_papers_of_one_application_stop_neither_a_notice_nor_a_department(tmp_path: Path) -> None:
    ways = ("TEMP_EXPENDITURE", "DIBAO", "EDUCATION")
    with lead_of(tmp_path, "2026-10-12T08:30:00+08:00", *ways, cause="31") as (office, lead):
        office.do("prepare_referral", "jiuzhu1", channel="paper", consent=True)
        accept(office, "2026-10-12")
        staff = [PEOPLE["minzheng1"], PEOPLE["minzheng2"]]
        office.do("assign_investigators", "fuwuban1", staff=staff, recusal_checked=True)
        office.do("home_survey", "minzheng1", "minzheng2", hard_to_verify=False)
        if "econ_check" in here(office, lead):
            office.do("econ_check", "jiuzhu1", econ_disputed=False)
        office.do("draft_opinion", "minzheng1", opinion="support", amount=1800, persons=2)
        office.advance(to="2026-10-14T09:00:00+08:00")
        office.do("check_notice", "fuwuban1", content_ok=True)
        office.do("post_notice", "jiandu", posted_on="2026-10-14", complaint_phone="022-00000000")
        before = states(
            office, lead, "dibao.notice", "relief.notice", "dibao.total", "relief.total", "referral.accept"
        )
        assert len(before) == 3
        papers_wanted(office)
        assert states(office, lead, *(term for term, _, _ in before)) == before
        assert {state for _, state, _ in before} == {"running"}
        office.message("fuwuban1", lead["case_id"], "补正材料已到", papers=[{"document": "medical_bills"}])
        office.advance(to="2026-10-22T10:00:00+08:00")
        assert "remove_notice" in here(office, lead), "the notice is over after its days"


def test_a_decision_ends_the_limit_of_its_own_application(tmp_path: Path) -> None:
    with opened(tmp_path, "2026-09-25T20:30:00+08:00") as office:
        lead = acknowledged(office, **FIRE)
        verified(office, est_amount=2500, immediate_need=False, causes=["15"])
        routed(office, "TEMP_EXPENDITURE", green="TEMP_EMERGENCY")
        office.advance(to="2026-09-28T09:00:00+08:00")
        accept(office, "2026-09-28")
        surveyed(office, 2500)
        office.do("town_decide", "fuwuban2", result="approved", amount=2500)
        ended = {state for _, state, _ in states(office, lead, "relief.emergency_total")}
        assert (ended, states(office, lead, "relief.total")) == (
            {"stopped"},
            [("relief.total", "running", "2026-10-23")],
        )


def test_correcting_or_extending_one_application_leaves_the_other(tmp_path: Path) -> None:
    with lead_of(tmp_path, "2026-10-12T08:30:00+08:00", "TEMP_EXPENDITURE", "DIBAO", "DIBAO_EDGE") as (
        office,
        lead,
    ):
        office.advance(to="2026-10-14T09:00:00+08:00")
        for _ in range(3):
            accept(office, "2026-10-14")
        assert [due for *_, due in states(office, lead, "dibao.total", "relief.total")] == [
            "2026-11-25",
            "2026-11-25",
            "2026-11-04",
        ]
        corrected(office, lead, receipts(office, lead, "relief.total")[0]["id"], "2026-10-13T00:00:00+08:00")
        assert [due for *_, due in states(office, lead, "relief.total", "relief.survey")] == [
            "2026-11-03",
            "2026-10-27",
        ]
        assert {due for *_, due in states(office, lead, "dibao.total")} == {"2026-11-25"}
        assert late_review(office, lead) == ["11-03", "11-25", "11-25"]
        page = office.get("fuwuban1", f"cases/{lead['case_id']}")
        body = {
            "revision": page["revision"],
            "clock": receipts(office, lead, "dibao.total")[0]["id"],
            "reason": "人户分离",
        }
        tried = office.post("fuwuban1", f"cases/{lead['case_id']}/extensions/preview", body).json()["items"]
        assert [(one["old"], one["new"]) for one in tried] == [("11月25日", "12月16日")]
        answer = office.post("fuwuban1", f"cases/{lead['case_id']}/extensions", body)
        assert answer.status_code == 200, answer.text
        assert sorted(due for *_, due in states(office, lead, "dibao.total")) == ["2026-11-25", "2026-12-16"]
        assert late_review(office, lead) == ["11-03", "11-25", "12-16"]


def test_a_wrong_date_of_discovery_is_put_right_after_the_step_that_counted_from_it(tmp_path: Path) -> None:
    with opened(tmp_path, "2026-10-12T08:30:00+08:00") as office:
        lead = acknowledged(office, main_cause="21")
        shown = office.get("fuwuban1", f"cases/{lead['case_id']}")["receipts"]
        ended = next(r for r in shown if r["term"].startswith("lead.self_verify"))
        assert (ended["state"], ended["may_correct"], ended["extend"]) == ("stopped", True, None)
        corrected(office, lead, ended["id"], "2026-10-10T08:00:00+08:00")
        page = office.get("fuwuban1", f"cases/{lead['case_id']}")
        again = next(r for r in page["receipts"] if r["id"] == ended["id"])
        assert again["start"] == "2026-10-10T00:00:00Z"
        assert "超期" in again["words"]


def test_a_disputed_check_does_not_eat_the_time_of_the_proposal(tmp_path: Path) -> None:
    with opened(tmp_path, "2026-09-14T10:00:00+08:00") as office:
        review.receives(office)
        review.report(office)
        if "register_change" in office.open():
            office.do("register_change", "minzheng1")
        staff = [PEOPLE["minzheng1"], PEOPLE["minzheng2"]]
        office.do("assign_investigators", "fuwuban1", staff=staff, recusal_checked=True)
        office.do("home_survey", "minzheng1", "minzheng2", hard_to_verify=False)
        office.advance(to="2026-09-21T10:00:00+08:00")
        office.do("econ_check", "jiuzhu1", econ_disputed=True)
        office.advance(to="2026-10-15T10:00:00+08:00")
        office.do("recheck", "minzheng1", "minzheng2", econ_disputed=False)
        row = office.task("minzheng1", "propose_review")
        assert row["due"]["due"] == "2026-10-21"
        t = timers.c
        with office.runtime.db.reading() as tx:
            query = select(t.due_at).where(t.element == "late_propose_review", t.state == "pending")
            assert f"{tx.run(query).scalar_one():%m-%d}" == "10-21"


def test_the_rules_of_the_day_of_acceptance_apply(tmp_path: Path) -> None:
    with opened(tmp_path, "2026-11-26T09:00:00+08:00") as office:
        wanted = {
            "kind": "term",
            "key": "relief.total",
            "value": 12,
            "valid_from": "2026-12-01",
            "reason": "局务会纪要",
        }
        assert office.post("guanli", "terms/changes", wanted).status_code == 200
        shown = next(i for i in office.get("guanli", "terms")["items"] if i["key"] == "relief.total")[
            "pending"
        ]
        answer = office.post(
            "juzhang", f"terms/changes/{shown['id']}/decide", {"revision": shown["revision"], "approve": True}
        )
        assert answer.status_code == 200, answer.text
        lead = acknowledged(office, main_cause="11")
        verified(office, causes=["11"])
        routed(office, "TEMP_EXPENDITURE")
        office.advance(to="2026-12-03T09:00:00+08:00")
        accept(office, "2026-12-03")
        (total,) = receipts(office, lead, "relief.total")
        assert (total["due"], late_review(office, lead)) == ("2026-12-21", ["12-21"])
        assert total["rule"].startswith("按 2026年12月3日 有效的规定：12个工作日")
        corrected(office, lead, total["id"], "2026-11-30T00:00:00+08:00")
        (total,) = receipts(office, lead, "relief.total")
        assert total["rule"] == "按 2026年11月30日 有效的规定：15个工作日"
        assert (total["due"], late_review(office, lead)) == ("2026-12-21", ["12-21"])
