"""转介收发 over HTTP: departments read what is addressed to them, answer it themselves, and see nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from casework import seed
from tasks.rehearsal import answers
from tests.api.office import Office, opened
from tests.api.stories import orders, refused
from tests.api.test_organisation import post_of
from tests.api.test_scenarios_referral import referred, sent

MONDAY = "2026-10-12T08:30:00+08:00"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, MONDAY) as made:
        yield made


def listed(office: Office, who: str, query: str = "") -> list[dict[str, Any]]:
    return list(office.get(who, f"referrals{query}")["items"])


def said(office: Office, who: str, reference: str, **values: Any) -> Any:
    """Somebody fills in what is awaited and sends it."""
    shown = office.get(who, f"referrals/{reference}")["awaited"]
    filled = answers(shown["form"], shown["values"], values, [], office.runtime.now())
    return office.post(
        who, f"referrals/{reference}", {"subscription": shown["subscription"], "values": filled}
    )


def done(answer: Any) -> str:
    assert answer.status_code == 200, answer.text
    return str(answer.json()["message"])


def inbox(office: Office, who: str) -> list[dict[str, Any]]:
    return list(office.get(who, "notifications")["items"])


def three(office: Office) -> dict[str, str]:
    """Family S is referred to three departments the same day; references by department."""
    referred(office, "EDUCATION", "HOUSING", "EMPLOYMENT")
    for _ in range(3):
        sent(office)
    return {row["department"]: row["reference"] for row in listed(office, "jiuzhu1")}


def test_three_departments_the_same_day_each_sees_its_own(office: Office) -> None:
    letters = three(office)
    people = {"education": "jiaoyu", "housing": "zhujian", "employment": "renshe"}
    assert set(letters) == set(people)
    for department, who in people.items():
        (row,) = listed(office, who)
        assert (row["reference"], row["state"], row["state_text"]) == (
            letters[department],
            "waiting",
            "待接收",
        )
        assert (row["case_id"], row["place"], row["name"]) == (None, None, "赵**")
        assert row["due"]["due"] == "2026-10-20"
        assert [m["title"] for m in inbox(office, who)] == ["收到转介单"]
        assert "10月20日" in inbox(office, who)[0]["text"]
        assert inbox(office, who)[0]["case_id"] is None
    assert listed(office, "nongye") == []
    # each answers from the page opened before the others answered
    first = {
        d: office.get(who, f"referrals/{letters[d]}")["awaited"]["subscription"] for d, who in people.items()
    }
    for department, who in people.items():
        body = {
            "subscription": first[department],
            "values": {"dept_reply": "accepted", "replied_at": office.runtime.now().isoformat()},
        }
        done(office.post(who, f"referrals/{letters[department]}", body))
    assert office.get("jiuzhu1", "referrals?tab=working")["counts"] == {
        "waiting": 0, "working": 3, "bounced": 0, "done": 0, "withdrawn": 0,
    }  # fmt: skip


def test_the_letter_is_read_as_it_was_sent_and_the_result_goes_to_the_bureau(office: Office) -> None:
    lead = referred(office, "EDUCATION", subject_phone="13800001234", description="尿毒症透析")
    sent(office)
    (row,) = listed(office, "jiaoyu")
    shown = office.get("jiaoyu", f"referrals/{row['reference']}")
    letter = {line["label"]: line["value"] for line in shown["letter"]}
    assert list(letter)[:4] == ["姓名", "事项", "必要情况", "联系方式"]
    assert letter["联系方式"] == "13800001234"
    assert (letter["姓名"], letter["首次受理"], letter["第几次"]) == ("赵某丙", "2026年10月15日", "第 1 次")
    text = json.dumps(shown, ensure_ascii=False)
    assert lead["case_id"] not in text
    assert "尿毒症" not in text
    masked = office.get("jiuzhu1", f"referrals/{row['reference']}")
    assert "13800001234" not in json.dumps(masked["letter"]), "who it is not addressed to sees it masked"
    assert (masked["referral"]["case_id"], masked["awaited"]["by_proxy"]) == (lead["case_id"], True)
    assert [r["term"] for r in shown["receipts"]] == ["referral.accept"]
    assert (shown["receipts"][0]["due"], shown["receipts"][0]["citation"]) == (
        "2026-10-20",
        "区级默认值，区民政局可调整",
    )

    assert "已接收" in done(
        said(office, "jiaoyu", row["reference"], dept_reply="accepted", contact="申教育 022-00000000")
    )
    office.advance(by="PT1H")
    (row,) = listed(office, "jiaoyu", "?tab=working")
    assert (row["due"]["due"], row["said"]) == ("2026-10-29", "承办：申教育 022-00000000")
    assert "等待区民政局核对" in done(
        said(office, "jiaoyu", row["reference"], referral_result="已减免学费", amount="3000元")
    )
    assert [r["state"] for r in listed(office, "jiaoyu")] == ["done"]
    office.do("check_result", "baopian", outcome="aided", amount="减免学费")
    after = office.get("jiaoyu", f"referrals/{row['reference']}")
    assert [one["title"] for one in after["timeline"]] == [
        "核对办理结果",
        "报送办理结果",
        "接收",
        "送出转介单（救急难平台）",
    ]
    assert after["timeline"][1]["who"] == "申教育（区教育局）"
    assert "办理结果：已减免学费" in after["timeline"][1]["text"]
    assert "结果：已帮扶" in after["timeline"][0]["text"]
    assert (after["awaited"], after["referral"]["said"]) == (None, "已帮扶：已减免学费")
    case = office.get("jiuzhu1", f"cases/{lead['case_id']}")
    spoke = [one["who"] for one in case["timeline"] if one["title"] in ("等待部门接收", "等待办理结果")]
    assert spoke == ["申教育（区教育局）"] * 2


def test_sent_back_it_goes_to_another_and_the_first_has_nothing_more_to_say(office: Office) -> None:
    referred(office, "HOUSING")
    sent(office, channel="system")
    (row,) = listed(office, "zhujian")
    first = row["reference"]
    wrong = office.post("zhujian", f"referrals/{first}", {
        "subscription": office.get("zhujian", f"referrals/{first}")["awaited"]["subscription"],
        "values": {"dept_reply": "bounced", "replied_at": office.runtime.now().isoformat()},
    })  # fmt: skip
    assert (wrong.status_code, wrong.json()["fields"][0]["path"]) == (422, "bounce_reason")
    assert "退回" in done(
        said(office, "zhujian", first, dept_reply="bounced", bounce_reason="农村住房由农业农村部门办理")
    )
    office.advance(by="PT1H")
    (row,) = listed(office, "zhujian", "?tab=bounced")
    assert row["said"] == "退回理由：农村住房由农业农村部门办理"
    office.do("reroute", "baopian", to_dept="rural_housing")
    assert next(m["title"] for m in inbox(office, "zhujian")) == "转介已改送"
    (second,) = listed(office, "nongye")
    assert second["reference"] == f"{first.rpartition('-')[0]}-2"
    subscription = office.get("nongye", f"referrals/{second['reference']}")["awaited"]["subscription"]
    late = {"subscription": subscription, "values": {"dept_reply": "accepted"}}
    refused(office.post("zhujian", f"referrals/{first}", late), "not_awaited")
    refused(office.post("zhujian", f"referrals/{second['reference']}", late), "not_found", 404)
    old = office.get("zhujian", f"referrals/{first}")
    assert (old["awaited"], old["referral"]["state"]) == (None, "bounced")
    assert old["timeline"][0]["title"] == "改送其他部门"
    assert "农业农村部门（农村住房）" not in json.dumps(old, ensure_ascii=False), (
        "to whom is not theirs to know"
    )
    done(said(office, "nongye", second["reference"], dept_reply="accepted"))
    assert {r["state"] for r in listed(office, "jiuzhu1")} == {"bounced", "working"}


def test_the_same_department_again_has_two_letters_and_answers_the_later(office: Office) -> None:
    referred(office, "HOUSING")
    sent(office)
    (row,) = listed(office, "zhujian")
    done(said(office, "zhujian", row["reference"], dept_reply="bounced", bounce_reason="材料不清楚"))
    office.do("reroute", "baopian", to_dept="housing")
    states = {r["reference"]: r["state"] for r in listed(office, "zhujian")}
    assert states == {row["reference"]: "bounced", f"{row['reference'][:-1]}2": "waiting"}
    assert "转介已改送" not in [m["title"] for m in inbox(office, "zhujian")]
    refused(
        office.post("zhujian", f"referrals/{row['reference']}", {"subscription": "x", "values": {}}),
        "not_awaited",
    )


def test_a_late_answer_is_called_for_at_the_department_and_at_the_bureau(office: Office) -> None:
    lead = referred(office, "EMPLOYMENT")
    known = orders(office, lead)  # the way was chosen late, which has an order of its own
    sent(office)
    (row,) = listed(office, "renshe")
    office.advance(to="2026-10-21T09:00:00+08:00")
    told = inbox(office, "renshe")
    (late,) = [m for m in told if m["title"] == "超期催办"]
    assert row["reference"] in late["text"]
    assert "部门接收" in late["text"]
    assert any("部门接收" in m["text"] and m["title"] == "超期催办" for m in inbox(office, "baopian"))
    done(said(office, "renshe", row["reference"], dept_reply="accepted"))
    office.advance(to="2026-10-30T09:00:00+08:00")
    assert len(orders(office, lead, known)) == 1
    words = "\n".join(m["text"] for m in inbox(office, "renshe"))
    assert "时限已过半" in words
    assert "转区局督办" in words
    assert all(m["case_id"] is None and m["task_id"] is None for m in inbox(office, "renshe"))
    (row,) = listed(office, "renshe", "?tab=working")
    assert row["due"]["light"] == "overdue"


def test_an_unclear_result_is_asked_for_again(office: Office) -> None:
    referred(office, "EMPLOYMENT")
    sent(office)
    (row,) = listed(office, "renshe")
    done(said(office, "renshe", row["reference"], dept_reply="accepted"))
    done(said(office, "renshe", row["reference"], referral_result="正在联系用人单位"))
    office.do("check_result", "baopian", outcome="unclear")
    (row,) = listed(office, "renshe")
    assert (row["state"], row["said"]) == ("working", "结果不明确，继续等待：正在联系用人单位")
    done(said(office, "renshe", row["reference"], referral_result="已推荐岗位"))
    assert listed(office, "renshe")[0]["said"] == "待核对：已推荐岗位"


def test_a_case_that_ends_takes_its_letters_back(office: Office) -> None:
    lead = referred(office, "EDUCATION", "HOUSING")
    sent(office)
    sent(office)
    (row,) = listed(office, "jiaoyu")
    done(said(office, "jiaoyu", row["reference"], dept_reply="accepted"))
    (row,) = listed(office, "zhujian")
    path = f"referrals/{row['reference']}"
    body = {"subscription": office.get("zhujian", path)["awaited"]["subscription"], "values": {}}
    office.message("minzheng1", lead["case_id"], "本人谢绝救助")
    for who in ("jiaoyu", "zhujian"):
        assert [r["state"] for r in listed(office, who)] == ["withdrawn"]
        assert inbox(office, who)[0]["title"] == "转介已撤销"
        assert [
            r["state"]
            for r in office.get(who, f"referrals/{listed(office, who)[0]['reference']}")["receipts"]
        ]
    refused(office.post("zhujian", path, body), "not_awaited")


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_of_department_and_bureau_at_once_one_wins(
    tmp_path: Path, database: str, request: pytest.FixtureRequest
) -> None:
    more = {"database": request.getfixturevalue("postgres").database()} if database == "postgres" else {}
    with opened(tmp_path, MONDAY, **more) as office:
        referred(office, "EDUCATION")
        sent(office)
        (row,) = listed(office, "jiaoyu")
        path = f"referrals/{row['reference']}"
        subscription = office.get("jiaoyu", path)["awaited"]["subscription"]
        values = {"dept_reply": "accepted", "replied_at": office.runtime.now().isoformat()}
        body = {"subscription": subscription, "values": values}
        office.client("jiuzhu1")
        with ThreadPoolExecutor(2) as pool:
            both = list(pool.map(lambda who: office.post(who, path, body), ("jiaoyu", "jiuzhu1")))
        assert sorted(one.status_code for one in both) == [200, 409]
        lost = next(one for one in both if one.status_code == 409).json()
        assert (lost["code"], lost["message"]) == ("answered_already", "答复已由他人登记，请刷新后查看。")
        heard = [one["title"] for one in office.get("jiaoyu", path)["timeline"]]
        assert heard == ["接收", "送出转介单（救急难平台）"]


def test_the_same_request_twice_is_one_answer(office: Office) -> None:
    referred(office, "EDUCATION")
    sent(office)
    (row,) = listed(office, "jiaoyu")
    path = f"referrals/{row['reference']}"
    body = {
        "subscription": office.get("jiaoyu", path)["awaited"]["subscription"],
        "values": {"dept_reply": "accepted", "replied_at": office.runtime.now().isoformat()},
    }
    first, again = (office.post("jiaoyu", path, body, key="the-same-key") for _ in range(2))
    assert (first.status_code, again.status_code, first.json()) == (200, 200, again.json())
    refused(office.post("jiaoyu", path, body), "answered_already")


def test_the_bureau_still_writes_down_a_paper_answer(office: Office) -> None:
    lead = referred(office, "EDUCATION")
    sent(office, channel="paper")
    (row,) = listed(office, "jiaoyu")
    assert row["channel_text"] == "书面函件"
    office.message("jiuzhu1", lead["case_id"], "等待部门接收", dept_reply="accepted")
    assert listed(office, "jiaoyu")[0]["state"] == "working"
    done(said(office, "jiuzhu1", row["reference"], referral_result="已减免学费"))
    shown = office.get("jiaoyu", f"referrals/{row['reference']}")
    assert [one["who"] for one in shown["timeline"]][:2] == ["癸救助", "癸救助"], (
        "who wrote it down, on nobody's behalf"
    )


def test_a_substitute_answers_for_the_absent(office: Office) -> None:
    referred(office, "HOUSING")
    sent(office)
    (row,) = listed(office, "zhujian")
    held = post_of(office, "p_zhujian", seed.DISTRICT)
    body = {"person": "p_nongye", "begins": "2026-10-15", "until": "2026-10-30", "reason": "外出培训"}
    answer = office.post("guanli", f"organisation/appointments/{held['id']}/substitute", body)
    assert answer.status_code == 200, answer.text
    assert [r["reference"] for r in listed(office, "nongye")] == [row["reference"]]
    done(said(office, "nongye", row["reference"], dept_reply="accepted"))
    shown = office.get("zhujian", f"referrals/{row['reference']}")
    assert shown["timeline"][0]["who"] == "戌农房（区住房建设部门，代酉住建）"


def test_towns_follow_their_own_and_villages_do_not(office: Office) -> None:
    letters = three(office)
    rows = listed(office, "minzheng1", "?department=housing")
    assert [r["reference"] for r in rows] == [letters["housing"]]
    assert rows[0]["place"]
    assert rows[0]["case_id"]
    assert listed(office, "linzhen1") == []
    answer = office.client("linzhen1").get(f"/api/referrals/{letters['housing']}")
    refused(answer, "not_found", 404)
    refused(office.client("wangge").get("/api/referrals"), "forbidden", 403)
    page = office.get("jiuzhu1", "referrals?q=赵某&size=2")
    assert (page["total"], len(page["items"]), page["follows"]) == (3, 2, True)
    assert {one["label"] for one in page["departments"]} == {
        "区教育局",
        "区住房建设部门",
        "区人力资源和社会保障局",
    }
    assert listed(office, "jiuzhu1", "?q=没有这个人") == []


SECRET = re.compile("赵某丙|赵\\*\\*|李某甲|李\\*|王某乙|王\\*|田某|戊民政|甲网格|50000|50,000")


def test_outside_people_see_nothing_but_what_is_addressed_to_them(office: Office) -> None:
    """Every GET of the application, asked by a department that got no letter, with the numbers of a real case."""
    lead = referred(office, "EDUCATION")
    sent(office)
    (row,) = listed(office, "jiaoyu")
    known = {
        "case_id": lead["case_id"], "reference": row["reference"], "number": lead["number"], "household": "h_l",
        "area": seed.DISTRICT, "town": seed.TOWN, "process": "referral", "key": "rounds",
    }  # fmt: skip
    client = office.client("nongye")
    open_: set[str] = set()
    for template, methods in office.app.openapi()["paths"].items():
        if "get" not in methods or template.startswith(
            ("/api/public", "/api/demo", "/api/health", "/api/me", "/api/session")
        ):
            continue
        path = re.sub(r"\{(\w+)\}", lambda found: known.get(found[1], lead["case_id"]), template)
        answer = client.get(path, params={"area": seed.DISTRICT, "month": "2026-10", "q": "某"})
        assert answer.status_code < 500, (path, answer.text)
        if answer.status_code == 200:
            open_.add(template)
            assert not SECRET.search(answer.text), (path, answer.text)
            assert lead["number"] not in answer.text, path
        else:
            assert answer.json()["code"] in ("addressed_only", "not_found", "forbidden", "invalid"), (
                path,
                answer.text,
            )
    assert open_ == {
        "/api/tasks", "/api/requests", "/api/areas", "/api/notifications", "/api/referrals", "/api/clock",
    }  # fmt: skip


def test_a_referral_taken_back_to_its_letter_gets_a_new_number(office: Office) -> None:
    referred(office, "HOUSING")
    sent(office)
    (row,) = listed(office, "zhujian")
    done(said(office, "zhujian", row["reference"], dept_reply="accepted"))
    done(said(office, "zhujian", row["reference"], referral_result="不归我管"))
    task = office.task("baopian", "check_result")
    body = {"revision": task["revision"], "target": "prepare_referral", "reason": "部门选错，重新拟定"}
    answer = office.post("baopian", f"tasks/{task['id']}/send-back", body)
    assert answer.status_code == 200, answer.text
    sent(office, to_dept="rural_housing")
    (second,) = listed(office, "nongye")
    assert second["reference"] == f"{row['reference'][:-1]}2"
    assert [r["state"] for r in listed(office, "zhujian")] == ["done"]
    done(said(office, "nongye", second["reference"], dept_reply="accepted", contact="戌农房"))
    assert listed(office, "nongye")[0]["said"] == "承办：戌农房"
