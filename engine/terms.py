"""Legal and service limits as data: `processes/terms.toml`, versioned by day, with citation and bounds.

A term says how long (`n`, `unit`), from which event, whether a last rest day rolls on, what may pause it, and where
it is written. Nothing here knows a case; `engine.deadline` computes dates, `engine.terms_file` reads the file.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from functools import cache
from itertools import pairwise
from typing import Any, TypeVar

from engine.calendar import ZONE, instant
from engine.errors import Invalid, NotFound

ACCEPTED = "accepted_on"
"""The name under which an application keeps its day of acceptance."""


def accepted(seen: Mapping[str, Any]) -> date | None:
    """The day of acceptance as a token sees it; None before."""
    try:
        return instant(seen.get(ACCEPTED)).astimezone(ZONE).date()
    except (Invalid, ValueError):
        return None


class Unit(StrEnum):
    """What a term counts in."""

    WORKING_DAYS = "wd"
    CALENDAR_DAYS = "cd"
    WORKING_HOURS = "wh"
    HOURS = "h"
    MONTHS = "m"


UNIT_WORDS = {
    Unit.WORKING_DAYS: "个工作日",
    Unit.CALENDAR_DAYS: "日",
    Unit.WORKING_HOURS: "个工作小时",
    Unit.HOURS: "小时",
    Unit.MONTHS: "个月",
}


HOURLY = (Unit.HOURS, Unit.WORKING_HOURS)
Hours = tuple[tuple[time, time], ...]
HOURS: Hours = ((time(8, 30), time(12, 0)), (time(13, 30), time(17, 30)))
"""Working hours where the parameter says nothing."""
WORKING_HOURS = "working_hours"
"""The parameter."""

PAUSES = {
    "supplement": "等待补正",
    "dispute": "核对结果有争议",
    "notice": "公示期间",
    "appraisal": "民主评议期间",
    "econ_check": "等待经济状况核对",
}
"""What may hold a term, and how people say it: a node names it (`pauses`), a term that lists it stands still meanwhile."""

EXPIRY = {"E1", "E2", "E3", "E3_at_once", "E4"}
"""Remind; tell the superior; supervise after a second period, or at once; the person's remedy opens."""


@dataclass(frozen=True, slots=True)
class Term:
    """One version of a limit. `start`: `next_day` (the day of the event is not counted) or `moment`.

    `kind` `max`: act by then; `min`: a notice or hearing lasts at least so long. `valid_to` is exclusive.
    """

    key: str
    n: int
    unit: Unit
    name: str = ""
    start: str = "next_day"
    start_event: str = ""
    roll: bool = False
    kind: str = "max"
    pauses: tuple[str, ...] = ()
    net_of: tuple[str, ...] = ()
    """Spans the legal basis leaves out (`counts = { net_of = […] }`); without them the term counts gross."""
    extension: Mapping[str, Any] | None = None
    bounds: Mapping[str, Any] | None = None
    citation: str | None = None
    confidence: str | None = None
    expiry: tuple[str, ...] = ("E1", "E2", "E3")
    valid_from: date = date.min
    valid_to: date | None = None
    lawful_n: int | None = None
    """The number of the legal basis where the district has chosen another."""
    chosen_from: date | None = None
    hours: Hours = HOURS
    """The working hours of the day whose table applies."""

    @property
    def words(self) -> str:
        """`3个工作日`."""
        return f"{self.n}{UNIT_WORDS[self.unit]}"

    @property
    def held_by(self) -> frozenset[str]:
        """Every reason for which it stands still."""
        return frozenset((*self.pauses, *self.net_of))


@dataclass(frozen=True, slots=True)
class Parameter:
    """A dated amount or switch that is no clock."""

    key: str
    value: Any
    name: str = ""
    citation: str | None = None
    bounds: Mapping[str, Any] | None = None
    choices: Mapping[str, str] = field(default_factory=dict)  # value → its words
    form: str = ""
    """`hours`: a list of spans of a day, `08:30-12:00`."""
    whole: bool = False
    """A count: no fractions."""
    valid_from: date = date.min
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """What the district has chosen within the legal basis, from a day on. `value` None: back to the legal basis."""

    key: str
    value: Any
    valid_from: date


V = TypeVar("V", bound="Term | Parameter")
AD_HOC = re.compile(r"(\d{1,4})(wd|cd|wh|h|m)(\+roll)?")


def ad_hoc(text: str) -> Term | None:
    """A term written as `5wd`, `7cd+roll`, `4wh`, `24h`, `2m`; None if the text is no such thing."""
    match = AD_HOC.fullmatch(text.strip())
    if match is None:
        return None
    n, unit, roll = match.groups()
    start = "moment" if unit in ("h", "wh") else "next_day"
    return Term(text.strip(), int(n), Unit(unit), text.strip(), start, roll=bool(roll))


