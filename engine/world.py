"""What the rules are evaluated in: calendar, terms, and the few questions only the surroundings can answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, ScalarSelect

    from engine.calendar import Calendar
    from engine.db import Tx
    from engine.routing import Actor
    from engine.terms import Terms

    Value = ColumnElement[str]
    Related = Callable[[Value, Value, Value, Value], ScalarSelect[str]]


@dataclass(frozen=True, slots=True)
class ClockEvent:
    """A running clock reached a moment worth telling: E1 (half, most, due_day), the morning after (day_after), E3 (second_period, at_once)."""

    kind: str
    case_id: str
    case_number: str
    area: str
    title: str
    clock: str
    term: str
    name: str
    element: str
    due_at: datetime
    token: str


@dataclass(frozen=True, slots=True)
class Site:
    """Where a turn of the clock starts a case. `number`: the case's (default: process, day and area); `title` likewise."""

    area: str
    name: str
    number: str | None = None
    title: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    parent: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class StepDone:
    """A person's step is done: what was entered, by whom (signers included)."""

    case_id: str
    case_number: str
    area: str
    title: str
    task: str
    element: str
    form: str | None
    values: Mapping[str, Any]
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToPosts:
    """A message to whoever holds one of these posts over an area. `once`: who has one of this title gets no second."""

    posts: tuple[str, ...]
    area: str
    kind: str
    title: str
    text: str
    case_id: str | None = None
    once: bool = False


def _no_standard(_tx: Tx | None, _area: str, _key: str, _on: date) -> Any:
    return None


def _nothing_known(_tx: Tx, _topic: str, _key: Any) -> Any:
    return None


def _kin(_tx: Tx, _person: str, _name: str, relation: str) -> str:
    return relation


def _nobody_above(_tx: Tx, _actor: Actor, _posts: Sequence[str], _case: Any, _now: datetime) -> bool:
    return False


def _may_always(_tx: Tx, _case_id: str) -> str | None:
    return None


def _in_the_end(_tx: Tx) -> date:
    return date.max


def _nowhere(_tx: Tx, _per: str | None, _now: datetime) -> list[Site]:
    return []


def _keep_silent(_tx: Tx, _events: Sequence[ClockEvent], _now: datetime) -> None:
    return None


def _untold(_tx: Tx, _notice: ToPosts, _now: datetime) -> None:
    return None


def _as_it_is(_tx: Tx, world: World, _serial: int | None = None) -> World:
    return world


def _unmoved(_tx: Tx, _case_id: str, _number: str, _area: str, _now: datetime) -> None:
    return None


def _whoever(_tx: Tx, _case: Any, _tasks: Sequence[Mapping[str, Any]], _now: datetime) -> None:
    return None


def _unheeded(_tx: Tx, _case: Any, _processes: Set[str], _now: datetime) -> None:
    return None


def _unmissed(_tx: Tx, _subscriptions: Sequence[str], _now: datetime) -> None:
    return None


def _unheard(_tx: Tx, _done: StepDone, _now: datetime) -> None:
    return None


def _not_ours(_tx: Tx, _kind: str, _ref: str, _now: datetime) -> None:
    return None


def _unfiled(_tx: Tx, _case_id: str, _seq: int, _actor: Actor | None, _values: Any) -> None:
    return None


def _no_bell() -> None:
    return None


def _unknown_jobs() -> frozenset[str]:
    return frozenset()


@dataclass(frozen=True, slots=True)
class World:
    """Immutable. A new calendar or term table makes a new world.

    `standard(tx, area, key, on)`: dated amount of an area (dibao standard). `related(person, subject,
    title, area)`: an SQL value, how a person is related to what a case of that subject, title and area is about, or null; `recused(tx, person, name, relation)`: what
    follows from it, in words. `superior(tx, actor, posts, case, now)`: everybody in these posts is related to whom the case is about, and the actor is above them. `held(tx, case)`: why an open case must not be ended by hand (终止, 撤回, 作废), or None.
    `bound(tx, case)`: why a case, open or closed, must not be voided (作废), or None.
    `register(tx, topic, key)`: what the district's books know now (open objections to a notice, a household).
    `on_clocks(tx, events, now)`: tell people about running limits. `tell(tx, message, now)`: tell the holders of posts.
    `on_urgent(tx, case, number, area, now)`: a case became urgent. `on_opened(tx, case, tasks, now)`: steps have opened for
    whoever holds their posts. `on_dropped(tx, subscriptions, now)`: these messages and signals are no longer
    awaited, though they have not come. `on_cut(tx, case, processes, now)`: something of these processes ended before its own end, or
    the case is over. `on_done(tx, step, now)`: a person's step is done, in the
    same transaction. `on_filed(tx, case_id, seq, actor, values)`: these values come into the case's document, with that row of its
    history, or into a draft (no actor: by a machine). `on_retry(tx, kind, ref, now)`: a person retries what an incident is about.
    `rules(tx, world, serial)`: the world with the terms and the calendar in force in this database (asked once in a
    transaction; `serial` where the number of the last change is known already). `places(tx, per, now)`: what a turn of the clock starts cases for – the areas of a tier, whatever else a
    drawing may name, without `per` the whole district. `today(tx)`: the day, for words about the law that no use case gives a
    moment to. `bell()`: there is work for the worker. `known_jobs()`: job types there
    is a handler for; empty: the linter does not judge them.
    `address`: under which people outside reach this installation (`https://…`, no slash at the end); empty: they do not.
    """

    calendar: Calendar
    terms: Terms
    posts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    standard: Callable[[Tx | None, str, str, date], Any] = _no_standard
    register: Callable[[Tx, str, Any], Any] = _nothing_known
    related: Related | None = None
    recused: Callable[[Tx, str, str, str], str] = _kin
    superior: Callable[[Tx, Actor, Sequence[str], Any, datetime], bool] = _nobody_above
    held: Callable[[Tx, str], str | None] = _may_always
    bound: Callable[[Tx, str], str | None] = _may_always
    on_clocks: Callable[[Tx, Sequence[ClockEvent], datetime], None] = _keep_silent
    tell: Callable[[Tx, ToPosts, datetime], None] = _untold
    rules: Callable[[Tx, World, int | None], World] = _as_it_is
    on_urgent: Callable[[Tx, str, str, str, datetime], None] = _unmoved
    on_opened: Callable[[Tx, Any, Sequence[Mapping[str, Any]], datetime], None] = _whoever
    on_dropped: Callable[[Tx, Sequence[str], datetime], None] = _unmissed
    on_cut: Callable[[Tx, Any, Set[str], datetime], None] = _unheeded
    on_done: Callable[[Tx, StepDone, datetime], None] = _unheard
    on_filed: Callable[[Tx, str, int, Actor | None, Any], None] = _unfiled
    places: Callable[[Tx, str | None, datetime], list[Site]] = _nowhere
    on_retry: Callable[[Tx, str, str, datetime], None] = _not_ours
    today: Callable[[Tx], date] = _in_the_end
    bell: Callable[[], None] = _no_bell
    known_jobs: Callable[[], Set[str]] = _unknown_jobs
    data: Path = Path("var")
    address: str = ""
    simulated: bool = False

    def with_(self, **changes: Any) -> World:
        return replace(self, **changes)
