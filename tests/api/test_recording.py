"""What outside parties say is recorded by the posts of the message's lane, never by kin, never by whoever merely sees the village."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine import subscriptions
from tests.api.office import PEOPLE, Office, acknowledged, opened, verified
from tests.api.stories import routed

MORNING = "2026-09-14T09:00:00+08:00"
BANK = "登记：收到银行回盘"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, MORNING) as made:
        yield made


def awaiting_the_bank(office: Office) -> Any:
    lead = acknowledged(office, subject_name="王某乙", urgent_signs=["no_food"])
    verified(office, immediate_need=False)
    office.do("choose_routes", "minzheng1", green_route="SMALL_QUICK", first_aid=False, other_routes=[])
    office.do("register_quick", "minzheng1", "minzheng2", amount=800, persons=2, cause="15", form="cash")
    office.do("approve_quick", "fuwuban1", quick_result="granted")
    office.do("prepare_payout", "minzheng1", method="bank", account="6222020000000000")
    office.do("approve_payout", "fuwuban1", ok=True)
    return lead


def offered(office: Office, who: str, lead: Any) -> dict[str, str | None]:
    """Messages somebody's page of the case offers: label → why it cannot be used."""
    actions = office.get(who, f"cases/{lead['case_id']}")["actions"]
    return {a["label"]: a["reason"] for a in actions if a["key"].startswith("message:")}


def waiting(office: Office, lead: Any, element: str = "payment_result") -> str:
    """The id under which the case waits there."""
    with office.runtime.db.reading() as tx:
        return next(s.id for s in subscriptions.of_case(tx, lead["case_id"]) if s.element == element)


def recorded(office: Office, who: str, lead: Any, subscription: str, **values: Any) -> Any:
    """Somebody sends the message the case waits for, past the page."""
    revision = office.get("fuwuban1", f"cases/{lead['case_id']}")["revision"]
    body = {"subscription": subscription, "revision": revision, "values": values}
    return office.post(who, f"cases/{lead['case_id']}/messages", body)


@pytest.mark.parametrize("who", ["wangge", "lianluo", "jiandu", "baocun", "jiuzhu1", "juzhang"])
def test_who_sees_the_case_does_not_therefore_say_what_the_bank_said(office: Office, who: str) -> None:
    lead = awaiting_the_bank(office)
    assert offered(office, who, lead) == {}
    answer = recorded(office, who, lead, waiting(office, lead), paid=True)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), answer.text
    assert offered(office, "fuwuban2", lead)[BANK] is None, "the town goes on waiting"
    office.message("minzheng1", lead["case_id"], "收到银行回盘", paid=True)


def test_kin_does_not_record_and_is_told_why(office: Office) -> None:
    lead = awaiting_the_bank(office)
    office.post("minzheng1", "kinship", {"household": "h_w", "relation": "兄弟姐妹"})
    why = offered(office, "minzheng1", lead)[BANK]
    assert why is not None
    assert "须回避" in why
    answer = recorded(office, "minzheng1", lead, waiting(office, lead), paid=True)
    assert (answer.status_code, answer.json()["code"]) == (403, "recused"), answer.text
    form = office.client("minzheng1").get(f"/api/cases/{lead['case_id']}/messages/{waiting(office, lead)}")
    assert form.status_code == 403
    office.message("fuwuban1", lead["case_id"], "收到银行回盘", paid=True)


def test_a_village_does_not_withdraw_a_family_s_application(office: Office) -> None:
    lead = acknowledged(office, subject_name="王某乙", main_cause="11")
    verified(office, causes=["11"])
    routed(office, "TEMP_EXPENDITURE")
    label = "登记：申请已撤回"
    assert label not in offered(office, "jiandu", lead)
    assert {label, "登记：本人谢绝救助"} <= offered(office, "fuwuban1", lead).keys()


def test_a_department_s_answer_is_recorded_by_the_bureau(office: Office) -> None:
    lead = acknowledged(office, main_cause="34")
    verified(office, causes=["34"])
    routed(office, "HOUSING")
    office.do("prepare_referral", "jiuzhu1", to_dept="housing", channel="paper", consent=True)
    label = "登记：等待部门接收"
    assert [who for who in ("jiandu", "wangge", "minzheng1", "jiuzhu1", "baopian") if label in offered(office, who, lead)] == [
        "jiuzhu1", "baopian",
    ]  # fmt: skip


def test_a_substitute_records_and_the_history_says_for_whom(office: Office) -> None:
    lead = awaiting_the_bank(office)
    given = {"person": PEOPLE["baocun"], "begins": "2026-09-14", "until": "2026-09-20", "reason": "年休假"}
    answer = office.post("minzheng1", "organisation/appointments/a_minzheng1/substitute", given)
    assert answer.status_code == 200, answer.text
    office.message("baocun", lead["case_id"], "收到银行回盘", paid=True)
    shown = office.get("fuwuban1", f"cases/{lead['case_id']}")["timeline"]
    assert any("代" in str(one) and "银行回盘" in str(one) for one in shown), shown


def test_what_goes_between_cases_is_nobody_s_to_record(office: Office) -> None:
    lead = awaiting_the_bank(office)
    office.message("minzheng1", lead["case_id"], "收到银行回盘", paid=True)
    office.do("confirm_received", "lianluo", amount_right=True)
    office.do("assess_gap", "minzheng1", gap="solved")
    answer = recorded(office, "fuwuban1", lead, waiting(office, lead, "await_follow_up"))
    assert (answer.status_code, answer.json()["message"]) == (403, "这一消息由系统收发，不由人登记。")
