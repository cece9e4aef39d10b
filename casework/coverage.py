"""走访覆盖 from the books: who owed a visit or a word, who gave it, who is silent, whose device is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, or_, select, update

from casework import areas, books, silence, staff, visits
from casework.silence import Beat, Day, State, local_day
from casework.tables import (
    appointments,
    heartbeats,
    household_focus,
    households,
    leads,
    persons,
    silence_alarms,
    village_days,
)
from casework.tables import areas as areas_table
from casework.tables import visits as visits_table
from engine.calendar import midnight
from engine.db import Tx
from engine.errors import Conflict, Field, Forbidden, Invalid, NotFound
from engine.routing import Actor, at_tier, sees, within

ONE = timedelta(days=1)
NEIGHBOURS = timedelta(days=7)
"""How far back a lead of a neighbouring village asks for a reason when one has nothing to report."""
ITEMS: Mapping[str, str] = {
    "patrol": "巡查走访",
    "phone": "电话问询",
    "screen": "排查重点户",
    "publicity": "政策宣传",
    "notice": "公示巡查",
    "assist": "帮助申请",
}
"""What a village may have done on a day (R18, R21, R60, R61)."""


@dataclass(frozen=True, slots=True)
class Village:
    """A village over some days."""

    area: str
    name: str
    days: tuple[tuple[date, State], ...]
    visits: int
    leads: int
    done: tuple[tuple[date, int, int], ...]  # visits and leads by day
    last_sync: datetime | None
    waiting: int

    def count(self, state: State) -> int:
        return sum(s is state for _, s in self.days)

    @property
    def state(self) -> State:
        return silence.whole([s for _, s in self.days])

    @property
    def latest(self) -> State:
        """The last day on which a word was owed or given; of a whole time without one, what the time says."""
        told = (s for _, s in reversed(self.days) if s not in (State.REST, State.OPEN))
        return next(told, self.state)

    def between(self, first: date, last: date) -> Village:
        """The same village over fewer days."""
        done = tuple(d for d in self.done if first <= d[0] <= last)
        return replace(
            self,
            days=tuple(d for d in self.days if first <= d[0] <= last),
            done=done,
            visits=sum(d[1] for d in done),
            leads=sum(d[2] for d in done),
        )


# ------------------------------------------------------------------------------------------ reading
def villages(tx: Tx, root: str, first: date, last: date, now: datetime) -> list[Village]:
    """Each village below `root` that has households or a post, day by day from `first` to `last` (today at the latest)."""
    today = local_day(now)
    last = min(last, today)
    if last < first:
        return []
    facts = _Facts(tx, root, first, last)
    days = [first + n * ONE for n in range((last - first).days + 1)]
    found = []
    for path, name in areas.of_tier(tx, "village", now):
        if not within(path, root) or not (path in facts.listed or path in facts.posts):
            continue
        beats = [b for person in facts.people(path) for b in facts.beats[person]]
        states = []
        calendar = tx.world.calendar.of(path)
        for day in days:
            known = Day(
                day, calendar.is_working_day(day, provisional=True), facts.staffed(path, day), facts.visits[path, day], facts.leads[path, day],
                (path, day) in facts.said, day < today,
            )  # fmt: skip
            grace = int(tx.world.terms.parameter("silence.sync_grace_days", day))
            states.append((day, silence.state(known, beats, grace)))
        heard = [facts.latest[person] for person in facts.people(path) if person in facts.latest]
        done = tuple((day, facts.visits[path, day], facts.leads[path, day]) for day in days)
        found.append(
            Village(
                path, name, tuple(states), sum(d[1] for d in done), sum(d[2] for d in done), done, max(heard, default=None),
                silence.keeping(beats, last),
            )
        )  # fmt: skip
    return found


class _Facts:
    """Everything the days of the villages below an area are judged by. What a village that is no more did is its successor's."""

    def __init__(self, tx: Tx, root: str, first: date, last: date) -> None:
        begins, ends = midnight(first), midnight(last + ONE)
        self.heirs = areas.heirs(tx)
        old = areas.formerly(root, self.heirs)

        def below(column: Any) -> Any:
            return or_(column == root, column.startswith(root + "/", autoescape=True), column.in_(old))

        h, a, v, k = households.c, appointments.c, visits_table.c, leads.c
        self.listed = set(
            tx.run(select(h.area).where(below(h.area), h.ended_on.is_(None)).distinct()).scalars()
        )
        self.posts: dict[str, list[Any]] = defaultdict(list)
        held = select(a.person, a.area, a.valid_from, a.valid_to)
        for row in tx.run(held.where(below(a.area), a.tier.in_(("village", "grid")))):
            self.posts[self.village(row.area)].append(row)
        self.visits: Counter[tuple[str, date]] = Counter()
        for row in tx.run(select(v.area, v.at, v.person).where(below(v.area), v.at >= begins, v.at < ends)):
            self._count(self.visits, row.area, row.at, row.person)
        self.leads: Counter[tuple[str, date]] = Counter()
        query = select(k.area, k.discovered_at, k.sources)
        for row in tx.run(query.where(below(k.area), k.discovered_at >= begins, k.discovered_at < ends)):
            for source in row.sources:
                self._count(self.leads, row.area, row.discovered_at, source.get("person"))
        d, b = village_days.c, heartbeats.c
        said = tx.run(select(d.area, d.day).where(below(d.area), d.day >= first, d.day <= last))
        self.said = {(self.village(row.area), row.day) for row in said}
        grace = int(tx.world.terms.parameter("silence.sync_grace_days", last))
        since = first - timedelta(days=grace + 1)
        self.beats: dict[str, list[Beat]] = defaultdict(list)
        everybody = {post.person for posts in self.posts.values() for post in posts}
        self.latest: dict[str, datetime] = {
            row.person: row.at
            for row in tx.run(select(b.person, func.max(b.at).label("at")).group_by(b.person))
            if row.person in everybody
        }
        heard = select(b.person, b.device, b.day, b.at, b.waiting).where(b.day >= since, b.day <= last)
        for row in tx.run(heard):
            self.beats[row.person].append(Beat(row.day, row.at, row.waiting, f"{row.person} {row.device}"))

    def village(self, area: str) -> str:
        return at_tier(areas.follow(area, self.heirs), "village")

    def _count(self, counter: Counter[tuple[str, date]], area: str, at: datetime, person: str | None) -> None:
        """Only what the village's own people did there is the village's word, whoever the household belongs to now."""
        village = self.village(area)
        if any(post.person == person for post in self.posts[village]):
            counter[village, local_day(at)] += 1

    def people(self, village: str) -> set[str]:
        return {post.person for post in self.posts[village]}

    def staffed(self, village: str, day: date) -> bool:
        return any(
            p.valid_from <= day and (p.valid_to is None or p.valid_to > day) for p in self.posts[village]
        )


