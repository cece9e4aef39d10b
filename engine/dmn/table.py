"""Decision tables: which rules hold, and what the hit policy makes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from engine.feel import FeelSyntaxError, UnaryTests
from engine.feel import ast as feel_ast
from engine.feel.builtins import BUILTINS
from engine.feel.compare import same
from engine.feel.errors import BudgetExceeded, Fault
from engine.feel.fitting import fit
from engine.feel.runtime import Run
from engine.feel.text import text_of
from engine.feel.types import Constrained, Simple, Type
from engine.feel.values import Value, word

from . import values as v
from .session import Code, Names, Session
from .types import Catalogue


class Texts(Protocol):
    """What a table needs of the compiler of boxes: its texts compiled, and types by name."""

    catalogue: Catalogue

    def literal(self, box: v.Literal) -> Code:
        """The closure of a literal expression."""

    def code(self, box: v.Box | None) -> Code:
        """The closure of a box, its result fitted to the box's type."""

    def tests(self, element: str, text: str) -> UnaryTests | FeelSyntaxError:
        """A compiled cell, or why it is none."""


Check = Callable[[Session, Names, Value], bool]


@dataclass(frozen=True, slots=True)
class _Column:
    """An output column, compiled. `order` ranks its values for PRIORITY and OUTPUT ORDER."""

    output: v.Output
    of: Type | None
    allowed: UnaryTests | None
    order: tuple[Value, ...]
    default: Code | None


@dataclass(frozen=True, slots=True)
class _Row:
    """A rule, compiled. A test is None where the cell is `-`."""

    id: str
    tests: tuple[Check | None, ...]
    results: tuple[Code, ...]


def compile_table(boxes: Texts, box: v.Table) -> Code:
    """The closure of a table."""
    inputs = [_input(boxes, i) for i in box.inputs]
    columns = [_column(boxes, o, box) for o in box.outputs]
    rows = [
        _Row(r.id, tuple(_test(boxes, t) for t in r.tests), tuple(boxes.code(c) for c in r.results))
        for r in box.rules
    ]
    first_only = box.policy is v.HitPolicy.FIRST

    def run(session: Session, names: Names) -> Value:
        seen = [read(session, names) for read in inputs]
        values = [value for _, value in seen]
        hits: list[_Row] = []
        for row in rows:
            session.run.spend(1)
            if all(
                known if t is None else t(session, names, value)
                for t, (known, value) in zip(row.tests, seen, strict=True)
            ):
                hits.append(row)
                session.matched.append({"table": box.id, "rule": row.id})
                if first_only:
                    break
        if not hits:
            _explain(session, box, values, (), ())
            return _no_hit(session, names, box, columns)
        results = [_result(session, names, columns, row) for row in hits]
        _explain(session, box, values, hits, results)
        return _apply(session, box, columns, hits, results)

    return run


WORDS = 200  # characters of a value kept in an explanation
TABLES = 100  # explanations kept of one evaluation: a table may be called for every item of a list


def _explain(
    session: Session,
    box: v.Table,
    values: Sequence[Value],
    hits: Sequence[_Row],
    results: Sequence[list[Value]],
) -> None:
    """Keep what this table saw and why it said what it said (shape: `model.Decision`)."""
    if len(session.explained) >= TABLES:
        return
    seen = [
        {"label": i.label or i.expression.text, "expression": i.expression.text, "value": _text(x)}
        for i, x in zip(box.inputs, values, strict=True)
    ]
    numbers = {rule.id: n for n, rule in enumerate(box.rules)}
    rules = []
    for hit, made in zip(hits, results, strict=True):
        rule = box.rules[numbers[hit.id]]
        rules.append(
            {
                "rule": rule.id,
                "number": numbers[hit.id] + 1,
                "note": rule.note,
                "tests": [
                    s | {"test": t.text}
                    for s, t, test in zip(seen, rule.tests, hit.tests, strict=True)
                    if test
                ],
                "outputs": [
                    {"name": o.name or "", "label": o.label or o.name or "", "value": _text(x)}
                    for o, x in zip(box.outputs, made, strict=True)
                ],
            }
        )
    session.explained.append({"table": box.id, "inputs": seen, "rules": rules})


def _text(value: Value) -> str:
    """FEEL's text of a value, cut where it is long. It costs the evaluation nothing of its budget."""
    if isinstance(value, str):
        return value[:WORDS]
    try:
        return text_of(value, Run().spend)[:WORDS]
    except BudgetExceeded:
        return "…"


def _input(boxes: Texts, column: v.Input) -> Callable[[Session, Names], tuple[bool, Value]]:
    """Reads an input value. One that is none of the allowed ones is null, an error, and passes no `-` (then the flag is false); null itself
    is always allowed.
    """
    code = boxes.literal(column.expression)
    of = boxes.catalogue.named(column.expression.type)
    allowed = boxes.tests(column.id, column.allowed) if column.allowed else None

    def run(session: Session, names: Names) -> tuple[bool, Value]:
        value = code(session, names)
        if isinstance(value, str) and isinstance(of, Simple) and of.name != "string":
            # JSON has no dates: text where the column says date is read as one, and left alone if it is none
            ok, converted = fit(value, of, session.run, texts=True)
            value = converted if ok else value
        if value is not None and allowed is not None:
            listed = value if isinstance(value, list) else [value]
            if not all(
                isinstance(allowed, UnaryTests) and allowed.within(session.run, item, names) is True
                for item in listed
            ):
                session.error(column.id, f"输入值（{word(value)}）不在允许值之内")
                return False, None
        return True, value

    return run