@dataclass(frozen=True, slots=True)
class Terms:
    """All versions of all terms and parameters."""

    terms: Mapping[str, tuple[Term, ...]] = field(default_factory=dict)
    parameters: Mapping[str, tuple[Parameter, ...]] = field(default_factory=dict)
    choices: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)
    """By key, oldest first. Without them this is the legal basis alone."""
    retired: Mapping[tuple[str, str], date] = field(default_factory=dict)
    """(kind, key) no longer in the file, since when: what began under it still reads it; nothing new may name it."""

    def get(self, key: str, on: date, track: str | None = None) -> Term:
        """The version in force on a day; a key with an emergency/ordinary pair follows `track`.

        Raises NotFound with a suggestion for an unknown key, and where no version is in force that day.
        """
        versions = self._versions(key, on, track)
        if versions is None:
            term = ad_hoc(key)
            if term is not None:
                return self._timed(term, on)
            near = difflib.get_close_matches(key, self.keys(), 1)
            hint = f"，是否为 {near[0]}？" if near else ""
            raise NotFound(f"时限表中没有 {key}{hint}", f"There is no term {key}.", code="unknown_term")
        term = self._timed(_in_force(versions, on), on)
        chosen = self._chosen(term.key, on)
        if chosen is None or wrong_number(term, chosen.value) is not None:
            # A choice that a newer law no longer allows gives way to the law.
            return term
        return replace(term, n=chosen.value, lawful_n=term.n, chosen_from=chosen.valid_from)

    def _versions(self, key: str, on: date, track: str | None = None) -> tuple[Term, ...] | None:
        """Of a key and its pair the one that stood in the file that day: one may have given way to the other."""
        pair = f"{key}.{track or 'ordinary'}"
        alone, paired = self.terms.get(key), self.terms.get(pair)
        if alone is None or paired is None:
            return alone or paired
        given_up, not_yet = self.retired.get(("term", key)), self.retired.get(("term", pair))
        gave_way = (given_up is not None and given_up <= on) or (not_yet is not None and on < not_yet)
        return paired if gave_way else alone

    def stands(self, key: str, on: date, track: str | None = None) -> bool:
        """Has a term of the table (or a parameter) a version in force that day?"""
        terms, parameters = self._versions(key, on, track), self.parameters.get(key)
        return bool(_standing(terms, on)) if terms else bool(parameters and _standing(parameters, on))

    def name(self, key: str, on: date) -> str:
        """What people call a term or parameter, in force or not: a list must not fail for one name."""
        terms, parameters = self._versions(key, on), self.parameters.get(key)
        found = nearest(terms, on).name if terms else nearest(parameters, on).name if parameters else ""
        return found or key

    def _timed(self, term: Term, on: date) -> Term:
        """The term with the working hours of that day."""
        if WORKING_HOURS not in self.parameters:
            return term
        hours = hours_of(tuple(self.parameter(WORKING_HOURS, on)))
        return term if hours == term.hours else replace(term, hours=hours)

    def words(self, key: str, on: date) -> str:
        """`实地核查 3个工作日`; a key with a pair says both: `镇（街）签收 4个工作小时，急难 1小时`. A lapsed one says so."""
        if ad_hoc(key) is None and key in self.keys() and not self.stands(key, on):
            return f"{self.name(key, on)} 没有有效的规定"
        term = self.get(key, on)
        if term.key == key:
            return f"{term.name} {term.words}" if term.name != term.key else term.words
        pressing = f"{key}.emergency" in self.terms and self.stands(key, on, "emergency")
        urgent = f"，急难 {self.get(key, on, 'emergency').words}" if pressing else ""
        return f"{term.name} {term.words}{urgent}"

    def parameter(self, key: str, on: date) -> Any:
        """The value in force on a day."""
        versions = self.parameters.get(key)
        if versions is None:
            raise NotFound(f"参数表中没有 {key}。", f"There is no parameter {key}.", code="unknown_parameter")
        found = _in_force(versions, on)
        chosen = self._chosen(key, on)
        return found.value if chosen is None or wrong_value(found, chosen.value) is not None else chosen.value

    def _chosen(self, key: str, on: date) -> Choice | None:
        """The district's choice in force on a day; None where the legal basis stands."""
        begun = [c for c in self.choices.get(key, ()) if c.valid_from <= on]
        return begun[-1] if begun and begun[-1].value is not None else None

    def with_choices(self, choices: Iterable[Choice]) -> Terms:
        """The same legal basis under other choices (in the order they were made: of two for one day the later wins)."""
        made: dict[str, list[Choice]] = {}
        for choice in choices:
            made.setdefault(choice.key, []).append(choice)
        return replace(
            self,
            choices={key: tuple(sorted(found, key=lambda c: c.valid_from)) for key, found in made.items()},
        )

    def basis(self, key: str, on: date) -> str | None:
        """Where a parameter's value that day is written; None for an unknown one."""
        versions = self.parameters.get(key)
        return nearest(versions, on).citation if versions else None

    def keys(self) -> set[str]:
        """Every key a model may use, base keys of pairs included."""
        listed = {key for key in self.terms if ("term", key) not in self.retired}
        pairs = {k.rpartition(".")[0] for k in listed if k.endswith((".emergency", ".ordinary"))}
        return listed | pairs


