"""动态复核 over HTTP, on legal time: every way a review begins, every way it ends, and what may not happen (R22, C-30, C-31, C-38)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from casework import recognitions, reports, seed
from engine.calendar import ZONE
from tests.api.office import PEOPLE, Office, found, opened

NUMBER = "1201151010012026010001-A1-1"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, "2026-09-14T09:00:00+08:00") as made:  # a Monday
        yield made


def receives(office: Office, programme: str = "DIBAO", amount: int | None = 1800, **more: Any) -> Any:
    """A family that has received this since spring, on a lead that is a case of its own."""
    lead = found(office, subject_name="赵某丙")
    with office.runtime.db.transaction() as tx:
        recognitions.recognise(
            tx, application_no=NUMBER, programme=programme, case_id=lead["case_id"], area=seed.VILLAGE, title="赵某丙",
            decided_on=more.pop("decided_on", date(2026, 3, 10)), amount=Decimal(amount) if amount else None, persons=2,
            from_month=date(2026, 4, 1) if amount else None, valid_to=more.pop("valid_to", None),
            now=datetime(2026, 3, 10, tzinfo=ZONE), **more,
        )  # fmt: skip
    return lead


def report(office: Office, change: str = "income_up", who: str = "lianluo", **values: Any) -> Any:
    said = {
        "source": "family",
        "change": change,
        "happened_on": "2026-09-01",
        "content": "家庭情况有变化",
        **values,
    }
    answer = office.post(who, f"recognitions/{NUMBER}/changes", {"values": said})
    assert answer.status_code == 200, answer.text
    office.advance(by="PT1M")
    return answer.json()


def surveyed(office: Office) -> None:
    """Two investigators at home, accounts checked – as for an application."""
    staff = [PEOPLE["minzheng1"], PEOPLE["minzheng2"]]
    office.do("assign_investigators", "fuwuban1", staff=staff, recusal_checked=True)
    office.do("home_survey", "minzheng1", "minzheng2", hard_to_verify=False)
    if "econ_check" in office.open("jiuzhu1"):
        office.do("econ_check", "jiuzhu1", econ_disputed=False)
    if "self_care_assessment" in office.open("minzheng1"):
        office.do("self_care_assessment", "minzheng1", grade="partial")


def proposed(office: Office, proposal: str, amount: int | None = None, **more: Any) -> None:
    office.do("propose_review", "minzheng1", proposal=proposal, amount=amount, **{"overpaid": False, **more})


def heard(office: Office, case: str, *, stated: bool, **record: Any) -> None:
    office.do("notify_hearing", "minzheng1")
    if stated:
        office.message("minzheng1", case, "收到陈述意见", statement="不同意，收入不稳定")
    else:
        office.advance(to="2026-09-21T00:00:00+08:00")
    office.do("hearing_record", "minzheng1", "minzheng2", **record)


def decided(office: Office, **decision: Any) -> None:
    office.do("submit_to_bureau", "minzheng1")
    office.do("district_examine", "jiuzhu1", proposal="approve")
    office.do("district_decide", "juzhang", **decision)


def delivered(office: Office) -> None:
    office.do("write_letter", "jiuzhu2", authority="演示区人民政府", first_reconsideration=True)
    office.do("deliver_letter", "minzheng1", remedies_told=True)


def now_receives(office: Office) -> recognitions.Recognition:
    with office.runtime.db.reading() as tx:
        known = recognitions.get(tx, NUMBER)
    assert known is not None
    return known


def paid(office: Office, month: date) -> list[Decimal | None]:
    with office.runtime.db.reading() as tx:
        return [one.amount for one in recognitions.paid_in(tx, seed.TOWN, month)]


def counted(office: Office, *columns: str) -> dict[str, int]:
    """What the monthly report of September says in these columns."""
    with office.runtime.db.reading() as tx:
        total = reports.compute(tx, seed.TOWN, date(2026, 9, 1), office.runtime.now(tx))["total"]
    return {column: total[column]["n"] for column in columns if column in total}


def state(office: Office, case_id: str) -> str:
    return str(office.get("jiuzhu1", f"cases/{case_id}")["case"]["status"])


# ------------------------------------------------------------------------------------------ cut only after a hearing
def test_a_reduction_is_heard_decided_delivered_and_paid_from_the_next_month(office: Office) -> None:
    receives(office)
    made = report(office)
    assert made["number"] == f"{NUMBER}-F1"
    office.do("assign_investigators", "fuwuban1", staff=[PEOPLE["minzheng1"], PEOPLE["minzheng2"]])
    assert office.receipts("minzheng1", "home_survey")["review.recheck"] == "2026-09-28", (
        "ten working days; the make-up Sunday counts, Mid-Autumn does not"
    )
    office.do("home_survey", "minzheng1", "minzheng2", hard_to_verify=False)
    office.do("econ_check", "jiuzhu1", econ_disputed=False)
    proposed(office, "reduce", 1200)
    assert office.receipts("minzheng1", "notify_hearing")["hearing.notify"] == "2026-09-16"
    office.do("notify_hearing", "minzheng1")
    office.message("minzheng1", made["case_id"], "收到陈述意见", statement="不同意，收入不稳定")
    office.do(
        "hearing_record",
        "minzheng1",
        "minzheng2",
        was_stated=True,
        final_proposal="reduce",
        final_amount=1400,
    )
    assert now_receives(office).amount == Decimal(1800), "paid as before until a decision"
    decided(office, result="reduce", amount=1400)
    assert paid(office, date(2026, 10, 1)) == [Decimal(1800)]
    delivered(office)
    assert (paid(office, date(2026, 9, 1)), paid(office, date(2026, 10, 1))) == (
        [Decimal(1800)],
        [Decimal(1400)],
    )
    assert counted(office, "refused", "stopped", "reduced") == {"reduced": 1}
    shown = office.get("lianluo", f"recognitions/{NUMBER}")
    (change,) = shown["changes"]
    assert (change["result"], change["amount_before"], change["amount"]) == ("reduce", 1800.0, 1400.0)
    assert (change["hearing_ref"], change["decision_no"]) == (f"{NUMBER}-F1-TQ", f"{NUMBER}-D1")
    assert now_receives(office).review_on == date(2027, 3, 14), "half a year after the decision"
    (how,) = office.get("lianluo", f"recognitions/{NUMBER}")["receipts"]
    assert (how["term"], how["due"]) == ("review.periodic.unstable", "2027-03-14")
    assert state(office, made["case_id"]) == "completed"
    assert any(
        row["number"] == f"{NUMBER}-D1-R"
        for row in office.get("jiuzhu1", "cases?process=remedy_watch")["items"]
    )


def test_nobody_stops_what_was_not_heard(office: Office) -> None:
    receives(office)
    report(office)
    surveyed(office)
    proposed(office, "keep", 1800)
    office.do("submit_to_bureau", "minzheng1")
    office.do("district_examine", "jiuzhu1", proposal="approve")
    row = office.task("juzhang", "district_decide")
    for result in ("stop", "reduce"):
        values = {"level": "district", "result": result, "amount": 1000, "reasons": "收入超过标准", "basis": ["law48"],
                  "signature": "寅局长", "hearing_ref": "编造的记录"}  # fmt: skip
        refused = office.post(
            "juzhang", f"tasks/{row['id']}/complete", {"revision": row["revision"], "values": values}
        )
        assert refused.status_code == 422
        assert "result" in {field["path"] for field in refused.json()["fields"]}
    office.do("district_decide", "juzhang", result="returned", reasons="收入已超标准，请听取意见")
    surveyed(office)
    proposed(office, "stop")
    assert "notify_hearing" in office.open("minzheng1"), "sent back, it is surveyed and heard"


def test_nothing_heavier_than_what_was_told(office: Office) -> None:
    receives(office)
    made = report(office)
    surveyed(office)
    proposed(office, "reduce", 1200)
    heard(office, made["case_id"], stated=True, was_stated=True, final_proposal="reduce", final_amount=1200)
    office.do("submit_to_bureau", "minzheng1")
    office.do("district_examine", "jiuzhu1", proposal="approve")
    row = office.task("juzhang", "district_decide")
    base = {
        "level": "district",
        "reasons": "收入超过标准",
        "basis": ["law48"],
        "signature": "寅局长",
        "hearing_ref": f"{NUMBER}-F1-TQ",
    }
    for wrong, path in (({"result": "stop"}, "hearing_ref"), ({"result": "reduce", "amount": 900}, "amount")):
        values = {**base, **wrong}
        refused = office.post(
            "juzhang", f"tasks/{row['id']}/complete", {"revision": row["revision"], "values": values}
        )
        assert (refused.status_code, refused.json()["fields"][0]["path"]) == (422, path)


def test_who_says_nothing_is_recorded_as_silent_after_the_window(office: Office) -> None:
    receives(office)
    made = report(office, "give_up")
    surveyed(office)
    proposed(office, "stop")
    office.do("notify_hearing", "minzheng1")
    assert "hearing_record" not in office.open("minzheng1")
    office.advance(to="2026-09-20T23:50:00+08:00")
    assert "hearing_record" not in office.open("minzheng1"), (
        "five working days, the make-up Sunday among them"
    )
    office.advance(to="2026-09-21T08:30:00+08:00")
    row = office.task("minzheng1", "hearing_record")
    untrue = {
        "heard_noticed_on": "2026-09-14",
        "was_stated": True,
        "said": "同意",
        "view": "逾期未陈述",
        "final_proposal": "stop",
        "signature": "戊民政",
    }
    refused = office.post(
        "minzheng1", f"tasks/{row['id']}/complete", {"revision": row["revision"], "values": untrue}
    )
    assert (refused.status_code, refused.json()["fields"][0]["path"]) == (422, "was_stated")
    office.do(
        "hearing_record", "minzheng1", "minzheng2", was_stated=False, view="逾期未陈述", final_proposal="stop"
    )
    decided(office, result="stop")
    delivered(office)
    known = now_receives(office)
    assert (known.state, known.ended_on, known.end_reason, known.review_on) == (
        "ended",
        date(2026, 10, 1),
        "stop",
        None,
    )
    assert (paid(office, date(2026, 9, 1)), paid(office, date(2026, 10, 1))) == ([Decimal(1800)], [])
    assert state(office, made["case_id"]) == "completed"
    again = office.post(
        "lianluo",
        f"recognitions/{NUMBER}/changes",
        {
            "values": {
                "source": "family",
                "change": "other",
                "happened_on": "2026-09-20",
                "content": "又有变化了",
            }
        },
    )
    assert (again.status_code, again.json()["code"]) == (409, "recognition_ended")


# ------------------------------------------------------------------------------------------ keep, increase
@pytest.mark.parametrize(("proposal", "amount"), [("keep", 1800), ("increase", 2100)])
def test_keeping_and_increasing_need_no_hearing(office: Office, proposal: str, amount: int) -> None:
    receives(office)
    made = report(office, "income_down")
    surveyed(office)
    proposed(office, proposal, amount)
    decided(office, result=proposal, amount=amount)
    delivered(office)
    assert paid(office, date(2026, 10, 1)) == [Decimal(amount)]
    assert state(office, made["case_id"]) == "completed"
    assert counted(office, "refused", "stopped", "reduced") == {}, (
        "a review that leaves a family what it has refuses nobody"
    )


def test_a_second_report_joins_the_open_review_and_is_not_lost(office: Office) -> None:
    receives(office)
    first = report(office)
    second = report(office, "illness", content="户主住院，支出很大")
    assert (second["joined"], second["number"], second["case_id"]) == (
        True,
        first["number"],
        first["case_id"],
    )
    surveyed(office)
    row = office.task("minzheng1", "propose_review")
    shown = office.get("minzheng1", f"tasks/{row['id']}")["values"]["reports"]
    assert {one["content"] for one in shown} == {"家庭情况有变化", "户主住院，支出很大"}


# ------------------------------------------------------------------------------------------ death
def refused(office: Office, who: str, element: str, **values: Any) -> None:
    """Who did the step before does not do this one."""
    row = office.task(who, element)
    answer = office.post(who, f"tasks/{row['id']}/complete", {"revision": row["revision"], "values": values})
    assert (answer.status_code, answer.json()["code"]) == (403, "recused"), answer.text


def test_a_household_that_died_out_is_a_natural_decrease_without_fine(office: Office) -> None:
    receives(office)
    made = report(office, "death", persons_left=0)
    office.do("confirm_death", "minzheng1", overpaid=True, overpaid_amount=1800)
    office.do("approve_death", "minzheng2", agree=True)
    today = office.runtime.now().astimezone(ZONE).date()
    office.advance(by="P20D")  # both are entered long after they were done
    office.do("order_recovery", "jiuzhu1", due_amount=1800, ordered_on=today.isoformat())
    known = now_receives(office)
    assert (known.state, known.end_reason, known.ended_on) == ("ended", "natural", date(2026, 10, 1))
    office.do("deliver_recovery", "jiuzhu2", delivered_on=today.isoformat(), remedies_told=True)
    assert state(office, made["case_id"]) == "completed"
    kept = {r["term"]: r["words"] for r in office.get("jiuzhu1", f"cases/{made['case_id']}")["receipts"]}
    assert kept["recovery.order"].startswith("按时办结（迟录）"), kept
    assert kept["recovery.deliver"].startswith("按时办结（迟录）"), kept
    assert not office.get("jiuzhu1", "cases?process=penalty_file")["items"]


def test_a_death_is_not_confirmed_by_who_recorded_it_and_the_stop_waits_for_nobody(office: Office) -> None:
    receives(office)
    office.advance(to="2026-09-24T09:00:00+08:00")
    report(office, "death", persons_left=0)
    office.advance(to="2026-09-30T16:00:00+08:00")
    office.do("confirm_death", "minzheng1", overpaid=False)
    refused(office, "minzheng1", "approve_death", agree=True, reason="证明齐全")
    assert now_receives(office).state == "active", "nothing stops on one person's word"
    assert office.receipts("fuwuban1", "approve_death")["review.recheck"] == "2026-10-15", (
        "the second look lies within the ten working days of the review, not beyond them"
    )
    office.advance(to="2026-10-08T09:00:00+08:00")
    office.do("approve_death", "fuwuban1", agree=True)
    known = now_receives(office)
    assert (known.state, known.ended_on) == ("ended", date(2026, 10, 1)), (
        "from the month after the death was verified"
    )


def test_a_death_that_is_none_is_reviewed_like_any_change(office: Office) -> None:
    receives(office)
    made = report(office, "death", persons_left=0)
    office.do("confirm_death", "fuwuban1", overpaid=False)
    row = office.task("fuwuban2", "approve_death")
    body = {"revision": row["revision"], "target": "confirm_death", "reason": "没有死亡证明，请补充"}
    assert office.post("fuwuban2", f"tasks/{row['id']}/send-back", body).status_code == 200
    office.do("confirm_death", "fuwuban1", overpaid=False)
    office.do("approve_death", "fuwuban2", agree=False, reason="村里说户主仍在医院")
    assert now_receives(office).state == "active"
    surveyed(office)
    row = office.task("minzheng1", "propose_review")
    assert office.get("minzheng1", f"tasks/{row['id']}")["values"]["persons"] == 2, "who lives is counted"
    proposed(office, "keep", 1800)
    decided(office, result="keep", amount=1800)
    delivered(office)
    assert state(office, made["case_id"]) == "completed"
    assert paid(office, date(2026, 10, 1)) == [Decimal(1800)]


def test_of_a_death_the_others_are_reckoned_anew(office: Office) -> None:
    receives(office)
    made = report(office, "death", persons_left=1)
    surveyed(office)
    row = office.task("minzheng1", "propose_review")
    assert office.get("minzheng1", f"tasks/{row['id']}")["values"]["persons"] == 1
    proposed(office, "reduce", 900, persons=1)
    heard(office, made["case_id"], stated=True, was_stated=True, final_proposal="reduce", final_amount=900)
    decided(office, result="reduce", amount=900)
    delivered(office)
    assert (now_receives(office).persons, paid(office, date(2026, 10, 1))) == (1, [Decimal(900)])


# ------------------------------------------------------------------------------------------ by the clock
def test_who_is_due_is_reviewed_from_six_in_the_morning(office: Office) -> None:
    receives(office)
    with office.runtime.db.transaction() as tx:
        recognitions.schedule(tx, NUMBER, date(2026, 9, 16))
    office.advance(to="2026-09-16T05:55:00+08:00")
    assert not office.get("jiuzhu1", "cases?process=dynamic_review")["items"]
    office.advance(to="2026-09-18T07:00:00+08:00")
    (case,) = office.get("jiuzhu1", "cases?process=dynamic_review")["items"]
    assert case["number"] == f"{NUMBER}-F1", "once, however many mornings it stays open"
    assert office.receipts("fuwuban1", "assign_investigators")["review.recheck"] == "2026-09-30"
    surveyed(office)
    proposed(office, "keep", 1800)
    decided(office, result="keep", amount=1800)
    delivered(office)
    assert now_receives(office).review_on == date(2027, 3, 18)


def test_a_rigid_status_is_reminded_thirty_days_before_and_ended_by_a_person(office: Office) -> None:
    receives(office, "RIGID_EXP", None, decided_on=date(2025, 10, 20), valid_to=date(2026, 10, 20))
    with office.runtime.db.transaction() as tx:
        recognitions.schedule(tx, NUMBER, date(2026, 9, 20))
    office.advance(to="2026-09-20T07:00:00+08:00")
    assert office.receipts("minzheng1", "tell_expiry")["rigid.remind"] == "2026-10-20"
    before = len(office.get("jiuzhu1", "cases?process=active_discovery&size=100")["items"])
    office.do("tell_expiry", "minzheng1", wants_again=True)
    after = len(office.get("jiuzhu1", "cases?process=active_discovery&size=100")["items"])
    assert after == before + 1, "who wants the status again is a lead, on the ordinary way"
    office.advance(to="2026-10-20T20:00:00+08:00")
    assert "confirm_expiry" not in office.open("minzheng1")
    office.advance(to="2026-10-21T08:30:00+08:00")
    assert now_receives(office).state == "active", "no timer ends anything"
    office.do("confirm_expiry", "minzheng1")
    known = now_receives(office)
    assert (known.state, known.end_reason, known.ended_on) == ("ended", "expired", date(2026, 10, 21))


# ------------------------------------------------------------------------------------------ tekun, visits, sight
def test_a_tekun_minor_at_upper_secondary_school_is_not_stopped(office: Office) -> None:
    receives(office, "TEKUN", 1500)
    report(office, "came_of_age", studying=True)
    surveyed(office)
    row = office.task("minzheng1", "propose_review")
    values = {"proposal": "stop", "persons": 1, "reasons": "年满十八周岁", "overpaid": False}
    refused = office.post(
        "minzheng1", f"tasks/{row['id']}/complete", {"revision": row["revision"], "values": values}
    )
    assert (refused.status_code, refused.json()["fields"][0]["path"]) == (422, "proposal")
    proposed(office, "keep", 1500)
    assert "submit_to_bureau" in office.open("minzheng1")


def test_a_change_seen_on_a_round_opens_a_review(office: Office) -> None:
    receives(office)
    office.advance(to="2026-10-08T09:00:00+08:00")
    office.do("plan_visits", "lianluo")
    seen = {
        "head": "赵某丙",
        "met": "self",
        "change_kind": "other",
        "change": "家里添了人口",
        "policy_explained": True,
    }
    office.do("visit_households", "lianluo", visits=[seen])
    (case,) = office.get("jiuzhu1", "cases?process=dynamic_review")["items"]
    assert case["number"] == f"{NUMBER}-F1"
    office.do("register_change", "minzheng1", change="member_in", source="visit")
    assert "assign_investigators" in office.open("fuwuban1")


def test_other_areas_neither_see_nor_report(office: Office) -> None:
    receives(office)
    assert office.get("linzhen1", "recognitions")["total"] == 0
    assert office.get("lianluo", "recognitions")["items"][0]["review_due"] is False
    hidden = office.client("linzhen1").get(f"/api/recognitions/{NUMBER}")
    assert hidden.status_code == 404
    said = {
        "values": {"source": "family", "change": "other", "happened_on": "2026-09-01", "content": "不在辖区"}
    }
    assert office.post("linzhen1", f"recognitions/{NUMBER}/changes", said).status_code == 404
