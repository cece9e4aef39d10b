"""流程态势 and what a list may show of a case's title."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.views.people import mask_title
from casework import seed
from engine import cases, definitions
from tests.api.office import opened
from tests.engine.models import bundle, flow, user_task

MIXED = bundle(
    "mixed",
    user_task(
        "a",
        tier="=if big then &quot;district&quot; else &quot;town&quot;",
        post="town_service_office,district_assistance_office",
    )
    + flow("start", "a", "end"),
)


def test_a_step_whose_tier_is_computed_tells_where_it_waits(tmp_path: Path) -> None:
    with opened(tmp_path, "2026-09-15T09:00:00+08:00") as office:
        with office.runtime.db.transaction() as tx:
            now = office.runtime.now(tx)
            definitions.deploy(tx, MIXED, now=now)
            for number, big in enumerate((False, True, True)):
                cases.start(
                    tx,
                    "mixed",
                    now=now,
                    area=seed.TOWN,
                    number=f"M{number}",
                    title="某",
                    variables={"big": big},
                )
        (step,) = office.get("jiuzhu1", "processes/mixed/state")["elements"]
        assert (step["element"], step["count"], step["tier"]) == ("a", 3, "district,town")


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("李某甲", "李**"),
        ("督办：李某甲", "督办：李**"),
        ("季度随机抽查 · 宝坻区", "季度随机抽查 · 宝坻区"),
        ("", "未知"),
    ],
)
def test_people_are_masked_and_duties_are_not(title: str, shown: str) -> None:
    assert mask_title(title) == shown
