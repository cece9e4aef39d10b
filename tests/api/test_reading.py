"""How much of a case is read (D.4): case workers all of it, a grid worker after the hand-over its state, a notice supervisor the notice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.office import Office, acknowledged, found, opened, verified
from tests.api.test_attachments import readers, sent

MORNING = "2026-09-14T09:00:00+08:00"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, MORNING) as made:
        yield made


def read(office: Office, who: str, lead: Any) -> set[str]:
    shown = office.get(who, f"cases/{lead['case_id']}")
    assert (shown["limited"] is None) == bool(shown["timeline"])
    return {one["key"] for one in shown["sections"]}


def test_a_grid_worker_reads_the_state_alone_once_it_is_the_towns(office: Office) -> None:
    photo = sent(office, "lianluo")
    lead = found(office, "lianluo", description="家中有病人", photos=[photo], subject_name="王某乙")
    assert "lead" in read(office, "wangge", lead), "its step is for the grid worker's post too"
    office.do("self_verify", "lianluo", self_result="confirmed")
    office.do("report_to_town", "lianluo")
    for who in ("wangge", "jiandu"):
        shown = office.get(who, f"cases/{lead['case_id']}")
        assert (shown["sections"], shown["timeline"]) == ([], [])
        assert "办理状态" in shown["limited"]
        assert shown["case"]["title"] == "王**", "the name is masked"
        assert shown["stages"], "the state is shown"
        assert "家中有病人" not in str(shown)
        assert office.get(who, f"cases/{lead['case_id']}/papers") == []
    for who in ("minzheng1", "fuwuban1", "jiuzhu1", "baopian"):
        assert "lead" in read(office, who, lead), who
    assert readers(office, photo, "wangge", "jiandu", "fuwuban1") == ["fuwuban1"]
    assert readers(office, photo, "minzheng1", "jiuzhu1") == [], (
        "who has no step of it does not see the picture"
    )


def test_an_open_step_of_the_town_tells_the_village_nothing(office: Office) -> None:
    lead = acknowledged(office)
    verified(office, persons=2)
    task = office.task("minzheng1", "choose_routes")
    assert office.get("minzheng1", f"tasks/{task['id']}")["form"] is not None
    seen = office.get("wangge", f"tasks/{task['id']}")
    assert (seen["form"], seen["values"]) == (None, {})
    assert read(office, "wangge", lead) == set()
