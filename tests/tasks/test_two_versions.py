"""Two versions of the drawings on the same simulated year."""

from __future__ import annotations

import shutil
from pathlib import Path

from tasks import yearbook
from tests.conftest import PROCESSES
from tests.tasks.test_simulation import LEADS, lived, shape


def test_a_changed_term_shows_and_changes_nobodys_end(tmp_path: Path) -> None:
    """Fewer notices and orders leave people more time, so steps may be taken at other hours; what becomes of a lead stays."""
    one, first = lived(tmp_path / "one", 3)
    other = tmp_path / "processes"
    shutil.copytree(PROCESSES, other)
    terms = other / "terms.toml"
    text = terms.read_text(encoding="utf-8")
    known = 'key = "lead.self_verify.ordinary"\nname = "第一时间核实"\nn = 24'
    assert known in text
    terms.write_text(text.replace(known, known.replace("n = 24", "n = 72")), encoding="utf-8")
    two, second = lived(tmp_path / "two", 3, other)
    before, after = shape(one, first), shape(two, second)
    found = yearbook.compare(before, after, [first.result.work, second.result.work])
    assert (found.leads, found.other_end) == (LEADS, ())
    assert len(found.other_steps) < LEADS / 2
    assert found.other_due["lead.self_verify.ordinary"] >= LEADS / 2  # the urgent ones have another term
    for runtime in (one, two):
        runtime.db.engine.dispose()
