"""Two open applications of one household for the same programme: the second is held where it would be accepted, with the number of the first."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from engine.calendar import ZONE
from tasks.rehearsal import answers
from tests.api.office import PEOPLE, Office, _Somebody, acknowledged, opened, verified
from tests.api.stories import here, routed

MONDAY = "2026-09-14T09:00:00+08:00"
PLAIN = {"recognised": "none", "kinship_declared": False}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def office(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Office]:
    more = {"database": request.getfixturevalue("postgres").database()} if request.param == "postgres" else {}
    with opened(tmp_path, MONDAY, **more) as made:
        yield made


def applied(office: Office, *ways: str) -> Any:
    lead = acknowledged(office, main_cause="11")
    verified(office, causes=["11"])
    routed(office, *ways)
    return lead


def accepting(office: Office, who: str, lead: Any, **values: Any) -> tuple[str, dict[str, Any]]:
    """The address and the body with which somebody accepts the application of a lead."""
    (task,) = [
        t
        for t in office.get(who, f"cases/{lead['case_id']}")["tasks"]
        if t["element"] == "receive_application"
    ]
    detail = office.get(who, f"tasks/{task['id']}")
    now: datetime = office.runtime.now().astimezone(ZONE)
    filled = answers(
        detail["form"],
        detail["values"],
        {"accept_result": "accepted", **PLAIN, **values},
        [_Somebody(PEOPLE[who], who)],
        now,  # type: ignore[list-item]
    )
    return f"tasks/{task['id']}/complete", {"revision": task["revision"], "values": filled}


def test_of_two_acceptances_in_one_moment_one_is_held_and_joined_to_the_other(office: Office) -> None:
    leads = [applied(office, "DIBAO"), applied(office, "DIBAO")]
    both = [
        (who, *accepting(office, who, lead))
        for who, lead in zip(("fuwuban1", "fuwuban2"), leads, strict=True)
    ]
    barrier, said = threading.Barrier(2), dict[str, Any]()

    def run(who: str, path: str, body: dict[str, Any]) -> None:
        barrier.wait()
        said[who] = office.post(who, path, body)

    threads = [threading.Thread(target=run, args=one) for one in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.status_code for one in said.values()) == [200, 422], [one.text for one in said.values()]
    office.advance(by="PT10M")
    first, second = sorted(leads, key=lambda lead: "receive_application" in here(office, lead))
    (held,) = [one for one in said.values() if one.status_code == 422]
    assert f"{first['number']}-A1-1 正在办理" in held.text, "the number of the open one is said"
    path, body = accepting(office, "fuwuban1", second, accept_result="not_accepted")
    assert (
        body["values"]["not_accepted_reason"]
        == f"该户的同类申请 {first['number']}-A1-1 正在办理，本次申请并入该件办理"
    )
    assert office.post("fuwuban1", path, body).status_code == 200
    office.advance(by="PT5M")
    office.do("tell_not_accepted", "fuwuban2", authority="演示区人民政府", first_reconsideration=True)
    assert here(office, second) == {"assess_gap"}


def test_another_programme_another_cause_and_an_emergency_are_not_held(office: Office) -> None:
    first = applied(office, "TEMP_EXPENDITURE")
    path, body = accepting(office, "fuwuban1", first)
    assert office.post("fuwuban1", path, body).status_code == 200
    office.advance(by="PT5M")
    second = applied(office, "TEMP_EXPENDITURE")
    path, body = accepting(office, "fuwuban1", second)
    answer = office.post("fuwuban1", path, body)
    assert (answer.status_code, "分别受理的理由" in answer.text) == (422, True)
    path, body = accepting(office, "fuwuban1", second, separate_reason="上次是医疗费，这次是学费")
    assert office.post("fuwuban1", path, body).status_code == 200
    office.advance(by="PT5M")
    office.message("minzheng1", first["case_id"], "申请已撤回", reason="家中情况好转")
    office.do("record_withdrawal", "minzheng1", "minzheng2", told_rights=True)
    third = acknowledged(office, main_cause="15", urgent_signs=["no_food"])
    verified(office, immediate_need=True, causes=["15"])
    routed(office, green="SMALL_QUICK")
    office.do("register_quick", "minzheng1", "minzheng2", amount=800, persons=2, cause="15", form="cash")
    assert here(office, third) == {"approve_quick"}, "an emergency is never held up"
