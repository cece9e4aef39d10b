"""提醒 → 催办 → 催办通知书 → 督办 → 通报 over HTTP: every rung an object that only its own answer clears; silence while a clock is paused."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdf
import pytest

from casework import ladder, seed
from engine import clocks
from tests.api.office import Office, acknowledged, found, opened
from tests.conftest import PROCESSES


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, "2026-09-15T10:00:00+08:00") as made:
        yield made


def ok(answer: Any) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()


def rungs(office: Office, case_id: str, who: str = "jiuzhu1") -> list[tuple[str, str]]:
    return [(r["kind"], r["state"]) for r in office.get(who, f"cases/{case_id}/ladder")]


def text_of(office: Office, who: str, paper: str) -> str:
    response = office.client(who).get(f"/api/papers/{paper}.pdf")
    assert response.status_code == 200, response.text
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(response.content)).pages)


def inbox(office: Office, who: str, kind: str) -> list[Any]:
    return [one for one in office.get(who, "notifications?size=100")["items"] if one["kind"] == kind]


# ------------------------------------------------------------------------------------------ 提醒
def test_reminders_of_a_day_are_one_digest_unless_urgent(office: Office) -> None:
    for number in range(3):
        found(office, subject_name=f"某{number}")
    office.advance(to="2026-09-16T10:00:00+08:00")
    (day,) = [one for one in inbox(office, "wangge", "digest") if one["at"].startswith("2026-09-1")][-1:]
    assert day["title"].startswith("今日时限提醒（")
    days = [one["at"][:10] for one in inbox(office, "wangge", "digest")]
    assert len(days) == len(set(days)), "one digest a day"
    urgent = found(
        office, main_cause="15", occurred_at="2026-09-16T09:30:00+08:00", urgent_signs=["no_shelter"]
    )
    office.advance(by="PT3H")
    assert any(one["case_id"] == urgent["case_id"] for one in inbox(office, "wangge", "deadline")), (
        "what is urgent is told by itself and at once"
    )
    first = rungs(office, urgent["case_id"])
    assert first[0] == ("reminder", "已提醒")


# ------------------------------------------------------------------------------------------ 催办
def test_an_urging_is_read_answered_and_unanswered_becomes_an_order(office: Office) -> None:
    lead = acknowledged(office)
    task = office.task("minzheng1", "verify_on_site")
    path = f"tasks/{task['id']}/urge"
    ok(office.post("jiuzhu1", path, {"text": "请尽快"}))
    assert office.post("jiuzhu1", path, {"text": "再催"}).json()["code"] == "urged_today"
    (sent,) = office.get("jiuzhu1", "requests?tab=asked")["items"]
    assert rungs(office, lead["case_id"])[-1] == ("urge", "未读")
    early = {"revision": sent["revision"] + 5, "text": "已约好"}
    assert office.post("minzheng1", f"requests/{sent['id']}/reply", early).status_code == 409
    assert office.post("wangge", f"requests/{sent['id']}/reply", {**early, "revision": 1}).status_code == 403
    ok(
        office.post(
            "minzheng1",
            f"requests/{sent['id']}/reply",
            {"revision": sent["revision"], "text": "明日上午入户"},
        )
    )
    shown = [r for r in office.get("jiuzhu1", f"cases/{lead['case_id']}/ladder") if r["kind"] == "urge"]
    assert [(r["state"], r["answer"], r["by"]) for r in shown] == [("已答复", "明日上午入户", "癸救助")]
    office.advance(to="2026-09-16T09:00:00+08:00")
    ok(office.post("jiuzhu1", path, {"text": "仍未入户"}))
    office.advance(to="2026-09-18T23:59:00+08:00")
    assert ("order", "待下达") not in rungs(office, lead["case_id"]), "two working days: 17 and 18 September"
    office.advance(to="2026-09-19T00:10:00+08:00")
    after = rungs(office, lead["case_id"])
    assert ("urge", "逾期未答复，已转督办") in after
    assert ("order", "待下达") in after


def test_an_urging_has_a_receipt_and_is_dated_anew_when_the_holidays_change(tmp_path: Path) -> None:
    with opened(tmp_path, "2026-09-30T10:00:00+08:00") as office:
        lead = acknowledged(office)
        row = office.task("minzheng1", "verify_on_site")
        ok(office.post("jiuzhu1", f"tasks/{row['id']}/urge", {"text": "请尽快"}))

        def urged() -> Any:
            return next(
                r for r in office.get("jiuzhu1", f"cases/{lead['case_id']}/ladder") if r["kind"] == "urge"
            )

        before = urged()
        assert (before["due_on"], before["receipt"]["due"]) == ("2026-10-09", "2026-10-09")
        longer = (PROCESSES / "calendars" / "2026.toml").read_text().replace("2026-10-07", "2026-10-09")
        ok(office.post("juzhang", "calendars", {"text": longer}))
        office.advance(by="PT2M")
        after = urged()
        assert (after["due_on"], after["receipt"]["due"]) == ("2026-10-12", "2026-10-12")
        office.advance(to="2026-10-12T23:00:00+08:00")
        assert urged()["state"] == "未读", "in time to the last hour"
        office.advance(to="2026-10-13T00:10:00+08:00")
        assert urged()["state"] == "逾期未答复，已转督办"


def test_an_urging_that_cannot_go_further_is_shown_and_tried_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = acknowledged(office)
    task = office.task("minzheng1", "verify_on_site")
    ok(office.post("jiuzhu1", f"tasks/{task['id']}/urge", {"text": "请尽快"}))

    def broken(*_given: Any, **_more: Any) -> Any:
        raise KeyError("nobody foresaw")

    with monkeypatch.context() as patch:
        patch.setattr(ladder, "raise_order", broken)
        office.advance(to="2026-09-18T00:10:00+08:00")
    (shown,) = office.get("juzhang", "incidents")["items"]
    assert (shown["case_id"], shown["element"]) == (lead["case_id"], "verify_on_site")
    assert "nobody foresaw" in shown["message"]
    ok(office.post("juzhang", f"incidents/{shown['id']}/retry", {"revision": shown["revision"]}))
    office.advance(by="PT1M")
    assert office.get("juzhang", "incidents")["items"] == []
    assert ("order", "待下达") in rungs(office, lead["case_id"])


# ------------------------------------------------------------------------------------------ 催办通知书
def test_the_morning_after_a_notice_is_drafted_signed_and_answered(office: Office) -> None:
    lead = acknowledged(office)
    due = office.receipts("minzheng1", "verify_on_site")["verify.on_site.ordinary"]
    assert due == "2026-09-18"
    office.advance(to="2026-09-19T08:29:00+08:00")
    assert "notice" not in dict(rungs(office, lead["case_id"]))
    office.advance(to="2026-09-19T08:31:00+08:00")
    assert ("notice", "待签发") in rungs(office, lead["case_id"])
    assert "sign_notice" not in office.open("fuwuban1"), "the tier above signs"
    office.do("sign_notice", "baopian", issue=True, demand="三日内办结", signature="丑包片")
    (notice,) = [r for r in office.get("baopian", f"cases/{lead['case_id']}/ladder") if r["kind"] == "notice"]
    assert (notice["state"], notice["number"]) == ("待答复", "宝坻区民政局催字〔2026〕1号")
    printed = text_of(office, "minzheng1", notice["paper"])
    assert "催办通知书" in printed
    assert "三日内办结" in printed
    assert "9月22日" in printed.replace(" ", ""), "the paper says how its last day was counted"
    assert "次日起算" in printed
    assert office.client("linzhen1").get(f"/api/papers/{notice['paper']}.pdf").status_code == 404
    office.do("verify_on_site", "minzheng1", "minzheng2", verify_result="not_confirmed")
    assert ("notice", "待答复") in rungs(office, lead["case_id"]), "doing the work does not answer the notice"
    assert office.receipts("fuwuban1", "answer_notice")["urge.reply"] == "2026-09-22", (
        "signed on Saturday; Sunday the 20th is a make-up working day"
    )
    office.do("answer_notice", "fuwuban1", answer="已入户核查，系人手不足")
    (notice,) = [r for r in office.get("baopian", f"cases/{lead['case_id']}/ladder") if r["kind"] == "notice"]
    assert (notice["state"], notice["answer"], notice["open"]) == ("已答复", "已入户核查，系人手不足", False)
    assert any("已答复" in one["title"] for one in inbox(office, "baopian", "answered"))


def test_an_unanswered_notice_goes_to_the_district_as_an_order(office: Office) -> None:
    lead = found(office)
    office.advance(to="2026-09-17T09:00:00+08:00")
    assert "sign_notice" in office.open("fuwuban1"), "a village's step: the town signs"
    office.do("sign_notice", "fuwuban1", issue=True, signature="庚服务")
    assert "answer_notice" in office.open("lianluo")
    before = [r for r in rungs(office, lead["case_id"]) if r[0] == "order"]
    office.advance(to="2026-09-23T09:00:00+08:00")
    orders = [r for r in office.get("jiuzhu1", f"cases/{lead['case_id']}/ladder") if r["kind"] == "order"]
    assert len(orders) > len(before)
    assert any("没有答复" in (r["text"] or "") for r in orders)


def test_a_notice_may_be_withheld_with_a_reason(office: Office) -> None:
    lead = acknowledged(office)
    office.advance(to="2026-09-19T09:00:00+08:00")
    row = office.task("baopian", "sign_notice")
    body = {"revision": row["revision"], "values": {"matter_shown": "核查超期未办结", "issue": False}}
    refused = office.post("baopian", f"tasks/{row['id']}/complete", body)
    assert refused.json()["fields"][0]["path"] == "not_issued_reason"
    office.do("sign_notice", "baopian", issue=False, not_issued_reason="已于当日入户")
    assert ("notice", "不再制发") in rungs(office, lead["case_id"])


def test_nothing_is_sent_while_the_clock_is_paused(office: Office) -> None:
    """A supplement holds the survey clock: no urging, no reminder, no notice."""
    lead = acknowledged(office)
    task = office.task("minzheng1", "verify_on_site")
    ok(office.post("jiuzhu1", f"tasks/{task['id']}/urge", {"text": "请尽快"}))
    with office.runtime.db.transaction() as tx:
        for clock in clocks.of_case(tx, lead["case_id"]):
            if clock.live:
                pause = {
                    "from": office.runtime.now(tx).isoformat(),
                    "to": None,
                    "reason": "supplement",
                    "token": "x",
                }
                held = replace(clock, state="paused", next_at=None, next_kind=None, pauses=[pause])
                clocks.rewrite(tx, held)
    told = len(inbox(office, "minzheng1", "digest"))
    office.advance(to="2026-09-19T09:00:00+08:00")
    assert [kind for kind, _ in rungs(office, lead["case_id"])].count("notice") == 0
    assert [kind for kind, _ in rungs(office, lead["case_id"])].count("order") == 0
    assert len(inbox(office, "minzheng1", "digest")) == told
    answer = office.post("jiuzhu1", f"tasks/{task['id']}/urge", {"text": "再催"})
    assert answer.json()["code"] == "clock_paused"


# ------------------------------------------------------------------------------------------ 督办 and urging by hand
def test_a_leader_orders_from_the_page_of_a_case(office: Office) -> None:
    lead = acknowledged(office)
    detail = office.get("juzhang", f"cases/{lead['case_id']}")
    assert "supervise" in [a["key"] for a in detail["actions"]]
    body = {"revision": detail["revision"], "matter": "群众反映无人上门，请立即核查"}
    path = f"cases/{lead['case_id']}/supervise"
    assert office.post("fuwuban1", path, body).status_code == 403
    assert office.post("juzhang", path, {**body, "revision": 1}).json()["code"] == "stale_revision"
    made = ok(office.post("juzhang", path, body))
    assert office.post("juzhang", f"cases/{made['case_id']}/supervise", body).json()["code"] == "own_rung"
    assert ("order", "待下达") in rungs(office, lead["case_id"])
    listed = office.get("baopian", f"ladder?area={seed.TOWN}")
    assert [(row["number"], row["top"]) for row in listed["items"]] == [(lead["number"], "order")]
    assert listed["counts"] == {"督办": 1}
    assert office.get("baopian", f"ladder?area={seed.OTHER_TOWN}")["total"] == 0
    assert office.client("wangge").get("/api/ladder").status_code == 403
    office.do("issue_order", "baopian", demand="今日办结", responsible="镇长")
    office.do("answer_order", "fuwuban1", answer="已上门核查")
    office.do("check_answer", "jiuzhu1", closed=True, closed_reason="核实已上门")
    assert ("order", "已销号") in rungs(office, lead["case_id"])
    assert office.get("baopian", "ladder")["total"] == 0
    assert office.get("baopian", "ladder?state=all")["total"] == 1


def test_a_town_urges_its_village_by_hand(office: Office) -> None:
    offers = {(o["process"], o["event"]) for o in office.get("fuwuban1", "starts")}
    assert ("urging_notice", "urged_by_hand") in offers
    assert office.get("wangge", "starts") == []
    path = "starts/urging_notice/urged_by_hand"
    form = office.get("fuwuban1", path)
    assert [c["key"] for c in form["form"]["components"]] == ["area", "matter", "demand"]
    given = {"area": seed.VILLAGE, "matter": "本月走访登记未报", "demand": "三日内补报"}
    assert office.client("wangge").get(f"/api/{path}").status_code == 403
    outside = {"values": {**given, "area": seed.OTHER_TOWN}}
    assert office.post("fuwuban1", path, outside).json()["fields"][0]["path"] == "area"
    assert office.post("fuwuban1", path, {"values": {"area": seed.VILLAGE}}).json()["code"] == "invalid"
    made = ok(office.post("fuwuban1", path, {"values": given}))
    office.do("sign_notice", "fuwuban2", issue=True, signature="辛服务")
    office.do("answer_notice", "lianluo", answer="已经补报")
    case = office.get("fuwuban1", f"cases/{made['case_id']}")["case"]
    assert case["status"] == "completed"
    (paper,) = office.get("fuwuban1", "papers")["items"]
    assert paper["number"].endswith("催字〔2026〕1号")
    assert paper["intact"] is True


# ------------------------------------------------------------------------------------------ 通报
def test_a_circular_names_towns_with_figures_and_may_be_appealed(office: Office) -> None:
    acknowledged(office)
    office.advance(to="2026-09-21T09:00:00+08:00")
    given = {"values": {"period_from": "2026-09-01", "period_to": "2026-09-20"}}
    made = ok(office.post("jiuzhu1", "starts/circular/circular_by_hand", given))
    office.advance(by="PT1M")
    row = office.task("jiuzhu1", "review_circular")
    values = office.get("jiuzhu1", f"tasks/{row['id']}")["values"]
    mine = next(one for one in values["rows"] if one["name"] == "宝平街道" or one["late"])
    assert (mine["late"], mine["named"]) == (1, True)
    forged = [{**one, "late": 99} for one in values["rows"]]
    office.do("review_circular", "jiuzhu1", rows=forged, situation="个别镇核查超期", demand="立即整改")
    assert office.task("juzhang", "sign_circular")
    office.do("sign_circular", "juzhang", circular_ok=True, signature="寅局长")
    (paper,) = list(office.get("juzhang", "papers?kind=circular")["items"])
    printed = text_of(office, "fuwuban1", paper["id"])
    assert "99" not in printed, "the figures are the system's, not the draft's"
    assert "个别镇核查超期" in printed
    assert inbox(office, "fuwuban1", "circular")[0]["text"].startswith("点名通报")
    office.message("jiuzhu1", made["case_id"], "收到申诉", objecting_area=seed.TOWN, objection="系统离线所致")
    for who in ("jiuzhu1", "juzhang"):
        task = office.task(who, "decide_objection")
        refused = office.post(who, f"tasks/{task['id']}/claim", {"revision": task["revision"]})
        assert refused.json()["code"] == "recused"
    office.do("decide_objection", "baopian", upheld=True, reason="确系离线")
    (paper,) = office.get("juzhang", "papers?kind=circular")["items"]
    assert (paper["intact"], paper["corrections"][0]["upheld"]) == (True, True), "the original stays"
    office.advance(to="2026-09-30T00:10:00+08:00")
    assert office.get("jiuzhu1", f"cases/{made['case_id']}")["case"]["status"] == "completed"
