"""日历与时限 over HTTP: two persons for a choice, notices with a dry run, extension and correction on a case, lateness."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.api.office import PEOPLE, Office, acknowledged, opened, verified
from tests.api.test_programmes import routed
from tests.engine.test_limits import NOTICE_2027

TERM = {
    "kind": "term",
    "key": "verify.on_site.ordinary",
    "value": 2,
    "valid_from": "2026-12-01",
    "reason": "局务会纪要",
}


def item(office: Office, key: str, on: str | None = None) -> Any:
    table = office.get("guanli", f"terms?on={on}" if on else "terms")
    return next(i for i in table["items"] if i["key"] == key)


def test_a_choice_takes_two_persons_and_new_cases_are_shown_with_it(tmp_path: Path) -> None:
    with opened(tmp_path, "2026-11-27T09:00:00+08:00") as office:
        assert office.post("wangge", "terms/changes", TERM).status_code == 403
        refused = office.post("guanli", "terms/changes", {**TERM, "value": 4})
        assert refused.status_code == 422
        assert "至迟期限只能缩短，不能超过 3 个工作日（依据：" in refused.json()["fields"][0]["message"]
        for more, where, why in (
            ({"key": "spot_check.lead_min", "value": 2.5}, "value", "请填写整数。"),
            ({"key": "repeat_rule", "value": 1.5}, "value", "请填写整数。"),
            ({"key": "appraisal.min_present", "value": 0.3}, "value", "请填写整数。"),
            ({"key": "rediscovery.months", "value": 0}, "value", "不能低于 1"),
            ({"key": "small_quick.cap_months", "value": 0}, "value", "不能低于 0.5"),
            ({"key": "verify.min_staff", "value": 9}, "value", "不能高于 5"),
            ({"key": "repeat_rule", "value": 2, "valid_from": "9999-12-31"}, "valid_from", "生效日期太远"),
        ):
            answer = office.post("guanli", "terms/changes", {**TERM, "kind": "parameter", **more})
            fields = {f["path"]: f["message"] for f in answer.json()["fields"]}
            assert (answer.status_code, fields[where].startswith(why)) == (422, True), (more, fields)
        assert office.post("guanli", "terms/changes", TERM).status_code == 200
        pending = item(office, TERM["key"])["pending"]
        assert (pending["before"], pending["value"], pending["can"]) == (
            "3个工作日",
            "2个工作日",
            ["withdraw"],
        )
        body = {"revision": pending["revision"], "approve": True}
        own = office.post("guanli", f"terms/changes/{pending['id']}/decide", body)
        assert (own.status_code, own.json()["code"]) == (403, "second_person")
        assert office.post("juzhang", f"terms/changes/{pending['id']}/decide", body).status_code == 200
        assert item(office, TERM["key"])["words"] == "3个工作日"
        assert item(office, TERM["key"])["coming"]["value"] == "2个工作日"
        assert item(office, TERM["key"], "2026-12-01")["words"] == "2个工作日"
        before = acknowledged(office)
        office.advance(to="2026-12-01T09:00:00+08:00")
        after = acknowledged(office, subject_name="钱某乙", place_text="村西头")
        rules = []
        for lead in (before, after):
            receipts = office.get("fuwuban1", f"cases/{lead['case_id']}")["receipts"]
            rules.append(next(r for r in receipts if r["term"] == TERM["key"])["rule"])
        assert rules[0] == "按 2026年11月27日 有效的规定：3个工作日"
        assert rules[1].startswith("按 2026年12月1日 有效的规定：2个工作日（区里自 2026年12月1日 起定")


def test_a_notice_is_tried_then_loaded_and_the_case_tells_old_and_new_date(tmp_path: Path) -> None:
    with opened(tmp_path, "2026-12-30T09:00:00+08:00") as office:
        lead = acknowledged(office)
        shown = office.get("juzhang", "calendars")
        assert (shown["missing"], shown["can_load"]) == ([2027], True)
        assert shown["provisional"] >= 1
        row = office.task("minzheng1", "verify_on_site")
        assert row["due"]["light"] == "provisional"
        assert any(
            "请装入 2027 年放假安排" in m["title"] for m in office.get("jiuzhu1", "notifications")["items"]
        )
        assert office.post("fuwuban1", "calendars/check", {"text": NOTICE_2027}).status_code == 403
        plan = office.post("juzhang", "calendars/check", {"text": NOTICE_2027}).json()
        assert plan["total"] == shown["provisional"]
        assert plan["year"]["working_days"] > 240
        moved = next(m for m in plan["moves"] if m["name"] == "实地核查")
        assert office.task("minzheng1", "verify_on_site")["due"] == row["due"]
        assert office.post("juzhang", "calendars", {"text": NOTICE_2027}).status_code == 200
        office.advance(by="PT1M")
        assert office.get("juzhang", "calendars")["provisional"] == 0
        now = office.task("minzheng1", "verify_on_site")["due"]
        assert now["light"] != "provisional"
        assert moved["new"].endswith(f"{int(now['due'][5:7])}月{int(now['due'][8:])}日")
        timeline = office.get("fuwuban1", f"cases/{lead['case_id']}")["timeline"]
        told = next(line for line in timeline if line["title"] == "时限重新计算")
        assert "实地核查 2027年1月5日由暂定转为确定" in told["text"]
        again = office.post("juzhang", "calendars", {"text": NOTICE_2027})
        assert (again.status_code, again.json()["code"]) == (409, "loaded_already")
        wrong = office.post("juzhang", "calendars/check", {"text": NOTICE_2027.replace("共7天", "共6天")})
        assert wrong.json()["fields"][0]["path"] == "text"


def test_a_wrong_date_is_put_right_on_the_page_of_the_case(tmp_path: Path) -> None:
    with opened(tmp_path, "2026-09-15T09:00:00+08:00") as office:
        lead = acknowledged(office)
        page = office.get("fuwuban1", f"cases/{lead['case_id']}")
        receipt = next(r for r in page["receipts"] if r["term"] == "verify.on_site.ordinary")
        assert receipt["may_correct"]
        body = {
            "revision": page["revision"],
            "clock": receipt["id"],
            "date": "2026-09-13T16:00:00+08:00",
            "reason": "电话上报在前一日",
        }
        assert office.post("wangge", f"cases/{lead['case_id']}/start-dates", body).status_code == 403
        tried = office.post("fuwuban1", f"cases/{lead['case_id']}/start-dates/preview", body).json()["items"]
        assert ("9月18日", "9月16日") in {(one["old"], one["new"]) for one in tried}, tried
        still = office.get("fuwuban1", f"cases/{lead['case_id']}")
        assert (still["revision"], still["receipts"]) == (page["revision"], page["receipts"]), (
            "a trial writes nothing"
        )
        assert office.post("fuwuban1", f"cases/{lead['case_id']}/start-dates", body).status_code == 200
        after = office.get("fuwuban1", f"cases/{lead['case_id']}")
        moved = next(r for r in after["receipts"] if r["term"] == "verify.on_site.ordinary")
        assert (receipt["due"], moved["due"]) == ("2026-09-18", "2026-09-16")
        assert "起算时间经更正，原为9月15日" in moved["text"]
        assert moved["corrections"][0]["reason"] == "电话上报在前一日"
        assert office.task("minzheng1", "verify_on_site")["due"]["due"] == "2026-09-16"
        told = next(line for line in after["timeline"] if line["title"].startswith("更正起算日期"))
        assert "原录入于" in told["text"]
        stale = office.post("fuwuban1", f"cases/{lead['case_id']}/start-dates", body)
        assert (stale.status_code, stale.json()["code"]) == (409, "stale_revision")


def test_a_term_without_extension_says_so_with_its_source(tmp_path: Path) -> None:
    with opened(tmp_path, "2026-09-15T09:00:00+08:00") as office:
        lead = acknowledged(office)
        page = office.get("fuwuban1", f"cases/{lead['case_id']}")
        receipt = next(r for r in page["receipts"] if r["term"] == "verify.on_site.ordinary")
        assert receipt["extend"] is None
        body = {"revision": page["revision"], "clock": receipt["id"], "reason": "工作忙"}
        refused = office.post("fuwuban1", f"cases/{lead['case_id']}/extensions", body)
        assert (refused.status_code, refused.json()["code"]) == (409, "no_extension")
        assert "依规定不能延长（依据：" in refused.json()["message"]


def test_lateness_is_measured(tmp_path: Path) -> None:
    with opened(tmp_path, "2026-09-15T09:00:00+08:00") as office:
        acknowledged(office)
        office.advance(to="2026-09-19T09:00:00+08:00")
        found = office.get("guanli", "lateness")
        assert found["fired"] >= 1
        assert (found["worst"], found["waiting"]) == (0, 0)
        assert found["text"].startswith("近一天触发")


def test_dibao_a_wrong_acceptance_date_is_put_right_everywhere_and_the_opinion_asks_for_more_time(
    tmp_path: Path,
) -> None:
    with opened(tmp_path, "2026-10-12T08:30:00+08:00") as office:
        acknowledged(office, main_cause="21")
        verified(office, causes=["21"])
        routed(office, "DIBAO")
        office.do(
            "receive_application", "fuwuban1",
            accept_result="accepted", accepted_on="2026-10-12", recognised="none", kinship_declared=False,
        )  # fmt: skip
        case = office.task("fuwuban1", "assign_investigators")["case_id"]

        def limit(term: str) -> Any:
            page = office.get("fuwuban1", f"cases/{case}")
            return page, next(r for r in page["receipts"] if r["term"] == term and r["state"] == "running")

        page, total = limit("dibao.total")
        assert total["due"] == "2026-11-23"
        body = {
            "revision": page["revision"],
            "clock": total["id"],
            "date": "2026-10-09",
            "reason": "申请书落款为10月9日",
        }
        assert office.post("fuwuban1", f"cases/{case}/start-dates", body).status_code == 200
        assert limit("dibao.total")[1]["due"] == "2026-11-19"
        assert limit("dibao.survey")[1]["due"] == "2026-10-29"
        staff = [PEOPLE["minzheng1"], PEOPLE["minzheng2"]]
        office.do("assign_investigators", "fuwuban1", staff=staff, recusal_checked=True)
        office.do("home_survey", "minzheng1", "minzheng2", hard_to_verify=False)
        office.do("econ_check", "jiuzhu1", econ_disputed=False)
        assert office.receipts("minzheng1", "draft_opinion")["dibao.survey"] == "2026-10-29"
        office.do(
            "draft_opinion", "minzheng1",
            opinion="support", amount=1800, persons=2, extension=True, extension_reason="hard_survey",
        )  # fmt: skip
        page, total = limit("dibao.total")
        assert (total["due"], total["asked"]["reason"]) == ("2026-11-19", "家庭经济状况调查难度较大")
        assert any(m["title"] == "延长时限待决定" for m in office.get("fuwuban1", "notifications")["items"])
        body = {"revision": page["revision"], "clock": total["id"], "reason": total["asked"]["reason"]}
        assert office.post("minzheng1", f"cases/{case}/extensions", body).status_code == 403
        assert office.post("fuwuban1", f"cases/{case}/extensions", body).status_code == 200
        page, total = limit("dibao.total")
        assert (total["due"], total["asked"], total["extend"]["may"]) == ("2026-12-10", None, False)
        assert "延期批准：庚服务" in total["words"]
        titles = " ".join(line["title"] for line in page["timeline"])
        assert all(word in titles for word in ("更正起算日期：", "申请延长时限：", "延长时限："))


def test_an_extension_decided_in_time_is_entered_after_the_end(tmp_path: Path) -> None:
    with opened(tmp_path, "2026-10-12T08:30:00+08:00") as office:
        acknowledged(office, main_cause="21")
        verified(office, causes=["21"])
        routed(office, "DIBAO")
        office.do(
            "receive_application", "fuwuban1",
            accept_result="accepted", accepted_on="2026-10-12", recognised="none", kinship_declared=False,
        )  # fmt: skip
        case = office.task("fuwuban1", "assign_investigators")["case_id"]
        office.advance(to="2026-11-24T09:00:00+08:00")

        def total(reader: str) -> tuple[Any, Any]:
            page = office.get(reader, f"cases/{case}")
            return page, next(r for r in page["receipts"] if r["term"] == "dibao.total")

        page, limit = total("fuwuban1")
        assert (limit["due"], limit["extend"]["may"], limit["extend"]["lapsed"]) == (
            "2026-11-23",
            False,
            True,
        )
        assert total("minzheng1")[1]["extend"]["lapsed"] is False, "not who decides"
        body = {"revision": page["revision"], "clock": limit["id"], "reason": "公示有异议"}
        assert office.post("fuwuban1", f"cases/{case}/extensions", body).json()["code"] == "no_extension"
        body["decided_on"] = "2026-11-20"
        assert office.post("fuwuban1", f"cases/{case}/extensions", body).status_code == 200
        page, limit = total("fuwuban1")
        assert limit["due"] == "2026-12-14"
        assert limit["extension"]["decisions"][0]["on"] == "2026-11-20"
        assert any("2026-11-20 作出决定，补录" in (line["text"] or "") for line in page["timeline"])


def test_values_of_a_parameter_are_words(tmp_path: Path) -> None:
    with opened(tmp_path, "2026-11-27T09:00:00+08:00") as office:
        once, monthly = item(office, "appraisal.TEMP_EXPENDITURE"), item(office, "visit.monthly")
        assert (once["name"], once["words"]) == ("支出型民主评议", "视情况组织")
        assert {one["label"] for one in once["choices"]} == {"不组织", "一律组织", "视情况组织"}
        assert monthly["words"] == "重病患者、散居特困、困境儿童"
        wrong = {**TERM, "kind": "parameter", "key": "visit.monthly", "value": ["sleeping"]}
        refused = office.post("guanli", "terms/changes", wrong)
        assert refused.status_code == 422
        assert "只能是：独居老人、" in refused.text
