"""How a built-in function is declared: its parameters as one line of text, its body as a plain Python function.

`"string: string, start position: number, length: number?"` – a kind behind each name; `?` after the kind makes the
parameter optional, `...` takes all further arguments as a list. Several declarations of one function are tried in
order. A null or ill-typed argument fits no declaration (except where the kind is `any`): null and a warning.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from engine.feel.errors import Fault
from engine.feel.limits import MAX_LIST, MAX_STRING
from engine.feel.runtime import Run
from engine.feel.values import Function, Range, Value, YearsMonths, word
from engine.feel.wide import CLOCKS, DAYS, INSTANTS, LENGTHS

_KINDS: Final[dict[str, tuple[type, ...]]] = {
    "number": (Decimal,),
    "string": (str,),
    "boolean": (bool,),
    "date": DAYS,
    "instant": INSTANTS,
    "time": CLOCKS,
    "duration": LENGTHS,
    "months": (YearsMonths,),
    "list": (list,),
    "context": (dict,),
    "function": (Function,),
    "range": (Range,),
    "point": (Decimal, str, *DAYS, *CLOCKS, *LENGTHS, YearsMonths),
}
_MISFIT: Final[Any] = object()
QUICK: Final = frozenset({"not", "count", "string length", "odd", "even"})
"""Functions of one argument that give a number or a truth, without looking at the run."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a declaration."""

    name: str
    kind: str
    optional: bool = False
    rest: bool = False

    def accept(self, value: Value) -> Value:
        """The value for this parameter after the standard's conversions, or `_MISFIT`."""
        if self.kind == "any":
            return value
        kinds = _KINDS.get(self.kind)
        if kinds is None:
            return value if value is None else self._nullable(value)
        if isinstance(value, kinds):
            return value
        if self.kind == "list":
            return _MISFIT if value is None else [value]
        if type(value) is list and len(value) == 1 and isinstance(value[0], kinds):
            return value[0]
        return _MISFIT

    def _nullable(self, value: Value) -> Value:
        return value if isinstance(value, _KINDS[self.kind.removeprefix("null or ")]) else _MISFIT


@dataclass(frozen=True, slots=True)
class Declaration:
    """One way to call a function."""

    parameters: tuple[Parameter, ...]
    body: Callable[..., Value]
    least: int
    most: int
    takes_run: bool


@dataclass(frozen=True, slots=True)
class Builtin:
    """A built-in function with all its declarations."""

    name: str
    declarations: tuple[Declaration, ...]

    @property
    def parameters(self) -> tuple[str, ...]:
        """Parameter names of the first declaration."""
        return tuple(p.name for p in self.declarations[0].parameters)

    def quick(self, count: int) -> tuple[type | None, Callable[..., Value]] | None:
        """The exact type the one argument must have (None: any) and the body, for the common call; else None."""
        first = self.declarations[0]
        if self.name not in QUICK or count != 1:
            return None
        kinds = _KINDS.get(first.parameters[0].kind)
        return (kinds[0] if kinds else None), first.body

    def invoke(self, run: Run, values: list[Value], named: Sequence[str] = ()) -> Value:
        """Call it; raises `Fault` if no declaration takes the arguments, or from the body."""
        for declaration in self.declarations:
            bound = _named(declaration, values, named) if named else _positional(declaration, values)
            if bound is not None:
                return _checked(run, declaration, bound)
        given = "、".join(word(v) for v in values) or "无"
        raise Fault("arguments", f"函数“{self.name}”不接受这些参数（{given}）")


def _checked(run: Run, declaration: Declaration, bound: list[Value]) -> Value:
    cost = 1
    for value in bound:
        if type(value) is list:
            cost += len(value)
    run.spend(cost)
    result = declaration.body(run, *bound) if declaration.takes_run else declaration.body(*bound)
    if type(result) is list and len(result) > MAX_LIST:
        raise Fault("budget", "列表过长")
    if type(result) is str and len(result) > MAX_STRING:
        raise Fault("budget", "文本过长")
    return result


def _positional(declaration: Declaration, values: list[Value]) -> list[Value] | None:
    if not declaration.least <= len(values) <= declaration.most:
        return None
    parameters = declaration.parameters
    if parameters and parameters[-1].rest:
        fixed = len(parameters) - 1
        rest = values[fixed:]
        fitted = [parameters[-1].accept(v) for v in rest]
        if any(v is _MISFIT for v in fitted):
            return None
        values = [*values[:fixed], fitted]
        bound = [p.accept(v) for p, v in zip(parameters[:-1], values, strict=False)] + [fitted]
    else:
        bound = [p.accept(v) for p, v in zip(parameters, values, strict=False)]
    return None if any(v is _MISFIT for v in bound) else bound


def _named(declaration: Declaration, values: list[Value], named: Sequence[str]) -> list[Value] | None:
    given = dict(zip(named, values, strict=True))
    parameters = {p.name: p for p in declaration.parameters}
    if len(given) != len(named) or not given.keys() <= parameters.keys():
        return None
    bound: list[Value] = []
    for parameter in declaration.parameters:
        if parameter.optional and parameter.name not in given:
            # the bodies take a missing optional argument as None, wherever it stands
            bound.append(None)
            continue
        # the standard: of named arguments, those not supplied are null
        value = parameter.accept(given.get(parameter.name))
        if value is _MISFIT:
            return None
        bound.append([value] if parameter.rest and not isinstance(value, list) else value)
    return bound


def declare(text: str, body: Callable[..., Value], takes_run: bool = False) -> Declaration:
    """A declaration of its line of text (see above)."""
    parameters: list[Parameter] = []
    for part in filter(None, (p.strip() for p in text.split(","))):
        name, _, kind = part.partition(": ")
        rest = kind.endswith("...")
        optional = kind.endswith("?")
        parameters.append(Parameter(name, kind.removesuffix("...").removesuffix("?"), optional, rest))
    least = sum(not p.optional and not p.rest for p in parameters)
    most = MAX_LIST if parameters and parameters[-1].rest else len(parameters)
    if parameters and parameters[-1].rest:
        least += 1
    return Declaration(tuple(parameters), body, least, most, takes_run)


def functions(**declared: Sequence[Declaration]) -> dict[str, Builtin]:
    """A table of functions; `_` in a keyword stands for a blank."""
    return {
        key.strip("_").replace("_", " "): Builtin(key.strip("_").replace("_", " "), tuple(value))
        for key, value in declared.items()
    }
