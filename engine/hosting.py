"""What expressions of a case may ask of their surroundings: legal time, parameters, standards, decisions, who acted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from engine.calendar import ZONE, Calendar, instant
from engine.deadline import compute, share
from engine.errors import Invalid
from engine.runner.values import Decided, Variables
from engine.terms import Terms, accepted

Decisions = Callable[[str, Variables, Mapping[str, Callable[..., Any]]], Decided]

HOST_FUNCTIONS = frozenset(
    {"deadline", "remind", "now", "today", "parameter", "standard", "actors", "register"}
)
"""The names the surroundings lend to FEEL; the linter knows them too."""


class LegalInstant(datetime):
    """An instant a term gave. `basis` says which: term, start, the day whose rules apply (`on`), and share for a reminder."""

    basis: dict[str, Any]

    @classmethod
    def of(cls, at: datetime, basis: dict[str, Any]) -> LegalInstant:
        made = cls(
            at.year,
            at.month,
            at.day,
            at.hour,
            at.minute,
            at.second,
            at.microsecond,
            tzinfo=at.tzinfo,
            fold=at.fold,
        )
        made.basis = basis
        return made


def asked_by(case_id: str, key: Any, now: datetime) -> Any:
    """A question of several parts to the district's books says which case asks, and when."""
    return {**key, "case_id": case_id, "asked_at": now} if isinstance(key, Mapping) else key


def _no_decision(
    decision: str, _variables: Variables, _functions: Mapping[str, Callable[..., Any]]
) -> Decided:
    raise Invalid(f"找不到决策表 {decision}。", f"There is no decision {decision}.")


def _no_standard(_key: str) -> Any:
    return None


def _nobody(*_elements: str) -> list[str]:
    return []


def _nothing(_topic: str, _key: Any) -> Any:
    return None


def _code(value: Any) -> str:
    """A key an expression gave; anything but text is that expression's fault, not ours."""
    if not isinstance(value, str):
        raise Invalid(f"时限或参数的代码须是文字，得到 {value!r}。", f"Not a key: {value!r}")
    return value


def _begun(value: Any) -> datetime:
    """The lawful event an expression gave. Raises Invalid for what is no date or no date of our age."""
    try:
        at = instant(value)
    except ValueError:
        raise Invalid(f"起算时间不是日期：{value!r}", f"Not a date or instant: {value!r}") from None
    if not 1900 <= at.year <= 2200:
        raise Invalid(f"起算时间的年份不对：{value!r}", f"Not a year to count from: {value!r}")
    return at


def _part(value: Any) -> float:
    if not isinstance(value, int | float | Decimal) or isinstance(value, bool) or not 0 <= value <= 1:
        raise Invalid(f"提醒的比例须在 0 到 1 之间，得到 {value!r}。", f"Not a share: {value!r}")
    return float(value)


class LegalHost:
    """The `Host` of a case. `terms_on`: the day whose legal table applies until an application of the case is accepted; in the
    branch of one that is, its day of acceptance. Terms with an emergency/ordinary pair follow `track`.
    """

    def __init__(
        self,
        terms: Terms,
        calendar: Calendar,
        *,
        now: datetime,
        terms_on: date | None = None,
        decisions: Decisions = _no_decision,
        standard: Callable[[str], Any] = _no_standard,
        actors: Callable[..., list[str]] = _nobody,
        register: Callable[[str, Any], Any] = _nothing,
        provisional: bool = True,
    ) -> None:
        self.terms = terms
        self.calendar = calendar
        self.now = now
        self.terms_on = terms_on or now.astimezone(ZONE).date()
        self.decisions = decisions
        self.standard = standard
        self.actors = actors
        self.register = register
        self.provisional = provisional

    def functions(self, anchor: datetime, variables: Variables) -> Mapping[str, Callable[..., Any]]:
        on = accepted(variables) or self.terms_on

        def term_and_start(key: Any, start: Any) -> tuple[Any, datetime]:
            track = variables.get("track")
            term = self.terms.get(_code(key), on, track if isinstance(track, str) else None)
            return term, anchor if start is None else _begun(start)

        def deadline(key: Any, start: Any = None) -> LegalInstant:
            term, begun = term_and_start(key, start)
            found = compute(term, begun, self.calendar, provisional=self.provisional)
            basis = {"term": term.key, "start": begun.isoformat(), "on": on.isoformat()}
            return LegalInstant.of(found.due_at, {**basis, "provisional": found.provisional})

        def remind(key: Any, part: Any, start: Any = None) -> LegalInstant:
            (term, begun), of_it = term_and_start(key, start), _part(part)
            at = share(term, begun, self.calendar, of_it)
            basis = {"term": term.key, "start": begun.isoformat(), "on": on.isoformat()}
            return LegalInstant.of(at, {**basis, "share": of_it})

        return {
            "deadline": deadline,
            "remind": remind,
            "now": lambda: self.now.astimezone(ZONE),
            "today": lambda: self.now.astimezone(ZONE).date(),
            "parameter": lambda key: self.terms.parameter(_code(key), on),
            "standard": self.standard,
            "actors": self.actors,
            "register": self.register,
        }

    def decide(self, decision: str, variables: Variables) -> Decided:
        return self.decisions(decision, variables, self.functions(self.now, variables))
