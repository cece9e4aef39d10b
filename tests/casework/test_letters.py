"""Letters: one per written decision, with reasons and remedies, as PDF for who may see the case."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdf
import pytest

from casework import letters
from engine import step
from engine.db import Tx
from engine.errors import NotFound
from tests.api.office import opened
from tests.api.test_expenditure import THURSDAY, surveyed, to_application, visited_by_the_bureau
from tests.tasks.rig import NOW, a_case

WRITTEN = {
    "result": "refused",
    "reasons": "家庭财产超过规定",
    "remedies_text_version": "2026-07",
    "authority": "演示区人民政府",
    "first_reconsideration": True,
}

DECIDED = {"result": "refused", "reasons": "家庭财产超过规定", "basis": ["dibao_rule", "law45"]}


def text(content: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return "".join("".join(page.extract_text() for page in pages).split())


def filed(tx: Tx, *entries: dict[str, Any], level: str = "town") -> step.Case:
    document = {"delivery": list(entries), "decision": [DECIDED | {"level": level}]}
    return step.lock(tx, a_case(tx, document=document))


def test_a_refusal_carries_its_reasons_and_how_to_contest_it(tx: Tx) -> None:
    found = text(letters.paper(tx, filed(tx, WRITTEN), 1, NOW))
    for said in (
        "不予确认决定书",
        "家庭财产超过规定",
        "60日内向演示区人民政府申请行政复议",
        "应当先申请行政复议",
        "15日内",
    ):
        assert said in found
    assert "6个月" not in found
    assert "待送达" in found


def test_without_the_duty_to_go_there_first_the_court_is_open(tx: Tx) -> None:
    found = text(
        letters.paper(tx, filed(tx, {**WRITTEN, "result": "partly", "first_reconsideration": False}), 1, NOW)
    )
    assert "6个月内直接向人民法院" in found
    assert "应当先" not in found


def test_the_decider_signs_and_the_delivery_dates_it(tx: Tx) -> None:
    case = filed(tx, WRITTEN, {"delivered_on": "2026-09-21", "method": "direct"}, level="district")
    found = text(letters.paper(tx, case, 1, NOW))
    assert "民政局" in found
    assert "2026-09-21" in found


def test_a_published_decision_of_the_district_is_signed_by_the_bureau_and_tells_its_terms(tx: Tx) -> None:
    decided = {
        "result": "approved",
        "level": "district",
        "amount": 1500,
        "form": "cash",
        "basis": ["dibao_rule"],
    }
    written = {
        **WRITTEN,
        "result": "approved",
        "programme": "DIBAO",
        "decision_no": "L1-A1-D1",
        "decided_on": "2026-09-14",
    }
    document = {"decision": [decided, {"published_on": "2026-09-15"}], "delivery": [written]}
    found = text(letters.paper(tx, step.lock(tx, a_case(tx, document=document)), 1, NOW))
    for said in (
        "L1-A1-D1",
        "最低生活保障",
        "每月1,500.00元",
        "2026年10月",
        "现金",
        "《最低生活保障审核确认办法》",
        "民政局2026年9月14日",
    ):
        assert said in found, said


def test_what_a_review_takes_is_told_with_what_there_was_and_how_long_it_may_be_contested(tx: Tx) -> None:
    decided = {"result": "reduce", "level": "district", "amount": 1400, "basis": ["law46", "law48"]}
    written = {**WRITTEN, "result": "reduce", "programme": "DIBAO", "decided_on": "2026-09-14"}
    delivered = {"delivered_on": "2026-09-21"}
    document = {"recognition": {"amount": 1800}, "decision": [decided], "delivery": [written, delivered]}
    case = step.lock(tx, a_case(tx, document=document))
    found = text(letters.paper(tx, case, 1, NOW))
    for said in (
        "原救助金额每月1,800.00元",
        "救助金额每月1,400.00元",
        "2026年10月",
        "第四十八条",
        "2026-11-20",
    ):
        assert said in found, said


def test_a_letter_keeps_to_its_own_decision_when_another_follows(tx: Tx) -> None:
    first, again = (
        {**DECIDED, "level": "district"},
        {**DECIDED, "level": "town", "result": "approved", "amount": 800},
    )
    decisions = [{"result": "returned"}, first, again]
    document = {
        "decision": decisions,
        "delivery": [WRITTEN, {**WRITTEN, "result": "approved", "reasons": "重新审核"}],
    }
    case = step.lock(tx, a_case(tx, document=document))
    assert [letter.decision.get("amount") for letter in letters.letters(case.document)] == [None, 800]
    assert "民政局" in text(letters.paper(tx, case, 1, NOW))


def test_a_second_letter_is_its_own_and_there_is_no_third(tx: Tx) -> None:
    second = {**WRITTEN, "result": "approved", "reasons": "复议后重新审核"}
    case = filed(tx, WRITTEN, {"delivered_on": "2026-09-21"}, second)
    assert [letter.result for letter in letters.letters(case.document)] == ["refused", "approved"]
    with pytest.raises(NotFound) as missing:
        letters.paper(tx, case, 3, NOW)
    assert "第 3 份" in missing.value.message


def test_over_http_who_sees_the_case_gets_it_and_the_neighbouring_town_does_not(tmp_path: Path) -> None:
    with opened(tmp_path, THURSDAY) as office:
        lead = to_application(office)
        surveyed(office)
        office.do("home_survey", "minzheng1", "minzheng2")
        office.do("draft_opinion", "minzheng1", opinion="refuse")
        visited_by_the_bureau(office)
        office.do("submit_to_bureau", "minzheng1")
        office.do("district_examine", "jiuzhu1", proposal="refuse")
        office.do("district_decide", "juzhang", result="refused")
        path = f"/api/cases/{lead['case_id']}/letters/1.pdf"
        assert office.client("minzheng1").get(path).status_code == 404
        office.do("write_letter", "jiuzhu2", reasons="家庭财产超过规定", authority="演示区人民政府")
        got = office.client("minzheng1").get(path)
        assert (got.status_code, got.headers["content-type"]) == (200, "application/pdf")
        assert "家庭财产超过规定" in text(got.content)
        assert office.client("linzhen1").get(path).status_code == 404


def test_the_periods_of_a_letter_are_those_of_the_law_in_force(tx: Tx) -> None:
    law = tx.world.terms
    changed = {
        "remedy.apply": [replace(one, n=90) for one in law.terms["remedy.apply"]],
        "remedy.court_direct": [replace(one, n=9) for one in law.terms["remedy.court_direct"]],
    }
    letter = letters.letters(filed(tx, {**WRITTEN, "first_reconsideration": False}).document)[0]
    said = "".join(
        "".join(letters.remedies(letter, replace(law, terms={**law.terms, **changed}), NOW.date())).split()
    )
    assert "90日内" in said
    assert "9个月内" in said


@pytest.mark.parametrize("delivered", ["2026-09-21", "2026-12-01"])
def test_a_letter_names_no_provisional_day_and_no_version_of_its_own_words(tx: Tx, delivered: str) -> None:
    found = text(letters.paper(tx, filed(tx, WRITTEN, {"delivered_on": delivered}), 1, NOW))
    assert "救济告知版本" not in found
    assert "2026-07" not in found
    assert "行政复议法（2023）第二十条" in found
    if delivered == "2026-09-21":
        assert "申请行政复议期：2026-11-20" in found
        return
    assert "2027" not in found, "nobody has published the holidays of that year"
    assert "暂定" not in found
    assert "自送达次日起算60日" in found
    assert "顺延到休假日后的第一个工作日" in found
