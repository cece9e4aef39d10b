"""Who is declared kin does nothing with the case, by whatever address: not on its steps, nor on the case as a whole. Where all are kin the superiors act."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from casework import seed, staff
from engine import locking, recusal
from engine.calendar import ZONE
from engine.routing import Route
from tasks.rehearsal import answers
from tests.api.office import PEOPLE, Office, _Somebody, acknowledged, found, opened

ARTICLE = "公务员法》第七十六条"
HOME = "h_l"
PLACES = ("{case_id}", "{task_id}", "{request_id}", "{transfer_id}")
FREE = {
    "/api/tasks/{task_id}/release": "puts it back",
    "/api/cases/{case_id}/reveal": "reads, on record",
    "/api/requests/{request_id}/read": "a receipt",
    "/api/requests/{request_id}/withdraw": "asks no more",
}
"""Addresses that write and do nothing with the case."""


def ok(answer: Any) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()


@dataclass
class Story:
    """A lead about the household 李某甲 before the town has taken it up, another that is being verified; 辛服务 and others are kin since."""

    office: Office
    case: str
    task: Any
    done: Any
    urging: Any
    jump: Any
    transfer: Any


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with opened(tmp_path_factory.mktemp("kin"), "2026-09-24T09:00:00+08:00") as office:
        yield told(office)


def told(office: Office) -> Story:
    def lead() -> Any:
        made = found(office, "wangge", subject_name="李某甲")
        office.do("self_verify", "wangge", self_result="confirmed")
        office.do("report_to_town", "wangge")
        return made["case_id"]

    def mine(who: str, case: str) -> Any:
        return next(t for t in office.get(who, "tasks?size=100")["items"] if t["case_id"] == case)

    second = lead()
    done = mine("fuwuban2", second)
    detail = office.get("fuwuban2", f"tasks/{done['id']}")
    values = {
        **detail["values"],
        "ack_result": "new",
        "verifiers": [PEOPLE["minzheng1"], PEOPLE["minzheng2"]],
    }
    ok(
        office.post(
            "fuwuban2", f"tasks/{done['id']}/complete", {"revision": done["revision"], "values": values}
        )
    )
    office.advance(by="PT2M")
    held = mine("minzheng1", second)
    asked = {"revision": held["revision"], "kind": "opinion", "of": [PEOPLE["fuwuban2"]], "text": "是否属实"}
    ok(office.post("minzheng1", f"tasks/{held['id']}/ask", asked))
    first = lead()
    task = mine("fuwuban2", first)
    page = office.get("fuwuban1", f"cases/{first}")
    ok(office.post("jiuzhu1", f"tasks/{task['id']}/urge", {"text": "请尽快"}))
    body = {"revision": page["revision"], "to_area": seed.OTHER_TOWN, "reason": "户在该镇"}
    ok(
        office.post(
            "jiuzhu1",
            f"cases/{first}/hand-over",
            {**body, "revision": office.get("jiuzhu1", f"cases/{first}")["revision"]},
        )
    )
    transfer = office.get("fuwuban1", "transfers?tab=out")["items"][0]
    offered = office.get("fuwuban1", f"tasks/{task['id']}")["actions"]
    target = next(a for a in offered if a["key"] == "jump")["targets"][0]["value"]
    task = mine("fuwuban2", first)
    jump = {"revision": task["revision"], "target": target, "reason": "先去核查"}
    ok(office.post("fuwuban1", f"tasks/{task['id']}/jump", jump))
    for who in ("fuwuban2", "jiuzhu1", "linzhen2", "fabu"):
        ok(
            office.post(
                "juzhang", "kinship", {"person": PEOPLE[who], "household": HOME, "relation": "兄弟姐妹"}
            )
        )
    assert office.get("fuwuban2", "requests?tab=answer")["items"] == [], "a relative is asked no more"
    assert office.get("minzheng1", f"tasks/{held['id']}")["actions"][0]["enabled"], (
        "and nobody waits for the answer"
    )
    return Story(
        office, first, mine("fuwuban2", first), done,
        next(r for r in office.get("fuwuban2", f"cases/{first}")["requests"] if r["kind"] == "urge"),
        office.get("fuwuban2", "requests?tab=moves")["items"][0], transfer,
    )  # fmt: skip


def attempts(s: Story) -> dict[str, list[tuple[str, str, dict[str, Any]]]]:
    """By address: who tries what."""
    case, task, seen = f"cases/{s.case}", f"tasks/{s.task['id']}", {"revision": s.task["revision"]}
    reason = {"revision": 1, "reason": "本人已不需要"}
    extend = {"revision": 1, "clock": "c", "reason": "情况复杂"}
    correct = {"revision": 1, "clock": "c", "date": "2026-09-24", "reason": "电话在前"}
    answer = {"revision": s.transfer["revision"], "reason": "不在本镇"}
    return {
        "/api/cases/{case_id}/cancel": [("fuwuban2", f"{case}/cancel", reason)],
        "/api/cases/{case_id}/void": [("jiuzhu1", f"{case}/void", reason)],
        "/api/cases/{case_id}/withdraw": [("fuwuban2", f"{case}/withdraw", reason)],
        "/api/cases/{case_id}/extensions": [("fuwuban2", f"{case}/extensions", extend)],
        "/api/cases/{case_id}/extensions/refuse": [("fuwuban2", f"{case}/extensions/refuse", {**reason, "clock": "c"})],
        "/api/cases/{case_id}/extensions/preview": [("fuwuban2", f"{case}/extensions/preview", extend)],
        "/api/cases/{case_id}/start-dates": [("fuwuban2", f"{case}/start-dates", correct)],
        "/api/cases/{case_id}/end-dates": [("fuwuban2", f"{case}/end-dates", correct)],
        "/api/cases/{case_id}/start-dates/preview": [("fuwuban2", f"{case}/start-dates/preview", correct)],
        "/api/cases/{case_id}/hand-over": [("fuwuban2", f"{case}/hand-over", {**reason, "to_area": seed.NEXT_VILLAGE})],
        "/api/cases/{case_id}/copy": [("fuwuban2", f"{case}/copy", {"of": [PEOPLE["jiandu"]], "text": "请阅"})],
        "/api/cases/{case_id}/supervise": [("jiuzhu1", f"{case}/supervise", {"revision": 1, "matter": "尽快办理"})],
        "/api/transfers/{transfer_id}/{verb}": [
            ("fuwuban2", f"transfers/{s.transfer['id']}/withdraw", answer),
            ("linzhen2", f"transfers/{s.transfer['id']}/accept", answer),
            ("linzhen2", f"transfers/{s.transfer['id']}/refuse", answer),
        ],
        "/api/tasks/{task_id}/claim": [("fuwuban2", f"{task}/claim", seen)],
        "/api/tasks/{task_id}/complete": [("fuwuban2", f"{task}/complete", {**seen, "values": {}})],
        "/api/tasks/{task_id}/send-back": [("fuwuban2", f"{task}/send-back", {**seen, "target": "x", "reason": "再看"})],
        "/api/tasks/{task_id}/transfer": [("fuwuban2", f"{task}/transfer", {**seen, "to": PEOPLE["fuwuban1"], "reason": "外出"})],
        "/api/tasks/{task_id}/ask": [("fuwuban2", f"{task}/ask", {**seen, "kind": "opinion", "of": [PEOPLE["fuwuban1"]]})],
        "/api/tasks/{task_id}/take-back": [("fuwuban2", f"tasks/{s.done['id']}/take-back", {})],
        "/api/tasks/{task_id}/urge": [("fuwuban2", f"{task}/urge", {"text": "请快办"})],
        "/api/tasks/{task_id}/jump": [("fuwuban2", f"{task}/jump", {**seen, "target": "x", "reason": "先核查"})],
        "/api/requests/{request_id}/reply": [
            ("fuwuban2", f"requests/{s.urging['id']}/reply", {"revision": s.urging["revision"], "text": "正在办理"})
        ],
        "/api/requests/{request_id}/decide": [
            ("fuwuban2", f"requests/{s.jump['id']}/decide", {"revision": s.jump["revision"], "approve": True})
        ],
        "/api/moving": [("fabu", "moving", {"bundle": "active_discovery", "version": 1, "case_id": s.case})],
        "/api/starts/{process}/{event}": [
            ("fuwuban2", "starts/complaint/complaint_received", {"case_id": s.case, "values": {}})
        ],
    }  # fmt: skip


ELSEWHERE = {
    "/api/requests/{request_id}/answer": "a relative is asked no more",
    "/api/tasks/{task_id}/draft": "tests/api/test_organisation.py, a PUT",
    "/api/cases/{case_id}/messages": "tests/api/test_kin_by_household.py",
}


def test_no_act_on_a_relatives_case_goes_through_by_any_address(story: Story) -> None:
    listed = attempts(story)
    writing = {
        path
        for path, verbs in story.office.app.openapi()["paths"].items()
        if verbs.keys() - {"get"} and any(place in path for place in PLACES)
    }
    assert len(writing) > 20
    assert not ELSEWHERE.keys() & listed.keys(), "tried here: no exception"
    assert writing - listed.keys() - FREE.keys() - ELSEWHERE.keys() == set(), (
        "a new act on a case: who is kin does not"
    )
    before = [
        story.office.get("fuwuban1", f"cases/{case}")["revision"]
        for case in (story.case, story.done["case_id"])
    ]
    for path, tries in listed.items():
        for who, address, body in tries:
            answer = story.office.post(who, address, body)
            assert (path, answer.status_code, answer.json().get("code")) == (path, 403, "recused"), (
                answer.text
            )
            assert ARTICLE in answer.json()["message"]
    after = [
        story.office.get("fuwuban1", f"cases/{case}")["revision"]
        for case in (story.case, story.done["case_id"])
    ]
    assert after == before


def test_the_page_offers_a_relative_nothing_and_says_why(story: Story) -> None:
    page = story.office.get("fuwuban2", f"cases/{story.case}")
    assert len(page["actions"]) > 3
    assert {(a["enabled"], ARTICLE in a["reason"]) for a in page["actions"]} == {(False, True)}
    assert {r["may_correct"] for r in page["receipts"]} == {False}
    assert any(a["enabled"] for a in story.office.get("fuwuban1", f"cases/{story.case}")["actions"])


def test_a_colleague_ends_what_the_relative_may_not(story: Story) -> None:
    page = story.office.get("fuwuban1", f"cases/{story.case}")
    ok(
        story.office.post(
            "fuwuban1", f"cases/{story.case}/cancel", {"revision": page["revision"], "reason": "本人已不需要"}
        )
    )


def test_where_everybody_entitled_is_kin_their_superiors_act_and_nobody_else(story: Story) -> None:
    office, case = story.office, story.done["case_id"]

    def decide(who: str) -> bool:
        with office.runtime.db.reading() as tx:
            now = office.runtime.now()
            route = Route(None, ("town_civil_officer",))
            return recusal.entitled(
                tx, staff.actor_of(tx, PEOPLE[who], now), route, locking.case_of(tx, case), now
            )

    ok(
        office.post(
            "juzhang", "kinship", {"person": PEOPLE["minzheng1"], "household": HOME, "relation": "叔侄"}
        )
    )
    assert [who for who in ("minzheng2", "baopian", "fuwuban1") if decide(who)] == ["minzheng2"]
    ok(
        office.post(
            "juzhang", "kinship", {"person": PEOPLE["minzheng2"], "household": HOME, "relation": "叔侄"}
        )
    )
    assert [who for who in ("baopian", "fuwuban1", "jiuzhu2", "linzhen1") if decide(who)] == ["baopian"]


def test_who_is_declared_kin_gives_up_what_they_hold_and_signed_and_the_post_is_told(tmp_path: Path) -> None:
    with opened(tmp_path, "2026-09-24T09:00:00+08:00") as office:
        case = acknowledged(office, subject_name="李某甲")["case_id"]
        first = office.task("minzheng1", "verify_on_site")
        detail = office.get("minzheng1", f"tasks/{first['id']}")
        wanted = {"verify_result": "confirmed", "residence_status": "1", "has_support_here": True, "persons": 2, "policy_explained": True,
                  "immediate_need": False, "est_amount": 800, "able_to_apply": True, "asks_station": False}  # fmt: skip
        people = [_Somebody(PEOPLE[who], who) for who in ("minzheng1", "minzheng2")]
        now = office.runtime.now().astimezone(ZONE)
        values = answers(detail["form"], detail["values"], wanted, people, now)  # type: ignore[arg-type]
        seen = {"revision": first["revision"], "values": values}
        assert "1/2" in ok(office.post("minzheng1", f"tasks/{first['id']}/complete", seen))["message"]
        row = office.task("minzheng2", "verify_on_site")
        ok(office.post("minzheng2", f"tasks/{row['id']}/claim", {"revision": row["revision"]}))
        said = ok(office.post("minzheng2", "kinship", {"household": HOME, "relation": "叔侄"}))
        assert "1 项在办任务已放回岗位" in said["message"]
        told_one = office.get("minzheng1", "notifications")["items"][0]
        assert (told_one["title"], told_one["case_id"]) == ("因回避放回的任务", case)
        assert "己民政与该户有亲属关系" in told_one["text"]
        assert office.get("fuwuban1", f"cases/{case}")["tasks"][0]["holder"] is None
        ok(
            office.post(
                "juzhang", "kinship", {"person": PEOPLE["minzheng1"], "household": HOME, "relation": "叔侄"}
            )
        )
        assert office.get("fuwuban1", f"tasks/{row['id']}")["cosigners"] == [], (
            "a relative's signature does not stand"
        )
        body = {"household": HOME, "relation": "叔侄"}
        for who in ("fuwuban2", "baocun"):
            ok(office.post(who, "kinship", body))
        heard = [n["title"] for n in office.get("baopian", "notifications")["items"]]
        assert heard == ["无人可办"], "two must sign, too few are left"
