"""Ten days of the reconsideration law are working days (art. 88)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from engine.terms_file import load_terms

PROCESSES = Path(__file__).parents[2] / "processes"


def test_the_reply_to_a_reconsideration_counts_working_days() -> None:
    term = load_terms(PROCESSES / "terms.toml").get("remedy.reply", date(2026, 9, 24))
    assert (term.n, term.unit.value, term.roll) == (10, "wd", False)
    assert "第八十八条" in str(term.citation)