@cache
def hours_of(spans: tuple[str, ...]) -> Hours:
    """`08:30-12:00`, … as times. Raises ValueError for what is no span, or spans that are not one after the other."""
    found = []
    for span in spans:
        begins, _, ends = span.partition("-")
        found.append((time.fromisoformat(begins.strip()), time.fromisoformat(ends.strip())))
    moments = [at for span in found for at in span]
    if not moments or any(a >= b for a, b in pairwise(moments)):
        raise ValueError("各段时间须先后相接，不能重叠")
    return tuple(found)


LONGEST = 3_650


def limits(term: Term) -> tuple[int, int]:
    """The least and the greatest number a district may choose: a `max` may be shortened, a `min` lengthened.

    A `max` whose number is not the law's but the district's own (confidence D) is free within reason.
    """
    given = term.bounds or {}
    own = "D" in (term.confidence or "").split("/")
    least = given.get("min_n", 1 if term.kind == "max" else term.n)
    most = given.get("max_n", LONGEST if own or term.kind == "min" else term.n)
    return int(least), int(most)


def wrong_number(term: Term, n: Any) -> str | None:
    """Why a district may not choose `n` for this term, with the article; None when it may."""
    least, most = limits(term)
    if not isinstance(n, int) or isinstance(n, bool):
        return "请填写整数。"
    if least <= n <= most:
        return None
    unit, source = UNIT_WORDS[term.unit], f"（依据：{term.citation}）" if term.citation else ""
    if n > most and term.kind == "max":
        return f"至迟期限只能缩短，不能超过 {most} {unit}{source}。"
    if n < least and term.kind == "min":
        return f"至少期限只能延长，不能少于 {least} {unit}{source}。"
    return f"须在 {least} 至 {most} {unit}之间{source}。"


def wrong_value(parameter: Parameter, value: Any) -> str | None:
    """Why a district may not choose this value; None when it may."""
    source = f"（依据：{parameter.citation}）" if parameter.citation else ""
    if isinstance(parameter.value, bool) or isinstance(value, bool):
        same = isinstance(value, bool) and isinstance(parameter.value, bool)
        return None if same else "请选择是或否。" if isinstance(parameter.value, bool) else "请填写数值。"
    if isinstance(parameter.value, str):
        if parameter.choices and value not in parameter.choices:
            return f"只能是：{'、'.join(parameter.choices.values())}{source}。"
        return None if isinstance(value, str) and value else "请填写文字。"
    if isinstance(parameter.value, list):
        if not (isinstance(value, list) and value and all(isinstance(one, str) and one for one in value)):
            return "请至少列出一项。"
        if parameter.choices and not set(value) <= set(parameter.choices):
            return f"只能是：{'、'.join(parameter.choices.values())}{source}。"
        return _wrong_hours(value) if parameter.form == "hours" else None
    if not isinstance(value, int | float | Decimal) or not Decimal(value).is_finite():
        return "请填写数值。"
    if parameter.whole and value % 1:
        return "请填写整数。"
    given = parameter.bounds or {}
    if "min" in given and value < given["min"]:
        return f"不能低于 {given['min']}{source}。"
    if "max" in given and value > given["max"]:
        return f"不能高于 {given['max']}{source}。"
    return None if value >= 0 else f"不能为负数{source}。"


def _wrong_hours(spans: Sequence[str]) -> str | None:
    try:
        hours_of(tuple(spans))
    except ValueError:
        return "请按先后写明每段时间，如 08:30-12:00、13:30-17:30。"
    return None


def _standing(versions: Sequence[V], on: date) -> list[V]:
    if versions and on < versions[0].valid_from:
        # Before the first known version the first one stands in: a late paper entry must still get a date.
        return [versions[0]]
    return [v for v in versions if v.valid_from <= on and (v.valid_to is None or on < v.valid_to)]


def _in_force(versions: Sequence[V], on: date) -> V:
    """Raises NotFound where the law has lapsed: another version's number would be a guess."""
    found = _standing(versions, on)
    if found:
        return found[-1]
    last = nearest(versions, on)
    raise NotFound(
        f"{last.name or last.key}（{last.key}）在 {day_words(on)} 没有有效的规定：最近的一条到 {last.valid_to} 为止（不含当日）。"
        f"请在 terms.toml 为 {last.key} 另加一条，写 valid_from = {last.valid_to}。",
        f"No version of {last.key} is in force on {on}.",
        code="lapsed",
    )


def in_force_on(versions: Sequence[V], on: date) -> V | None:
    """The version in force; None in a lapsed law."""
    found = _standing(versions, on)
    return found[-1] if found else None


def nearest(versions: Sequence[V], on: date) -> V:
    """The version in force, else the last that was: for words about it, never for a date."""
    return next((v for v in reversed(versions) if v.valid_from <= on), versions[0])


def day_words(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
