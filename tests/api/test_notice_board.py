"""公示管理 and 扫码 over HTTP, on both databases: how every notice stands, what anybody reads by the code, objections sent by it."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdf
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from casework import notices as casework_notices
from casework import seed
from casework.tables import notice_scans, notices
from engine.tables import cases
from tests.api.office import Office, found, opened
from tests.api.stories import refused
from tests.api.test_expenditure import THURSDAY, to_application
from tests.api.test_review import judged

ADDRESS = "https://jiuzhu.example.cn"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    more = {"database": request.getfixturevalue("postgres").database()} if request.param == "postgres" else {}
    with opened(tmp_path, THURSDAY, address=ADDRESS + "/", **more) as made:
        yield made


def noticed(office: Office) -> Any:
    """A lead whose application is about to be noticed."""
    lead = to_application(office)
    judged(office)
    return lead


def hung(office: Office) -> Any:
    lead = noticed(office)
    office.advance(to="2026-09-21T09:00:00+08:00")
    office.do("check_notice", "fuwuban1", content_ok=True)
    office.do("post_notice", "jiandu", posted_on="2026-09-21", complaint_phone="022-00000000")
    return lead


def board(office: Office, who: str = "fuwuban1", query: str = "") -> Any:
    return office.get(who, f"notices{query}")


def row(office: Office, who: str = "fuwuban1", query: str = "") -> Any:
    (only,) = board(office, who, query)["items"]
    return only


def token(office: Office, at: int = 0) -> str:
    with office.runtime.db.reading() as tx:
        found_ = tx.run(select(notices.c.token).order_by(notices.c.made_at, notices.c.number)).scalars().all()
    return str(found_[at])


def anybody(office: Office, address: str = "203.0.113.7") -> TestClient:
    """Somebody at the notice board with a telephone: no session, no header of ours."""
    return TestClient(office.app, client=(address, 50000), raise_server_exceptions=False)


def said(turn: int = 1, **values: Any) -> dict[str, Any]:
    return {"key": f"scan-key-{turn:012d}", "content": "该户去年买了小汽车，请核实", **values}


def send(office: Office, body: dict[str, Any], address: str = "203.0.113.7") -> Any:
    return anybody(office, address).post(f"/api/public/notices/{token(office)}/objections", json=body)


def sealed(office: Office) -> list[Any]:
    return list(office.get("fuwuban2", "cases?process=handle_objection")["items"])


def test_the_board_tells_how_a_notice_stands_from_beginning_to_end(office: Office) -> None:
    assert board(office)["counts"] == dict.fromkeys(
        ("to_post", "to_remove", "posted", "objected", "expired", "removed"), 0
    )
    lead = noticed(office)
    waiting = row(office)
    assert (waiting["state_text"], waiting["start"], waiting["end"]) == ("待张贴", "not_yet", "not_yet")
    assert (waiting["task"]["name"], waiting["task"]["mine"], waiting["posted_on"]) == (
        "核对公示内容",
        True,
        None,
    )
    assert waiting["address"] is None
    office.advance(to="2026-09-21T09:00:00+08:00")
    office.do("check_notice", "fuwuban1", content_ok=True)
    assert (row(office, "jiandu")["task"]["verb"], row(office, "jiandu")["task"]["mine"]) == ("去张贴", True)
    assert row(office)["task"]["mine"] is False
    assert "公示监督员" in row(office)["task"]["who"]
    office.do("post_notice", "jiandu", posted_on="2026-09-21", complaint_phone="022-00000000")
    posted = row(office)
    assert (posted["state_text"], posted["posted_on"], posted["ends_on"]) == (
        "公示中",
        "2026-09-21",
        "2026-09-28",
    )
    assert (posted["start"], posted["end"], posted["task"]) == ("there", "not_yet", None)
    (receipt,) = posted["receipts"]
    assert (receipt["due"], receipt["kind"], receipt["name"]) == ("2026-09-28", "min", "公示期")
    assert (posted["case_id"], posted["days_left"]) == (lead["case_id"], 7)
    assert posted["address"] == f"{ADDRESS}/n/{token(office)}"
    office.advance(to="2026-09-29T08:40:00+08:00")
    assert (row(office)["state_text"], row(office)["task"]["name"]) == ("期满待结", "撤下公示")
    office.do("remove_notice", "jiandu", continuous=True)
    assert (row(office)["state_text"], row(office)["end"]) == ("期满待结", "there")
    office.do("close_notice", "fuwuban1", notice_result="cleared")
    done = row(office)
    assert (done["state_text"], done["task"], done["continuous"], done["result"]) == (
        "已撤下",
        None,
        True,
        "公示期满，无待复查异议",
    )
    assert board(office, query="?state=posted")["total"] == 0
    assert board(office, query="?state=removed")["total"] == 1


def test_a_notice_torn_down_goes_back_to_the_wall_and_its_first_end_does_not_count(office: Office) -> None:
    hung(office)
    office.advance(to="2026-09-29T08:40:00+08:00")
    office.do("remove_notice", "jiandu", continuous=False)
    assert (row(office)["state"], row(office)["task"]["name"]) == ("to_post", "张贴公示")
    office.do("post_notice", "jiandu", posted_on="2026-09-29", complaint_phone="022-00000000")
    again = row(office)
    assert (again["state"], again["posted_on"], again["ends_on"], again["end"]) == (
        "posted",
        "2026-09-29",
        "2026-10-08",
        "not_yet",
    )


def test_who_sees_which_notices_and_what_of_them(office: Office) -> None:
    hung(office)
    assert send(office, said()).status_code == 200
    assert (row(office)["state_text"], row(office)["objections"], row(office)["unanswered"]) == (
        "有异议",
        1,
        1,
    )
    village = board(office, "jiandu")
    assert (village["items"][0]["state_text"], village["items"][0]["objections"]) == ("公示中", None), (
        "the village does not learn that somebody objected"
    )
    assert "objected" not in village["counts"]
    assert board(office, "jiandu", "?state=objected")["total"] == 0
    assert board(office, "linzhen1")["total"] == 0
    assert board(office, query="?q=王某")["total"] == 1
    assert board(office, query="?q=没有这人")["total"] == 0
    assert board(office, query="?area=120115/120115103")["total"] == 0
    assert anybody(office).get("/api/notices").status_code == 401


def test_the_list_goes_on_from_what_is_open_to_what_was_taken_down(office: Office) -> None:
    hung(office)
    with office.runtime.db.transaction() as tx:
        kept = tx.run(select(notices)).one()._asdict()
        for n in range(3):
            old = {**kept, "number": f"OLD-{n}", "path": f"gone:{n}", "job": None, "token": f"t{n}"}
            tx.run(notices.insert(), old)
    first, second = (board(office, query=f"?size=2&page={page}") for page in (1, 2))
    assert (first["total"], second["total"]) == (4, 4)
    states = [one["state"] for one in (*first["items"], *second["items"])]
    assert states == ["posted", "removed", "removed", "removed"]
    assert len({one["number"] for one in (*first["items"], *second["items"])}) == 4


def test_anybody_reads_the_notice_by_its_code_while_it_is_posted_and_nothing_more(office: Office) -> None:
    noticed(office)
    early = anybody(office).get(f"/api/public/notices/{token(office)}")
    assert (early.json()["state"], early.json()["content"]) == ("waiting", {})
    office.advance(to="2026-09-21T09:00:00+08:00")
    office.do("check_notice", "fuwuban1", content_ok=True)
    office.do("post_notice", "jiandu", posted_on="2026-09-21", complaint_phone="022-00000000")
    shown = anybody(office).get(f"/api/public/notices/{token(office)}")
    assert shown.headers["X-Robots-Tag"] == "noindex, nofollow"
    page = shown.json()
    assert (page["state"], page["ends_on"]) == ("posted", "2026-09-28")
    assert set(page["content"]) == {
        *(
            "申请人",
            "村（居）",
            "救助事项",
            "享受人数",
            "拟救助金额",
            "近亲属备案",
            "公示期",
            "异议受理",
            "监督电话",
        ),
    }
    assert list(page["content"])[:3] == ["申请人", "村（居）", "救助事项"], "in the order of the paper"
    assert page["content"]["申请人"] == "王**"
    assert page["content"]["公示期"] == "2026年9月22日至2026年9月28日（2026年9月21日张贴，次日起 7 日）"
    assert "王某乙" not in shown.text
    assert set(page) == {"number", "state", "content", "ends_on", "office", "phone"}
    office.advance(to="2026-09-28T23:59:00+08:00")
    assert anybody(office).get(f"/api/public/notices/{token(office)}").json()["state"] == "posted", (
        "the last minute counts"
    )
    office.advance(to="2026-09-29T08:40:00+08:00")
    over = anybody(office).get(f"/api/public/notices/{token(office)}").json()
    assert (over["state"], over["content"], over["ends_on"]) == ("over", {}, None)
    assert over["phone"], "whom to turn to is still said"
    refused(send(office, said()), "notice_over")
    refused(anybody(office).get("/api/public/notices/unknown"), "not_found", 404)


@pytest.mark.parametrize("learnt", ["a child", "violence"])
def test_a_person_who_must_not_be_shown_has_no_page_even_if_learnt_later(office: Office, learnt: str) -> None:
    lead = hung(office)
    with office.runtime.db.transaction() as tx:
        document = tx.run(select(cases.c.document).where(cases.c.id == lead["case_id"])).scalar_one()
        if learnt == "violence":
            document[""]["verification"]["causes"] = ["11", "52"]
        else:
            (path,) = [one for one in document if one]
            document[path]["application"]["members"] = [{"name": "王某乙", "birth_date": "2012-05-01"}]
        tx.run(update(cases).where(cases.c.id == lead["case_id"]).values(document=document))
    refused(anybody(office).get(f"/api/public/notices/{token(office)}"), "not_found", 404)
    refused(send(office, said()), "not_found", 404)
    assert sealed(office) == []


def test_what_is_never_noticed_has_no_code(office: Office) -> None:
    found(office, subject_name="赵某丙")
    with office.runtime.db.reading() as tx:
        assert tx.run(select(notices.c.token)).all() == []
    assert casework_notices.refusal("SMALL_QUICK", {}) is not None
    refused(anybody(office).get("/api/public/notices/None"), "not_found", 404)


def test_an_objection_sent_by_the_code_is_the_same_sealed_case_as_one_taken_down(office: Office) -> None:
    hung(office)
    taken = {"received_at": "2026-09-21T09:05:00+08:00", "channel": "phone", "content": "家中有车"}
    number = row(office)["number"]
    made = office.post("fuwuban1", f"notices/{number}/objections", {"values": {**taken, "notice_no": number}})
    assert made.status_code == 200, made.text
    sent = send(office, said(name="钱某丁", phone="138 0000 0000"))
    assert sent.status_code == 200, sent.text
    assert sent.json() == {"number": f"{number[:-3]}-Y2", "message": f"异议已收到，编号 {number[:-3]}-Y2。"}
    by_hand, by_code = sorted(sealed(office), key=lambda one: one["number"])
    with office.runtime.db.reading() as tx:
        stored = {r.number: r for r in tx.run(select(cases).where(cases.c.process == "handle_objection"))}
    first, second = stored[by_hand["number"]], stored[by_code["number"]]
    assert set(first.variables) == set(second.variables)
    assert first.variables["investigators"] == second.variables["investigators"] != []
    (said_,) = second.document[""]["objection"]
    assert (said_["channel"], said_["content"], said_["objector"]) == (
        "scan",
        "该户去年买了小汽车，请核实",
        "钱某丁，电话 138 0000 0000",
    )
    assert second.opened_by is None
    assert office.get("fuwuban2", f"cases/{by_code['id']}")["case"]["number"] == by_code["number"]
    assert office.get("lianluo", "cases?process=handle_objection")["total"] == 0
    office.do("judge_objection", "fuwuban2", needs_reinvestigation=False, about_staff=False)
    office.do("judge_objection", "fuwuban2", needs_reinvestigation=False, about_staff=False)
    assert (row(office)["objections"], row(office)["unanswered"], row(office)["state"]) == (2, 0, "posted")


def test_nobody_needs_to_give_a_name(office: Office) -> None:
    hung(office)
    assert send(office, said()).status_code == 200
    with office.runtime.db.reading() as tx:
        document = tx.run(select(cases.c.document).where(cases.c.process == "handle_objection")).scalar_one()
        scan = tx.run(select(notice_scans)).one()
    assert not document[""]["objection"][0]["objector"]
    assert "203.0.113.7" not in str(scan), "of the address only a digest is kept"


def test_what_cannot_be_an_objection_is_refused_at_its_place(office: Office) -> None:
    hung(office)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"content": "车"}, "content"),
        ({"content": "  "}, "content"),
        ({"phone": "打我电话"}, "phone"),
        ({"key": "short"}, "key"),
        ({"extra": 1}, "extra"),
    ]
    for values, path in wrong:
        answer = send(office, said(**values))
        assert (answer.status_code, [one["path"] for one in answer.json()["fields"]]) == (422, [path]), values
    assert sealed(office) == []


def test_an_address_and_a_notice_take_only_so_many_a_day(office: Office) -> None:
    hung(office)
    answers = [send(office, said(n)).status_code for n in range(4)]
    assert answers == [200, 200, 200, 429]
    assert send(office, said(0)).json()["number"].endswith("-Y1"), "what was sent before is answered again"
    assert send(office, said(9), "203.0.113.8").status_code == 200, "somebody else may still object"
    office.advance(by="P1D")
    assert send(office, said(10)).status_code == 200
    assert len(sealed(office)) == 5
    with office.runtime.db.reading() as tx:
        assert len(tx.run(select(notice_scans)).all()) == 1, "addresses of yesterday are forgotten"


def test_an_open_objection_goes_with_the_case_it_is_about(tmp_path: Path) -> None:
    with opened(tmp_path, THURSDAY, address=ADDRESS + "/") as office:
        lead = hung(office)
        assert send(office, said()).status_code == 200
        office.advance(by="PT2M")
        assert "judge_objection" in office.open("fuwuban2")
        page = office.get("fuwuban1", f"cases/{lead['case_id']}")
        body = {"revision": page["revision"], "to_area": seed.OTHER_TOWN, "reason": "户籍和居住地均在该镇"}
        assert office.post("fuwuban1", f"cases/{lead['case_id']}/hand-over", body).status_code == 200
        (offer,) = office.get("linzhen2", "transfers")["items"]
        given = {"revision": offer["revision"], "area": f"{seed.OTHER_TOWN}/120115103201"}
        assert office.post("linzhen2", f"transfers/{offer['id']}/accept", given).status_code == 200
        office.advance(by="PT2M")
        assert "judge_objection" in office.open("linzhen2")
        assert "judge_objection" not in office.open("fuwuban2")
        with office.runtime.db.reading() as tx:
            query = select(cases.c.area, cases.c.parent).where(cases.c.process == "handle_objection")
            assert tx.run(query).all() == [(f"{seed.OTHER_TOWN}/120115103201", None)], (
                "and is sealed as before"
            )


def test_two_at_once_from_one_address_do_not_pass_the_limit(office: Office) -> None:
    hung(office)
    for n in range(2):
        assert send(office, said(n)).status_code == 200
    barrier, answers = threading.Barrier(2), list[int]()

    def run(key: int) -> None:
        barrier.wait()
        answers.append(send(office, said(key)).status_code)

    threads = [threading.Thread(target=run, args=(key,)) for key in (7, 8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(answers) == [200, 429]
    assert len(sealed(office)) == 3


def on_paper(office: Office) -> str:
    paper = office.client("jiandu").get(f"/api/notices/{row(office)['number']}.pdf")
    return (
        pypdf.PdfReader(io.BytesIO(paper.content)).pages[0].extract_text().replace("\n", "").replace(" ", "")
    )


def test_the_paper_names_its_first_and_last_day(office: Office) -> None:
    """Of the day it is printed for until it hangs; then of the day it was posted, whenever it is printed."""
    noticed(office)
    assert "2026年9月15日至2026年9月21日（2026年9月14日张贴" in on_paper(office)
    office.advance(to="2026-09-29T09:00:00+08:00")
    office.do("check_notice", "fuwuban1", content_ok=True)
    assert "2026年9月30日至2026年10月8日（2026年9月29日张贴，次日起7日）" in on_paper(office)
    office.do("post_notice", "jiandu", posted_on="2026-09-28", complaint_phone="022-00000000")
    office.advance(by="P1D")
    text = on_paper(office)
    assert "2026年9月29日至2026年10月8日（2026年9月28日张贴，次日起7日）" in text
    assert "公示期：2026-10-08" in text, "and how it is counted"
    number = row(office)["number"]
    assert office.get("jiandu", f"notices/{number}.json")["content"]["公示期"].startswith("2026年9月29日至")


def test_a_paper_of_before_is_printed_as_it_was_made(office: Office) -> None:
    noticed(office)
    with office.runtime.db.transaction() as tx:
        tx.run(update(notices).values(term=None))
    office.advance(by="P1D")
    assert "2026年9月14日张贴" in on_paper(office)


def test_the_paper_carries_the_code_and_its_words(office: Office) -> None:
    hung(office)
    assert "扫码可查看本公示" in on_paper(office)
    entry = anybody(office).get(f"/n/{token(office)}")
    assert (entry.headers["X-Robots-Tag"], entry.headers["Referrer-Policy"]) == (
        "noindex, nofollow",
        "no-referrer",
    )


def test_who_checks_a_notice_reads_the_very_text_that_will_hang(office: Office) -> None:
    noticed(office)
    task = office.get("fuwuban1", f"tasks/{office.task('fuwuban1', 'check_notice')['id']}")
    shown = {one["line"]: one["said"] for one in task["values"]["text"]}
    number = row(office)["number"]
    online = office.get("fuwuban1", f"notices/{number}.json")["content"]
    assert shown == {"公示编号": number, **online, "申请人": "王某乙"}, "the board has the full name"
    pdf = office.client("fuwuban1").get(f"/api/notices/{number}.pdf").content
    printed = "".join(p.extract_text() for p in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    squeezed = "".join(printed.split())
    assert all("".join(said.split()) in squeezed for said in shown.values())
    office.do("check_notice", "fuwuban1", content_ok=True)
