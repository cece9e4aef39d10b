"""信访复查、复核 over HTTP: the second and third instance of a petition, with their limits, the answers and who may not give them (C-53)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from casework import seed
from tests.api.office import PEOPLE, Office, opened
from tests.api.test_control import COMPLAINT, begin, refused
from tests.api.test_dynamic_review import state


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, "2026-09-14T09:00:00+08:00") as made:  # a Monday
        yield made


def answered(office: Office, channel: str = "petition") -> None:
    given = {
        **COMPLAINT,
        "received_at": "2026-09-14T09:00:00+08:00",
        "channel": channel,
        "staff": [PEOPLE["baopian"]],
    }
    begin(office, "jiuzhu1", "complaint/complaint_received", area=seed.TOWN, **given)
    if channel == "petition":
        office.do("tell_petition", "jiuzhu1", accept_told_how="书面")
    office.do("investigate", "jiuzhu1", facts="确有拖延", complaint_finding="upheld", serious=False)
    office.do(
        "answer_complaint",
        "jiuzhu2",
        answered_on="2026-09-14",
        method="letter",
        answer="已责令改正",
        told_review=True,
    )
    office.advance(by="PT5M")


def watched(office: Office, who: str = "jiuzhu1") -> list[str]:
    return [one["id"] for one in office.get(who, "cases?process=petition_review")["items"]]


def asked(office: Office, case: str, word: str, on: str) -> None:
    """The authority above has received the request and asks for papers two days later."""
    given = {"organ": "区人民政府", "requested_on": on, "asked_on": on, "grounds": "处理太轻"}
    office.message("jiuzhu1", case, f"{word}已受理", **given)


def told(office: Office, case: str, word: str, result: str, on: str) -> None:
    given = {
        "petition_result": result,
        "decided_on": on,
        "received_on": on,
        "told_on": on,
        "content": "见意见书",
    }
    office.message("jiuzhu1", case, f"等待{word}意见", **given)


def receipts(office: Office, case: str) -> dict[str, str]:
    shown = office.get("jiuzhu1", f"cases/{case}")["receipts"]
    return {r["term"]: r["due"] for r in shown if r["state"] in ("running", "paused")}


def test_a_petition_goes_through_its_instances_with_their_limits(office: Office) -> None:
    answered(office)
    (case,) = watched(office)
    assert receipts(office, case) == {"petition.review_apply": "2026-10-14"}
    assert watched(office, "minzheng1") == [], "like the complaint: the district's alone"
    office.advance(to="2026-09-28T09:00:00+08:00")
    asked(office, case, "复查", "2026-09-21")
    assert office.receipts("jiuzhu2", "submit_review")["petition.submit"] == "2026-09-29", (
        "from the day the authority above asked, whenever it is entered"
    )
    assert refused(office, "baopian", "submit_review") == "recused", (
        "who is complained about does not report on it"
    )
    office.do("submit_review", "jiuzhu2", submitted_on="2026-09-28")
    assert receipts(office, case)["petition.review"] == "2026-10-21"
    office.advance(to="2026-10-15T09:00:00+08:00")
    told(office, case, "复查", "upheld", "2026-10-14")
    assert receipts(office, case)["petition.rereview_apply"] == "2026-11-13"
    asked(office, case, "复核", "2026-10-15")
    office.do("submit_rereview", "jiuzhu2", submitted_on="2026-10-15")
    assert receipts(office, case)["petition.rereview"] == "2026-11-16", "thirty days end on a Saturday"
    told(office, case, "复核", "revoked", "2026-10-15")
    assert refused(office, "jiuzhu2", "redo_petition") == "recused", (
        "who gave the first answer does not give the next"
    )
    office.do("redo_petition", "jiuzhu1", answered_on="2026-10-15", told_review=True)
    assert state(office, case) == "completed", "what followed the third instance is final"


def test_what_a_review_changed_is_answered_anew_and_may_be_reviewed_again(office: Office) -> None:
    answered(office)
    (case,) = watched(office)
    asked(office, case, "复查", "2026-09-14")
    office.do("submit_review", "jiuzhu1", submitted_on="2026-09-14")
    told(office, case, "复查", "changed", "2026-09-14")
    assert office.receipts("jiuzhu1", "redo_petition")["petition.redo"] == "2026-09-29"
    office.advance(to="2026-09-22T09:00:00+08:00")
    office.do("redo_petition", "jiuzhu1", answered_on="2026-09-22", told_review=True)
    assert receipts(office, case) == {"petition.review_apply": "2026-10-22"}
    office.advance(to="2026-10-23T08:00:00+08:00")
    assert state(office, case) == "completed"


def test_a_complaint_that_is_no_petition_has_no_instances(office: Office) -> None:
    answered(office, channel="phone")
    assert watched(office) == []
