"""`for`, `some`, `every`: nested iterations over lists and ranges, each step charged to the budget."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from . import ast
from .compare import both, either
from .compile_operators import entry_test
from .compiler import Compiler
from .errors import BudgetExceeded, Fault
from .limits import MAX_LIST
from .runtime import Code, Frame, Scope
from .values import Range, Value, word
from .wide import DAYS, INSTANTS, day_number, make_date


class _Domain:
    """One `name in domain`, compiled."""

    __slots__ = ("code", "name", "node", "until")

    def __init__(self, node: ast.Iteration, code: Code, until: Code | None) -> None:
        self.node = node
        self.name = node.name
        self.code = code
        self.until = until

    def values(self, frame: Frame) -> Sequence[Value]:
        """What is iterated over; raises `Fault`."""
        first = self.code(frame)
        if self.until is not None:
            return _counted(first, self.until(frame))
        return iterable(first)


def iterable(value: Value) -> Sequence[Value]:
    """What a loop over a value runs through: a list, the points of a range, or the value alone; raises `Fault`."""
    if isinstance(value, list):
        return value
    if isinstance(value, Range):
        return _points(value)
    if value is None:
        raise Fault("type", "循环的范围是空值")
    return [value]


def _points(among: Range) -> Sequence[Value]:
    """The whole numbers or days inside a range."""
    start, end = _ends(among.low, among.high)
    if start > end:
        raise Fault("type", "区间的起点大于终点，没有可循环的值")
    start += not among.low_included
    end -= not among.high_included
    return _listed(range(start, end + 1), among.low)


def _counted(first: Value, last: Value) -> Sequence[Value]:
    """`first .. last`, downwards if `last` is smaller; whole numbers or days."""
    start, end = _ends(first, last)
    return _listed(range(start, end + 1) if start <= end else range(start, end - 1, -1), first)


def _ends(first: Value, last: Value) -> tuple[int, int]:
    """Two whole numbers, or two dates as day numbers; raises `Fault`."""
    if isinstance(first, Decimal) and isinstance(last, Decimal):
        start, end = int(first), int(last)
        if start != first or end != last:
            raise Fault("type", "循环范围的两端应为整数")
        return start, end
    if not all(isinstance(side, DAYS) and not isinstance(side, INSTANTS) for side in (first, last)):
        raise Fault("type", f"不能从{word(first)}数到{word(last)}")
    return day_number(first), day_number(last)


def _listed(numbers: range, like: Value) -> Sequence[Value]:
    if len(numbers) > MAX_LIST:
        raise BudgetExceeded
    return [Decimal(n) if isinstance(like, Decimal) else make_date(n) for n in numbers]


def _domains(
    compiler: Compiler, iterations: tuple[ast.Iteration, ...], scope: Scope, extra: frozenset[str]
) -> tuple[list[_Domain], Scope]:
    """The iterations, each compiled with the variables of the ones before it in view."""
    found: list[_Domain] = []
    for node in iterations:
        until = compiler.code(node.until, scope) if node.until else None
        found.append(_Domain(node, compiler.code(node.domain, scope), until))
        scope = Scope(scope, frozenset({node.name}) | extra)
    return found, scope


def _frames(domains: list[_Domain], frame: Frame, extra: dict[str, Value], depth: int = 0) -> Iterator[Frame]:
    """A frame for each combination of the iterated values, the last iteration running fastest."""
    domain = domains[depth]
    run = frame.run
    last = depth + 1 == len(domains)
    for value in domain.values(frame):
        run.steps -= 1
        if run.steps < 0:
            raise BudgetExceeded
        inner = Frame({**extra, domain.name: value} if extra else {domain.name: value}, frame, run)
        if last:
            yield inner
        else:
            yield from _frames(domains, inner, extra, depth + 1)


def for_(compiler: Compiler, node: ast.For, scope: Scope) -> Code:
    """`for … return …`; `partial` is the list of the results so far."""
    domains, inner = _domains(compiler, node.iterations, scope, frozenset({"partial"}))
    body = compiler.code(node.body, inner)

    def run(frame: Frame) -> Value:
        results: list[Value] = []
        try:
            for step in _frames(domains, frame, {"partial": results}):
                value = body(step)
                if value is results:
                    # the list so far as a value of its own, for it goes on growing
                    frame.run.spend(len(results))
                    value = list(results)
                results.append(value)
                if len(results) > MAX_LIST:
                    raise BudgetExceeded
        except Fault as fault:
            return frame.run.fault(fault, node.start, node.end)
        return results

    return run


def quantified(compiler: Compiler, node: ast.Quantified, scope: Scope) -> Code:
    """`some` and `every`, three-valued; over nothing, `some` is false and `every` true."""
    domains, inner = _domains(compiler, node.iterations, scope, frozenset())
    body = compiler.code(node.body, inner)
    every = node.every
    join = both if every else either
    only = domains[0] if len(domains) == 1 else None
    quick = entry_test(node.body, only.name) if only is not None else None

    def one(frame: Frame) -> Value:
        """Over one list, without the machinery for several."""
        assert only is not None
        spent, wanted = frame.run, only.name
        result: bool | None = every
        try:
            for item in only.values(frame):
                spent.steps -= 1
                if spent.steps < 0:
                    raise BudgetExceeded
                found = item.get(quick.entry) if quick is not None and type(item) is dict else None
                if quick is not None and type(found) is Decimal:
                    value = quick.compare(found, quick.number)
                else:
                    value = body(Frame({wanted: item}, frame, spent))
                if value is not every:
                    result = join(result, value if isinstance(value, bool) else None)
                    if result is not None and result is not every:
                        break
        except Fault as fault:
            return spent.fault(fault, node.start, node.end)
        return result

    if only is not None:
        return one

    def run(frame: Frame) -> Value:
        result: bool | None = every
        try:
            for step in _frames(domains, frame, {}):
                value = body(step)
                result = join(result, value if isinstance(value, bool) else None)
                if result is not None and result is not every:
                    break
        except Fault as fault:
            return frame.run.fault(fault, node.start, node.end)
        return result

    return run
