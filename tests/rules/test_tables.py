"""The decision tables of the house: every row fires by an example, boundaries, nulls, and no input without an answer."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

import pytest

from engine import dmn
from engine.calendar import ZONE
from engine.hosting import LegalHost
from engine.world import World
from tests.conftest import PROCESSES

NOW = datetime(2026, 9, 25, 20, 30, tzinfo=ZONE)
D = 1000
TABLES = {path.stem: path for path in sorted(PROCESSES.glob("*/*.dmn"))}
Ask = Callable[[str, Mapping[str, Any]], dmn.Decision]


@pytest.fixture
def ask(world: World) -> Ask:
    host = LegalHost(world.terms, world.calendar, now=NOW, standard=lambda key: D if key == "dibao" else None)

    def decide(table: str, inputs: Mapping[str, Any]) -> dmn.Decision:
        made = dmn.load(TABLES[table].read_bytes()).decide(table, inputs, host.functions(NOW, inputs))
        assert not made.errors, (table, inputs, made.errors)
        return made

    return decide


FIRE = {"lead": {"main_cause": "15"}, "main_cause": "15", "occurred_at": "2026-09-25T20:00:00+08:00"}
CALM: dict[str, Any] = {"urgent_signs": [], "main_cause": "22", "occurred_at": None}
LEVEL: dict[str, Any] = {
    "amount": 100,
    "persons": 2,
    "same_cause_recent": False,
    "notice_ends_on": date(2026, 9, 28),
    "opinion_on": date(2026, 9, 21),
    "deliberated_on": None,
}
REVIEW: dict[str, Any] = {
    "round": 1,
    "application": {"recognised": None},
    "econ_valid": None,
    "accepted_on": date(2026, 9, 14),
    "reopened_on": None,
    "reinvestigation_on": date(2026, 9, 29),
}
NOTICE: dict[str, Any] = {
    "round": 1,
    "minor": False,
    "victim_at_risk": False,
    "notice_content_cleared": None,
    "programme_used": None,
}
EXAMPLES: dict[str, list[tuple[Mapping[str, Any], Any]]] = {
    "lead_urgency": [
        ({**CALM, "urgent_signs": ["life"]}, {"urgency": 1, "track": "emergency", "medical_first": True}),
        ({**CALM, "urgent_signs": ["no_food"]}, {"urgency": 2, "track": "emergency", "medical_first": False}),
        ({**CALM, **FIRE}, {"urgency": 2, "track": "emergency", "medical_first": False}),
        ({**CALM, "main_cause": "52"}, {"urgency": 2, "track": "emergency", "medical_first": False}),
        (CALM, {"urgency": 3, "track": "ordinary", "medical_first": False}),
        (
            {**CALM, "main_cause": "15", "occurred_at": "2026-09-20T20:00:00+08:00"},
            {"urgency": 3, "track": "ordinary", "medical_first": False},
        ),
    ],
    "relief_level": [
        ({**LEVEL, "programme": "SMALL_QUICK", "amount": 2 * D}, {"level": "town"}),
        ({**LEVEL, "programme": "SMALL_QUICK", "amount": 2 * D + 0.01}, {"level": "over_cap"}),
        (
            {**LEVEL, "programme": "BACKSTOP", "deliberated_on": date(2026, 11, 2)},
            {"level": "bureau_held", "decide_term": "backstop.decide", "decide_from": date(2026, 11, 2)},
        ),
        ({**LEVEL, "programme": "DIBAO"}, {"level": "district", "decide_from": date(2026, 9, 28)}),
        ({**LEVEL, "programme": "DIBAO_EDGE", "notice_ends_on": None}, {"decide_from": date(2026, 9, 21)}),
        ({**LEVEL, "programme": "RIGID_EXP"}, {"decide_term": "dibao.confirm"}),
        ({**LEVEL, "programme": "TEKUN"}, {"decide_term": "tekun.confirm"}),
        (
            {**LEVEL, "programme": "TEMP_EMERGENCY", "amount": 6 * D + 1},
            {"level": "district", "deliberation_needed": True},
        ),
        (
            {**LEVEL, "programme": "TEMP_EXPENDITURE", "amount": 6 * D},
            {"level": "town", "decide_term": "relief.town_decide", "file_needed": True},
        ),
        (
            {**LEVEL, "programme": "TEMP_EXPENDITURE", "amount": 6 * D + 0.01},
            {"level": "district", "decide_term": "relief.bureau", "decide_from": None},
        ),
        ({**LEVEL, "programme": "TEMP_EXPENDITURE", "same_cause_recent": True}, {"level": "district"}),
        ({**LEVEL, "programme": "TEMP_EXPENDITURE", "amount": None}, {"level": "district"}),
    ],
    "review_rule": [
        (
            {**REVIEW, "programme": "TEMP_EXPENDITURE", "application": {"recognised": "edge"}},
            {"survey_term": "relief.survey_recognised", "econ_needed": False},
        ),
        ({**REVIEW, "programme": "TEMP_EXPENDITURE"}, {"survey_term": "relief.survey", "econ_needed": True}),
        ({**REVIEW, "programme": "TEMP_EXPENDITURE", "econ_valid": True}, {"econ_needed": False}),
        (
            {**REVIEW, "programme": "TEMP_EXPENDITURE", "round": 2},
            {"survey_term": "relief.reinvestigate", "survey_from": date(2026, 9, 29)},
        ),
        ({**REVIEW, "programme": "DIBAO"}, {"survey_term": "dibao.survey", "self_care": False}),
        ({**REVIEW, "programme": "RIGID_EXP", "round": 3}, {"survey_term": "dibao.reinvestigate"}),
        ({**REVIEW, "programme": "TEKUN"}, {"survey_term": "tekun.survey", "self_care": True}),
        ({**REVIEW, "programme": "TEKUN", "round": 2}, {"survey_term": "tekun.reinvestigate"}),
        (
            {**REVIEW, "programme": "TEKUN", "reopened_on": date(2026, 11, 2)},
            {"survey_from": date(2026, 11, 2)},
        ),
    ],
    "appraisal_rule": [
        ({"programme": "TEMP_EMERGENCY", "round": 1, "hard_to_verify": None, "hold_appraisal": None}, False),
        ({"programme": "DIBAO", "round": 2, "hard_to_verify": None, "hold_appraisal": None}, True),
        (
            {"programme": "TEKUN", "round": 1, "hard_to_verify": True, "hold_appraisal": None},
            True,
        ),
        ({"programme": "TEKUN", "round": 2, "hard_to_verify": None, "hold_appraisal": True}, True),
        (
            {"programme": "TEMP_EXPENDITURE", "round": 1, "hard_to_verify": None, "hold_appraisal": False},
            False,
        ),
    ],
    "appraisal_count": [
        (
            {"appraisal": {"present": 12, "residents": 4, "agree": 6}},
            {"valid": True, "appraisal_passed": True},
        ),
        ({"appraisal": {"present": 9, "residents": 9, "agree": 9}}, {"valid": False}),
        (
            {"appraisal": {"present": 12, "residents": 3, "agree": 5}},
            {"valid": False, "appraisal_passed": False},
        ),
        ({"appraisal": {"present": None, "residents": None, "agree": None}}, {"valid": False}),
    ],
    "notice_rule": [
        ({**NOTICE, "programme": "TEKUN", "minor": True}, {"notice_needed": False, "publish_needed": False}),
        ({**NOTICE, "programme": "DIBAO", "victim_at_risk": True}, {"notice_needed": False}),
        ({**NOTICE, "programme": "SMALL_QUICK"}, {"notice_needed": False, "publish_needed": False}),
        (
            {**NOTICE, "programme": "DIBAO", "notice_content_cleared": True},
            {"notice_needed": False, "publish_needed": True},
        ),
        ({**NOTICE, "programme": "TEMP_EMERGENCY"}, {"notice_needed": False, "publish_needed": True}),
        (
            {**NOTICE, "programme": "TEMP_EXPENDITURE"},
            {"notice_needed": True, "notice_term": "relief.notice"},
        ),
        ({**NOTICE, "programme": "TEMP_EXPENDITURE", "round": 2}, {"notice_term": "relief.renotice"}),
        ({**NOTICE, "programme": "DIBAO"}, {"notice_term": "dibao.notice"}),
        ({**NOTICE, "programme": "TEKUN"}, {"notice_term": "tekun.notice"}),
        ({**NOTICE, "programme": "RIGID_EXP"}, {"notice_term": "rigid.notice"}),
        ({**NOTICE, "programme": "BACKSTOP", "programme_used": "DIBAO"}, {"notice_term": "dibao.notice"}),
        ({**NOTICE, "programme": "BACKSTOP"}, {"notice_needed": False, "publish_needed": True}),
    ],
    "escort_mode": [
        ({"escort": {"vulnerable": ["old"]}, "medical_first": False}, "escort"),
        ({"escort": {"vulnerable": ["none"]}, "medical_first": True}, "escort"),
        ({"escort": {"vulnerable": ["none"]}, "medical_first": None}, "guide"),
        ({"escort": {"vulnerable": None}, "medical_first": None}, "guide"),
    ],
}
KIND: dict[str, Any] = {"started_by": "report", "change": "other", "persons_left": None, "studying": None}
EXAMPLES["review_kind"] = [
    (
        {**KIND, "programme": "DIBAO", "change": "death", "persons_left": 0},
        {"kind": "death_all", "econ_needed": False},
    ),
    (
        {**KIND, "programme": "DIBAO", "change": "death", "persons_left": 2},
        {"kind": "death", "econ_needed": True},
    ),
    ({**KIND, "programme": "TEKUN", "change": "death", "persons_left": None}, {"kind": "death"}),
    (
        {**KIND, "programme": "TEKUN", "change": "came_of_age", "studying": True},
        {"kind": "change", "may_stop": False},
    ),
    ({**KIND, "programme": "TEKUN", "change": "came_of_age", "studying": False}, {"may_stop": True}),
    ({**KIND, "programme": "DIBAO", "change": "came_of_age", "studying": True}, {"may_stop": True}),
    (
        {**KIND, "programme": "RIGID_EXP", "change": None, "started_by": "timer"},
        {"kind": "rigid_expiry", "econ_needed": False},
    ),
    ({**KIND, "programme": "RIGID_EXP", "change": "income_up"}, {"kind": "change", "econ_needed": True}),
    (
        {**KIND, "programme": "TEKUN", "change": None, "started_by": "timer"},
        {"kind": "periodic", "self_care": True},
    ),
    (
        {**KIND, "programme": "DIBAO", "change": None, "started_by": "timer"},
        {"kind": "periodic", "self_care": False},
    ),
    ({**KIND, "programme": "TEKUN", "change": "self_care"}, {"kind": "change", "self_care": True}),
    ({**KIND, "programme": "DIBAO_EDGE", "change": None}, {"kind": "change", "may_stop": True}),
]
OFF_BY_SWITCH = {"appraisal_rule": {"appraisal_rule_rule_2"}}
"""Rows that only a district's own switch can reach."""


