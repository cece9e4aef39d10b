"""民主评议会议 over HTTP, on both databases: one meeting for many cases, closed once, every case through its ordinary step."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdf
import pytest
from fastapi.testclient import TestClient

from casework import seed
from engine import cases
from tests.api.office import Office, opened
from tests.api.stories import refused
from tests.api.test_expenditure import THURSDAY, surveyed, to_application

VILLAGERS = [f"村民{n}" for n in "一二三四五六七八九十"]
PHOTO = ["f" * 32]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    more = {"database": request.getfixturevalue("postgres").database()} if request.param == "postgres" else {}
    with opened(tmp_path, THURSDAY, **more) as made:
        yield made


def to_appraise(office: Office, title: str, number: str, area: str = seed.VILLAGE) -> str:
    """A case that waits for its appraisal, without the road that led there."""
    with office.runtime.db.transaction() as tx:
        return cases.start(
            tx, "appraisal", now=office.runtime.now(tx), area=area, number=number, title=title,
            variables={"application_no": number, "programme": "DIBAO"},
        )  # fmt: skip


def begun(office: Office, who: str = "minzheng1", area: str = seed.TOWN, **values: Any) -> str:
    """A meeting with everything that waits in its area on the agenda."""
    tasks = [one["task"] for one in office.get(who, f"meetings/waiting?area={area}")]
    body = {
        "area": area, "held_at": THURSDAY, "place": "村委会会议室", "convener": "village",
        "chair": "p_minzheng1", "recorder": "乙联络", "tasks": tasks, **values,
    }  # fmt: skip
    answer = office.post(who, "meetings", body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["number"])


def shown(office: Office, number: str, who: str = "minzheng1") -> dict[str, Any]:
    return dict(office.get(who, f"meetings/{number}"))


def roll(*, residents: int = 10, present: bool = True) -> list[dict[str, Any]]:
    people = [
        {"key": "t1", "name": "戊民政", "role": "town", "person": "p_minzheng1"},
        {"key": "t2", "name": "己民政", "role": "town", "person": "p_minzheng2"},
        *({"key": f"r{n}", "name": VILLAGERS[n], "role": "resident"} for n in range(residents)),
    ]
    return [{"person": None, **one, "present": present} for one in people]


ITEM_KEYS = ("n", "agree", "against", "abstain", "opinion", "dissent", "postpone")


def draft(meeting: dict[str, Any], **values: Any) -> dict[str, Any]:
    """The page as it would be saved: what is shown, with changes; `items`: changes by number."""
    header = (
        "revision",
        "held_at",
        "place",
        "convener",
        "chair",
        "deputy",
        "recorder",
        "roll",
        "course",
        "photos",
    )
    changes = values.pop("items", {})
    rows = []
    for one in meeting["items"]:
        by_hand = [{"key": r["key"], "why": r["why"]} for r in one["recused"] if not r["automatic"]]
        rows.append({**{key: one[key] for key in ITEM_KEYS}, "recused": by_hand, **changes.get(one["n"], {})})
    return {**{key: meeting[key] for key in header}, **values, "items": rows}


def put(office: Office, number: str, body: dict[str, Any], who: str = "minzheng1") -> Any:
    headers = {"Idempotency-Key": f"put-key-{next(office.keys):06d}"}
    return office.client(who).put(f"/api/meetings/{number}", json=body, headers=headers)


def saved(office: Office, number: str, who: str = "minzheng1", **values: Any) -> None:
    answer = put(office, number, draft(shown(office, number, who), **values), who)
    assert answer.status_code == 200, answer.text


def stepped(office: Office, number: str, step: str, who: str = "minzheng1") -> Any:
    return office.post(who, f"meetings/{number}/{step}", {"revision": shown(office, number, who)["revision"]})


HELD: dict[str, Any] = {"course": "宣讲政策、介绍情况、无记名投票、公布结果", "photos": PHOTO}


def held(office: Office, number: str, items: dict[int, dict[str, Any]], **values: Any) -> None:
    """Everybody on the roll was told, came and voted; the meeting may be closed."""
    saved(office, number, roll=roll(), **values)
    answer = stepped(office, number, "convene")
    assert answer.status_code == 200, answer.text
    office.advance(by="PT2H")
    saved(office, number, items=items, **HELD)


def votes(agree: int, against: int = 0, abstain: int = 0, **values: Any) -> dict[str, Any]:
    dissent = "有人认为其子女有赡养能力" if against else ""
    return {"agree": agree, "against": against, "abstain": abstain, "dissent": dissent, **values}


def steps(office: Office, case_id: str) -> list[str]:
    return [one["element"] for one in office.get("fuwuban1", f"cases/{case_id}")["tasks"]]


def pdf_text(office: Office, who: str, path: str) -> str:
    answer = office.client(who).get(f"/api/{path}")
    assert answer.status_code == 200, answer.text
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages)
    return text.replace("\n", "").replace(" ", "").replace("\u200b", "")


def test_one_meeting_gives_every_case_its_result_and_its_own_extract(office: Office) -> None:
    first = to_appraise(office, "王某乙", "A-1")
    second = to_appraise(office, "田某丙", "A-2", seed.NEXT_VILLAGE)
    number = begun(office)
    saved(office, number, roll=roll(), deputy="p_minzheng2")
    answer = stepped(office, number, "convene").json()
    assert (answer["done"], answer["refused"]) == (2, [])
    office.advance(by="PT2H")
    assert steps(office, first) == steps(office, second) == ["record_meeting"]
    told = [one["title"] for one in office.get("lianluo", "notifications")["items"]]
    assert "民主评议会议定于 9 月 10 日 09:00" in told
    relatives = {one["title"]: one["recused"] for one in shown(office, number)["items"]}
    assert relatives["王某乙"] == []
    assert [(one["name"], one["why"], one["automatic"]) for one in relatives["田某丙"]] == [
        ("己民政", "近亲属备案：叔侄", True)
    ]
    saved(office, number, items={1: votes(10, 2), 2: votes(9, 1, 1, opinion="生活困难属实")}, **HELD)
    done = stepped(office, number, "close").json()
    assert (done["done"], done["refused"]) == (2, [])
    meeting = shown(office, number)
    assert [(one["state"], one["verdict"]["text"], one["voting"]) for one in meeting["items"]] == [
        ("done", "通过", 12),
        ("done", "通过", 11),
    ]
    assert meeting["state"] == "closed"
    cases_ = {
        one["title"]: one["status"] for one in office.get("jiuzhu1", "cases?process=appraisal")["items"]
    }
    assert set(cases_.values()) == {"completed"}
    kept = office.get("jiuzhu1", f"cases/{second}")["sections"]
    (section,) = [one for one in kept if one["key"] == "appraisal"]
    text = str(section)
    assert "有人认为其子女有赡养能力" in text
    assert "王某乙" not in text, "of the agenda a case keeps itself alone"
    whole = pdf_text(office, "minzheng1", f"meetings/{number}.pdf")
    for words in (
        number,
        "王某乙",
        "田某丙",
        "近亲属备案：叔侄",
        "不同意见：有人认为",
        "应到12人，实到12人",
        meeting["digest"][:16],
    ):
        assert words in whole, words
    extract = pdf_text(office, "minzheng1", f"cases/{second}/papers/appraisal-1.pdf")
    assert number in extract
    assert "1人：己民政（近亲属备案：叔侄）" in extract
    assert "王某乙" not in extract


def test_the_whole_road_of_an_application_leads_through_a_meeting(office: Office) -> None:
    lead = to_application(office)
    surveyed(office)
    office.do("home_survey", "minzheng1", "minzheng2", hard_to_verify=True)
    number = begun(office, held_at="2026-09-14T10:30:00+08:00")
    (item,) = shown(office, number)["items"]
    assert item["application_no"].endswith("-A1-1")
    assert item["programme"] == "支出型临时救助"
    held(office, number, {1: votes(2, 10)})
    assert stepped(office, number, "close").json()["done"] == 1
    assert steps(office, lead["case_id"]) == ["draft_opinion"], "not passed is advice; a person goes on"


def test_an_invalid_meeting_sends_the_case_back_to_be_planned(office: Office) -> None:
    case = to_appraise(office, "王某乙", "A-1")
    number = begun(office)
    saved(office, number, roll=roll(residents=3))
    stepped(office, number, "convene")
    office.advance(by="PT1M")
    saved(office, number, items={1: votes(5)}, **HELD)
    assert shown(office, number)["items"][0]["verdict"]["text"] == "会议无效"
    saved(office, number, items={1: votes(4)})
    assert shown(office, number)["items"][0]["verdict"] is None, "totals that do not add up say nothing"
    saved(office, number, items={1: votes(5)})
    assert {one["key"]: one["value"] for one in shown(office, number)["rules"]}["appraisal.min_present"] == 10
    assert stepped(office, number, "close").status_code == 200
    assert steps(office, case) == ["plan_meeting"]
    assert [one["case_id"] for one in office.get("minzheng1", "meetings/waiting")] == [case]


def test_a_case_that_refuses_keeps_its_reason_and_the_others_go_on(office: Office) -> None:
    first = to_appraise(office, "王某乙", "A-1")
    second = to_appraise(office, "田某丙", "A-2", seed.NEXT_VILLAGE)
    third = to_appraise(office, "李某甲", "A-3")
    number = begun(office)
    saved(office, number, roll=roll(), chair="p_minzheng2")
    answer = stepped(office, number, "convene").json()
    assert answer["done"] == 2
    assert [one["title"] for one in answer["refused"]] == ["田某丙"], (
        "the chair is kin and there is no deputy"
    )
    saved(office, number, deputy="p_minzheng1")
    assert stepped(office, number, "convene").json()["refused"] == []
    office.advance(by="PT1M")
    row = next(t for t in office.get("fuwuban1", "tasks?size=100")["items"] if t["case_id"] == first)
    office.post("fuwuban1", f"tasks/{row['id']}/claim", {"revision": row["revision"]})
    saved(office, number, items={1: votes(12), 2: votes(12), 3: votes(11)}, **HELD)
    done = office.post(
        "minzheng2", f"meetings/{number}/close", {"revision": shown(office, number)["revision"]}
    )
    assert (done.json()["done"], [one["title"] for one in done.json()["refused"]]) == (
        1,
        ["王某乙", "田某丙"],
    )
    failures = {one["title"]: one["failure"] for one in shown(office, number)["items"]}
    assert "正由他人办理" in failures["王某乙"]
    assert "叔侄" in failures["田某丙"], "who closes is kin of this family"
    assert steps(office, third) == []
    assert office.get("minzheng1", "meetings?state=unfinished")["total"] == 1
    row = next(t for t in office.get("fuwuban1", "tasks?size=100")["items"] if t["case_id"] == first)
    office.post("fuwuban1", f"tasks/{row['id']}/release", {"revision": row["revision"]})
    again = office.post("minzheng1", f"meetings/{number}/carry", {})
    assert (again.json()["done"], again.json()["refused"]) == (2, [])
    assert steps(office, first) == steps(office, second) == []
    once_more = office.post("minzheng1", f"meetings/{number}/carry", {})
    assert once_more.json()["done"] == 0, "nothing is done twice"
    told = [
        one for one in office.get("fuwuban1", f"cases/{first}")["timeline"] if "录入评议结果" in one["title"]
    ]
    assert [
        one["who"]
        for one in told
        if one["kind"] == "person" and "认领" not in one["title"] and "放回" not in one["title"]
    ] == ["戊民政"]


def test_an_item_left_to_another_meeting_keeps_its_step(office: Office) -> None:
    to_appraise(office, "王某乙", "A-1")
    second = to_appraise(office, "李某甲", "A-2")
    number = begun(office)
    held(office, number, {1: votes(12), 2: {"postpone": "申请人住院，情况待补"}})
    assert stepped(office, number, "close").json()["done"] == 1
    assert [one["state"] for one in shown(office, number)["items"]] == ["done", "postponed"]
    assert steps(office, second) == ["record_meeting"]
    (left,) = office.get("minzheng1", "meetings/waiting")
    assert (left["case_id"], left["planned"]) == (second, True)
    again = begun(office)
    held(office, again, {1: votes(12)})
    assert stepped(office, again, "close").json()["done"] == 1
    extract = pdf_text(office, "minzheng1", f"cases/{second}/papers/appraisal-1.pdf")
    assert again in extract, "the extract tells of the meeting that voted"


def test_what_was_recorded_alone_meanwhile_is_left_as_it_is(office: Office) -> None:
    case = to_appraise(office, "王某乙", "A-1")
    to_appraise(office, "李某甲", "A-2")
    number = begun(office)
    held(office, number, {1: votes(12), 2: votes(12)})
    row = next(t for t in office.get("fuwuban1", "tasks?size=100")["items"] if t["case_id"] == case)
    alone = {
        "held_at": office.get("fuwuban1", f"tasks/{row['id']}")["values"]["held_at"],
        "present": 12,
        "residents": 6,
        "recused": 0,
        "agree": 12,
        "against": 0,
        "abstain": 0,
        "roll_photo": PHOTO,
        "minutes": "单独录入",
    }
    answer = office.post(
        "fuwuban1", f"tasks/{row['id']}/complete", {"revision": row["revision"], "values": alone}
    )
    assert answer.status_code == 200, answer.text
    assert stepped(office, number, "close").json()["done"] == 1
    void, done = shown(office, number)["items"]
    assert (void["state"], done["state"]) == ("void", "done")
    assert "已另行录入" in void["failure"]


def test_a_closed_meeting_is_sealed_and_only_corrected(office: Office) -> None:
    to_appraise(office, "王某乙", "A-1")
    number = begun(office)
    held(office, number, {1: votes(12)})
    early = office.post("minzheng1", f"meetings/{number}/corrections", {"text": "还没有结束"})
    refused(early, "meeting_open")
    stepped(office, number, "close")
    before = shown(office, number)
    refused(put(office, number, draft(before, place="别处会议室")), "meeting_closed")
    for step in ("convene", "close"):
        refused(stepped(office, number, step), "meeting_closed")
    refused(
        office.post(
            "minzheng1", f"meetings/{number}/cancel", {"revision": before["revision"], "reason": "不算"}
        ),
        "meeting_closed",
    )
    refused(
        office.post("minzheng1", f"meetings/{number}/agenda", {"revision": before["revision"], "remove": 1}),
        "meeting_closed",
    )
    made = office.post("minzheng1", f"meetings/{number}/corrections", {"text": "记录人应为丙两委", "item": 1})
    assert made.status_code == 200, made.text
    refused(
        office.post("minzheng1", f"meetings/{number}/corrections", {"text": "没有此项", "item": 7}),
        "not_found",
        404,
    )
    refused(office.post("minzheng1", f"meetings/{number}/corrections", {"text": "短"}), "invalid", 422)
    after = shown(office, number)
    assert after["digest"] == before["digest"]
    assert (after["log"][0]["what_text"], after["log"][0]["text"]) == ("更正", "记录人应为丙两委")
    assert "更正（第1项）：记录人应为丙两委（戊民政" in pdf_text(
        office, "minzheng1", f"meetings/{number}.pdf"
    )


def test_every_wrong_place_is_named_before_a_meeting_is_closed(office: Office) -> None:
    to_appraise(office, "王某乙", "A-1")
    to_appraise(office, "李某甲", "A-2")
    number = begun(office)
    refused(stepped(office, number, "convene"), "invalid", 422)
    saved(office, number, roll=roll(present=False))
    refused(stepped(office, number, "close"), "not_convened")
    stepped(office, number, "convene")
    office.advance(by="PT1M")
    saved(office, number, held_at="2026-09-18T09:00:00+08:00", items={1: {**votes(1, 1), "dissent": ""}})
    wrong = stepped(office, number, "close")
    assert wrong.status_code == 422
    assert {one["path"] for one in wrong.json()["fields"]} == {
        *("held_at", "roll", "course", "photos", "items[1].votes", "items[1].dissent", "items[2].votes"),
    }
    saved(office, number, items={1: {"postpone": "改期"}, 2: {"postpone": "改期"}})
    assert "agenda" in {one["path"] for one in stepped(office, number, "close").json()["fields"]}


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"chair": "p_nobody"}, "chair"),
        ({"deputy": "p_minzheng1"}, "deputy"),
        ({"place": " "}, "place"),
        (
            {"roll": [{"key": "a", "name": "甲某", "role": "guest", "person": None, "present": True}]},
            "roll[0].role",
        ),
        (
            {"roll": [{"key": "a", "name": " ", "role": "party", "person": None, "present": True}]},
            "roll[0].name",
        ),
        (
            {"roll": [{"key": "a", "name": "甲某", "role": "town", "person": "p_x", "present": True}]},
            "roll[0].name",
        ),
        (
            {
                "roll": [
                    {"key": "a", "name": n, "role": "party", "person": None, "present": True}
                    for n in ("甲某", "乙某")
                ]
            },
            "roll",
        ),
    ],
)
def test_a_draft_with_unknown_people_is_refused(office: Office, values: dict[str, Any], path: str) -> None:
    to_appraise(office, "王某乙", "A-1")
    number = begun(office)
    answer = put(office, number, draft(shown(office, number), **values))
    assert (answer.status_code, [one["path"] for one in answer.json()["fields"]]) == (422, [path])


def test_two_drafts_do_not_overwrite_each_other_and_a_case_stands_on_one_agenda(office: Office) -> None:
    to_appraise(office, "王某乙", "A-1")
    (task,) = [one["task"] for one in office.get("minzheng1", "meetings/waiting")]
    number = begun(office)
    first = draft(shown(office, number), roll=roll())
    assert put(office, number, first).status_code == 200
    refused(put(office, number, first, "fuwuban1"), "stale_revision")
    twice = {
        "area": seed.TOWN, "held_at": THURSDAY, "place": "镇政府", "convener": "town", "chair": "p_minzheng1", "recorder": "乙联络",
        "tasks": [task],
    }  # fmt: skip
    refused(office.post("fuwuban1", "meetings", twice), "not_waiting")
    revision = shown(office, number)["revision"]
    assert (
        office.post("minzheng1", f"meetings/{number}/agenda", {"revision": revision, "remove": 1}).status_code
        == 200
    )
    other = begun(office, "fuwuban1")
    assert len(shown(office, other)["items"]) == 1
    revision = shown(office, other)["revision"]
    refused(
        office.post("fuwuban1", f"meetings/{other}/cancel", {"revision": revision, "reason": ""}),
        "invalid",
        422,
    )
    assert (
        office.post(
            "fuwuban1", f"meetings/{other}/cancel", {"revision": revision, "reason": "改到下周"}
        ).status_code
        == 200
    )
    assert [one["task"] for one in office.get("minzheng1", "meetings/waiting")] == [task]
    revision = shown(office, number)["revision"]
    body = {"revision": revision, "add": [task]}
    assert office.post("minzheng1", f"meetings/{number}/agenda", body).status_code == 200
    assert [one["n"] for one in shown(office, number)["items"]] == [1]


def test_who_may_see_and_hold_a_meeting(office: Office) -> None:
    to_appraise(office, "王某乙", "A-1")
    to_appraise(office, "田某丙", "A-2", seed.NEXT_VILLAGE)
    number = begun(office)
    assert [one["title"] for one in shown(office, number, "liangwei")["items"]] == ["王某乙"], (
        "the village sees its own case"
    )
    assert office.get("liangwei", "meetings")["items"][0]["cases"] == 1
    assert office.client("liangwei").get(f"/api/meetings/{number}.pdf").status_code == 403
    refused(office.client("linzhen1").get(f"/api/meetings/{number}"), "not_found", 404)
    assert office.get("linzhen1", "meetings")["total"] == 0
    revision = shown(office, number)["revision"]
    for who in ("liangwei", "jiuzhu1"):
        refused(office.post(who, f"meetings/{number}/convene", {"revision": revision}), "forbidden", 403)
    refused(put(office, number, draft(shown(office, number, "liangwei")), "liangwei"), "forbidden", 403)


def test_a_village_prepares_its_own_meeting_and_the_town_closes_it(office: Office) -> None:
    case = to_appraise(office, "王某乙", "A-1")
    outside = {
        "area": seed.NEXT_VILLAGE, "held_at": THURSDAY, "place": "村委会", "convener": "village", "chair": "p_minzheng1", "recorder": "乙联络",
    }  # fmt: skip
    refused(office.post("liangwei", "meetings", outside), "forbidden", 403)
    refused(office.post("jiuzhu1", "meetings", {**outside, "area": seed.DISTRICT}), "forbidden", 403)
    number = begun(office, "liangwei", seed.VILLAGE)
    saved(office, number, "liangwei", roll=roll())
    refused(stepped(office, number, "convene", "liangwei"), "forbidden", 403)
    held(office, number, {1: votes(12)})
    refused(stepped(office, number, "close", "liangwei"), "forbidden", 403)
    assert office.get("liangwei", f"meetings/{number}")["may_edit"] is True
    assert stepped(office, number, "close").status_code == 200
    assert steps(office, case) == []
    assert office.get("liangwei", "meetings?state=closed&q=" + number)["total"] == 1
    assert office.get("liangwei", "meetings?q=王某")["total"] == 1
    assert office.get("liangwei", "meetings?q=不存在")["total"] == 0


def test_two_people_close_one_meeting_and_one_of_them_does(office: Office) -> None:
    to_appraise(office, "王某乙", "A-1")
    to_appraise(office, "李某甲", "A-2")
    number = begun(office)
    held(office, number, {1: votes(12), 2: votes(12)})
    body = {"revision": shown(office, number)["revision"]}
    barrier, answers = threading.Barrier(2), list[Any]()
    clients: dict[str, TestClient] = {who: office.client(who) for who in ("minzheng1", "fuwuban1")}

    def run(who: str) -> None:
        barrier.wait()
        headers = {"Idempotency-Key": f"race-key-{who}"}
        answers.append(clients[who].post(f"/api/meetings/{number}/close", json=body, headers=headers))

    threads = [threading.Thread(target=run, args=(who,)) for who in clients]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(one.status_code for one in answers) == [200, 409]
    (won,) = [one for one in answers if one.status_code == 200]
    assert won.json()["done"] == 2
    assert [one["what"] for one in shown(office, number)["log"]].count("closed") == 1
    winner = won.request.headers["Idempotency-Key"].rpartition("-")[2]
    replay = office.post(winner, f"meetings/{number}/close", body, key=f"race-key-{winner}")
    assert replay.json() == won.json(), "the same key again is the same answer"
