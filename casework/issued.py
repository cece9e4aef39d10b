"""Numbered papers of the district and its towns 发文: 催办通知书, 通报, 经过还原 – frozen with a digest, a correction beside, never over."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from casework import areas, files, leads, papers
from casework.tables import issued_papers
from engine.calendar import ZONE
from engine.db import Tx, dumps
from engine.errors import NotFound
from engine.routing import at_tier

P = issued_papers.c
WORDS = {"urging_notice": "催", "circular": "通", "timeline": "查", "assessment": "考"}
TITLES = {
    "urging_notice": "催办通知书",
    "circular": "通报",
    "timeline": "经过还原",
    "assessment": "考核结果通知书",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a paper prints: a sentence, two columns, closing lines; `tables` with heads of their own."""

    lead: str
    rows: Sequence[tuple[str, str]]
    lines: Sequence[str] = ()
    tables: Sequence[papers.Grid] = ()
    receipts: Sequence[papers.Receipt] = ()


def unit_name(tx: Tx, area: str, tier: str) -> str:
    """The office that signs at a tier above (or at) an area."""
    path = at_tier(area, "district" if tier == "district" else "town")
    name = areas.names(tx, [path])[path]
    return f"{name}民政局" if tier == "district" else name


def issue(
    tx: Tx,
    kind: str,
    sheet: Sheet,
    *,
    job: str,
    issuer: str,
    area: str,
    case_id: str,
    about: str | None,
    content: Mapping[str, Any],
    now: datetime,
) -> Any:
    """Number, print and freeze a paper; said again by the same job it is the same paper. `issuer`: who signs, by name."""
    known = tx.run(select(issued_papers).where(P.id == job)).one_or_none()
    if known is not None:
        return known
    year = now.astimezone(ZONE).year
    n = leads.next_number(tx, f"{year}:{kind}:{issuer}"[:60])
    number = f"{issuer}{WORDS[kind]}字〔{year}〕{n}号"
    pdf = papers.paper(
        TITLES[kind],
        lead=sheet.lead,
        rows=[("文号", number), *sheet.rows],
        lines=sheet.lines,
        tables=sheet.tables,
        receipts=sheet.receipts,
        signed=issuer,
        date=papers.written(now.astimezone(ZONE)),
    )
    file = files.store(tx, f"{TITLES[kind]} {number}.pdf", pdf, None, now)
    row: dict[str, Any] = {
        "id": job, "number": number, "kind": kind, "area": area, "case_id": case_id, "about": about, "title": TITLES[kind],
        "content": dict(content), "corrections": [], "digest": digest(content), "file": file.id, "made_at": now,
    }  # fmt: skip
    tx.run(insert(issued_papers), row)
    return get(tx, job)


def digest(content: Mapping[str, Any]) -> str:
    """SHA-256 of a paper's content in canonical form."""
    return hashlib.sha256(dumps(dict(content)).encode()).hexdigest()


def get(tx: Tx, paper_id: str) -> Any:
    row = tx.run(select(issued_papers).where(P.id == paper_id)).one_or_none()
    if row is None:
        raise NotFound("没有这份文书，或您无权查看。", "No such paper.")
    return row


def of_cases(tx: Tx, case_ids: Sequence[str]) -> dict[str, Any]:
    """The paper each of these cases has issued (the newest)."""
    query = select(issued_papers).where(P.case_id.in_(list(case_ids))).order_by(P.made_at)
    return {row.case_id: row for row in tx.run(query)}


def correct(tx: Tx, paper_id: str, entry: Mapping[str, Any]) -> None:
    """Write a correction beside the paper; what was issued stays as it was."""
    row = tx.run(select(issued_papers).where(P.id == paper_id).with_for_update()).one()
    if entry not in row.corrections:
        tx.run(
            update(issued_papers).where(P.id == paper_id).values(corrections=[*row.corrections, dict(entry)])
        )