@pytest.mark.parametrize("table", EXAMPLES)
def test_every_row_fires_and_says_what_it_should(table: str, ask: Ask) -> None:
    seen: set[str] = set()
    for inputs, wanted in EXAMPLES[table]:
        made = ask(table, inputs)
        value = made.value
        assert ({key: value[key] for key in wanted} if isinstance(wanted, dict) else value) == wanted, (
            inputs,
            value,
        )
        seen |= {match["rule"] for match in made.matched}
    rows = set(re.findall(r'<rule id="([^"]+)"', TABLES[table].read_text("utf-8")))
    assert rows - seen == OFF_BY_SWITCH.get(table, set())


def test_a_timer_alone_never_finds_a_death_and_only_school_forbids_a_stop(ask: Ask) -> None:
    for inputs in every(
        programme=PROGRAMMES,
        started_by=["timer", "report", "visit", None],
        change=["death", "came_of_age", "income_up", None],
        persons_left=[0, 1, None],
        studying=[True, False, None],
    ):
        made = ask("review_kind", inputs).value
        assert (made["kind"] in ("death_all", "death")) == (inputs["change"] == "death")
        assert made["may_stop"] is not False or (
            inputs["programme"] == "TEKUN" and inputs["studying"] is True
        )


def every(**values: Iterable[Any]) -> Iterable[dict[str, Any]]:
    return (dict(zip(values, one, strict=True)) for one in itertools.product(*values.values()))


