"""Dates of lawful events: none before the event it follows, none in the future – or a term that protects people lasts no day at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import orjson
import pytest
from lxml import etree

from engine import forms
from engine.calendar import ZONE
from tests.forms.test_forms import CODES, FUNCTIONS, ROOT

NOW = datetime(2026, 9, 25, 8, 30, tzinfo=ZONE)
AROUND = {**FUNCTIONS, "now": lambda: NOW, "today": NOW.date}
BEFORE = datetime(2026, 9, 14, 0, 30, tzinfo=ZONE)
"""The event that comes first: half past midnight in Shanghai, still the day before in UTC."""
EVENT = re.compile(r"\b[a-z_]+_(?:on|at|from)\b")
FREE = {
    "application.submitted_at": "the person's own act, which may be older than the lead; early, it shortens the office's time alone",
    "campaign_plan.ends_on": "a plan for days to come, not before its own beginning",
    "complaint.received_at": "begins a case",
    "guidance.found_on": "begins a case",
    "rescue_call.called_at": "no term runs from it: the meeting's `called_at` is another",
    "meeting_plan.held_at": "a plan: the day is told again when the meeting is recorded",
    "meeting_record.held_at": "the meeting has a roll and minutes of its own",
    "consultation_meeting.held_at": "no term runs from it",
    "letter.decided_on": "shown as decided, not asked: equal to the decision's own day",
    "criticism.sent_on": "no term runs from it",
    "inspection_result.published_on": "no term ends with it: the decision's `published_on` is another",
    "spot_result.published_on": "the same",
}
"""Dates without a lower bound, and why."""


def drawings() -> Iterator[Any]:
    for path in sorted(ROOT.rglob("*.bpmn")):
        yield etree.parse(path)


def starts() -> set[str]:
    """Names from which a term runs or by which it ends, and names these are made of."""
    names: set[str] = set()
    made: list[tuple[str, str]] = []
    for tree in drawings():
        for element in tree.iter("{*}property"):
            if element.get("name") in ("clockStart", "clockEnd", "resumesAt", "stopsAt"):
                names.update(EVENT.findall(element.get("value")))
        for call in re.findall(r"deadline\((.*)\)", " ".join(tree.getroot().itertext())):
            names.update(EVENT.findall(call))
        made += [(out.get("target"), out.get("source")) for out in tree.iter("{*}output")]
    for path in ROOT.rglob("*.dmn"):
        tree = etree.parse(path)
        outputs = [one.get("name") for one in tree.iter("{*}output")]
        for rule in tree.iter("{*}rule"):
            texts = ["".join(entry.itertext()) for entry in rule.iter("{*}outputEntry")]
            made += list(zip(outputs, texts, strict=True))
    while more := {n for to, of in made if to in names for n in EVENT.findall(of)} - names:
        names |= more
    return names


def dates() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every question for a date from which a term runs, by form and key."""
    names = starts()
    for path in sorted(ROOT.rglob("*.form")):
        for one in orjson.loads(path.read_bytes())["components"]:
            if one.get("type") == "datetime" and one["key"] in names:
                yield f"{path.stem}.{one['key']}", one


def ends() -> Iterator[tuple[str, str, str | None]]:
    """Every act that ends a limit: the step, its expression, its form."""
    for tree in drawings():
        for step in tree.iter("{*}userTask", "{*}receiveTask"):
            own = step.find("{*}extensionElements")
            form = own.find("{*}formDefinition") if own is not None else None
            for one in own.iter("{*}property") if own is not None else ():
                if one.get("name") == "clockEnd":
                    yield step.get("id"), one.get("value"), form.get("formId") if form is not None else None


def test_the_act_that_ends_a_limit_is_asked_by_the_form_of_its_own_step() -> None:
    """A question that was renamed would make every step late that is entered late, and nobody would see it."""
    keys = {
        path.stem: {one.get("key") for one in orjson.loads(path.read_bytes())["components"]}
        for path in ROOT.rglob("*.form")
    }
    asked = [(step, set(EVENT.findall(value)), form) for step, value, form in ends() if form is not None]
    assert len(asked) > 40
    assert {step: names - keys[form] for step, names, form in asked if names - keys[form]} == {}


def test_the_decision_lists_every_step_that_names_its_act() -> None:
    text = (ROOT.parent / "docs/decisions/0012-a-limit-ends-at-the-act.md").read_text(encoding="utf-8")
    listed = {
        name
        for line in text.splitlines() if line.startswith("| `")
        for cell in line.split("|")[1::2]
        for name in re.findall(r"`(\w+)`", cell)
    }  # fmt: skip
    assert listed == {step for step, *_ in ends()}


def test_no_date_of_a_lawful_event_is_without_bounds() -> None:
    found = dict(dates())
    assert len(found) > 30
    free = set()
    for name, one in found.items():
        check = one.get("properties", {}).get("check", "")
        if not re.search(rf"{one['key']}\)* >= ", check):
            free.add(name)
        elif name != "campaign_plan.ends_on":
            assert re.search(rf"{one['key']}\)* <= (today|now)\(\)", check), f"{name} may lie in the future"
    unused = set(FREE) - set(found)
    assert free - set(FREE) == set(), "give it a lower bound at the event it follows, or a reason in FREE"
    assert unused == set(), "no longer asked for: take it out of FREE"


