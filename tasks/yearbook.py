"""What a year looked like: compliance per term, where work waited, who carried it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import exists, select

from casework import areas, follow_ups, leads, reserve
from casework.tables import appointments
from engine import definitions, recording
from engine.calendar import midnight
from engine.db import Tx
from engine.model import Tier
from engine.receipt import pause_words
from engine.tables import cases, clocks, jobs, messages, subscriptions, timers, user_tasks
from tasks.leads import BESIDE

STANDING_DAYS = 30.0
LOOSE = frozenset(BESIDE) - {follow_ups.PROCESS}
"""Cases beside a lead that never bring it on."""
TIERS: dict[str, str] = {
    Tier.VILLAGE: "村（居）",
    Tier.TOWN: "镇（街）",
    Tier.DISTRICT: "区",
    Tier.GRID: "网格",
}


@dataclass(frozen=True, slots=True)
class Compliance:
    """How one term was kept. `late`: stopped after its due instant, or still running after it; `worst`: the longest lateness, hours."""

    term: str
    name: str
    total: int
    on_time: int
    late: int
    worst: float

    @property
    def share(self) -> float:
        """On time, of all that came due or were done."""
        return self.on_time / self.total if self.total else 1.0


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """A step of one tier and its posts: how often it was taken, how long it waited (hours, median and longest)."""

    element: str
    name: str
    tier: str
    posts: str
    taken: int
    waited: float
    longest: float
    open: int


def compliance(tx: Tx, now: datetime) -> list[Compliance]:
    """Per term that says by when to act, the worst kept first: by the act, whenever it was entered. Clocks that are still running
    within their time do not count, nor a person's own period that ran out to the instant (补正期): nobody was late."""
    k = clocks.c
    rows = tx.run(select(k.term, k.name, k.state, k.due_at, k.ended_at, k.stopped_at).where(k.kind == "max"))
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        if (
            row.stopped_at == row.due_at
        ):  # by its timer: no entry hits the instant, an act of the day after only begins there
            continue
        if row.state == "stopped" or (row.state == "running" and row.due_at <= now):
            found[row.term].append(row)
    made = []
    for term, listed in found.items():
        late = [((r.ended_at or now) - r.due_at).total_seconds() / 3600 for r in listed]
        over = [hours for hours in late if hours >= 0]
        made.append(
            Compliance(
                term, listed[0].name, len(listed), len(listed) - len(over), len(over), max(over, default=0.0)
            )
        )
    return sorted(made, key=lambda c: (c.share, -c.total, c.term))


@dataclass(frozen=True, slots=True)
class Standing:
    """Clocks of one term that stand still at the end of the year: how many, and how long the longest has, in days."""

    term: str
    name: str
    clocks: int
    longest: float
    reasons: tuple[str, ...]


def standing(tx: Tx, now: datetime, least: float = STANDING_DAYS) -> list[Standing]:
    """Paused for so many days or more, the longest first: nobody is reminded of them, so somebody has to look."""
    k = clocks.c
    found: dict[str, list[tuple[float, str, str]]] = defaultdict(list)
    for row in tx.run(select(k.term, k.name, k.pauses).where(k.state == "paused")):
        open_ = [p for p in row.pauses if p.get("to") is None]
        since = min((datetime.fromisoformat(p["from"]) for p in open_), default=now)
        days = (now - since).total_seconds() / 86400
        if days >= least:
            found[row.term].append((days, row.name, pause_words(str(open_[0]["reason"]))))
    made = [
        Standing(term, listed[0][1], len(listed), max(days for days, _, _ in listed),
                 tuple(sorted({why for _, _, why in listed})))
        for term, listed in found.items()
    ]  # fmt: skip
    return sorted(made, key=lambda one: (-one.longest, one.term))


def bottlenecks(tx: Tx) -> list[Bottleneck]:
    """Per step, the longest waiting first."""
    t = user_tasks.c
    rows = tx.run(select(t.element, t.name, t.tier, t.posts, t.state, t.created_at, t.ended_at))
    found: dict[tuple[str, str, str], list[Any]] = defaultdict(list)
    for row in rows:
        if row.state in ("completed", "open"):
            found[row.element, row.tier or "", row.posts].append(row)
    made = []
    for (element, tier, posts), listed in found.items():
        hours = [(r.ended_at - r.created_at).total_seconds() / 3600 for r in listed if r.state == "completed"]
        if hours:
            made.append(
                Bottleneck(
                    element,
                    listed[0].name,
                    TIERS.get(tier, tier),
                    posts,
                    len(hours),
                    median(hours),
                    max(hours),
                    sum(r.state == "open" for r in listed),
                )
            )
    return sorted(made, key=lambda b: (-b.waited, b.element))