PROGRAMMES = [
    "TEMP_EXPENDITURE",
    "TEMP_EMERGENCY",
    "DIBAO",
    "DIBAO_EDGE",
    "RIGID_EXP",
    "TEKUN",
    "BACKSTOP",
    "X",
]


def test_a_level_is_always_found_and_a_gap_in_the_facts_never_makes_it_the_towns(ask: Ask) -> None:
    for inputs in every(
        programme=PROGRAMMES, amount=[None, 0, 7 * D], persons=[None, 3], same_cause_recent=[None, True]
    ):
        made = ask("relief_level", {**LEVEL, **inputs})
        assert made.value["level"] in ("town", "district", "bureau_held")
        if inputs["amount"] is None:
            assert made.value["level"] != "town", inputs


def test_children_and_people_at_risk_are_never_shown_whatever_else_holds(ask: Ask) -> None:
    for inputs in every(programme=PROGRAMMES, round=[1, 2], notice_content_cleared=[None, True]):
        for reason in ("minor", "victim_at_risk"):
            value = ask("notice_rule", {**NOTICE, **inputs, reason: True}).value
            assert (value["notice_needed"], value["publish_needed"]) == (False, False)


ROUTE: dict[str, Any] = {
    "residence_status": "1",
    "has_support_here": True,
    "asks_station": False,
    "urgency": 3,
    "est_amount": 800,
    "persons": 1,
    "same_cause_recent": False,
    "lead": {"main_cause": "22"},
}


