"""How well terms were kept and rungs answered in a period – figures counted from the records, each with the cases behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import or_, select

from casework.standing import Standing, once_here
from engine.calendar import ZONE
from engine.db import Tx
from engine.routing import within
from engine.tables import cases, clocks, user_tasks


@dataclass(frozen=True, slots=True)
class Period:
    """[begins, ends) in Shanghai days."""

    begins: date
    ends: date

    @property
    def start(self) -> datetime:
        return datetime.combine(self.begins, time(), ZONE)

    @property
    def end(self) -> datetime:
        return datetime.combine(self.ends, time(), ZONE)


@dataclass(slots=True)
class Kept:
    """Terms that fell due in a period: kept and not kept, by case (a case may stand in a list several times)."""

    kept: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)

    @property
    def share(self) -> float | None:
        """None when nothing fell due."""
        total = len(self.kept) + len(self.late)
        return len(self.kept) / total if total else None


def inside(column: Any, root: str) -> Any:
    return (column == root) | column.startswith(root + "/", autoescape=True)


def terms_kept(
    tx: Tx, root: str, tiers: Sequence[str], period: Period, now: datetime, *, process: str | None = None
) -> Kept:
    """Limits of user tasks of these tiers that fell due in the period and by now: kept by the act, as far as it was entered by now.

    Cancelled steps count for nobody. What ran out before its case was handed over counts where it was then.
    """
    k, t, c = clocks.c, user_tasks.c, cases.c
    until = min(period.end, now)
    stood = Standing.of(tx, root, period.ends - timedelta(days=1), now)
    query = (
        select(k.case_id, t.area, k.due_at, k.stopped_at, k.ended_at)
        .join(user_tasks, t.id == k.token)
        .join(cases, c.id == k.case_id)
        .where(
            or_(inside(t.area, root), k.case_id.in_(once_here(root))),
            t.tier.in_(list(tiers)),
            k.kind == "max",
            k.state.in_(("running", "stopped")),
        )
        .where(k.due_at >= period.start, k.due_at < until)
    )
    if process is not None:
        query = query.where(c.process == process)
    found = Kept()
    for row in tx.run(query.order_by(k.due_at, k.id)):
        later = any(not one.reorganised and one.at > row.due_at for one in stood.moved.get(row.case_id, ()))
        if not within(stood.of_case(row.case_id, row.area, row.due_at) if later else row.area, root):
            continue
        known = row.ended_at is not None and row.stopped_at <= now
        on_time = known and row.ended_at < row.due_at
        (found.kept if on_time else found.late).append(row.case_id)
    return found


def opened(tx: Tx, root: str, process: str, period: Period) -> list[Any]:
    """Cases of a process opened in an area in the period: id, number, area, status, variables."""
    c = cases.c
    query = select(c.id, c.number, c.area, c.status, c.variables).where(
        inside(c.area, root), c.process == process, c.opened_at >= period.start, c.opened_at < period.end
    )
    return list(tx.run(query.order_by(c.opened_at, c.id)))


def notices_to(tx: Tx, root: str, tiers: Sequence[str], period: Period) -> list[Any]:
    """催办通知书 issued in the period to these tiers of an area."""
    rows = opened(tx, root, "urging_notice", period)
    return [r for r in rows if r.variables.get("issue") is True and r.variables.get("addressee") in tiers]


def share_words(share: float | None) -> str:
    """`93.5%`, or that nothing fell due."""
    return "—" if share is None else f"{share:.1%}"
