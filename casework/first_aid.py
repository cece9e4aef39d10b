"""先行救助: whether what was given before any paper has its papers (C-6, R49)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from casework.tables import decisions, leads, payouts
from engine.db import Tx
from engine.tables import cases, user_tasks


def papers_open(tx: Tx, lead_no: str) -> bool:
    """Was first aid given on this lead, and nothing since then approved, refused or made up for it?

    Read from the books and the finished steps, not from what somebody answered.
    """
    query = select(cases.c.id, cases.c.document).join(leads, leads.c.case_id == cases.c.id)
    case = tx.run(query.where(leads.c.number == lead_no)).one_or_none()
    if case is None:
        return False
    p, d, t = payouts.c, decisions.c, user_tasks.c
    given = select(p.made_at).where(p.case_id == case.id, p.number.like(f"{lead_no}-%-X"))
    since = tx.run(given.order_by(p.made_at.desc()).limit(1)).scalar_one_or_none()
    if since is None:
        return False
    emergency = (d.case_id == case.id, d.application_no.like(f"{lead_no}-E%"), d.entered_at >= since)
    if tx.run(select(d.number).where(*emergency)).first() is not None:
        return False
    steps = select(t.element).where(t.case_id == case.id, t.state == "completed", t.ended_at >= since)
    done = set(tx.run(steps).scalars())
    return not ("finish_papers" in done or ("approve_quick" in done and _granted(case.document)))


def _granted(document: Mapping[str, Mapping[str, Any]]) -> bool:
    """Was the last answer about quick relief a yes?"""
    entries = [one for content in document.values() for one in content.get("decision") or []]
    answers = [one["quick_result"] for one in entries if one.get("quick_result") is not None]
    return answers[-1:] == ["granted"]
