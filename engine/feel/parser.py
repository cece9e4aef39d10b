"""Tokens to syntax tree: operator precedence (Pratt) for the expression grammar of DMN 1.5, and its unary tests."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import DecimalException
from typing import Final

from . import ast
from .cursor import Cursor, KnownNames
from .errors import Fault, FeelSyntaxError
from .lexer import Token, unquote
from .limits import MAX_CHAIN
from .temporal import parse_any
from .type_parser import parse_type
from .values import NUMBERS

_BINDING: Final = {
    "or": 1, "and": 2,
    "=": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3, "in": 3, "between": 3,
    "+": 4, "-": 4, "*": 5, "/": 5, "**": 6,
}  # fmt: skip
_OPERAND: Final = 3
"""Binding of a test or range bound: everything above comparisons."""
_NEGATION: Final = 7
_COMPARISONS: Final = ("<", "<=", ">", ">=", "=", "!=")
_CONSTANTS: Final = {"true": True, "false": False, "null": None}
_CLOSES_RANGE: Final = frozenset(
    {
        "end",
        ")",
        "]",
        "}",
        ",",
        "and",
        "or",
        "then",
        "else",
        "return",
        "satisfies",
        "=",
        "!=",
        "in",
        "instance",
        "..",
    }
)


def parse_expression(text: str, offset: int, known: Iterable[str], calls: KnownNames) -> ast.Node:
    """The tree of an expression that begins at `offset`. Raises `FeelSyntaxError`."""
    parser = Parser(Cursor(text, offset, KnownNames(known), calls))
    return parser.whole(parser.expression)


def parse_tests(text: str, offset: int, known: Iterable[str], calls: KnownNames) -> ast.Tests:
    """The tree of a decision table's cell. Raises `FeelSyntaxError`."""
    parser = Parser(Cursor(text, offset, KnownNames(known), calls))
    tests = parser.whole(parser.unary_tests)
    assert isinstance(tests, ast.Tests)
    return tests


