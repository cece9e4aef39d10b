"""The desks of a simulated district: who is at work when, who stands in for whom, and how long each has still to do.

A person works in working hours, takes one step after the other, and does nothing while away: the substitute does, or it waits. What is
urgent is taken at any hour and before everything else. Chance is drawn by name (`dice`), so the same person is away the same weeks in
every version of the drawings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from engine.calendar import ZONE, Calendar
from engine.routing import Actor, Appointment, within
from engine.terms import Hours

WEEK = timedelta(days=7)
LOOK_AHEAD = 400
Dice = Callable[..., Random]


class Desks:
    """`people`: everybody with the posts they hold. `weeks`: how many weeks of the year each is away."""

    def __init__(
        self,
        people: Sequence[Actor],
        begin: datetime,
        calendar: Calendar,
        hours: Hours,
        weeks: int,
        dice: Dice,
    ) -> None:
        self.people, self.calendar, self.hours = list(people), calendar, hours
        self.away: dict[str, list[date]] = {
            one.id: [
                begin.date() + WEEK * week
                for week in sorted(dice("away", one.id).sample(range(52), min(weeks, 52)))
            ]
            for one in people
        }
        self.free: dict[str, datetime] = {}
        self.standing_in: dict[tuple[str, date], str] = {}
        """(who is away, first day of that week) → the substitute."""
        self._acting: dict[date, list[Actor]] = {}
        self._substitutes(dice)

    # ------------------------------------------------------------------------------------------ who is there
    def present(self, person: str, day: date) -> bool:
        return not any(first <= day < first + WEEK for first in self.away.get(person, ()))

    def _substitutes(self, dice: Dice) -> None:
        """For every week away somebody who is there: of the same post and place, else of the same place, else of the post."""
        for one in self.people:
            for week in self.away[one.id] if one.appointments else ():
                there = [p for p in self.people if p.id != one.id and self._whole(p.id, week)]
                own = one.appointments[0]
                for near in (_same(own, post=True, area=True), _same(own, area=True), _same(own, post=True)):
                    could = [p.id for p in there if any(near(held) for held in p.appointments)]
                    if could:
                        self.standing_in[one.id, week] = dice("stands in", one.id, week).choice(sorted(could))
                        break

    def _whole(self, person: str, week: date) -> bool:
        return all(abs(first - week) >= WEEK for first in self.away[person])

    def acting(self, day: date) -> list[Actor]:
        """Who is there that day, with the posts stood in for after one's own."""
        if day not in self._acting:
            by_id = {one.id: one for one in self.people}
            lent: dict[str, list[Appointment]] = defaultdict(list)
            for (away, week), person in self.standing_in.items():
                if week <= day < week + WEEK:
                    lent[person] += [
                        replace(held, instead_of=away, instead_of_name=by_id[away].name)
                        for held in by_id[away].appointments
                    ]
            self._acting[day] = [
                replace(one, appointments=(*one.appointments, *lent[one.id])) if lent[one.id] else one
                for one in self.people
                if self.present(one.id, day)
            ]
        return self._acting[day]

    def rows(self) -> Iterable[Mapping[str, Any]]:
        """Who stands in for whom, from when to when."""
        for (away, week), person in sorted(self.standing_in.items()):
            yield {"away": away, "substitute": person, "from": week, "to": week + WEEK}

    # ------------------------------------------------------------------------------------------ hours
    def worked(self, start: datetime, hours: float) -> datetime:
        """The instant after so many working hours."""
        at, left = start.astimezone(ZONE), timedelta(hours=hours)
        for n in range(LOOK_AHEAD):
            day = start.astimezone(ZONE).date() + timedelta(days=n)
            if self.calendar.is_working_day(day, provisional=True):
                for opens, closes in self.hours:
                    begins, ends = datetime.combine(day, opens, ZONE), datetime.combine(day, closes, ZONE)
                    begins = max(begins, at)
                    if begins < ends:
                        if begins + left <= ends:
                            return begins + left
                        left -= ends - begins
        return at + left

    def ready(self, person: str, at: datetime, *, urgent: bool) -> datetime:
        """When a person can begin something new: there, in working hours and done with the rest; the urgent comes first."""
        at = at if urgent else max(at, self.free.get(person, at))
        for _ in range(LOOK_AHEAD):
            day = at.astimezone(ZONE).date()
            if self.present(person, day):
                begins = at if urgent else self.worked(at, 0)
                if begins.date() == day:
                    return begins
            at = datetime.combine(day + timedelta(days=1), self.hours[0][0], ZONE)
        return at

    def opening(
        self, able: Callable[[date], Sequence[Actor]], at: datetime, *, urgent: bool, needed: int = 1
    ) -> datetime | None:
        """When as many of those who are able (that day) can begin. None where that is not within the next year."""
        first = at.astimezone(ZONE).date()
        for n in range(LOOK_AHEAD):
            day = first + timedelta(days=n)
            start = at if n == 0 else datetime.combine(day, self.hours[0][0], ZONE)
            times = [self.ready(one.id, start, urgent=urgent) for one in able(day)]
            there = sorted(when for when in times if when.astimezone(ZONE).date() == day)
            if len(there) >= needed:
                return there[needed - 1]
        return None

    def busy(self, person: str, now: datetime, hours: float) -> None:
        """A step has been taken: it cost so many working hours, after what was on the desk already."""
        self.free[person] = self.worked(max(now, self.free.get(person, now)), hours)


def _same(own: Appointment, *, post: bool = False, area: bool = False) -> Callable[[Appointment], bool]:
    def near(held: Appointment) -> bool:
        tier = held.tier == own.tier
        return tier and (not post or held.post == own.post) and (not area or held.area == own.area)

    return near


def covering(people: Iterable[Actor], posts: Sequence[str], area: str) -> list[Actor]:
    """Who of them holds (or stands in for) one of the posts over the area, in the order of the posts."""
    found = [
        one
        for post in posts
        for one in people
        if any(held.post == post and within(area, held.area) for held in one.appointments)
    ]
    return list(dict.fromkeys(found))
