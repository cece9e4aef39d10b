"""What is sealed stays sealed whichever way it is asked for: by the case, its tasks, its letters, a start about it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from casework import notices, seed
from engine.tables import cases, user_tasks
from tests.api.office import Office, found, opened

MORNING = "2026-09-14T09:00:00+08:00"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, MORNING) as made:
        yield made


def objection(office: Office, lead: Any) -> str:
    """An objection to a notice of the lead; the id of its sealed case."""
    with office.runtime.db.transaction() as tx:
        now = office.runtime.now(tx)
        shown = notices.content(
            applicant="王某乙", place="x", programme="DIBAO", persons=1, amount=None, kinship=False, days="7", office="x",
        )  # fmt: skip
        made = notices.make(
            tx, case_id=lead["case_id"], area=seed.VILLAGE, application_no=f"{lead['number']}-A1", shown=shown,
            investigators=[], now=now,
        )  # fmt: skip
        number = notices.object_to(tx, made, {"content": "有存款"}, None, now)
        case_id = str(tx.run(select(cases.c.id).where(cases.c.number == number)).scalar_one())
    office.advance(by="PT1M")
    return case_id


def status(office: Office, who: str, path: str) -> int:
    return int(office.client(who).get(f"/api/{path}").status_code)


def test_a_sealed_case_is_sealed_by_every_way(office: Office) -> None:
    case_id = objection(office, found(office, subject_name="王某乙"))
    with office.runtime.db.reading() as tx:
        task = tx.run(select(user_tasks.c.id).where(user_tasks.c.case_id == case_id)).scalar_one()
    starts = office.get("baopian", f"starts?case_id={case_id}")
    one = starts[0]
    ways = {
        f"cases/{case_id}": (404, 200),
        f"tasks/{task}": (403, 200),
        f"cases/{case_id}/papers": (404, 200),
        f"starts/{one['process']}/{one['event']}?case_id={case_id}": (403, 200),
    }
    for way, (village, district) in ways.items():
        assert (status(office, "lianluo", way), status(office, "baopian", way)) == (village, district), way
    assert status(office, "lianluo", f"cases/{case_id}/letters/1.pdf") == 404
    assert office.get("lianluo", f"starts?case_id={case_id}") == []
    assert office.get("lianluo", f"cases/{case_id}/ladder") == []
    body = {"of": ["p_wangge"], "text": "请看"}
    assert office.post("lianluo", f"cases/{case_id}/copy", body).status_code == 404
