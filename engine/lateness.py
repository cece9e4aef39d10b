"""How late the clock's work was done: when a timer fired after it was due, and what is due and still waits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, select

from engine.db import Instant, Tx
from engine.tables import clocks, jobs, timers

SAMPLE = 10_000


@dataclass(frozen=True, slots=True)
class Lateness:
    """Seconds between due and fired, of the timers fired since `since` (the latest 10,000), and the queue now.

    A timer that was past due when it was made or moved (an event entered late) is late from that moment.
    """

    since: datetime
    fired: int
    median: float
    most: float  # 95 of 100 were not later than that
    worst: float
    waiting: int  # due and not yet done: timers, jobs, reminders
    oldest: datetime | None


def measure(tx: Tx, now: datetime, span: timedelta = timedelta(days=1)) -> Lateness:
    """Lateness over the last `span`. Four statements, whatever the load."""
    since, t = now - span, timers.c
    query = select(t.due_at, t.created_at, t.moved_at, t.ended_at).where(
        t.state == "fired", t.ended_at >= since, t.due_at.is_not(None)
    )
    rows = list(tx.run(query.order_by(t.ended_at.desc()).limit(SAMPLE)))
    late = sorted(max((row.ended_at - max(filter(None, row[:3]))).total_seconds(), 0.0) for row in rows)
    waiting, oldest = 0, None
    for table, moment, where in (
        (timers, t.due_at, t.state == "pending"),
        (jobs, jobs.c.due_at, jobs.c.state == "ready"),
        (clocks, clocks.c.next_at, clocks.c.state == "running"),
    ):
        count = select(func.count(), func.min(moment, type_=Instant())).select_from(table)
        found = list(tx.run(count.where(and_(where, moment <= now))).one())
        waiting += found[0]
        oldest = min(filter(None, (oldest, found[1])), default=None)
    return Lateness(since, len(late), share(late, 0.5), share(late, 0.95), share(late, 1), waiting, oldest)


def share(ordered: list[float], part: float) -> float:
    """The value that `part` of the ordered ones do not exceed; 0 for none."""
    return ordered[math.ceil(len(ordered) * part) - 1] if ordered else 0.0


def words(found: Lateness) -> str:
    """The measurement in one sentence."""
    text = "近一天没有触发定时"
    if found.fired:
        text = (
            f"近一天触发 {found.fired} 个定时：半数迟 {_seconds(found.median)} 以内，95% 迟 {_seconds(found.most)} 以内，"
            f"最迟 {_seconds(found.worst)}"
        )
    return f"{text}；{f'到期待处理 {found.waiting} 项' if found.waiting else '没有积压'}。"


def _seconds(value: float) -> str:
    if value < 120:
        return f"{value:.1f} 秒"
    return f"{value / 60:.0f} 分钟" if value < 7_200 else f"{value / 3600:.1f} 小时"
