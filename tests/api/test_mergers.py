"""Joining leads over HTTP: what the forms refuse and in which words, the second signature on site, and that both finders go on together; and
who is shown what may be the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from casework import leads as records
from casework import seed
from casework.tables import leads
from tests.api.office import PEOPLE, Office, acknowledged, found, opened, verified

VERIFIERS = [PEOPLE["minzheng1"], PEOPLE["minzheng2"]]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def office(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Office]:
    more = {"database": request.getfixturevalue("postgres").database()} if request.param == "postgres" else {}
    with opened(tmp_path, "2026-09-25T09:00:00+08:00", **more) as made:
        yield made


def reported(office: Office, name: str) -> Any:
    """A lead that waits for the town's acknowledgement."""
    lead = found(office, subject_name=name)
    for element in ("self_verify", "report_to_town"):
        office.do(element, "wangge")
    return lead


def merging(office: Office, lead: Any, into: str) -> Any:
    """The answer to the town's wish to join a lead to another."""
    (row,) = [
        t for t in office.get("fuwuban1", "tasks?size=100")["items"]
        if t["case_id"] == lead["case_id"] and t["element"] == "town_ack"
    ]  # fmt: skip
    values = {"ack_result": "merge", "duplicate_of": into, "urgency": 3}
    return office.post(
        "fuwuban1", f"tasks/{row['id']}/complete", {"revision": row["revision"], "values": values}
    )


def refused(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(f["path"], f["message"]) for f in answer.json()["fields"]]


def fates(office: Office) -> dict[str, tuple[str | None, str | None]]:
    with office.runtime.db.reading() as tx:
        return {r.number: (r.conclusion, r.merged_into) for r in tx.run(select(leads))}


def test_two_leads_are_never_merged_into_each_other(office: Office) -> None:
    a, b = reported(office, "赵甲"), reported(office, "赵乙")
    assert merging(office, a, b["number"]).status_code == 200
    words = f"线索 {a['number']} 已并入本线索，不能再反过来并入它"
    assert refused(merging(office, b, a["number"])) == [("duplicate_of", words)], (
        "before the machine has worked, too"
    )
    office.advance(by="PT2M")
    assert refused(merging(office, b, a["number"])) == [("duplicate_of", words)]
    assert fates(office) == {a["number"]: ("merged", b["number"]), b["number"]: (None, None)}
    page = office.get("juzhang", f"cases/{b['case_id']}")
    ended = office.post(
        "juzhang", f"cases/{b['case_id']}/void", {"revision": page["revision"], "reason": "重复登记"}
    )
    assert (ended.status_code, ended.json()["code"]) == (409, "still_owed"), (
        "the other waits for what becomes of it"
    )


def test_itself_nothing_and_what_another_town_has_are_no_main_leads(office: Office) -> None:
    lead = reported(office, "赵甲")
    village = seed._village(seed.OTHER_TOWN, 0)
    elsewhere = found(office, "linzhen1", source="07", place_area=village)["number"]
    assert refused(merging(office, lead, lead["number"])) == [
        ("duplicate_of", "不能并入自己，请填写另一条线索的编号")
    ]
    for unknown in ("999", elsewhere):
        assert refused(merging(office, lead, unknown)) == [
            ("duplicate_of", f"本镇（街）没有编号为 {unknown} 的线索")
        ]
    assert fates(office)[lead["number"]] == (None, None)


def test_who_was_not_believed_before_is_looked_at_again(office: Office) -> None:
    first = acknowledged(office)
    verified(office, verify_result="not_confirmed")
    office.do("sign_not_confirmed", "fuwuban1", agree=True, told_person=True)
    again = reported(office, "赵某丙")
    ((path, words),) = refused(merging(office, again, first["number"]))
    assert (path, words) == ("duplicate_of", f"线索 {first['number']} 没有得到救助，本线索须另行核查")


