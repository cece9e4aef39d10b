"""A spot check whose errors are above the bound puts the rebuilt course before the head of the bureau, who decides (R37, R66)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from casework import spot_checks
from casework.tables import issued_papers, merits
from tests.api.office import PEOPLE, Office, found, opened

CHECKERS = [PEOPLE["jiuzhu1"], PEOPLE["baopian"]]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, "2026-08-31T09:00:00+08:00") as made:
        yield made


def cases_of(office: Office, who: str = "juzhang") -> list[Any]:
    return list(office.get(who, "cases?process=accountability&size=100")["items"])


def checked(office: Office, errors: int, *, missed: bool = False) -> dict[str, Any]:
    """A spot check of eight leads of the town with so many wrong ones, issued. Returns the first lead that was wrong."""
    reported = {}
    for number in range(8):
        lead = found(office, subject_name=f"某{number}")
        reported[f"L{lead['number']}"] = lead
    office.advance(to="2026-09-01T09:10:00+08:00")
    office.do("define_frame", "jiuzhu1")
    office.do("enter_seed", "jiuzhu1", "baopian", seed="六 三 五 二", seed_source="掷骰")
    with office.runtime.db.reading() as tx:
        drawn = spot_checks.items(tx, office.get("jiuzhu1", "spot-checks")[0]["number"])
    wrong = [row.id for row in drawn if row.stratum == "leads"][:errors]
    hidden = [row.id for row in drawn if row.stratum == "focus" and missed]
    sample = [
        {
            "item": row.id,
            "wrong": row.id in wrong,
            "missed": row.id in hidden,
            "in_hardship": row.id in hidden,
        }
        for row in drawn
    ]
    office.do("check_items", "jiuzhu1", "baopian", items=sample, checkers=CHECKERS)
    office.do("town_answer", "fuwuban1", accepted=True, answer="认可")
    office.do("rectify", "minzheng1", measures="已改正并培训")
    office.do("confirm_rectified", "baopian", rectified=True, rectified_reason="已核对")
    assert cases_of(office) == [], "nothing before the result is issued"
    office.do("issue_result", "juzhang", conclusion="全区通报")
    office.advance(by="PT1M")
    return reported[wrong[0]]


def test_errors_above_the_bound_are_weighed_by_the_head_of_the_bureau_with_the_course(office: Office) -> None:
    lead = checked(office, 2, missed=True)
    (case,) = cases_of(office)
    assert case["number"].endswith("-WZ")
    task = office.get("juzhang", f"tasks/{office.task('juzhang', 'weigh')['id']}")
    assert "错报 2（40%" in task["values"]["matter_shown"]
    assert "漏报" not in task["values"]["matter_shown"], "one missed household alone is under the bound"
    assert "链条完整" in task["values"]["timeline_shown"]
    with office.runtime.db.reading() as tx:
        paper = tx.run(select(issued_papers).where(issued_papers.c.kind == "timeline")).one()
        penalties = list(tx.run(select(merits)))
    assert lead["number"] in {moment["case"] for moment in paper.content["moments"]}, (
        "the lead that was wrong is in it"
    )
    assert penalties == [], "nobody is found responsible by a figure"
    row = office.task("juzhang", "weigh")
    values = {"open_accountability": False, "weighing_reason": "不是我的事"}
    said = {"revision": row["revision"], "values": values}
    assert office.post("jiuzhu1", f"tasks/{row['id']}/complete", said).status_code == 403
    (course,) = office.get("juzhang", f"cases/{case['id']}/papers")
    assert (course["name"], course["detail"]) == ("经过还原", paper.number)
    assert office.client("juzhang").get(f"/api{course['url']}").status_code == 200
    page = office.get("juzhang", f"cases/{case['id']}")
    shown = {
        field["label"]
        for section in page["sections"]
        if section["key"] == "timeline"
        for field in section["fields"]
    }
    assert shown == {"文书编号", "记录条数", "哈希链校验"}
    assert cases_of(office, "fuwuban1") == [], "the town does not read it"
    office.do("weigh", "juzhang", open_accountability=True, weighing_reason="两件错报同一人核查")
    assert "appoint" in office.open("juzhang")
    assert cases_of(office)[0]["status"] == "active"


def test_the_head_of_the_bureau_may_open_none_and_says_why(office: Office) -> None:
    checked(office, 2)
    task = office.task("juzhang", "weigh")
    empty = {"revision": task["revision"], "values": {"open_accountability": False}}
    refused = office.post("juzhang", f"tasks/{task['id']}/complete", empty)
    assert (refused.status_code, refused.json()["fields"][0]["path"]) == (422, "weighing_reason")
    office.do("weigh", "juzhang", open_accountability=False, weighing_reason="系统录入口径不同，已改正")
    (case,) = cases_of(office)
    assert case["status"] == "completed"
    assert "appoint" not in office.open("juzhang")


def test_errors_within_the_bound_open_nothing(office: Office) -> None:
    checked(office, 1, missed=True)
    assert cases_of(office) == []
