"""A year of a district in minutes: the real engine on a real database under a simulated clock, worked by people of given habits.

Everything that is left to chance is drawn from the seed and the name of what it is about (which lead, which step, which time), never from
the order of events. So two versions of the drawings live through the same year: the same leads, the same findings, the same people away.
People have desks of their own (`tasks.desks`): what waits, waits for somebody who is there and free.
"""

from __future__ import annotations

import heapq
import itertools
import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update

from casework import areas, leads, reserve, staff
from casework.tables import appointments, ledger, persons, substitutions
from engine import cases, definitions, filling, recording, step, subscriptions, wallclock, worklist
from engine.calendar import ZONE, Calendar
from engine.db import Tx
from engine.errors import Forbidden, Invalid, XunzhenError
from engine.routing import Actor, reaches, split
from engine.tables import cases as cases_table
from engine.tables import subscriptions as subscriptions_table
from engine.tables import user_tasks
from engine.terms import WORKING_HOURS, hours_of
from tasks import comparison, findings, settling, sweep, yearbook
from tasks.desks import Desks, covering
from tasks.rehearsal import Rehearsal, answers
from tasks.runtime import Runtime

TRUTH = {"true": True, "false": False}
RETRIES = 6
"""Times a step is tried again with plainer answers, or a day later, before it is reported as stuck."""


@dataclass(frozen=True, slots=True)
class Stuck:
    """A step nobody could take, and why."""

    case_number: str
    element: str
    why: str


@dataclass
class Year:
    """What came of it: numbers of leads and steps, steps nobody could take, villages that said nothing."""

    leads: int = 0
    steps: int = 0
    stuck: list[Stuck] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    work: Counter[str] = field(default_factory=Counter)  # steps by post
    load: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # by tier, post, week
    numbers: dict[str, str] = field(default_factory=dict)  # lead's name in the plan → its number


