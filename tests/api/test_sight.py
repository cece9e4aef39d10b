"""What is sealed stays sealed whichever way it is asked for: by the case, its tasks, its letters, a start about it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from casework import assessments, notices, seed, staff
from engine import incidents
from engine.tables import cases, user_tasks
from tests.api.office import Office, found, opened

MORNING = "2026-09-14T09:00:00+08:00"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, MORNING) as made:
        yield made


def objection(office: Office, lead: Any) -> str:
    """An objection to a notice of the lead; the id of its sealed case."""
    with office.runtime.db.transaction() as tx:
        now = office.runtime.now(tx)
        shown = notices.content(
            applicant="王某乙", place="x", programme="DIBAO", persons=1, amount=None, kinship=False, days="7", office="x",
        )  # fmt: skip
        made = notices.make(
            tx, case_id=lead["case_id"], area=seed.VILLAGE, application_no=f"{lead['number']}-A1", shown=shown,
            investigators=[], now=now,
        )  # fmt: skip
        number = notices.object_to(tx, made, {"content": "有存款"}, None, now)
        case_id = str(tx.run(select(cases.c.id).where(cases.c.number == number)).scalar_one())
    office.advance(by="PT1M")
    return case_id


def status(office: Office, who: str, path: str) -> int:
    return int(office.client(who).get(f"/api/{path}").status_code)


def test_a_sealed_case_is_sealed_by_every_way(office: Office) -> None:
    case_id = objection(office, found(office, subject_name="王某乙"))
    with office.runtime.db.reading() as tx:
        task = tx.run(select(user_tasks.c.id).where(user_tasks.c.case_id == case_id)).scalar_one()
    starts = office.get("baopian", f"starts?case_id={case_id}")
    one = starts[0]
    ways = {
        f"cases/{case_id}": (404, 200),
        f"tasks/{task}": (403, 200),
        f"cases/{case_id}/papers": (404, 200),
        f"starts/{one['process']}/{one['event']}?case_id={case_id}": (403, 200),
    }
    for way, (village, district) in ways.items():
        assert (status(office, "lianluo", way), status(office, "baopian", way)) == (village, district), way
    assert status(office, "lianluo", f"cases/{case_id}/letters/1.pdf") == 404
    assert office.get("lianluo", f"starts?case_id={case_id}") == []
    assert office.get("lianluo", f"cases/{case_id}/ladder") == []
    body = {"of": ["p_wangge"], "text": "请看"}
    assert office.post("lianluo", f"cases/{case_id}/copy", body).status_code == 404


def sealed_from(office: Office, lead: Any) -> list[str]:
    """An objection and a complaint about the lead, as ids."""
    said = {
        "received_at": MORNING, "channel": "phone", "kinds": ["delay"], "staff": ["p_minzheng1"], "content": "没人上门",
    }  # fmt: skip
    body = {"case_id": lead["case_id"], "values": said}
    made = office.post("jiuzhu1", "starts/complaint/complaint_received", body)
    assert made.status_code == 200, made.text
    office.advance(by="PT1M")
    return [objection(office, lead), str(made.json()["case_id"])]


def test_lists_of_those_who_steer_keep_what_is_sealed(office: Office) -> None:
    """流程态势, 督查总览, 督办, 运行异常, 工作交接 show a complaint or an objection to nobody it is kept from."""
    lead = found(office, subject_name="王某乙")
    protest, complaint = sealed_from(office, lead)
    with office.runtime.db.reading() as tx:
        query = select(user_tasks).where(user_tasks.c.case_id == complaint)
        task = tx.run(query).one()
    claimed = office.post("jiuzhu1", f"tasks/{task.id}/claim", {"revision": task.revision})
    assert claimed.status_code == 200, claimed.text
    assert office.post("baopian", f"tasks/{task.id}/urge", {"text": "请抓紧"}).status_code == 200
    with office.runtime.db.transaction() as tx:
        now = office.runtime.now(tx)
        failed = incidents.open_(
            tx, complaint, "complaint", task.element, "timer", "a timer", "failed", "不能执行", now
        )
    office.advance(by="P60D")
    ways = {
        "processes/complaint/state": complaint,
        "processes/handle_objection/state": protest,
        "overview": complaint,
        "ladder?state=all": complaint,
        "incidents": complaint,
        "handover?person=p_jiuzhu1": complaint,
    }
    for way, case_id in ways.items():
        kept_from = ("lianluo", "fuwuban1") if case_id == complaint else ("lianluo",)
        assert case_id in office.client("jiuzhu1").get(f"/api/{way}").text, way
        for who in kept_from:
            assert case_id not in office.client(who).get(f"/api/{way}").text, (who, way)
    assert office.post("fuwuban1", f"incidents/{failed}/retry", {"revision": 1}).status_code == 404
    assert office.post("fuwuban1", f"tasks/{task.id}/urge", {"text": "请抓紧"}).status_code == 404
    body = {"person": "p_jiuzhu1", "to": None, "reason": "调离"}
    assert office.post("fuwuban1", "handover", body).status_code == 404
    assert [
        row["open_cases"] for row in office.get("lianluo", "processes") if row["process"] == "complaint"
    ] == [0]


def test_the_title_of_a_complaint_about_somebody_is_masked_in_lists(office: Office) -> None:
    sealed_from(office, found(office, subject_name="王某乙"))
    assert "王某乙" not in office.client("jiuzhu1").get("/api/processes/complaint/state").text


def test_a_sealed_case_counts_in_a_sheet_and_is_named_to_the_district_alone(office: Office) -> None:
    _, complaint = sealed_from(office, found(office, subject_name="王某乙"))
    with office.runtime.db.reading() as tx:
        now = office.runtime.now(tx)
        district, town = (staff.actor_of(tx, who, now) for who in ("p_jiuzhu1", "p_fuwuban1"))
        (known,) = assessments.shown(tx, [(f"case:{complaint}", False)], district)
        (kept,) = assessments.shown(tx, [(f"case:{complaint}", False)], town)
    assert known["case_id"] == complaint
    assert (kept["label"], kept["good"], kept["case_id"]) == ("依规保密的事项", False, None)