@dataclass(frozen=True, slots=True)
class Owed:
    """What a village owed its households in a month or quarter, and what it gave."""

    expected: int
    visited: int
    overdue: int


def owed(tx: Tx, root: str, first: date, last: date, today: date) -> dict[str, Owed]:
    """By village: households whose list asks for a visit within [first, last], how many were met, how many are overdue today.

    A visit counts for its household, wherever that was when it was made.
    A month asks for those visited monthly, three months ask for every household (R33: the quarter's round leaves nobody out).
    """
    h, v, f = households.c, visits_table.c, household_focus.c
    below = or_(h.area == root, h.area.startswith(root + "/", autoescape=True))
    monthly = list(tx.world.terms.parameter("visit.monthly", last))
    lists = select(f.household).where(
        f.category.in_(monthly), f.since <= last, or_(f.ended_on.is_(None), f.ended_on > first)
    )
    query = select(h.id, h.area, h.next_due).where(below, or_(h.ended_on.is_(None), h.ended_on > last))
    late = Counter(
        at_tier(row.area, "village") for row in tx.run(query.where(h.next_due < today, h.ended_on.is_(None)))
    )
    if (last - first).days < 60:
        query = query.where(h.id.in_(lists))
    wanted = {row.id: at_tier(row.area, "village") for row in tx.run(query)}
    begins, ends = midnight(first), midnight(last + ONE)
    here = select(h.id).where(below)
    met = select(v.household).where(
        v.at >= begins, v.at < ends, v.met != visits.NOBODY, v.household.in_(here)
    )
    seen = set(tx.run(met.distinct()).scalars())
    expected = Counter(wanted.values())
    given = Counter(village for one, village in wanted.items() if one in seen)
    return {p: Owed(expected[p], given[p], late[p]) for p in {*expected, *late}}