BOUND = {
    "notice_posted.posted_on": "ordered_at",
    "hearing_notice.noticed_on": "opinion_on",
    "statement.stated_on": "noticed_on",
    "penalty_notice.told_on": "investigated_on",
    "score_told.told_on": "scores_confirmed_on",
    "appeal.appeal_on": "told_on",
    "circular_objection.received_on": "issued_on",
    "delivery.delivered_on": "decided_on",
    "publication.published_on": "decided_on",
    "submission.submitted_on": "opinion_on",
    "reinvestigation.ordered_on": "notice_ends_on",
    "after_reinvestigation.reinvestigated_on": "notice_ends_on",
    "reconsideration_accepted.accepted_on": "decided_on",
    "reconsideration_result.decided_on": "accepted_on",
    "lawsuit_filed.filed_on": "received_on",
    "court_result.decided_on": "filed_on",
    "remedy_reply.sent_on": "accepted_on",
    "charity_request.asked_on": "gap_at",
    "charity_answered.answered_on": "asked_on",
    "deliberation.held_at": "backstop_from",
    "emergency_end.emergency_ended_on": "given_at",
    "first_aid.given_at": "discovered_at",
    "verify_on_site.verified_at": "discovered_at",
    "refusal.declined_at": "discovered_at",
    "lead_submit.reported_at": "discovered_at",
    "supplement_request.asked_at": "submitted_at",
    "supplement_received.received_at": "asked_at",
    "payment_result.paid_at": "decided_on",
    "payout_receipt.paid_at": "decided_on",
    "payment_trace.traced_at": "said_on",
    "batch_result.paid_at": "listed_at",
    "receipt_check.received_on": "paid_at",
    "referral_told.told_on": "result_at",
    "inspection_sheet.found_on": "chosen_on",
    "dept_reply.replied_at": "sent_on",
    "objection_answer.answered_on": "received_at",
    "complaint_answer.answered_on": "received_at",
    "objection.received_at": "notice_made_at",
    "expiry_notice.told_on": "reported_on",
    "expiry_confirmed.confirmed_on": "reported_on",
    "recovery.ordered_on": "decided_on",
    "order_delivered.delivered_on": "ordered_on",
    "penalty_decision.ordered_on": "opened_on",
    "gone_notice.notified_on": "gone_known_at",
    "self_verify.seen_at": "discovered_at",
    "follow_up.done_at": "follow_up_from",
    "petition_told.accept_told_on": "received_at",
    "treatment.called_at": "discovered_at",
    "station_receipt.received_at": "arrived_at",
    "notice_removed.removed_at": "posted_on",
    "revisit.visited_at": "declined_at",
    "charity_consent_withdrawn.withdrawn_on": "asked_on",
    "care_agreement.signed_on": "decided_on",
    "home_placement.entered_on": "decided_on",
}
"""Question → the event it must not come before."""


BY_THE_HOUR = {
    "first_aid.given_at",
    "verify_on_site.verified_at",
    "refusal.declined_at",
    "lead_submit.reported_at",
    "self_verify.seen_at",
    "treatment.called_at",
    "station_receipt.received_at",
    "revisit.visited_at",
}
ASKED = {"paid": True, "received": True}
"""Answers without which some of the dates are not asked for."""


@pytest.mark.parametrize("known", [BEFORE, BEFORE.isoformat(), BEFORE.date(), "2026-09-14"], ids=repr)
@pytest.mark.parametrize(("name", "event"), BOUND.items(), ids=lambda one: one)
def test_a_date_may_equal_the_day_of_the_event_before_it_and_not_be_earlier(
    name: str, event: str, known: Any
) -> None:
    stem, _, key = name.partition(".")
    (path,) = ROOT.rglob(f"{stem}.form")
    raw = path.read_bytes()
    (one,) = [one for one in orjson.loads(raw)["components"] if one.get("key") == key]
    form = forms.load(raw)

    def said(day: date) -> list[str]:
        value = day.isoformat() if one["subtype"] == "date" else f"{day}T08:30:00+08:00"
        answered = form.check({**ASKED, key: value}, {event: known}, AROUND, codes=CODES)
        return [error.message for error in answered.errors if error.path == key]

    if name in BY_THE_HOUR and not isinstance(known, datetime):
        known = BEFORE  # between two instants the hour counts; a bare day never stands there
    assert said(BEFORE.date()) == said(NOW.date()) == []
    (early,) = said(BEFORE.date() - timedelta(days=1))
    assert "不能早于" in early
    assert "2026-09-14" in early
    (late,) = said(NOW.date() + timedelta(days=1))
    assert "不能晚于" in late


def test_the_day_of_acceptance_lies_between_the_application_and_today() -> None:
    form = forms.load((ROOT / "application_intake/application.form").read_bytes())

    def said(day: str) -> list[str]:
        given = {"submitted_at": BEFORE.isoformat(), "accept_result": "accepted", "accepted_on": day}
        found = form.check(given, {}, AROUND, codes=CODES).errors
        return [error.message for error in found if error.path == "accepted_on"]

    assert said("2026-09-14") == said("2026-09-25") == []
    assert said("2026-09-13") == ["受理日期不能早于提交日期 2026-09-14"]
    assert said("2026-12-14") == ["受理日期不能晚于今天"]
