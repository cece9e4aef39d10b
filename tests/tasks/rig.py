"""A case with a real row and a job put to its handler, the way the worker does it, without the drawing around it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from casework import seed
from casework.tables import leads, ledger
from engine import cases, definitions, step
from engine.bundle import Bundle
from engine.calendar import ZONE
from engine.db import Tx
from engine.tables import cases as cases_table
from tasks import sweep
from tasks.registry import HANDLERS, Job, Result
from tests.engine.models import bundle, flow, job, user_task

NOW = datetime(2026, 9, 14, 10, 0, tzinfo=ZONE)
LINE = bundle("line", job("work", "line.work") + flow("start", "work", "end"))
"""A process that waits at a job nobody does: an open case without open steps."""
STEPPED = bundle("stepped", user_task("verify_on_site") + flow("start", "verify_on_site", "end"))
"""A process that waits for the town's civil officers."""
assert sweep.HANDLERS


def a_case(
    tx: Tx,
    number: str = "L1",
    *,
    title: str = "王某乙",
    area: str = seed.VILLAGE,
    document: Mapping[str, Any] | None = None,
    parent: str | None = None,
    subject: str | None = None,
    made: Bundle = LINE,
) -> str:
    definitions.deploy(tx, made, now=NOW)
    about = {"title": title, "document": document, "parent": parent, "subject": subject}
    return cases.start(tx, made.key, now=NOW, area=area, number=number, **about)  # type: ignore[arg-type]


def a_lead(tx: Tx, number: str = "L1", made: Bundle = LINE, **document: Any) -> str:
    """A case with its line in the register of leads, reported by the grid worker."""
    case_id = a_case(tx, number, document=document, made=made)
    row = {
        "number": number,
        "case_id": case_id,
        "area": seed.VILLAGE,
        "subject": "王某乙",
        "cause": "11",
        "sources": [{"source": "01", "person": "p_wangge", "at": NOW.isoformat()}],
        "discovered_at": NOW,
    }
    tx.run(insert(leads), row)
    return case_id


def work(
    tx: Tx,
    case_id: str,
    kind: str,
    variables: Mapping[str, Any],
    *,
    job_id: str = "job-1",
    now: datetime = NOW,
) -> Result:
    """Run the handler of a job type on a case and keep what it puts into the document."""
    case = step.lock(tx, case_id)
    asked = Job(job_id, kind, "work", "", {}, variables, 0, case, case.sections(""), tx, now)
    result = HANDLERS[kind](asked)
    for section, values in result.document.items():
        case.store("", section, values, repeats=False)
    if result.document:
        step.write_head(tx, case)
    return result


def book(tx: Tx, name: str) -> list[Any]:
    """The lines of a book, the demo's opening balance left out."""
    query = select(ledger).where(ledger.c.book == name, ledger.c.case_id.is_not(None))
    return list(tx.run(query.order_by(ledger.c.at, ledger.c.id)))


def case_numbers(tx: Tx, process: str) -> list[str]:
    c = cases_table.c
    return list(tx.run(select(c.number).where(c.process == process).order_by(c.number)).scalars())