# ------------------------------------------------------------------------------------------ what a village says
def neighbours(tx: Tx, area: str, now: datetime) -> int:
    """Leads of the last days in other villages of the same town."""
    k, town = leads.c, at_tier(area, "town")
    query = select(func.count()).select_from(leads)
    where = (
        k.area.startswith(town + "/", autoescape=True),
        k.area != area,
        k.discovered_at > now - NEIGHBOURS,
    )
    return int(tx.run(query.where(*where)).scalar_one())


def own(actor: Actor) -> list[str]:
    """The villages the actor answers for with a post of the village or grid."""
    return sorted({at_tier(p.area, "village") for p in actor.appointments if p.tier in ("village", "grid")})


def say(
    tx: Tx,
    actor: Actor,
    area: str,
    day: date,
    done: Sequence[str],
    reason: str | None,
    note: str | None,
    now: datetime,
) -> None:
    """今日无新情况 / 每日事项: the village's word of a day; said again the same day it replaces what was said.

    Raises Invalid without a reason where the neighbours report leads, Forbidden for another village's word.
    """
    today = local_day(now)
    if areas.standing(tx, area, today) not in own(actor):
        raise Forbidden(
            "只有本村（居）的岗位能填写每日事项。",
            "Only the village's own posts may.",
            code="not_own_village",
        )
    if not today - NEIGHBOURS <= day <= today:
        raise Invalid(
            "只能填写最近 7 日。", "Only the last seven days.", fields=[Field("day", "只能填写最近 7 日")]
        )
    unknown = [code for code in done if code not in ITEMS]
    if unknown:
        raise Invalid("没有这个事项。", "There is no such item.", fields=[Field("done", "没有这个事项")])
    area = areas.where_done(tx, area, day, today)
    others = neighbours(tx, area, now)
    if others and not (reason or "").strip():
        raise Invalid(
            f"本镇（街）其他村（居）近 7 日上报了 {others} 条线索，请写明本村（居）无新情况的依据。", "A reason is needed.", code="reason_needed",
            fields=[Field("reason", "请写明依据，如“已电话问询全部重点户”")],
        )  # fmt: skip
    d = village_days.c
    values = {"done": list(done), "reason": reason, "note": note, "person": actor.id, "at": now}
    known = tx.run(select(d.day).where(d.area == area, d.day == day).with_for_update()).one_or_none()
    if known is None:
        tx.run(insert(village_days), {"area": area, "day": day, **values})
    else:
        tx.run(update(village_days).where(d.area == area, d.day == day).values(**values))


def said(tx: Tx, area: str, first: date, last: date) -> list[Any]:
    """A village's words of these days (of those it has taken over too) with who said them, newest first."""
    d = village_days.c
    places = [area, *areas.formerly(area, areas.heirs(tx))]
    query = select(village_days, persons.c.name.label("who")).join(persons, persons.c.id == d.person)
    return list(
        tx.run(query.where(d.area.in_(places), d.day >= first, d.day <= last).order_by(d.day.desc(), d.area))
    )


