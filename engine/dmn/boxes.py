"""Boxed expressions to closures of a session and the visible names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from engine.errors import Refusal
from engine.feel import Expression, FeelSyntaxError, Function, UnaryTests, compile, compile_unary  # noqa: A004
from engine.feel import ast as feel_ast
from engine.feel.builtins import BUILTINS
from engine.feel.compare import both, either
from engine.feel.compile_calls import invoke
from engine.feel.compile_loops import iterable
from engine.feel.errors import Fault
from engine.feel.fitting import fit
from engine.feel.types import FunctionType, Type
from engine.feel.values import Value, word

from . import table
from . import values as v
from .session import Code, Names, Session
from .types import Catalogue


class BoxCompiler:
    """Compiles the boxes of one file. Text that is no FEEL goes to `problems` and is null when evaluated."""

    def __init__(self, catalogue: Catalogue, names: frozenset[str]) -> None:
        self.catalogue = catalogue
        self.names = names
        self.problems: list[Refusal] = []
        self.expressions: list[tuple[str, Expression | UnaryTests]] = []
        self.rules: dict[type[v.Box], Callable[[Any], Code]] = {
            v.Literal: self.literal,
            v.Table: lambda box: table.compile_table(self, box),
            v.BoxedContext: self.context,
            v.BoxedList: self.list_,
            v.Relation: self.relation,
            v.Invocation: self.invocation,
            v.FunctionDefinition: self.function,
            v.Conditional: self.conditional,
            v.BoxedFilter: self.filter_,
            v.Iterator: self.iterator,
        }

    def code(self, box: v.Box | None) -> Code:
        """The closure of a box, its result fitted to the box's type."""
        if box is None:
            return lambda _session, _names: None
        code = self.rules[type(box)](box)
        return code if isinstance(box, v.FunctionDefinition) else self.fitting(code, box.type, box.id)

    def fitting(self, code: Code, name: str | None, element: str) -> Code:
        """A closure whose result must be of a type, by the type's name."""
        of = self.catalogue.named(name)
        if of is None:
            return code

        def run(session: Session, names: Names) -> Value:
            return fitted(session, code(session, names), of, element)

        return run

    def problem(self, element: str, error: FeelSyntaxError) -> None:
        """Record text that is no FEEL."""
        self.problems.append(
            Refusal(element, error.message, "改正表达式", rule="feel_syntax", message_en=error.message_en)
        )

    def expression(self, element: str, text: str) -> Expression | FeelSyntaxError:
        """A compiled expression, or why it is none."""
        try:
            compiled = compile(text, self.names, self.catalogue.types)
        except FeelSyntaxError as error:
            self.problem(element, error)
            return error
        self.expressions.append((element, compiled))
        return compiled

    def tests(self, element: str, text: str) -> UnaryTests | FeelSyntaxError:
        """Compiled unary tests, or why they are none."""
        try:
            compiled = compile_unary(text, self.names, self.catalogue.types)
        except FeelSyntaxError as error:
            self.problem(element, error)
            return error
        self.expressions.append((element, compiled))
        return compiled

    def literal(self, box: v.Literal) -> Code:
        """FEEL text; empty text is null."""
        if not box.text:
            return lambda _session, _names: None
        compiled = self.expression(box.id, box.text)
        if isinstance(compiled, FeelSyntaxError):
            message = compiled.message
            return lambda session, _names: session.error(box.id, message)

        def run(session: Session, names: Names) -> Value:
            before = len(session.run.warnings)
            value = compiled.within(session.run, names)
            if len(session.run.warnings) > before:
                session.blame(box.id, before)
            return value

        return run

    def context(self, box: v.BoxedContext) -> Code:
        """Entries in order; the one without name is the result."""
        codes = [(part.name, self.fitting(self.code(part.value), part.type, part.id)) for part in box.entries]

        def run(session: Session, names: Names) -> Value:
            made: dict[str, Value] = {}
            visible = dict(names)
            for name, code in codes:
                value = code(session, visible)
                if name is None:
                    return value
                made[name] = visible[name] = value
            return made

        return run

    def list_(self, box: v.BoxedList) -> Code:
        """A list."""
        codes = [self.code(item) for item in box.items]
        return lambda session, names: [code(session, names) for code in codes]

    def relation(self, box: v.Relation) -> Code:
        """A list of contexts."""
        columns = [name for name, _ in box.columns]
        rows = [
            [
                self.fitting(self.code(cell), of, cell.id)
                for cell, (_, of) in zip(row, box.columns, strict=True)
            ]
            for row in box.rows
        ]
        return lambda session, names: [
            {column: code(session, names) for column, code in zip(columns, row, strict=True)} for row in rows
        ]

    def invocation(self, box: v.Invocation) -> Code:
        """A call with named arguments, of a function in view or a built-in one."""
        target = self.code(box.function)
        bindings = [self.fitting(self.code(value), of, value.id) for _, of, value in box.bindings]
        parameters = tuple(name for name, _, _ in box.bindings)
        called = self._builtin_name(box.function)

        def run(session: Session, names: Names) -> Value:
            arguments = [code(session, names) for code in bindings]
            try:
                if called is not None and not isinstance(names.get(called), Function):
                    return BUILTINS[called].invoke(session.run, arguments, parameters)
                function = target(session, names)
                if not isinstance(function, Function):
                    raise Fault("type", f"{word(function)}不是函数，不能调用")
                return invoke(
                    function, arguments, parameters, session.run, lambda text: session.error(box.id, text)
                )
            except Fault as fault:
                return session.error(box.id, fault.message)

        return run

    def _builtin_name(self, box: v.Box | None) -> str | None:
        if not isinstance(box, v.Literal) or not box.text:
            return None
        if box.text in BUILTINS:
            return box.text
        compiled = self.expression(box.id, box.text)
        if isinstance(compiled, Expression) and isinstance(compiled.tree, feel_ast.Name):
            return compiled.tree.name if compiled.tree.name in BUILTINS else None
        return None

    def function(self, box: v.FunctionDefinition) -> Code:
        """A function value that keeps the names it was defined among."""
        body = self.code(box.body)
        parameters = tuple(name for name, _ in box.parameters)
        types = tuple(self.catalogue.named(of) for _, of in box.parameters)
        of = self.catalogue.named(box.type)
        result = None if of is None or of.conforms(_ANY_FUNCTION) else of
        if isinstance(of, FunctionType) or isinstance(box.body, v.FunctionDefinition):
            result = None

        def make(session: Session, names: Names) -> Value:
            def call(*values: Value) -> Value:
                session.run.spend(1)
                session.run.enter()
                try:
                    return body(session, {**names, **dict(zip(parameters, values, strict=True))})
                finally:
                    session.run.calls -= 1

            made = Function(parameters, call, types, result)
            return fitted(session, made, of, box.id) if isinstance(of, FunctionType) else made

        return make

    def conditional(self, box: v.Conditional) -> Code:
        """`if`: false and null take the other way; a condition of another kind is an error."""
        condition, then, otherwise = self.code(box.condition), self.code(box.then), self.code(box.otherwise)
        at = box.condition.id if box.condition else box.id

        def run(session: Session, names: Names) -> Value:
            holds = condition(session, names)
            if holds is not None and not isinstance(holds, bool):
                return session.error(at, f"条件是{word(holds)}")
            return (then if holds is True else otherwise)(session, names)

        return run

    def filter_(self, box: v.BoxedFilter) -> Code:
        """The items for which the match is true; an item's entries are visible beside `item`."""
        source, match = self.code(box.source), self.code(box.match)

        def run(session: Session, names: Names) -> Value:
            values = source(session, names)
            if values is None:
                return None
            kept: list[Value] = []
            for item in values if isinstance(values, list) else [values]:
                session.run.spend(1)
                inner = {**names, **item} if isinstance(item, dict) else dict(names)
                inner.setdefault("item", item)
                holds = match(session, inner)
                if holds is True:
                    kept.append(item)
                elif holds is not None and not isinstance(holds, bool):
                    return session.error(box.match.id if box.match else box.id, f"筛选条件是{word(holds)}")
            return kept

        return run

    def iterator(self, box: v.Iterator) -> Code:
        """`for`, `some`, `every`."""
        source, body, kind = self.code(box.source), self.code(box.body), box.kind
        at = box.body.id if box.body else box.id

        def run(session: Session, names: Names) -> Value:
            try:
                values = iterable(source(session, names))
            except Fault as fault:
                return session.error(box.id, fault.message)
            results: list[Value] = []
            for value in values:
                session.run.spend(1)
                results.append(body(session, {**names, box.variable: value, "partial": list(results)}))
            if kind == "for":
                return results
            for result in results:
                if result is not None and not isinstance(result, bool):
                    return session.error(at, f"条件是{word(result)}")
            return _quantified(kind, results)

        return run


def _quantified(kind: str, results: Sequence[bool | None]) -> bool | None:
    joined: bool | None = kind == "every"
    join = both if kind == "every" else either
    for result in results:
        joined = join(joined, result)
    return joined


_ANY_FUNCTION = Function((), cast("Callable[..., Any]", lambda: None))


def fitted(session: Session, value: Value, of: Type | None, element: str, texts: bool = False) -> Value:
    """A value made to fit a type; one that does not is null and an error of the element."""
    ok, converted = fit(value, of, session.run, texts)
    if not ok:
        session.error(element, f"{word(value)}不符合声明的类型或允许值")
    return converted
