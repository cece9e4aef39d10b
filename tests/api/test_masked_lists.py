"""What a list behind a figure of an assessment shows of people."""

from __future__ import annotations

import pytest

from api.routes.assessments import _masked


@pytest.mark.parametrize(
    ("kind", "label", "shown"),
    [
        ("spot", "李某甲（CC-1）", "李**（CC-1）"),
        ("case", "X1 李某甲", "X1 李**"),
        ("case", "X1 督办：李某甲", "X1 督办：李**"),
        ("case", "X1 督查 · 大口屯镇", "X1 督查 · 大口屯镇"),
        ("household", "李某甲 2026Q3", "李** 2026Q3"),
        ("person", "王干部", "王干部"),
    ],
)
def test_people_in_difficulty_are_masked_in_the_lists_of_an_assessment(
    kind: str, label: str, shown: str
) -> None:
    assert _masked({"kind": kind, "label": label}) == shown
