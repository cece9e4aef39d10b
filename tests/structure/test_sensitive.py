"""Which answers of a case are sensitive (policy.md D.4, class K3): the list, as the forms of `processes/` mark them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import orjson

from casework import sensitive
from engine.bundle import read_bundle
from engine.forms import Input, load

PROCESSES = Path(__file__).parents[2] / "processes"
BUNDLES = [read_bundle(path) for path in sorted(PROCESSES.iterdir()) if any(path.glob("*.form"))]
LIST = {
    "health": """
        application.reason survey.members_found.health survey.expenditure.note survey.grade
        escort.condition escort.vulnerable escort.fit support.duties support.handover""",
    "hardship": """
        lead.main_cause lead.urgent_signs lead.description lead.photos lead.notes lead.photo lead.service lead.result
        verification.causes refusal.condition plan.remaining gone.rest_cause gone.rest_note gone.rest_signs
        application.cause application.explanation application.materials.file application.materials.why
        materials.papers.file materials.papers.note materials.statement materials.missing.why
        survey.findings opinion.reasons opinion.findings
        decision.reasons decision.reason decision.checks.note decision.documents.file delivery.reasons
        referral.summary charity.summary collecting.reason backstop.rest consultation.difficulty
        care.people_seen.risks care.people_seen.change care.people_seen.change_kind
        screening.visits.change screening.visits.change_kind campaign_village.found.cause campaign_village.found.note
        review.change review.content review.evidence proposal.reports.change proposal.reports.content proposal.reasons
        town_check.items.note""",
    "rescue": """
        verification.asks_station escort.escorts escort.departed_at escort.arrived_at escort.vehicle escort.belongings
        escort.identity_inquiry escort.receipt_no escort.leaflet_version escort.accepts escort.wishes escort.received
        escort.received_at escort.refusal_reason escort.document escort.plan escort.retry escort.called_at""",
    "whereabouts": """
        lead.place_text verification.not_met_reason verification.gone_evidence gone.evidence escort.hospital support.institution support.document
        care.people_seen.not_met_reason screening.gaps.not_met_reason town_check.items.unreached""",
    "check": """
        econ_check.result_code econ_check.findings econ_check.evidence econ_check.econ_disputed econ_check.recognised_from
        recovery.cause""",
    "account": "payout.account payment_fix.fixes.account payment_fix.fixes.payee payment_list.rows.tail",
    "minor": "application.members survey.members_found review.members",
}
TELLING = {
    "hardship_cause",
    "urgent_signs",
    "vulnerable",
    "self_care_grade",
    "care_risk",
    "review_change",
    "econ_result",
}
"""Code lists whose words are sensitive in themselves."""
WORDS = ("账户", "健康", "身体", "病", "残疾", "自理", "救助站", "精神")
"""Labels that ask for it."""
PLAIN: set[str] = set()


def marked() -> dict[str, str]:
    return {
        ".".join(place): kind
        for bundle in BUNDLES
        for place, kind in sensitive.of_bundle(bundle).places.items()
    }


def fields() -> Iterator[tuple[str, Input, bool]]:
    """Place, input, marked or not, of every field and every column of every form."""
    for bundle in BUNDLES:
        for raw in bundle.forms.values():
            form, said = load(raw), orjson.loads(raw)
            own = dict(sensitive.of_form(said))
            for one in form.fields:
                place = (form.section or "", one.key)
                yield ".".join(place), one, own.get(place) not in (None, sensitive.MINOR)
                for column in one.columns:
                    inner = (*place, column.key)
                    yield ".".join(inner), column, inner in own


def test_the_forms_mark_what_policy_calls_sensitive() -> None:
    assert set(LIST) == set(sensitive.KINDS)
    assert marked() == {place: kind for kind, places in LIST.items() for place in places.split()}


def test_a_field_is_marked_in_every_form_that_asks_it() -> None:
    known = {place for place, kind in marked().items() if kind != sensitive.MINOR}
    assert [place for place, _one, mark in fields() if place in known and not mark] == []


def test_what_asks_for_something_sensitive_is_marked() -> None:
    asking = {
        place
        for place, one, mark in fields()
        if not mark and (one.options_list in TELLING or any(word in one.label for word in WORDS))
    }
    assert asking == PLAIN


def test_decisions_are_known_by_their_forms() -> None:
    found = {form for bundle in BUNDLES for form in sensitive.of_bundle(bundle).decides}
    assert found == {"decision", "quick_approval", "penalty_decision", "recovery", "owed_approval"}