class Simulation:
    """One year, event by event. `told(done, of)` hears how far it is: days gone, days in all."""

    def __init__(
        self,
        runtime: Runtime,
        size: settling.Size,
        year: int,
        seed: int,
        told: Callable[[int, int], None] = lambda _done, _of: None,
    ) -> None:
        self.runtime, self.db, self.size, self.seed, self.told = runtime, runtime.db, size, seed, told
        self.habits = settling.habits()
        self.begin = datetime(year, 1, 1, tzinfo=ZONE)
        self.end = datetime(year + 1, 1, 1, tzinfo=ZONE)
        self.now = self.looked = self.begin
        self.calendar: Calendar = runtime.db.world.calendar
        self.result = Year()
        self.queue: list[tuple[datetime, int, str, Any]] = []
        self.order = itertools.count()
        self.seen: set[str] = set()
        self.times: Counter[tuple[str, str]] = Counter()
        self.names: dict[str, str] = {}  # case number → the lead's name in the plan
        self.staff: dict[str, list[Actor]] = defaultdict(list)
        self.desks: Desks
        self.funds: dict[str, reserve.Fund] = {}
        """The towns' reserves as the year began."""
        self.filling: set[str] = set()

    # ------------------------------------------------------------------------------------------ chance
    def chance(self, *about: Any) -> random.Random:
        """The dice for one question, the same in every run of this seed."""
        return random.Random("|".join(map(str, (self.seed, *about))))  # noqa: S311 - a game, not a secret

    def pick(self, weights: Mapping[str, float], *about: Any) -> Any:
        keys = list(weights)
        chosen = self.chance(*about).choices(keys, [weights[k] for k in keys])[0]
        return TRUTH.get(chosen, chosen)

    # ------------------------------------------------------------------------------------------ time
    def delay(self, start: datetime, pace: Mapping[str, float], urgent: bool, *about: Any) -> datetime:
        """When somebody with nothing else on the desk would take a step that came up at `start`."""
        hours = self.hours(pace, "pace", *about)
        if urgent:
            return start + timedelta(hours=hours * self.habits["pace"]["urgent"])
        return self.desks.worked(start, hours)

    def hours(self, habit: Mapping[str, float], *about: Any) -> float:
        return float(habit["median"]) * math.exp(self.chance(*about).gauss(0, habit["spread"]))

    # ------------------------------------------------------------------------------------------ the year
    def prepare(self) -> None:
        """Staff, the clock, and the leads of the year."""
        with self.db.transaction() as tx:
            wallclock.set_now(tx, self.begin)
            villages = self.settle(tx)
            since = appointments.c.valid_from
            tx.run(update(appointments).where(since > self.begin.date()).values(valid_from=self.begin.date()))
            self.funds = {
                f.town: f for f in reserve.funds(tx, areas.of_tier(tx, "town", self.begin), self.begin)
            }
            ids = list(tx.run(select(persons.c.id).order_by(persons.c.id)).scalars())
            people = [staff.actor_of(tx, person, self.begin) for person in ids]
            hours = hours_of(tuple(tx.world.terms.parameter(WORKING_HOURS, self.begin.date())))
            weeks = self.habits["absence"]["weeks"]
            self.desks = Desks(people, self.begin, self.calendar, hours, weeks, self.chance)
            self._stand_in(tx)
            for actor in people:
                for held in actor.appointments:
                    self.staff[held.post].append(actor)
        talking = [
            v for v in villages if self.chance("silent", v).random() >= self.habits["arrivals"]["silent"]
        ]
        for number in range(self.size.leads):
            at = self.arrival(number)
            self.push(
                at, "lead", (f"L{number:05d}", self.chance("place", number).choice(talking or villages))
            )

    def settle(self, tx: Tx) -> list[str]:
        """The district and its people; returns the villages leads come from."""
        return settling.settle(tx, self.size, self.begin, self.habits["reserve"]["residents"])

    def _stand_in(self, tx: Tx) -> None:
        """Who stands in for whom is in the books, as it would be."""
        held: dict[str, list[str]] = defaultdict(list)
        for row in tx.run(select(appointments.c.id, appointments.c.person)):
            held[row.person].append(row.id)
        made = [
            {"id": f"d_{n}_{one['from']}", "appointment": n, "substitute": one["substitute"],
             "valid_from": one["from"], "valid_to": one["to"], "reason": "休假", "by": one["away"], "at": self.begin}
            for one in self.desks.rows()
            for n in held[one["away"]]
        ]  # fmt: skip
        if made:
            tx.run(insert(substitutions), made)

    def arrival(self, number: int) -> datetime:
        dice, months = self.chance("arrival", number), self.habits["arrivals"]["months"]
        month = dice.choices(range(1, 13), months)[0]
        day = dice.randrange(28) + 1
        return datetime(self.begin.year, month, day, dice.randrange(8, 21), dice.randrange(60), tzinfo=ZONE)

    def push(self, at: datetime, kind: str, what: Any) -> None:
        if at < self.end:
            heapq.heappush(self.queue, (at, next(self.order), kind, what))

    def run(self) -> Year:
        """Live through the year."""
        does: dict[str, Callable[[Any], None]]
        does = {"lead": self._report, "task": self._work, "answer": self._answer, "fund": self._fill}
        self.prepare()
        while self.queue:
            at, _, kind, what = heapq.heappop(self.queue)
            if (later := self._later(kind, what, max(at, self.now))) is not None:
                self.push(later, kind, what)
                continue
            self._advance(max(at, self.now))
            does[kind](what)
            sweep.drain(self.db, self.now)
            self._look()
        self._advance(self.end)
        self._look()
        with self.db.reading() as tx:
            self.result.silent = yearbook.silent(tx)
        return self.result

    def _later(self, kind: str, what: Any, at: datetime) -> datetime | None:
        """When enough people are there and free, if not now: waiting costs the year nothing but the looking."""
        if kind == "lead":
            when = self.desks.opening(lambda day: self._finders(what[1], day), at, urgent=True)
        elif kind == "task":
            row = what[0]
            able = self.able(row, self.desks.people)
            if not able:
                return None  # nobody holds the post: that is said when it is tried
            needed = max(1, min(row.together, len(able)))
            when = self.desks.opening(
                lambda day: self.candidates(row, day), at, urgent=row.urgent, needed=needed
            )
        else:
            return None
        when = when or self.end
        return when if when > at else None

    def _finders(self, village: str, day: date) -> list[Actor]:
        """Who may come upon somebody in a village that day."""
        here = [a for a in self.desks.acting(day) if a.appointments and a.appointments[0].area == village]
        return sorted(here, key=lambda a: a.appointments[0].post != "grid_worker")

    def _advance(self, to: datetime) -> None:
        if to.date() != self.now.date():
            self._watch_funds()
            self.told((to - self.begin).days, (self.end - self.begin).days)
        sweep.advance(self.db, self.now, to, self._moved)
        self._look()
        self._moved(to)

    def _watch_funds(self) -> None:
        """A reserve below its alarm line is filled up by the bureau, in its own time."""
        b = ledger.c
        query = select(b.area, func.sum(b.amount).label("left")).where(b.book == reserve.BOOK)
        with self.db.reading() as tx:
            left = {row.area: row.left for row in tx.run(query.group_by(b.area))}
        for town, fund in self.funds.items():
            if left.get(town, 0) < fund.threshold and town not in self.filling:
                self.filling.add(town)
                pace = self.habits["reserve"]["refill"]
                self.push(self.delay(self.now, pace, False, "fund", town, self.now.date()), "fund", town)

    def _fill(self, town: str) -> None:
        day = self.now.astimezone(ZONE).date()
        officer = next(iter(covering(self.desks.acting(day), reserve.BUREAU_POSTS, town)), None)
        if officer is None:
            self.push(self.now + timedelta(days=1), "fund", town)
            return
        with self.db.transaction() as tx:
            lacking = self.funds[town].balance - reserve.fund(tx, town, self.now).balance
            reserve.top_up(
                tx, town, lacking, reason="余额预警后补充", document_no=f"模拟〔{day.year}〕{day:%m%d}号", on=day,
                actor=officer, now=self.now,
            )  # fmt: skip
        self.filling.discard(town)

    def _moved(self, at: datetime) -> None:
        if at != self.now:
            self.now = at
            with self.db.transaction() as tx:
                wallclock.set_now(tx, at)

    def _look(self) -> None:
        """New work gets the time it will be taken up."""
        with self.db.reading() as tx:
            t, s = user_tasks.c, subscriptions_table.c
            fresh = t.created_at >= self.looked
            named = select(user_tasks, cases_table.c.number).join(cases_table, cases_table.c.id == t.case_id)
            by_name = (cases_table.c.number, t.element, t.path)  # ids are other ones in every run
            rows = tx.run(named.where(t.state == "open", fresh).order_by(t.created_at, *by_name)).all()
            outside = select(s.id, s.case_id, s.element, s.created_at, cases_table.c.number).join(
                cases_table, cases_table.c.id == s.case_id
            )
            waits = tx.run(
                outside.where(
                    s.state == "open", s.created_at >= self.looked, s.element.in_(self.habits["outside"])
                ).order_by(s.created_at, cases_table.c.number, s.element, s.path)
            ).all()
        self.looked = self.now
        for row in rows:
            if row.id not in self.seen:
                self.seen.add(row.id)
                pace = self.habits["pace"].get(row.tier or "town", self.habits["pace"]["town"])
                about = self._about(row.number, row.element)
                at = self.delay(row.created_at, pace, row.urgent, *about)
                self.push(max(at, self.now), "task", (row, about, 0, frozenset()))
        for wait in waits:
            if wait.id not in self.seen:
                self.seen.add(wait.id)
                about = self._about(wait.number, wait.element)
                at = self.delay(wait.created_at, self.habits["outside"][wait.element], False, *about)
                self.push(max(at, self.now), "answer", (wait.id, about))

    def _about(self, number: str, element: str) -> tuple[str, str, int]:
        """Which lead, which step, which time – the same in every version of the drawings."""
        root = next((name for known, name in self.names.items() if number.startswith(known)), number)
        self.times[root, element] += 1
        return root, element, self.times[root, element]

    # ------------------------------------------------------------------------------------------ what people do
    def _report(self, what: tuple[str, str]) -> None:
        name, village = what
        habits = self.habits["arrivals"]
        urgent = self.chance("urgent", name).random() < habits["urgent"]
        values = {
            "source": self.pick(habits["source"], "source", name),
            "place_area": village,
            "place_text": "村内",
            "main_cause": self.pick(habits["cause"], "cause", name),
            "urgent_signs": [self.pick(habits["signs"], "signs", name)] if urgent else [],
            "subject_name": self.called(name, village),
            "residence_status": self.pick(habits["residence"], "residence", name),
            "occurred_at": self.now.isoformat(),
        }
        finder = self._finders(village, self.now.astimezone(ZONE).date())[0]
        with self.db.transaction() as tx:
            made = leads.report(tx, finder, values, self.now)
        self.names[made.number] = name
        self.result.numbers[name] = made.number
        self.result.leads += 1

    def called(self, name: str, _village: str) -> str:
        """Whom a lead is about."""
        return f"某{name[1:]}"

    def able(self, row: Any, people: Sequence[Actor]) -> list[Actor]:
        """Who of these may do a task: its holder or whoever stands in for him, else who holds its posts over its area."""
        if row.assignee or row.holder:
            wanted = row.holder or row.assignee
            return [
                a for a in people if a.id == wanted or any(h.instead_of == wanted for h in a.appointments)
            ]
        return covering(people, split(row.posts), row.area)

    def candidates(self, row: Any, day: date) -> list[Actor]:
        """Who is there that day for a task, who is kept free to decide last, the same order in every run."""
        found = self.able(row, self.desks.acting(day))
        self.chance("who", row.element, row.area).shuffle(found)
        spared = set(self.habits["spared"].get(row.element, ()))
        return sorted(found, key=lambda a: not spared.isdisjoint(h.post for h in a.appointments))

    def _wanted(self, element: str, about: Sequence[Any]) -> dict[str, Any]:
        chosen = self.habits["choices"].get(element, {})
        return {name: self.pick(weights, name, *about) for name, weights in chosen.items()}

    def _work(self, what: tuple[Any, Sequence[Any], int, frozenset[str]]) -> None:
        known, about, tries, asked = what
        with self.db.reading() as tx:
            row = tx.run(select(user_tasks).where(user_tasks.c.id == known.id)).one()
        if row.state != "open":
            return
        people = self.candidates(row, self.now.astimezone(ZONE).date())
        ready = [a for a in people if self.desks.ready(a.id, self.now, urgent=row.urgent) <= self.now]
        facts = (
            {} if "-F" in about[0] else findings.facts(row, self, about, people)
        )  # a review knows its amount
        wanted = self._wanted(row.element, about) | facts
        if tries >= RETRIES // 2:
            wanted = findings.plain(row.element, again=tries > RETRIES // 2)
        play = Rehearsal(self.db, people, self.now, {row.element: wanted})
        try:
            if not ready:
                raise Forbidden("没有人在岗", "nobody holds the post")
            for _ in range(row.together - len(row.acted)):
                self._sign(play, row, ready, about)
        except XunzhenError as error:
            asked |= {a.id for a in ready}
            if (other := self._another(row, asked)) is not None:
                self.push(other, "task", (row, about, tries, asked))  # somebody who is away or busy may
                return
            if tries + 1 < RETRIES:
                later = self.now + timedelta(days=1 if tries else 0, minutes=5)
                self.push(later, "task", (row, about, tries + 1, frozenset()))
                return
            with self.db.reading() as tx:
                number = tx.run(
                    select(cases_table.c.number).where(cases_table.c.id == row.case_id)
                ).scalar_one()
            self._give_up(number, row.element, error)

    def enclosing(self, _tx: Tx, _actor: Actor, values: dict[str, Any]) -> dict[str, Any]:
        """What an actor hands in with these answers; in a simulated year nothing: photos are names of files nobody looks for."""
        return values

    def _another(self, row: Any, asked: frozenset[str]) -> datetime | None:
        """When somebody can take a task who could not be asked yet."""
        if all(a.id in asked for a in self.able(row, self.desks.people)):
            return None
        after = self.now + timedelta(minutes=1)
        return self.desks.opening(
            lambda day: [a for a in self.candidates(row, day) if a.id not in asked], after, urgent=row.urgent
        )

    def _sign(self, play: Rehearsal, row: Any, people: Sequence[Actor], about: Sequence[Any]) -> None:
        """The first who may takes the step; who is recused, or not among those who were there, leaves it to the next."""
        refused: XunzhenError | None = None
        for actor in people:
            try:
                with self.db.transaction() as tx:
                    known = worklist.get(tx, row.id)
                    case = step.lock(tx, known.case_id)
                    known = worklist.get(tx, row.id)
                    values = self.enclosing(tx, actor, play.values(tx, case, known, actor))
                    cases.complete(tx, actor, row.id, known.revision, values, self.now)
            except XunzhenError as error:
                refused = refused if isinstance(refused, Invalid) else error
                continue
            tier = actor.appointments[0].tier
            effort = self.habits["effort"].get(tier, self.habits["effort"]["town"])
            self.desks.busy(actor.id, self.now, self.hours(effort, "effort", len(known.acted), *about))
            self.result.steps += 1
            post = actor.appointments[0].post
            self.result.work[post] += 1
            self.result.load[tier, post, comparison.week(self.now.astimezone(ZONE).date())] += 1
            return
        assert refused is not None
        raise refused

    def _answer(self, what: tuple[str, Sequence[Any]]) -> None:
        """An outside party's answer, recorded by the officer in charge, or who stands in, when one of them is there."""
        try:
            if not self._record(*what):
                self.push(self.now + timedelta(days=1), "answer", what)
        except XunzhenError as error:
            self._give_up(what[1][0], what[1][1], error)

    def _give_up(self, case_number: str, element: str, error: XunzhenError) -> None:
        fields = "；".join(f"{f.path} {f.message}" for f in error.fields)
        self.result.stuck.append(Stuck(case_number, element, fields or error.message))

    def _record(self, wait_id: str, about: Sequence[Any]) -> bool:
        with self.db.transaction() as tx:
            found = subscriptions.get(tx, wait_id)
            if found is None:
                return True
            case = step.lock(tx, found.case_id)
            pinned = definitions.pinned(tx, case.pins)
            node = pinned.node(found.process, found.element)
            routed = recording.route(tx, case, found, node, self.now)
            there = covering(self.desks.acting(self.now.astimezone(ZONE).date()), routed.posts, case.area)
            officer = next((a for a in there if reaches(a, routed, case.area)), None)
            if officer is None:
                return False
            wanted = {
                name: self.pick(weights, name, *about)
                for name, weights in self.habits["outside"][found.element]["choices"].items()
            }
            if found.element == "charity_answered":
                given = {"full": 1.0, "part": 0.5, "none": 0.0}[wanted["charity_answer"]]
                wanted["charity_amount"] = round(findings.amount(self, about) * given, -1)
            if wanted.get("all_paid") is False:
                rows = case.sections(found.path)["payment"]["rows"]
                wanted["failed_rows"] = [{"line": rows[0]["number"], "why": "frozen"}]
            key = recording.form_of(node)
            values: dict[str, Any] = {}
            if key:
                form = pinned.form(found.process, key)
                known = filling.prefill(tx, case, form, found.id, found.path, self.now, officer)
                resolved = filling.resolved(tx, case, form, found.id, found.path, self.now, officer)
                values = answers(resolved, known, wanted, [officer], self.now)
            cases.receive(tx, officer, wait_id, case.revision, self.enclosing(tx, officer, values), self.now)
            return True