@dataclass(frozen=True, slots=True)
class Reserve:
    """A town's reserve over the year, in yuan: what it began with, gave and got again; `low`: payments after which it was below its alarm line,
    `overdrawn`: those of them it could not cover."""

    town: str
    opening: float
    spent: float
    filled: float
    balance: float
    low: int
    overdrawn: int


def reserves(tx: Tx, now: datetime) -> list[Reserve]:
    """Every town's, the most often low first."""
    made = []
    for fund in reserve.funds(tx, areas.of_tier(tx, "town", now), now):
        _before, lines = reserve.lines(
            tx, fund.town, midnight(date(now.year - 1, 1, 1)), now + timedelta(days=1)
        )
        paid = [line for line in lines if line.amount < 0]
        got = [line for line in lines if line.amount > 0]
        made.append(
            Reserve(
                fund.name,
                float(got[0].amount) if got else 0.0,
                float(-sum(line.amount for line in paid)),
                float(sum(line.amount for line in got[1:])),
                float(fund.balance),
                sum(line.balance < fund.threshold for line in paid),
                sum(line.balance < 0 for line in paid),
            )
        )
    return sorted(made, key=lambda one: (-one.low, -one.spent, one.town))


def forsaken(tx: Tx) -> list[str]:
    """Open leads that nobody and nothing will bring on (R62): no step, job, timer, clock or awaited answer in any case of the line.

    Cases that go on beside a lead count as far as the lead waits for them: follow-ups.
    """
    c = cases.c
    query = select(c.id, c.number, c.parent, c.process, c.pins).where(c.status == "active")
    open_ = {row.id: row for row in tx.run(query.order_by(c.opened_at))}
    alive = _moving(tx) | _awaiting(tx, open_)
    parents: dict[str, str] = {
        row.id: row.parent for row in tx.run(select(c.id, c.parent).where(c.parent.is_not(None)))
    }
    brought_on: set[str] = set()
    for case_id in alive & open_.keys():
        at: str | None = case_id
        while at is not None and (at not in open_ or open_[at].process not in LOOSE):
            brought_on.add(at)
            at = parents.get(at)
    return [row.number for row in open_.values() if row.process == leads.PROCESS and row.id not in brought_on]


def _moving(tx: Tx) -> set[str]:
    """Cases with an open step, a job, a timer or a clock."""
    asked = (
        (user_tasks, ("open",)), (jobs, ("ready",)), (timers, ("pending",)), (clocks, ("running", "paused")),
    )  # fmt: skip
    found: set[str] = set()
    for table, states in asked:
        found |= set(tx.run(select(table.c.case_id).where(table.c.state.in_(states))).scalars())
    return found


def _awaiting(tx: Tx, open_: Mapping[str, Any]) -> set[str]:
    """Cases that wait for an answer somebody outside owes and a person records, or for one that is on its way.

    What may interrupt a step – 本人谢绝救助 – is not waited for.
    """
    s, m = subscriptions.c, messages.c
    sent = select(m.id).where(
        m.name == s.name, m.correlation == s.correlation, m.state.in_(("sent", "waiting"))
    )
    query = select(s.case_id, s.process, s.element, exists(sent).label("sent")).where(s.state == "open")
    found: set[str] = set()
    for row in tx.run(query):
        if row.case_id in open_:
            node = definitions.pinned(tx, open_[row.case_id].pins).node(row.process, row.element)
            if row.sent or (node.attached_to is None and recording.form_of(node)):
                found.add(row.case_id)
    return found


def silent(tx: Tx) -> list[str]:
    """Villages with somebody at a post and no lead all year."""
    a = appointments.c
    staffed = set(tx.run(select(a.area).where(a.tier == "village")).scalars())
    spoke = set(tx.run(select(cases.c.area).where(cases.c.process == leads.PROCESS)).scalars())
    names = areas.names(tx, staffed - spoke)
    return sorted(names.values())
