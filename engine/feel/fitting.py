"""Values made to fit a typed place: the standard's conversions (10.3.2.9.4) and the allowed values of a model's own types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date
from typing import Final

from .errors import Fault
from .runtime import Run
from .temporal import midnight, parse_date, parse_date_time, parse_duration, parse_time
from .types import ANY, UNKNOWN, Constrained, ContextType, FunctionType, ListType, Named, Simple, Type
from .values import Function, Value, entry
from .wide import WideDate

Fitted = tuple[bool, Value]
_TEXTS: Final[Mapping[str, Callable[[str], Value]]] = {
    "date": parse_date,
    "time": parse_time,
    "date and time": parse_date_time,
    "days and time duration": parse_duration,
    "years and months duration": parse_duration,
}


def fit(value: Value, of: Type | None, run: Run, texts: bool = False) -> Fitted:
    """A value for a typed place, and whether it fits (else null). Null fits everywhere.

    Conversions: a list of one to its element, a value to a list of one, a date to its midnight in UTC. With `texts`, ISO 8601
    text becomes a date, time or duration where the type asks for one (JSON has no other way to say it), and entries a
    context type names may be missing: forms leave out what nobody filled in.
    """
    if isinstance(of, Named):
        of = of.target()
    if of is None or value is None:
        return True, value
    if isinstance(of, Constrained):
        ok, fitted = fit(value, of.base, run, texts)
        allowed = ok and (fitted is None or of.allowed.within(run, fitted, {}) is True)
        return (True, fitted) if allowed else (False, None)
    if isinstance(of, ListType):
        return _list(value, of, run, texts)
    if isinstance(value, list) and len(value) == 1 and not of.conforms(value):
        return fit(value[0], of, run, texts)
    if isinstance(of, ContextType) and isinstance(value, dict):
        return _context(value, of, run, texts)
    if isinstance(of, FunctionType) and isinstance(value, Function) and of.conforms(value):
        return True, typed(value, of)
    if texts and isinstance(value, str) and isinstance(of, Simple) and of.name in _TEXTS:
        return _read(value, of, run)
    return _plain(value, of)


def _plain(value: Value, of: Type) -> Fitted:
    if of.conforms(value):
        return True, value
    if not isinstance(value, list) and of.conforms([value]):
        return True, [value]
    if type(value) in (date, WideDate):
        instant = midnight(value, UTC)
        if of.conforms(instant):
            return True, instant
    return False, None


def _list(value: Value, of: ListType, run: Run, texts: bool) -> Fitted:
    items = value if isinstance(value, list) else [value]
    run.spend(len(items))
    fitted = [fit(item, of.item, run, texts) for item in items]
    return (True, [v for _, v in fitted]) if all(ok for ok, _ in fitted) else (False, None)


def _context(value: dict[str, Value], of: ContextType, run: Run, texts: bool) -> Fitted:
    fitted = dict(value)
    for name, kind in of.fields:
        if name in value:
            ok, fitted[name] = fit(entry(value, name), kind, run, texts)
            if not ok:
                return False, None
        elif not texts:
            return False, None
    return True, fitted


def _read(text: str, of: Simple, run: Run) -> Fitted:
    try:
        value = _TEXTS[of.name](text)
    except Fault:
        return False, None
    return fit(value, of, run)


def typed(function: Function, of: FunctionType) -> Function:
    """The function with the arguments and the result its type asks for, on top of what it declares itself."""
    own = function.types or (None,) * len(function.parameters)
    asked = [None if p in (ANY, UNKNOWN) else p for p in of.parameters]
    types = tuple(there or here for there, here in zip(asked, own, strict=True))
    result = function.result if of.result in (ANY, UNKNOWN) else of.result
    return replace(function, types=types, result=result)
