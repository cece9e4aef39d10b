"""Decisions on file, the watch over remedies, and an application taken up again."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, select

from casework import decisions
from casework.tables import decisions as table
from engine.db import Tx
from engine.errors import NotFound
from engine.tables import cases, deployed_processes
from tests.tasks.rig import NOW, a_case, book, case_numbers, work

DECIDED = {
    "application_no": "L1-A1",
    "lead_no": "L1",
    "programme": "TEMP_EXPENDITURE",
    "level": "town",
    "decision_result": "approved",
    "decided_on": "2026-09-14",
    "amount": 4040,
}
DELIVERED = {
    "delivery": [{"reasons": "符合条件"}, {"delivered_on": "2026-09-15", "remedies_told": True}],
    "survey": {"visitors": ["p_minzheng1"]},
}


def variables_of(tx: Tx, process: str) -> Any:
    return tx.run(select(cases.c.variables, cases.c.parent).where(cases.c.process == process)).one()


def test_a_towns_decision_goes_on_the_bureaus_file_and_is_watched(tx: Tx) -> None:
    case = a_case(tx, document=DELIVERED)
    for _ in range(2):
        assert work(tx, case, "decision.file", DECIDED).variables == {"decision_no": "L1-A1-D1"}
    (line,) = book(tx, "filing")
    assert (line.text, line.case_id) == ("L1-A1-D1：镇（街）决定报区民政局备案", case)
    assert tx.run(select(table.c.filed_at)).scalar_one() == NOW
    watch = variables_of(tx, "remedy_watch")
    assert watch.parent == case
    told = ("application_no", "decision_no", "delivered_on", "remedies_told", "decided_tier", "lead_no")
    assert [watch.variables[key] for key in told] == ["L1-A1", "L1-A1-D1", "2026-09-15", True, "town", "L1"]


def test_a_child_or_somebody_in_danger_is_not_hung_up_whatever_the_drawing_asks(tx: Tx) -> None:
    child = [{"name": "王某乙", "relation": "head", "birth_date": "2016-01-01"}]
    papers = [
        ({}, False),
        ({"application": {"members": child}}, True),
        ({"lead": {"main_cause": "52"}}, True),
    ]
    for document, protected in papers:
        case = a_case(tx, f"L-{len(document)}{protected}{'lead' in document}", document=document)
        assert work(tx, case, "decision.flags", DECIDED).variables["protected"] is protected


def test_the_districts_own_decision_needs_no_filing(tx: Tx) -> None:
    case = a_case(tx, document=DELIVERED)
    work(tx, case, "decision.file", {**DECIDED, "level": "bureau_held", "decision_result": "refused"})
    assert book(tx, "filing") == []
    found = decisions.get(tx, "L1-A1-D1")
    assert (found.level, found.result, found.amount) == ("district", "refused", None)


def test_each_decision_of_an_application_has_its_own_number(tx: Tx) -> None:
    case = a_case(tx, document=DELIVERED)
    made = [
        work(tx, case, "decision.file", DECIDED, job_id=f"job-{n}").variables["decision_no"] for n in (1, 2)
    ]
    assert made == ["L1-A1-D1", "L1-A1-D2"]
    assert case_numbers(tx, "remedy_watch") == ["L1-A1-D1-R", "L1-A1-D2-R"]


def test_a_refusal_to_accept_opens_the_same_watch_from_today(tx: Tx) -> None:
    case = a_case(tx)
    for _ in range(2):
        work(tx, case, "remedy.open", {"application_no": "L1-A1", "lead_no": "L1"})
    watch = variables_of(tx, "remedy_watch").variables
    assert (watch["delivered_on"], watch["remedies_told"]) == ("2026-09-14", True)
    assert decisions.get(tx, "L1-A1-D1").result == "not_accepted"


def test_without_the_watch_there_is_no_decision_on_file(tx: Tx) -> None:
    case = a_case(tx, document=DELIVERED)
    tx.run(delete(deployed_processes).where(deployed_processes.c.process == "remedy_watch"))
    with pytest.raises(NotFound) as refused:
        work(tx, case, "decision.file", DECIDED)
    assert refused.value.message == "没有部署流程 remedy_watch。"


def test_reopened_means_the_same_application_and_the_old_decision_stays(tx: Tx) -> None:
    case = a_case(tx, document=DELIVERED)
    work(tx, case, "decision.file", {**DECIDED, "decision_result": "refused"})
    watch = a_case(tx, "L1-W", parent=case)
    for _ in range(2):
        work(tx, watch, "case.reopen", {"decision_no": "L1-A1-D1", "lead_no": "L1"}, job_id="job-2")
    assert case_numbers(tx, "relief_application") == ["L1-A1-C1"]
    again = variables_of(tx, "relief_application")
    assert again.parent == case
    wanted = {
        "application_no": "L1-A1",
        "reopened": True,
        "reopened_on": "2026-09-14",
        "programme": "TEMP_EXPENDITURE",
    }
    assert {key: again.variables[key] for key in wanted} == wanted
    assert again.variables["earlier_staff"] == ["p_minzheng1"]
    assert decisions.get(tx, "L1-A1-D1").result == "refused"


def test_an_application_taken_up_again_keeps_what_its_acceptance_said(tx: Tx) -> None:
    """Who is a child is not shown, and kin that were declared call the bureau's visit, in the second procedure as in the first."""
    said = {"reason": "minor", "kinship_declared": True, "members": [{"name": "王某乙", "relation": "head"}]}
    case = a_case(tx, document={**DELIVERED, "application": said, "opinion": {"persons": 2}})
    work(tx, case, "decision.file", {**DECIDED, "decision_result": "refused"})
    work(tx, a_case(tx, "L1-W", parent=case), "case.reopen", {"decision_no": "L1-A1-D1", "lead_no": "L1"})
    again = variables_of(tx, "relief_application").variables
    assert (again["minor"], again["kinship_declared"], again["persons"]) == (True, True, 2)
    first = work(tx, case, "application.receipt", {}, job_id="job-2").variables
    assert again["file_sampled"] is first["file_sampled"]


def test_the_watch_knows_the_day_of_the_decision(tx: Tx) -> None:
    work(
        tx,
        a_case(tx, document=DELIVERED),
        "decision.file",
        {**DECIDED, "decided_on": "2026-09-11T09:00:00+08:00"},
    )
    assert variables_of(tx, "remedy_watch").variables["decided_on"] == "2026-09-11"


def test_an_unknown_decision_is_not_reopened(tx: Tx) -> None:
    with pytest.raises(NotFound):
        work(tx, a_case(tx), "case.reopen", {"decision_no": "L1-A1-D9"})