def test_where_somebody_is_registered_never_decides_over_urgent_help(ask: Ask) -> None:
    for urgency, amount in itertools.product((1, 2), (500, D + 1)):
        found = {
            frozenset(
                row["route"]
                for row in ask_loosely(
                    ask, {**ROUTE, "residence_status": status, "urgency": urgency, "est_amount": amount}
                ).value
                if row["route"] in ("SMALL_QUICK", "TEMP_EMERGENCY")
            )
            for status in ("1", "2", "3", "4", "5")
        }
        assert len(found) == 1, (urgency, amount, found)


def test_the_station_is_offered_to_who_has_nobody_here_only(ask: Ask) -> None:
    def routes(**inputs: Any) -> set[str]:
        return {row["route"] for row in ask_loosely(ask, {**ROUTE, **inputs}).value}

    assert "RESCUE_STATION" in routes(residence_status="6", has_support_here=False, urgency=2)
    assert "RESCUE_STATION" not in routes(residence_status="5", has_support_here=True, urgency=2)
    assert "RESCUE_STATION" not in routes(residence_status="6", has_support_here=True, urgency=2)


def test_what_can_be_looked_up_is_never_asked_of_the_person(ask: Ask) -> None:
    inputs = {
        "programme": "TEMP_EXPENDITURE",
        "first_aid": False,
        "econ_valid": None,
        "lead": {"main_cause": "11"},
        "verification": {"causes": ["31", "21"]},
        "residence_status": "4",
        "able_to_apply": False,
        "minor": True,
        "pay_method": "bank",
    }
    asked = {row["document"]: row["obtained_by"] for row in ask("materials", inputs).value}
    assert {asked[name] for name in ("income", "property", "disability", "residence_permit")} == {"check"}
    assert asked["check_authorisation"] == "person"
    spared = {
        row["document"]: row["obtained_by"] for row in ask("materials", {**inputs, "first_aid": True}).value
    }
    assert {spared[name] for name in ("id", "check_authorisation", "school_fees", "account")} == {"exempted"}


CODES = {
    str(option["value"])
    for options in json.loads((PROCESSES / "common" / "codes.json").read_text("utf-8")).values()
    for option in options
}
KNOWN_WORDS = {
    "PT72H",
    "off",
    "always",
    "as_needed",
    "over_cap",
    "emergency",
    "ordinary",
    "guide",
    "escort",
    "bank",
    "dibao",
}