def beat(tx: Tx, person: str, device: str, waiting: int, now: datetime) -> None:
    """A device of the person was heard of."""
    b, day = heartbeats.c, local_day(now)
    where = (b.person == person, b.device == device, b.day == day)
    if tx.run(update(heartbeats).where(*where).values(at=now, waiting=waiting)).rowcount == 0:
        row = {"person": person, "device": device, "day": day, "at": now, "waiting": waiting}
        tx.run(insert(heartbeats), row)


# ------------------------------------------------------------------------------------------ the watch
def alarm(tx: Tx, day: date, now: datetime) -> int:
    """The day after: who owed a word of `day` and gave none is an alarm, and their town hears of it – once. Returns how many are new."""
    s = silence_alarms.c
    known = set(tx.run(select(s.area).where(s.day == day)).scalars())
    roots = tx.run(select(areas_table.c.path).where(areas_table.c.parent.is_(None))).scalars()
    new = [
        v for root in list(roots) for v in villages(tx, root, day, day, now)
        if v.state in (State.SILENT, State.UNSYNCED) and v.area not in known
    ]  # fmt: skip
    rows = [
        {"area": v.area, "day": day, "state": v.state.value, "last_sync": v.last_sync, "at": now} for v in new
    ]
    if rows:
        tx.run(insert(silence_alarms), rows)
    towns: dict[str, list[Village]] = defaultdict(list)
    for v in new:
        towns[at_tier(v.area, "town")].append(v)
    for town, silent in towns.items():
        _tell(tx, town, silent, day, now)
    return len(new)


def _tell(tx: Tx, town: str, silent: Sequence[Village], day: date, now: datetime) -> None:
    """One digest for a town, not a message for each village."""
    words = "、".join(f"{v.name}（{silence.WORDS[v.state]}）" for v in silent[:8])
    more = f"等 {len(silent)} 个村（居）" if len(silent) > 8 else ""
    people = staff.holders(tx, ["town_service_office", "village_lead_cadre"], town, now)
    text = f"{day.month} 月 {day.day} 日没有走访、线索或零报告：{words}{more}。请电话了解，在“走访覆盖”登记原因。"
    books.tell(tx, people, kind="silence", title="村（居）静默提醒", text=text, now=now)


def alarms(
    tx: Tx, places: Sequence[str], *, answered: bool | None, offset: int, limit: int
) -> tuple[list[Any], int]:
    s = silence_alarms.c
    where: list[Any] = [or_(*(or_(s.area == p, s.area.startswith(p + "/", autoescape=True)) for p in places))]
    if answered is not None:
        where.append(s.answered_at.is_not(None) if answered else s.answered_at.is_(None))
    total = tx.run(select(func.count()).select_from(silence_alarms).where(*where)).scalar_one()
    query = select(silence_alarms).where(*where).order_by(s.day.desc(), s.area)
    return list(tx.run(query.offset(offset).limit(limit))), int(total)


def answer(tx: Tx, actor: Actor, area: str, day: date, text: str, now: datetime) -> None:
    """The town writes down what the silence was."""
    s = silence_alarms.c
    row = tx.run(select(silence_alarms).where(s.area == area, s.day == day).with_for_update()).one_or_none()
    if row is None or not sees(actor, area):
        raise NotFound("没有这条静默提醒。", "There is no such alarm.")
    if area in own(actor):
        raise Forbidden(
            "静默由镇（街）核实登记。", "The village does not settle its own silence.", code="own_silence"
        )
    if row.answered_at is not None:
        raise Conflict("已经登记过。", "It is answered already.")
    if len(text.strip()) < 2:
        raise Invalid("请写明情况。", "Say what it was.", fields=[Field("text", "请写明情况")])
    values = {"answer": text.strip(), "answered_by": actor.id, "answered_at": now}
    tx.run(update(silence_alarms).where(s.area == area, s.day == day).values(**values))