class Parser:
    """One reading of one text."""

    def __init__(self, cursor: Cursor) -> None:
        self.c = cursor
        self.inputs = 0
        self.in_range = False

    def whole(self, rule: object) -> ast.Node:
        """A rule that must use up the text."""
        node: ast.Node = rule()  # type: ignore[operator]
        if self.c.now.kind != "end":
            self.c.fail("表达式应在此结束", "expected the end")
        return node

    # --- operators

    def expression(self, binding: int = 0) -> ast.Node:
        """An expression whose operators all bind tighter than `binding`."""
        with self.c.nested():
            left = self.postfix(self.prefix())
            links = 0
            while _BINDING.get(self.c.now.kind, 0) > binding:
                links = self.linked(links)
                left = self.infix(left, self.c.take())
            return left

    def linked(self, links: int) -> int:
        """One operator more in a row; raises at the limit."""
        if links >= MAX_CHAIN:
            self.c.fail(f"连续的运算超过 {MAX_CHAIN} 个", f"at most {MAX_CHAIN} operators in a row")
        return links + 1

    def infix(self, left: ast.Node, token: Token) -> ast.Node:
        """The rest of a binary expression."""
        operator = token.kind
        if operator == "in":
            return ast.In(left.start, self.c.last_end, left, self.in_tests())
        if operator == "between":
            low = self.expression(_OPERAND)
            self.c.expect("and")
            high = self.expression(_OPERAND)
            return ast.Between(left.start, high.end, left, low, high)
        right = self.expression(_BINDING[operator])
        return ast.Binary(left.start, right.end, operator, left, right)

    def postfix(self, node: ast.Node) -> ast.Node:
        """Paths, filters, calls and `instance of` behind an operand."""
        c = self.c
        links = 0
        while True:
            links = self.linked(links)
            kind = c.now.kind
            if kind in (".", "..."):
                c.take()
                name = c.name(path=True)
                make = ast.Path if kind == "." else ast.Descendants
                node = make(node.start, c.last_end, node, name)
            elif kind == "[" and not (self.in_range and c.ahead() in _CLOSES_RANGE):
                c.take()
                condition = self.inside(self.expression)
                c.expect("]")
                node = ast.Filter(node.start, c.last_end, node, condition)
            elif kind == "(":
                node = self.call(node)
            elif kind == "instance":
                c.take()
                c.expect_word("of")
                of = parse_type(c)
                node = ast.InstanceOf(node.start, of.end, node, of)
            else:
                return node

    def inside(self, rule: object) -> ast.Node:
        """A rule between brackets, where `[` no longer may end a range."""
        before, self.in_range = self.in_range, False
        node: ast.Node = rule()  # type: ignore[operator]
        self.in_range = before
        return node

    def call(self, function: ast.Node) -> ast.Node:
        """The arguments of a call."""
        c = self.c
        c.expect("(")
        arguments: list[ast.Node] = []
        names: list[str] = []
        while c.now.kind != ")":
            if arguments:
                c.expect(",")
            if c.names_argument() and len(names) == len(arguments):
                names.append(c.name_until(":"))
                c.expect(":")
            elif names:
                c.fail("参数应都带名称", "expected a named argument")
            arguments.append(self.inside(self.expression))
        c.take()
        return ast.Call(function.start, c.last_end, function, tuple(arguments), tuple(names))

    # --- operands

    def prefix(self) -> ast.Node:
        """An operand."""
        c = self.c
        token = c.now
        kind = token.kind
        if kind == "name" or (kind not in ("end", "number", "string", "at") and c.known_here()):
            name = c.name()
            self.inputs += name == "?"
            return ast.Name(token.start, c.last_end, name)
        special = _PREFIX.get(kind)
        if special is None:
            c.fail("此处应为一个值", "expected a value")
            raise AssertionError
        return special(self, c.take())

    def number(self, token: Token) -> ast.Node:
        """A numeric literal, rounded to 34 digits."""
        try:
            return ast.Literal(token.start, token.end, NUMBERS.create_decimal(token.text))
        except DecimalException:
            return ast.Faulty(token.start, token.end, "overflow", "数字超出范围")

    def string(self, token: Token) -> ast.Node:
        """A string literal."""
        return ast.Literal(token.start, token.end, unquote(token.text))

    def at(self, token: Token) -> ast.Node:
        """A temporal literal."""
        try:
            return ast.Literal(token.start, token.end, parse_any(unquote(token.text[1:].lstrip())))
        except Fault as fault:
            return ast.Faulty(token.start, token.end, fault.code, fault.message)

    def constant(self, token: Token) -> ast.Node:
        """`true`, `false`, `null`."""
        return ast.Literal(token.start, token.end, _CONSTANTS[token.kind])

    def negation(self, token: Token) -> ast.Node:
        """`-x`, binding tighter than all binary operators."""
        operand = self.expression(_NEGATION)
        if isinstance(operand, ast.Literal) and type(operand.value) is type(NUMBERS.create_decimal(0)):
            return ast.Literal(token.start, operand.end, -operand.value)
        return ast.Negation(token.start, operand.end, operand)

    def parenthesis(self, token: Token) -> ast.Node:
        """`(x)`, `(a..b)`, `(< a)`."""
        c = self.c
        inner = self.inside(self.expression)
        if c.now.kind == "..":
            return self.range_from(token, inner)
        c.expect(")")
        return inner

    def bracket(self, token: Token) -> ast.Node:
        """A list, or a range with its low bound included."""
        c = self.c
        if c.accept("]"):
            return ast.ListOf(token.start, c.last_end, ())
        items = [self.inside(self.expression)]
        if c.now.kind == "..":
            return self.range_from(token, items[0])
        while c.accept(","):
            items.append(self.inside(self.expression))
        c.expect("]")
        return ast.ListOf(token.start, c.last_end, tuple(items))

    def reversed_bracket(self, token: Token) -> ast.Node:
        """`]a..b]`: a range without its low bound."""
        low = self.inside(lambda: self.expression(_OPERAND))
        if self.c.now.kind != "..":
            self.c.fail("此处应为 ..", "expected ..")
        return self.range_from(token, low)

    def range_from(self, opening: Token, low: ast.Node) -> ast.Node:
        """The rest of a range behind its low bound."""
        c = self.c
        c.expect("..")
        before, self.in_range = self.in_range, True
        high = self.expression(_OPERAND)
        self.in_range = before
        closing = c.now.kind
        if closing not in (")", "]", "["):
            c.fail("区间应以 ]、) 或 [ 结束", "expected ], ) or [")
        c.take()
        return ast.RangeOf(opening.start, c.last_end, low, high, opening.kind == "[", closing == "]")

    def comparison(self, token: Token) -> ast.Node:
        """`< x` and its kin as a range open on one side."""
        operand = self.expression(_OPERAND)
        start, end = token.start, operand.end
        if token.kind in ("=", "!="):
            return ast.RangeOf(start, end, operand, operand, True, True, token.kind)
        if token.kind in ("<", "<="):
            return ast.RangeOf(start, end, None, operand, False, token.kind == "<=")
        return ast.RangeOf(start, end, operand, None, token.kind == ">=", False)

    def context(self, token: Token) -> ast.Node:
        """`{a: 1, "b c": 2}`; each entry's name is known in the entries behind it."""
        c = self.c
        entries: list[tuple[str, ast.Node]] = []
        with c.declaring(()) as known:
            while c.now.kind != "}":
                if entries:
                    c.expect(",")
                key = unquote(c.take().text) if c.now.kind == "string" else c.name_until(":")
                c.expect(":")
                if any(key == other for other, _ in entries):
                    c.fail(f"名称“{key}”重复", f"duplicate key {key!r}")
                entries.append((key, self.inside(self.expression)))
                known.add(key)
            c.take()
        return ast.ContextOf(token.start, c.last_end, tuple(entries))

    # --- keywords

    def if_(self, token: Token) -> ast.Node:
        """`if … then … else …`."""
        condition = self.inside(self.expression)
        self.c.expect("then")
        then = self.inside(self.expression)
        self.c.expect("else")
        otherwise = self.expression()
        return ast.If(token.start, otherwise.end, condition, then, otherwise)

    def loop(self, token: Token) -> ast.Node:
        """`for … return`, `some … satisfies`, `every … satisfies`."""
        c = self.c
        iterations: list[ast.Iteration] = []
        with c.declaring(()) as known:
            while not iterations or c.accept(","):
                start = c.now.start
                name = c.name_until("in")
                c.expect("in")
                domain = self.inside(self.expression)
                until = self.inside(self.expression) if c.accept("..") else None
                iterations.append(ast.Iteration(start, c.last_end, name, domain, until))
                known.add(name)
            c.expect("return" if token.kind == "for" else "satisfies")
            body = self.expression()
        if token.kind == "for":
            return ast.For(token.start, body.end, tuple(iterations), body)
        return ast.Quantified(token.start, body.end, token.kind == "every", tuple(iterations), body)

    def function(self, token: Token) -> ast.Node:
        """`function(a, b: type) body`."""
        c = self.c
        c.expect("(")
        parameters: list[tuple[str, ast.TypeName | None]] = []
        while c.now.kind != ")":
            if parameters:
                c.expect(",")
            name = c.name_until(":", ",", ")")
            parameters.append((name, parse_type(c) if c.accept(":") else None))
        c.take()
        external = c.accept("external")
        with c.declaring(name for name, _ in parameters):
            body = self.expression()
        return ast.FunctionOf(token.start, body.end, tuple(parameters), body, external)

    # --- unary tests

    def unary_tests(self) -> ast.Node:
        """A whole cell: `-`, `not(…)`, or tests separated by commas."""
        c = self.c
        end = c.tokens[-1].end
        if c.now.kind == "end" or (c.now.kind == "-" and c.ahead() == "end"):
            c.accept("-")
            return ast.Tests(0, end, ())
        if c.now.text == "not" and c.ahead() == "(" and self._closes_at_end():
            c.take()
            c.take()
            tests = self.test_list()
            c.expect(")")
            return ast.Tests(0, end, tests, negated=True)
        return ast.Tests(0, end, self.test_list())

    def _closes_at_end(self) -> bool:
        depth = 0
        for index, token in enumerate(self.c.tokens):
            depth += (token.kind == "(") - (token.kind == ")")
            if depth == 0 and index > 0:
                return self.c.tokens[index + 1].kind == "end"
        return False

    def test_list(self) -> tuple[ast.Test, ...]:
        """Tests separated by commas."""
        tests = [self.test()]
        while self.c.accept(","):
            tests.append(self.test())
        return tuple(tests)

    def test(self, binding: int = 0) -> ast.Test:
        """One positive unary test."""
        c = self.c
        before = self.inputs
        start = c.now.start
        operator = c.take().kind if c.now.kind in ("=", "!=") else ""
        expression = self.inside(lambda: self.expression(_OPERAND if operator else binding))
        return ast.Test(start, expression.end, expression, self.inputs > before, operator)

    def in_tests(self) -> ast.Tests:
        """What stands behind `in`: one test, or several in parentheses."""
        c = self.c
        start = c.now.start
        if c.now.kind == "(":
            before = c.at, self.inputs
            c.take()
            tests = self.test_list()
            if c.now.kind != "..":
                c.expect(")")
                return ast.Tests(start, c.last_end, tests)
            c.at, self.inputs = before
        return ast.Tests(start, c.last_end, (self.test(_OPERAND),))


_PREFIX: Final = {
    "number": Parser.number, "string": Parser.string, "at": Parser.at,
    "true": Parser.constant, "false": Parser.constant, "null": Parser.constant,
    "-": Parser.negation, "(": Parser.parenthesis, "[": Parser.bracket, "]": Parser.reversed_bracket,
    "{": Parser.context, "if": Parser.if_, "for": Parser.loop, "some": Parser.loop, "every": Parser.loop,
    "function": Parser.function, **dict.fromkeys(_COMPARISONS, Parser.comparison),
}  # fmt: skip

__all__ = ["FeelSyntaxError", "parse_expression", "parse_tests"]
