"""Sensitive answers of a case (D.4, K3): in clear for whom the case has work or who gave a reason; every reading is on record."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from casework import reveals
from casework.sensitive import Marks, Veil
from casework.tables import reveals as reveals_table
from engine import definitions
from engine.bundle import bundle_of, read_bundle
from tests.api.office import PEOPLE, Office, acknowledged, found, opened, verified
from tests.api.stories import routed
from tests.api.test_attachments import readers, sent
from tests.api.test_books import cells
from tests.api.test_organisation import ok, substitution
from tests.conftest import PROCESSES

MORNING = "2026-09-14T09:00:00+08:00"
TOLD = "尿毒症，每周透析三次"
HIDDEN = "（已隐藏）"
REASON = "核对投诉反映的情况"
BOTH = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, MORNING) as made:
        yield made


def page(office: Office, who: str, lead: Any) -> Any:
    return office.get(who, f"cases/{lead['case_id']}")


def clear(office: Office, who: str, lead: Any) -> bool:
    """Does this person read the case in clear? What is masked is masked everywhere on the page."""
    shown = page(office, who, lead)
    fields = {f["key"]: f for one in shown["sections"] if one["key"] == "lead" for f in one["fields"]}
    seen = TOLD in str(shown)
    assert seen == (fields["description"]["text"] == TOLD) == (not shown["masked"])
    if not seen:
        assert (fields["description"]["text"], fields["description"]["value"]) == (HIDDEN, None)
        assert (fields["main_cause"]["text"], fields["place_text"]["text"]) == (HIDDEN, HIDDEN)
        assert "突发重病" not in str(shown), "nor what a rule said of it"
    return seen


def readings(office: Office, lead: Any) -> list[tuple[str, str]]:
    """Who read, and for what – oldest first."""
    with office.runtime.db.reading() as tx:
        r = reveals_table.c
        query = select(r.person, r.reason).where(r.case_id == lead["case_id"]).order_by(r.at, r.id)
        return [(row.person.removeprefix("p_"), row.reason) for row in tx.run(query)]


def told(office: Office, **more: Any) -> Any:
    return acknowledged(office, "lianluo", description=TOLD, main_cause="11", **more)


def test_who_has_the_open_step_reads_in_clear_and_nobody_else(office: Office) -> None:
    lead = found(office, "lianluo", description=TOLD, main_cause="11")
    assert clear(office, "lianluo", lead)
    assert not clear(office, "wangge", lead), "what a colleague has taken is no step of mine"
    row = office.task("lianluo", "self_verify")
    ok(office.post("lianluo", f"tasks/{row['id']}/release", {"revision": row["revision"]}))
    assert clear(office, "wangge", lead), "it is free for the grid worker's post too"
    others = ("minzheng1", "fuwuban1", "jiuzhu1", "juzhang", "baopian", "sheji", "fabu", "guanli")
    assert [who for who in others if clear(office, who, lead)] == []
    office.do("self_verify", "lianluo", self_result="confirmed")
    office.do("report_to_town", "lianluo")
    assert not clear(office, "lianluo", lead), "the step is done"
    assert [who for who in ("fuwuban1", "fuwuban2", "minzheng1") if clear(office, who, lead)] == [
        "fuwuban1",
        "fuwuban2",
    ]


def test_a_step_seen_by_who_does_not_do_it_shows_no_sensitive_answers(office: Office) -> None:
    told(office)
    path = f"tasks/{office.task('minzheng1', 'verify_on_site')['id']}"
    row = office.get("minzheng1", path)["task"]
    answers = {"causes": ["11"], "persons": 3, "asks_station": False}
    answer = office.client("minzheng1").put(
        f"/api/{path}/draft", json={"revision": row["revision"], "values": answers},
        headers={"Idempotency-Key": "draft-0001"},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    own = office.get("minzheng1", path)
    assert (own["values"]["causes"], own["masked"]) == (["11"], [])
    other = office.get("jiuzhu1", path)
    assert set(other["masked"]) == {"causes", "asks_station"}
    assert (other["values"]["persons"], "causes" in other["values"]) == (3, False)


def test_who_decided_goes_on_reading_while_the_case_is_open(office: Office) -> None:
    lead = acknowledged(office, "lianluo", description=TOLD)
    verified(office)
    routed(office, green="SMALL_QUICK")
    office.do("register_quick", "minzheng1", "minzheng2", amount=800, persons=2, cause="15", form="cash")
    assert [who for who in ("fuwuban1", "fuwuban2") if clear(office, who, lead)] == ["fuwuban1", "fuwuban2"]
    office.do("approve_quick", "fuwuban1", quick_result="granted")
    office.do("prepare_payout", "minzheng1", method="cash")
    office.do("approve_payout", "fuwuban2", ok=True)
    office.do("hand_over", "minzheng1", "minzheng2")
    assert clear(office, "fuwuban1", lead)
    assert not clear(office, "fuwuban2", lead)
    assert [who for who, purpose in readings(office, lead) if purpose.startswith("已作出的决定：")] == [
        "fuwuban1"
    ]


def test_a_substitute_reads_for_the_absent_and_who_is_asked_for_the_question(office: Office) -> None:
    lead = told(office)
    row = office.task("minzheng1", "verify_on_site")
    ok(office.post("minzheng1", f"tasks/{row['id']}/claim", {"revision": row["revision"]}))
    assert not clear(office, "baocun", lead)
    ok(substitution(office, "baocun", "minzheng1", begins="2026-09-14", until="2026-09-20"))
    assert clear(office, "baocun", lead)
    assert not clear(office, "liangwei", lead)
    row = office.task("minzheng1", "verify_on_site")
    asked = {
        "kind": "opinion",
        "revision": row["revision"],
        "of": [PEOPLE["liangwei"]],
        "text": "请核对家庭人口",
    }
    ok(office.post("minzheng1", f"tasks/{row['id']}/ask", asked))
    assert clear(office, "liangwei", lead)
    assert ("liangwei", "答复征求意见") in readings(office, lead)


def test_a_reason_opens_a_case_for_hours_and_is_on_record(office: Office) -> None:
    lead = told(office)
    path = f"cases/{lead['case_id']}/reveal"
    assert page(office, "jiuzhu1", lead)["may_reveal"]
    refused = office.post("jiuzhu1", path, {"reason": "看"})
    assert (refused.status_code, refused.json()["fields"][0]["path"]) == (422, "reason")
    assert office.post("jiuzhu1", path, {"reason": REASON}).status_code == 200
    assert clear(office, "jiuzhu1", lead)
    assert not clear(office, "jiuzhu2", lead), "another's reason opens nothing"
    assert page(office, "jiuzhu1", lead)["revealed_until"]
    assert readings(office, lead).count(("jiuzhu1", REASON)) == 1, "the reason stands for its readings"
    office.advance(by="PT4H")
    assert not clear(office, "jiuzhu1", lead)
    (looked,) = [one for one in page(office, "fuwuban1", lead)["looked"] if one["who"] == "癸救助"]
    assert (looked["reason"], bool(looked["until"])) == (REASON, True)
    assert page(office, "minzheng1", lead)["looked"] == [], "the record is for who supervises"
    (line,) = [one for one in office.get("fuwuban1", "register/reveals")["items"] if one["reason"] == REASON]
    assert (line["who"], line["case_id"], line["head"]) == ("癸救助", lead["case_id"], "赵**")
    assert REASON not in str(office.get("linzhen2", "register/reveals")), "another town's"


def test_who_does_no_work_with_cases_gives_no_reason(office: Office) -> None:
    lead = told(office)
    for who, status in (("sheji", 403), ("guanli", 403), ("linzhen1", 404), ("wangge", 403), ("jiandu", 403)):
        answer = office.post(who, f"cases/{lead['case_id']}/reveal", {"reason": REASON})
        assert answer.status_code == status, (who, answer.text)
        if status == 403:
            assert not page(office, who, lead)["may_reveal"], who


def test_cases_and_households_share_the_day_s_limit(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = told(office), found(office, "lianluo", description=TOLD, subject_name="钱某丁")
    terms = type(office.runtime.db.world.terms)
    whole = terms.parameter
    monkeypatch.setattr(
        terms, "parameter", lambda self, key, on: 1 if key == "reveal.per_day" else whole(self, key, on)
    )
    assert office.post("jiuzhu1", f"cases/{first['case_id']}/reveal", {"reason": REASON}).status_code == 200
    assert office.post("jiuzhu1", f"cases/{first['case_id']}/reveal", {"reason": REASON}).status_code == 200
    answer = office.post("jiuzhu1", f"cases/{second['case_id']}/reveal", {"reason": REASON})
    assert (answer.status_code, answer.json()["code"]) == (409, "reveal_limit")


def test_a_reading_is_recorded_once_for_person_purpose_and_day(office: Office) -> None:
    lead = told(office)
    for _ in range(3):
        assert clear(office, "minzheng1", lead)
    mine = [one for one in readings(office, lead) if one[0] == "minzheng1"]
    assert mine == [("minzheng1", "实地核查")]
    office.advance(to="2026-09-15T09:00:00+08:00")
    assert clear(office, "minzheng1", lead)
    assert len([one for one in readings(office, lead) if one[0] == "minzheng1"]) == 2
    assert not [one for one in readings(office, lead) if one[0] in ("jiuzhu1", "guanli")]


def test_a_second_reading_writes_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    lead = told(office)
    assert clear(office, "minzheng1", lead)
    monkeypatch.setattr(reveals, "write", lambda *_: pytest.fail("written again"))
    assert clear(office, "minzheng1", lead)
    assert not clear(office, "jiuzhu1", lead)


@pytest.mark.parametrize("kind", BOTH)
def test_two_readings_at_once_leave_one_line(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = {"database": request.getfixturevalue("postgres").database()} if kind == "postgres" else {}
    with opened(tmp_path, MORNING, **more) as office:
        lead = told(office)
        office.client("minzheng1")
        both, whole, got = threading.Barrier(2), reveals.unwritten, list[int]()

        def together(*args: Any) -> Any:
            found = whole(*args)
            both.wait(20)
            return found

        monkeypatch.setattr(reveals, "unwritten", together)

        def read() -> None:
            got.append(office.client("minzheng1").get(f"/api/cases/{lead['case_id']}").status_code)

        threads = [threading.Thread(target=read) for _ in "ab"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert got == [200, 200]
        assert [one for one in readings(office, lead) if one[0] == "minzheng1"] == [("minzheng1", "实地核查")]


def test_nothing_is_answered_that_could_not_be_recorded(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = told(office)

    def broken(*_: Any) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(reveals, "write", broken)
    answer = office.client("minzheng1").get(f"/api/cases/{lead['case_id']}")
    assert (answer.status_code, TOLD in answer.text) == (500, False)


def test_a_paper_that_tells_them_is_a_reading_too(office: Office) -> None:
    lead = told(office)
    verified(office)
    paper = f"/api/cases/{lead['case_id']}/papers/verification.pdf"
    refused = office.client("jiuzhu1").get(paper)
    assert (refused.status_code, refused.json()["code"]) == (403, "masked")
    menus = {who: office.get(who, f"cases/{lead['case_id']}/papers")[0] for who in ("jiuzhu1", "minzheng1")}
    assert {who: one["name"] for who, one in menus.items()} == dict.fromkeys(menus, "实地核查表")
    assert "说明事由" in menus["jiuzhu1"]["reason"], "greyed, with the way to it"
    assert menus["minzheng1"]["reason"] is None
    assert office.client("minzheng1").get(paper).status_code == 200
    (line,) = [one for one in readings(office, lead) if one[0] == "minzheng1" and "打印" in one[1]]
    assert line[1].startswith("打印实地核查表：")
    assert office.post("jiuzhu1", f"cases/{lead['case_id']}/reveal", {"reason": REASON}).status_code == 200
    assert office.get("jiuzhu1", f"cases/{lead['case_id']}/papers")[0]["reason"] is None
    assert office.client("jiuzhu1").get(paper).status_code == 200


def test_lists_say_no_more_than_the_page_of_each_case(office: Office) -> None:
    """台账, what somebody reported, earlier leads, and the files that leave the house."""
    lead = told(office)
    again = found(office, "lianluo", main_cause="15")

    def in_ledger(who: str) -> str:
        rows = office.get(who, "ledgers/discovery")["items"]
        return str(next(row["cause"] for row in rows if row["number"] == lead["number"]))

    assert {who: in_ledger(who) for who in ("minzheng1", "baopian", "jiuzhu1", "lianluo")} == {
        "minzheng1": "突发重病", "baopian": HIDDEN, "jiuzhu1": HIDDEN, "lianluo": HIDDEN,
    }  # fmt: skip
    assert ("minzheng1", "台账 主动发现救助台账：实地核查") in readings(office, lead), "as every reading"
    assert {one["number"]: one["cause"] for one in office.get("lianluo", "leads/mine")["items"]} == {
        lead["number"]: HIDDEN, again["number"]: "火灾",
    }, "the second lead is still in the finder's hands"  # fmt: skip
    past = {
        who: office.get(who, f"leads/{again['number']}/past")["leads"] for who in ("minzheng1", "jiuzhu1")
    }
    assert {who: [one["cause"] for one in found_] for who, found_ in past.items()} == {
        "minzheng1": ["突发重病"], "jiuzhu1": [HIDDEN],
    }  # fmt: skip
    masked = office.post("fuwuban1", "ledgers/discovery/exports", {}).json()
    open_ = office.post(
        "fuwuban1", "ledgers/discovery/exports", {"unmasked": True, "purpose": "年度审计核对"}
    ).json()
    ok(office.post("jiuzhu1", f"exports/{open_['id']}/answer", {"revision": 1, "agreed": True}))
    told_ = {
        key: cells(office.client("fuwuban1").get(f"/api/exports/{one['id']}.xlsx").content)
        for key, one in (("masked", masked), ("open", open_))
    }
    assert {key: "突发重病" in text for key, text in told_.items()} == {"masked": False, "open": True}
    assert ("fuwuban1", "导出未脱敏主动发现救助台账：年度审计核对") in readings(office, lead)
    ok(office.post("jiuzhu1", f"cases/{lead['case_id']}/reveal", {"reason": REASON}))
    assert in_ledger("jiuzhu1") == "突发重病"


def test_a_picture_of_the_plight_is_a_sensitive_answer(office: Office) -> None:
    photo = sent(office, "lianluo")
    lead = told(office, photos=[photo])
    assert readers(office, photo, "lianluo", "minzheng1", "jiuzhu1", "guanli") == ["lianluo", "minzheng1"], (
        "who sent it and who has the step"
    )
    assert ("minzheng1", "实地核查") in readings(office, lead)
    office.post("jiuzhu1", f"cases/{lead['case_id']}/reveal", {"reason": REASON})
    assert readers(office, photo, "jiuzhu1") == ["jiuzhu1"]


def test_what_is_classed_today_is_masked_in_cases_of_an_earlier_drawing(office: Office) -> None:
    """A case pinned to forms that say nothing follows the classing in force."""
    now = read_bundle(PROCESSES / "active_discovery")
    files = {name: content.replace(b'"sensitive"', b'"formerly"') for name, content in now.files.items()}
    with office.runtime.db.transaction() as tx:
        definitions.deploy(tx, bundle_of("active_discovery", files), now=office.runtime.now(tx))
    office.advance(by="PT1M")
    lead = found(office, "lianluo", description=TOLD, main_cause="11")
    assert TOLD in str(page(office, "jiuzhu1", lead)), "nobody says it is sensitive"
    with office.runtime.db.transaction() as tx:
        definitions.deploy(tx, now, now=office.runtime.now(tx))
    office.advance(by="PT1M")
    assert not clear(office, "jiuzhu1", lead)


def test_a_child_of_a_table_is_masked_row_by_row() -> None:
    marks = Marks({("application", "members"): "minor"}, frozenset())
    rows = [
        {"name": "赵某丙", "relation": "head", "birth_date": "1980-01-01"},
        {"name": "赵小", "relation": "son", "birth_date": "2016-01-01"},
        {"name": "赵大", "relation": "son", "birth_date": "2000-01-01"},
        {"name": "赵未", "relation": "daughter"},
    ]
    veil = Veil(marks, lifted=False, today=date(2026, 9, 14))
    shown, left = veil.of_form("application", {"members": rows})
    assert shown == {"members": [rows[0], {"relation": "son"}, rows[2], {"relation": "daughter"}]}
    assert (left, veil.found) == (["members"], True)
    veil = Veil(marks, lifted=True, today=date(2026, 9, 14))
    assert veil.of_form("application", {"members": rows}) == ({"members": rows}, [])
    assert veil.found