@pytest.mark.parametrize("table", TABLES)
def test_every_code_a_table_compares_exists(table: str) -> None:
    text = TABLES[table].read_text("utf-8")
    entries = re.findall(r"<inputEntry[^>]*>\s*<text>([^<]*)</text>", text)
    compared = {word for entry in entries for word in re.findall(r'"([^"]+)"', entry)}
    assert compared <= CODES | KNOWN_WORDS


def test_every_way_is_suggested_to_somebody_and_held_ones_drop_out(ask: Ask) -> None:
    poor = {"income": 900, "property_in_line": True}
    alone = {"no_labour": True, "no_income": True, "no_supporter": True}
    examples: list[tuple[dict[str, Any], str]] = [
        ({"residence_status": "6", "has_support_here": False}, "RESCUE_STATION"),
        ({"asks_station": True}, "RESCUE_STATION"),
        ({"urgency": 2, "est_amount": D}, "SMALL_QUICK"),
        ({"urgency": 2, "est_amount": D + 0.01}, "TEMP_EMERGENCY"),
        ({"lead": {"main_cause": "42"}}, "TEMP_EXPENDITURE"),
        ({"household": poor}, "DIBAO"),
        ({"household": alone}, "TEKUN"),
        ({"household": {"income": 1.5 * D}}, "DIBAO_EDGE"),
        ({"household": {"expenditure_ratio": 0.6}}, "RIGID_EXP"),
        ({"verification": {"needs": ["schooling"], "causes": []}}, "EDUCATION"),
        ({"verification": {"needs": ["housing"], "causes": []}}, "HOUSING"),
        ({"verification": {"needs": ["job"], "causes": []}}, "EMPLOYMENT"),
        ({"verification": {"needs": ["medical"], "causes": []}}, "MEDICAL"),
        ({"lead": {"main_cause": "16"}}, "DISASTER"),
        ({"verification": {"needs": ["care"], "causes": []}}, "SERVICE"),
        ({"residence_status": "5", "verification": {"needs": ["schooling"], "causes": []}}, "HUKOU_COUNTY"),
        ({"residence_status": "4", "verification": {"needs": ["housing"], "causes": []}}, "HUKOU_COUNTY"),
        ({"residence_status": "4", "verification": {"needs": ["medical"], "causes": []}}, "HUKOU_COUNTY"),
        ({"residence_status": "5", "verification": {"needs": ["job"], "causes": []}}, "HUKOU_COUNTY"),
        ({"residence_status": "4", "household": poor}, "HUKOU_COUNTY"),
        ({"residence_status": "4", "household": alone}, "HUKOU_COUNTY"),
        ({"residence_status": "5", "household": {"income": 1.5 * D}}, "HUKOU_COUNTY"),
    ]
    seen: set[str] = set()
    for inputs, route in examples:
        made = ask_loosely(ask, {**ROUTE, **inputs})
        assert route in {row["route"] for row in made.value}, (inputs, made.value)
        assert all(row["reason"] for row in made.value)
        seen |= {match["rule"] for match in made.matched}
    assert seen == set(re.findall(r'<rule id="([^"]+)"', TABLES["programme_route"].read_text("utf-8")))
    held = ask_loosely(ask, {**ROUTE, "household": {**poor, "programmes": ["DIBAO"]}})
    assert "DIBAO" not in {row["route"] for row in held.value}


def ask_loosely(ask: Ask, inputs: dict[str, Any]) -> dmn.Decision:
    """With everything a register might not know said to be unknown."""
    unknown = dict.fromkeys(
        [
            "income",
            "property_in_line",
            "no_labour",
            "no_income",
            "no_supporter",
            "expenditure_ratio",
            "programmes",
        ]
    )
    household = {**unknown, **inputs.get("household", {})}
    verification = {"needs": None, "causes": None, **inputs.get("verification", {})}
    return ask("programme_route", {**inputs, "household": household, "verification": verification})