def test_a_duplicate_seen_on_site_names_its_main_lead_and_is_signed_by_another(office: Office) -> None:
    main = acknowledged(office)
    office.do(
        "verify_on_site", "minzheng1", "minzheng2", verify_result="unreachable", not_met_reason="家中无人"
    )
    lead = found(office, "lianluo", subject_name="赵丙")
    for element in ("self_verify", "report_to_town"):
        office.do(element, "lianluo")
    office.do("town_ack", "fuwuban1", ack_result="new", verifiers=VERIFIERS)
    (row,) = [t for t in office.get("minzheng1", "tasks")["items"] if t["case_id"] == lead["case_id"]]
    body = {
        "visitors": VERIFIERS,
        "met": ["self"],
        "verify_result": "duplicate",
        "verified_at": office.runtime.now().isoformat(),
    }

    def sign(who: str, **more: str) -> Any:
        fresh = office.get(who, f"tasks/{row['id']}")["task"]["revision"]
        return office.post(
            who, f"tasks/{row['id']}/complete", {"revision": fresh, "values": {**body, **more}}
        )

    assert refused(sign("minzheng1")) == [("duplicate_of", "请选择原线索")]
    assert refused(sign("minzheng1", duplicate_of=lead["number"]))[0][0] == "duplicate_of"
    for who in ("minzheng1", "minzheng2"):
        assert sign(who, duplicate_of=main["number"]).status_code == 200
    office.advance(by="PT1M")
    assert fates(office)[lead["number"]] == (None, None), "not before another has agreed"
    assert "sign_not_confirmed" not in office.open("minzheng1")
    office.do("sign_not_confirmed", "fuwuban1", agree=False, reason="两户不是一家，请再核")
    assert {t["element"] for t in office.get("fuwuban1", f"cases/{lead['case_id']}")["tasks"]} == {
        "verify_on_site"
    }
    (row,) = [t for t in office.get("minzheng1", "tasks")["items"] if t["case_id"] == lead["case_id"]]
    for who in ("minzheng1", "minzheng2"):
        assert sign(who, duplicate_of=main["number"]).status_code == 200
    office.do("sign_not_confirmed", "fuwuban1", agree=True, told_person=True, reason="同一人，已有线索")
    assert fates(office)[lead["number"]] == ("merged", main["number"])
    with office.runtime.db.reading() as tx:
        assert [s["person"] for s in records.sources(tx, main["number"])] == ["p_wangge", "p_lianluo"]
    (mine,) = office.get("lianluo", "leads/mine")["items"]
    assert (mine["merged_into"], mine["conclusion"]) == (main["number"], None)


def test_who_signs_is_told_when_the_main_lead_is_gone(office: Office) -> None:
    main = found(office, subject_name="赵甲")
    lead = acknowledged(office, "lianluo", subject_name="赵乙")
    office.do(
        "verify_on_site",
        "minzheng1",
        "minzheng2",
        verify_result="duplicate",
        duplicate_of=main["number"],
        met=["self"],
    )
    page = office.get("juzhang", f"cases/{main['case_id']}")
    assert (
        office.post(
            "juzhang", f"cases/{main['case_id']}/void", {"revision": page["revision"], "reason": "登记错误"}
        ).status_code
        == 200
    )
    row = office.task("fuwuban1", "sign_not_confirmed")
    values = {"agree": True, "told_person": True, "reason": "同一人，已有线索"}
    answer = office.post(
        "fuwuban1", f"tasks/{row['id']}/complete", {"revision": row["revision"], "values": values}
    )
    assert refused(answer) == [
        ("agree", f"不能合并：线索 {main['number']} 已终止，没有结果，本线索须另行办理")
    ]
    assert fates(office)[lead["number"]] == (None, None)


def test_a_telephone_number_opens_no_lead_of_another_town(office: Office) -> None:
    phone = "13812345678"
    mine = found(office, subject_name="王某乙", subject_phone=phone)
    (shown,) = office.get("wangge", f"leads/duplicates?phone={phone}")
    assert shown["case_id"] == mine["case_id"]
    assert office.get("linzhen1", f"leads/duplicates?phone={phone}") == []
    assert office.get("linzhen1", f"leads/duplicates?name=王某乙&area={seed.VILLAGE}") == []
    village = seed._village(seed.OTHER_TOWN, 0)
    other = found(
        office, "linzhen1", source="07", place_area=village, subject_name="别人", subject_phone=phone
    )
    assert other["duplicates"] == []
    assert office.client("jiaoyu").get(f"/api/leads/duplicates?phone={phone}").status_code == 403
    for path in ("leads/past?household=h_w", "leads/past?household=nobody"):
        assert office.client("linzhen1").get(f"/api/{path}").status_code == 404
    assert office.get("wangge", "leads/past?household=h_w")["leads"] == []
