"""Legal and service limits as data: `processes/terms.toml`, versioned by day, with citation and bounds.

A term says how long (`n`, `unit`), from which event, whether a last rest day rolls on, what may pause it, and where
it is written. Nothing here knows a case; `engine.deadline` computes dates.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from functools import cache
from itertools import pairwise
from pathlib import Path
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

PAUSES = {"supplement": "等待补正", "dispute": "核对结果有争议"}
"""What may pause a term, and how people say it."""

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
    counts: str = "gross"
    pauses: tuple[str, ...] = ()
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
    valid_from: date = date.min
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """What the district has chosen within the legal basis, from a day on. `value` None: back to the legal basis."""

    key: str
    value: Any
    valid_from: date


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

    def get(self, key: str, on: date, track: str | None = None) -> Term:
        """The version in force on a day; a key with an emergency/ordinary pair follows `track`.

        Raises NotFound with a suggestion for an unknown key.
        """
        versions = self.terms.get(key) or self.terms.get(f"{key}.{track or 'ordinary'}")
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

    def _timed(self, term: Term, on: date) -> Term:
        """The term with the working hours of that day."""
        if WORKING_HOURS not in self.parameters:
            return term
        hours = hours_of(tuple(self.parameter(WORKING_HOURS, on)))
        return term if hours == term.hours else replace(term, hours=hours)

    def words(self, key: str, on: date) -> str:
        """`实地核查 3个工作日`; a key with a pair says both: `镇（街）签收 4个工作小时，急难 1小时`."""
        if key in self.terms or f"{key}.ordinary" not in self.terms:
            term = self.get(key, on)
            return f"{term.name} {term.words}" if term.name != term.key else term.words
        ordinary = self.get(key, on)
        urgent = f"，急难 {self.get(key, on, 'emergency').words}" if f"{key}.emergency" in self.terms else ""
        return f"{ordinary.name} {ordinary.words}{urgent}"

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
        return _in_force(versions, on).citation if versions else None

    def keys(self) -> set[str]:
        """Every key a model may use, base keys of pairs included."""
        pairs = {k.rpartition(".")[0] for k in self.terms if k.endswith((".emergency", ".ordinary"))}
        return set(self.terms) | pairs


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
    if not isinstance(value, int | float | Decimal):
        return "请填写数值。"
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


V = TypeVar("V", Term, Parameter)


def _in_force(versions: Sequence[V], on: date) -> V:
    found = [v for v in versions if v.valid_from <= on and (v.valid_to is None or on < v.valid_to)]
    # Before the first known version the first one stands in: a late paper entry must still get a date.
    return found[-1] if found else versions[0]


def _worded(choices: Mapping[str, str] | Sequence[str]) -> dict[str, str]:
    """Value → words; a list is of values that are words themselves."""
    return dict(choices) if isinstance(choices, Mapping) else {value: value for value in choices}


def load_terms(path: Path) -> Terms:
    """Read `terms.toml`. Raises Invalid naming the entry that is wrong."""
    try:
        data = tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"{path.name} 不是合法的 TOML：{error}", str(error), code="bad_terms") from error
    terms: dict[str, list[Term]] = {}
    for entry in data.get("term", []):
        term = _term(path.name, entry)
        terms.setdefault(term.key, []).append(term)
    parameters: dict[str, list[Parameter]] = {}
    for entry in data.get("parameter", []):
        try:
            parameter = Parameter(**{**entry, "choices": _worded(entry.get("choices", {}))})
        except TypeError as error:
            raise Invalid(
                f"{path.name} 的参数 {entry.get('key')} 有误：{error}", str(error), code="bad_terms"
            ) from error
        wrong = wrong_value(parameter, parameter.value) if parameter.form else None
        if wrong is not None:
            raise Invalid(f"{path.name} 的参数 {parameter.key} 有误：{wrong}", wrong, code="bad_terms")
        parameters.setdefault(parameter.key, []).append(parameter)
    return Terms(
        {key: tuple(sorted(found, key=lambda t: t.valid_from)) for key, found in terms.items()},
        {key: tuple(sorted(found, key=lambda p: p.valid_from)) for key, found in parameters.items()},
    )


def _term(file: str, entry: Mapping[str, Any]) -> Term:
    values = dict(entry)
    try:
        values["unit"] = Unit(values["unit"])
        for listed in ("pauses", "expiry"):
            if listed in values:
                values[listed] = tuple(values[listed])
        if not set(values.get("expiry", ())) <= EXPIRY:
            raise ValueError(f"expiry 只能是 {'、'.join(sorted(EXPIRY))}")
        if not set(values.get("pauses", ())) <= set(PAUSES):
            raise ValueError(f"pauses 只能是 {'、'.join(PAUSES)}")
        if not set(values.get("bounds") or {}) <= {"max_n", "min_n"}:
            raise ValueError("bounds 只能写 max_n、min_n")
        if values.get("kind", "max") not in ("max", "min") or values.get("start", "next_day") not in (
            "next_day",
            "moment",
        ):
            raise ValueError("kind 须为 max 或 min，start 须为 next_day 或 moment")
        extension = values.get("extension")
        if extension is not None and (
            extension.get("unit") != values["unit"] or not {"n", "who", "how_often"} <= set(extension)
        ):
            raise ValueError("extension 须写明 n、unit（与时限相同）、who、how_often")
        return Term(**values)
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid(
            f"{file} 的时限 {entry.get('key')} 有误：{error}", str(error), code="bad_terms"
        ) from error
