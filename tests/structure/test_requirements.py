"""`docs/requirements.md`: every clause of the founding document is there, word for word, with tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLE = (ROOT / "docs" / "requirements.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip().strip("|").split(" | ")]
    for line in TABLE.splitlines()
    if re.match(r"\| R\d+ \|", line)
]
UNDER_WAY = "在建"


def written_tests() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        found.update(re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE))
    return found


def test_every_clause_is_in_the_table_once() -> None:
    assert [row[0] for row in ROWS] == [f"R{n}" for n in range(1, 69)]
    assert all(len(row) == 4 for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_its_words_are_those_of_the_founding_document(row: list[str]) -> None:
    text = re.sub(r"\s", "", (ROOT / "docs" / "founding.md").read_text(encoding="utf-8"))
    assert re.sub(r"\s", "", row[1]) in text


def test_the_tests_it_names_exist_and_none_is_missing_unsaid() -> None:
    written = written_tests()
    for number, _words, how, named in ROWS:
        tests = re.findall(r"`(test_\w+)`", named)
        assert set(tests) <= written, (number, set(tests) - written)
        assert tests or (named == UNDER_WAY and UNDER_WAY in how), (
            f"{number} names no test and does not say so"
        )
