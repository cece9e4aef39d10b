"""`clockEnd` and `stopsAt` are known, and mean something only beside the limit they end."""

from __future__ import annotations

from engine.lint import lint_bundle, load_posts
from engine.terms_file import load_terms
from tests.conftest import PROCESSES
from tests.engine.models import bundle, flow, user_task

TERMS, POSTS = load_terms(PROCESSES / "terms.toml"), load_posts(PROCESSES / "posts.toml")


def said(**properties: str) -> list[tuple[str, str]]:
    body = user_task("a", **properties) + flow("start", "a", "end")
    found = lint_bundle(bundle("p", body), terms=TERMS, posts=POSTS)
    return [(f.rule, f.message) for f in found if f.rule in ("unknown-property", "expression")]


def test_the_moment_of_an_act_is_known_beside_what_it_ends() -> None:
    assert said(term="refusal.letter", clockEnd="=delivered_on") == []
    assert said(stops="relief.total", stopsAt="=decided_on") == []
    assert said(clockEnd="=delivered_on") == [("unknown-property", "没有 term，clockEnd 不起作用")]
    assert said(stopsAt="=decided_on") == [("unknown-property", "没有 stops，stopsAt 不起作用")]
    assert said(term="refusal.letter", clockEnds="=x") == [("unknown-property", "属性 clockEnds 不起作用")]
    ((rule, message),) = said(term="refusal.letter", clockEnd="=delivred(x)")
    assert rule == "expression"
    assert "delivred" in message
