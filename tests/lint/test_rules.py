"""Each rule finds its fault and leaves the sound model alone."""

from __future__ import annotations

import pytest

from engine.lint import lint_bundle, load_posts
from engine.terms_file import load_terms
from tests.conftest import PROCESSES
from tests.engine.models import bundle, extension, flow, job, user_task

TERMS, POSTS = load_terms(PROCESSES / "terms.toml"), load_posts(PROCESSES / "posts.toml")
GOOD = user_task("a") + flow("start", "a", "end")


def rules(body: str) -> set[tuple[str, str | None]]:
    found = lint_bundle(bundle("p", body, '<bpmn:message id="m" name="m"/>'), terms=TERMS, posts=POSTS)
    assert all(f.remedy and f.message for f in found)
    return {(f.rule, f.element) for f in found}


def heard(element: str, **properties: str) -> str:
    """A receive task whose message a person records."""
    inner = extension(form="said", **properties)
    return f'<bpmn:receiveTask id="{element}" name="收到答复" messageRef="m">{inner}</bpmn:receiveTask>'


def test_a_sound_model_has_no_findings() -> None:
    assert rules(GOOD) == set()


def test_a_message_routed_in_full_or_by_expression_has_no_finding() -> None:
    for tier, post in (("town", "town_civil_officer"), ("=far", "=who")):
        body = heard("a", tier=tier, post=post) + flow("start", "a", "end")
        assert ("routing", "a") not in rules(body)


@pytest.mark.parametrize(
    ("body", "rule", "element"),
    [
        (GOOD + user_task("alone"), "not-runnable", "alone"),
        (GOOD + '<bpmn:complexGateway id="g"/>', "not-runnable", "g"),
        (
            user_task("a", '<zeebe:formDefinition formId="nowhere"/>') + flow("start", "a", "end"),
            "broken-reference",
            "a",
        ),
        (user_task("a", post="town_civil_oficer") + flow("start", "a", "end"), "routing", "a"),
        (user_task("a", post="grid_worker") + flow("start", "a", "end"), "routing", "a"),
        (user_task("a", tier="county") + flow("start", "a", "end"), "routing", "a"),
        (user_task("a", together="zwei") + flow("start", "a", "end"), "routing", "a"),
        (heard("a") + flow("start", "a", "end"), "routing", "a"),
        (heard("a", tier="town", post="grid_worker") + flow("start", "a", "end"), "routing", "a"),
        (user_task("a", term="relief.survy") + flow("start", "a", "end"), "legal-time", "a"),
        (user_task("a", term="relief.survey") + flow("start", "a", "end"), "legal-time", "a"),
        (user_task("a", recuse="=aktors(1)") + flow("start", "a", "end"), "expression", "a"),
        (user_task("a", teir="town") + flow("start", "a", "end"), "unknown-property", "a"),
    ],
)
def test_each_rule_finds_its_fault(body: str, rule: str, element: str) -> None:
    assert (rule, element) in rules(body)


def test_a_job_nobody_does_is_a_broken_reference_where_the_handlers_are_known() -> None:
    drawn = bundle("p", job("a", "lead.mach") + flow("start", "a", "end"))
    known = {"lead.match", "lead.close"}
    (found,) = [
        f for f in lint_bundle(drawn, terms=TERMS, posts=POSTS, known_jobs=known) if f.severity == "error"
    ]
    assert (found.rule, found.element, found.remedy) == ("broken-reference", "a", "是否为 lead.match？")
    right = bundle("p", job("a", "lead.match") + flow("start", "a", "end"))
    for made, jobs in ((right, known), (drawn, frozenset[str]())):
        assert [
            f for f in lint_bundle(made, terms=TERMS, posts=POSTS, known_jobs=jobs) if f.severity == "error"
        ] == []