def _test(boxes: Texts, cell: v.Literal) -> Check | None:
    compiled = boxes.tests(cell.id, cell.text)
    if isinstance(compiled, FeelSyntaxError):
        message = compiled.message

        def wrong(session: Session, _names: Names, _value: Value) -> bool:
            session.error(cell.id, message)
            return False

        return wrong
    if compiled.always:
        return None
    tests = compiled

    def check(session: Session, names: Names, value: Value) -> bool:
        before = len(session.run.warnings)
        result = tests.within(session.run, value, names)
        if len(session.run.warnings) > before:
            session.blame(cell.id, before)
        return result is True

    return check


def _column(boxes: Texts, output: v.Output, box: v.Table) -> _Column:
    of = boxes.catalogue.named(output.type)
    allowed = boxes.tests(output.id, output.allowed) if output.allowed else None
    own = allowed if isinstance(allowed, UnaryTests) else None
    listed: object = own
    if listed is None and isinstance(of, Constrained):
        listed = of.allowed
    if listed is None and len(box.outputs) == 1:
        whole = boxes.catalogue.named(box.type)
        listed = whole.allowed if isinstance(whole, Constrained) else None
    default = boxes.code(output.default) if output.default and output.default.text else None
    return _Column(output, of, own, _ranked(listed), default)


def _ranked(tests: object) -> tuple[Value, ...]:
    """The allowed values in their order, as far as they are literals."""
    if not isinstance(tests, UnaryTests) or not isinstance(tests.tree, feel_ast.Tests):
        return ()
    return tuple(t.expression.value for t in tests.tree.tests if isinstance(t.expression, feel_ast.Literal))


def _result(session: Session, names: Names, columns: Sequence[_Column], row: _Row) -> list[Value]:
    """The outputs of a rule, each of its column's type and among its allowed values."""
    made: list[Value] = []
    for column, code in zip(columns, row.results, strict=True):
        made.append(_checked(session, names, column, code(session, names)))
    return made


def _checked(session: Session, names: Names, column: _Column, value: Value) -> Value:
    ok, converted = fit(value, column.of, session.run)
    if ok and converted is not None and column.allowed is not None:
        ok = column.allowed.within(session.run, converted, names) is True
    if not ok:
        session.error(column.output.id, f"输出值（{word(value)}）不符合类型或允许值")
        return None
    return converted


def _shaped(columns: Sequence[_Column], outputs: list[Value]) -> Value:
    """One output bare, several as a context."""
    if len(columns) == 1:
        return outputs[0]
    return {c.output.name or "": value for c, value in zip(columns, outputs, strict=True)}


def _no_hit(session: Session, names: Names, box: v.Table, columns: Sequence[_Column]) -> Value:
    if any(c.default for c in columns):
        made = [
            _checked(session, names, c, c.default(session, names) if c.default else None) for c in columns
        ]
        value = _shaped(columns, made)
        return [value] if box.policy.several and not box.aggregation else value
    if box.aggregation is v.Aggregation.COUNT:
        return Decimal(0)
    return [] if box.policy.several and box.aggregation is None else None


def _apply(
    session: Session,
    box: v.Table,
    columns: Sequence[_Column],
    hits: Sequence[_Row],
    results: list[list[Value]],
) -> Value:
    """The result of the hit policy over the outputs of the rules that hold."""
    shaped = [_shaped(columns, result) for result in results]
    policy = box.policy
    if policy is v.HitPolicy.UNIQUE and len(hits) > 1:
        rules = "、".join(row.id for row in hits)
        return session.error(box.id, f"唯一命中的决策表命中了 {len(hits)} 条规则：{rules}")
    if policy is v.HitPolicy.ANY and not all(
        same(shaped[0], other) or shaped[0] is other for other in shaped[1:]
    ):
        rules = "、".join(row.id for row in hits)
        return session.error(box.id, f"命中的规则结果不一致：{rules}")
    if policy in (v.HitPolicy.PRIORITY, v.HitPolicy.OUTPUT_ORDER):
        order = sorted(range(len(results)), key=lambda i: _rank(columns, results[i]))
        shaped = [shaped[i] for i in order]
    if policy is v.HitPolicy.COLLECT and box.aggregation is not None:
        return _aggregate(session, box, shaped)
    return shaped if policy.several else shaped[0]


def _rank(columns: Sequence[_Column], outputs: list[Value]) -> tuple[int, ...]:
    """Positions in the columns' allowed values; values not listed come last."""
    return tuple(
        next((i for i, known in enumerate(c.order) if same(known, value)), len(c.order))
        for c, value in zip(columns, outputs, strict=True)
        if c.order
    )


def _aggregate(session: Session, box: v.Table, collected: list[Value]) -> Value:
    if box.aggregation is v.Aggregation.COUNT:
        return Decimal(len(collected))
    assert box.aggregation is not None
    try:
        return BUILTINS[box.aggregation.value.lower()].invoke(session.run, [collected])
    except Fault as fault:
        return session.error(box.id, fault.message)
