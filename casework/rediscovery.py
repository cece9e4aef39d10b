"""再发现: what became of earlier leads about the same person or household, and who is found again and again without being taken up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, func, or_, select, update

from casework import areas
from casework.leads import phone_hash
from casework.tables import leads
from engine.calendar import ZONE, midnight
from engine.db import Tx
from engine.deadline import add_months
from engine.tables import cases as cases_table

REFUSED = frozenset({"not_confirmed", "backstop_refused"})
"""Conclusions by which an office did not take a lead up. Who declined did so himself; `merged` is told by its main lead."""


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier lead of the same person or household, whatever became of it."""

    number: str
    case_id: str
    discovered_at: datetime
    closed_at: datetime | None
    cause: str
    conclusion: str | None
    reason: str | None
    household: str | None
    subject: str | None

    @property
    def refused(self) -> bool:
        return self.conclusion in REFUSED


def history(
    tx: Tx,
    *,
    subject: str | None,
    area: str | None,
    phone: str | None = None,
    household: str | None = None,
    besides: str | None = None,
    since: datetime | None = None,
) -> list[Past]:
    """What is known of a person or household from before, newest first, refusals with their reason (people.md 5.11).

    The same: the household, the telephone, or name and village, whatever the village was called then – however long ago (`since` narrows it).
    """
    c, hashed = leads.c, phone_hash(phone)
    same = [
        *([c.household == household] if household else []),
        *([c.phone_hash == hashed] if hashed else []),
        *([and_(c.subject == subject, c.area.in_(areas.of_village(tx, area)))] if subject and area else []),
    ]
    if not same:
        return []
    query = select(leads, cases_table.c.document).join(cases_table, cases_table.c.id == c.case_id)
    query = query.where(or_(*same), c.merged_into.is_(None))
    if since is not None:
        query = query.where(c.discovered_at >= since)
    return [
        Past(
            row.number, row.case_id, row.discovered_at, row.closed_at, row.cause, row.conclusion, why(row.document), row.household,
            row.subject,
        )
        for row in tx.run(query.order_by(c.discovered_at.desc(), c.number).limit(50))
        if row.number != besides
    ]  # fmt: skip


def why(document: Mapping[str, Mapping[str, Any]]) -> str | None:
    """The reason somebody wrote down for not taking a lead up, wherever the process keeps it."""
    for section, key in (
        ("verification", "reason"),
        ("refusal", "reason"),
        ("decision", "reason"),
        ("lead", "notes"),
    ):
        for sections in document.values():
            found = sections.get(section)
            values = found[-1] if isinstance(found, list) and found else found
            if isinstance(values, Mapping) and values.get(key):
                return str(values[key])
    return None


def rediscovered(tx: Tx, lead_no: str, now: datetime) -> str | None:
    """Found again for at least the second time within the parameter's months without ever being taken up: a supervisor must look.

    Returns the sentence, and keeps it on the lead; None when it is not so.
    """
    c = leads.c
    row = tx.run(select(leads).where(c.number == lead_no)).one()
    months = int(tx.world.terms.parameter("rediscovery.months", now.astimezone(ZONE).date()))
    since = midnight(add_months(now.astimezone(ZONE).date(), -months))
    past = history(
        tx, subject=row.subject, area=row.area, household=row.household, besides=lead_no, since=since
    )
    refused = [p for p in past if p.refused]
    if len(refused) < 2:
        return None
    text = f"{months} 个月内第 {len(refused) + 1} 次发现，此前 {len(refused)} 次均未采纳"
    tx.run(update(leads).where(c.number == lead_no).values(review=text))
    return text


@dataclass(frozen=True, slots=True)
class Refused:
    """Somebody found again and again and never taken up."""

    area: str
    subject: str | None
    times: int
    first: datetime
    last: datetime
    numbers: tuple[str, ...]
    finders: int
    reasons: tuple[str, ...]


def refused_again(tx: Tx, places: Sequence[str], since: datetime) -> list[Refused]:
    """反复上报未采纳: people found at least twice since then, not once taken up; the most often first. Finds deaf offices (people.md 5.10)."""
    c = leads.c
    inside = or_(*(or_(c.area == p, c.area.startswith(p + "/", autoescape=True)) for p in places))
    where = (inside, c.discovered_at >= since, c.merged_into.is_(None), c.subject.is_not(None))
    refused = func.sum(case((c.conclusion.in_(REFUSED), 1), else_=0))
    taken_up = func.sum(case((c.conclusion.not_in(REFUSED), 1), else_=0))
    deaf = select(c.area, c.subject).where(*where).group_by(c.area, c.subject)
    those = deaf.having(refused >= 2, taken_up == 0).subquery()
    query = (
        select(leads, cases_table.c.document)
        .join(cases_table, cases_table.c.id == c.case_id)
        .join(those, and_(those.c.area == c.area, those.c.subject == c.subject))
    )
    groups: dict[tuple[str, str], list[Any]] = {}
    for row in tx.run(query.where(*where)):
        groups.setdefault((row.area, row.subject), []).append(row)
    found = []
    for (area, subject), rows in groups.items():
        closed = [r for r in rows if r.conclusion in REFUSED]
        rows.sort(key=lambda r: r.discovered_at)
        people = {s.get("person") for r in rows for s in r.sources}
        reasons = dict.fromkeys(reason for r in closed if (reason := why(r.document)))
        found.append(
            Refused(
                area, subject, len(rows), rows[0].discovered_at, rows[-1].discovered_at, tuple(r.number for r in rows), len(people),
                tuple(reasons),
            )
        )  # fmt: skip
    return sorted(found, key=lambda r: (-r.times, r.last))
