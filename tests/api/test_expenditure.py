"""Over HTTP with a simulated clock: expenditure relief of a family already recognised (policy F-2), with its variants."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from casework import seed
from tests.api.office import PEOPLE, Office, opened

THURSDAY = "2026-09-10T09:00:00+08:00"
DIBAO = 1010  # the demo district's monthly standard


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, THURSDAY) as made:
        yield made


def to_application(office: Office) -> Any:
    """The liaison's quarterly visit finds family W; both officers confirm; the way is expenditure relief."""
    values = {
        "source": "03",
        "place_area": seed.VILLAGE,
        "place_text": "村南二排",
        "main_cause": "11",
        "urgent_signs": [],
        "subject_name": "王某乙",
        "residence_status": "1",
    }
    answer = office.post("lianluo", "leads", {"values": values})
    assert answer.status_code == 200, answer.text
    lead = answer.json()
    office.advance(by="PT1M")
    office.do("self_verify", "lianluo", self_result="confirmed")
    office.do("report_to_town", "lianluo")
    office.do("town_ack", "fuwuban1", ack_result="new", verifiers=[PEOPLE["minzheng1"], PEOPLE["minzheng2"]])
    office.do(
        "verify_on_site",
        "minzheng1",
        "minzheng2",
        verify_result="confirmed",
        residence_status="1",
        has_support_here=True,
        persons=2,
        causes=["11"],
        needs=["medical"],
        immediate_need=False,
        est_amount=7 * DIBAO,
        able_to_apply=True,
        asks_station=False,
        policy_explained=True,
    )
    office.do(
        "choose_routes", "minzheng1", green_route="none", first_aid=False, other_routes=["TEMP_EXPENDITURE"]
    )
    return lead


def test_f2_seven_times_the_standard_goes_to_the_district(office: Office) -> None:
    lead = to_application(office)
    office.advance(to="2026-09-14T10:00:00+08:00")
    office.do(
        "receive_application",
        "fuwuban1",
        accept_result="accepted",
        accepted_on="2026-09-14",
        recognised="edge",
        kinship_declared=False,
    )
    office.do(
        "assign_investigators",
        "fuwuban1",
        staff=[PEOPLE["minzheng1"], PEOPLE["minzheng2"]],
        recusal_checked=True,
    )
    assert office.receipts("minzheng1", "home_survey") == {
        "relief.survey_recognised": "2026-09-20",
        "relief.total": "2026-10-10",
    }
