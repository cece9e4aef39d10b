"""The language itself: literals, names, operators, conditions, ranges, lists, contexts, loops, functions, types."""

from __future__ import annotations

import pytest

from engine import feel
from tests.feel.cases import CONTEXT, check, same, value

LANGUAGE = """
literals
    1.5e2                                   => 150
    .5                                      => 0.5
    -.5                                     => 0 - 0.5
    "a\\"b\\\\c"                            => "a" + "\\"" + "b" + "\\\\" + "c"
    "\\u5de1\\U00591a"                      => "巡多"
    @"2026-09-14"                           => date(2026, 9, 14)
    @"P1Y2M"                                => duration("P14M")
    1 /* one */ + 2 // two                  => 3
    "中文" = "中文"                          => true
names
    等级                                     => "重大"
    monthly income * 2                      => 6000
    a-b + 1                                 => 8
    terms and conditions                    => "ok"
    applicant.name                          => "张三"
    applicant . age                         => 67
    missing                                 => null
    missing.x.y                             => null
    amount.x                                => null
arithmetic
    1 + 2 * 3 ** 2 - 4 / 2                  => 17
    -2 ** 2                                 => 4
    2 ** 3 ** 2                             => 64
    10 - 3 - 2                              => 5
    0.1 + 0.2 = 0.3                         => true
    rate + 0.2 = 0.3                        => true
    1 / 0                                   => null
    0 / 0                                   => null
    10 ** 7000                              => null
    1 + null                                => null
    1 + "a"                                 => null
    "foo" + "bar"                           => "foobar"
    "a" - "b"                               => null
    exact                                   => 0.3
comparison
    1 = 1.0                                 => true
    1 = "1"                                 => null
    1 != "1"                                => null
    null = null                             => true
    null != 1                               => true
    1 < "a"                                 => null
    1 < null                                => null
    "a" < "b"                               => true
    true > false                            => null
    [1, 2] = [1, 2]                         => true
    [1, 2] = [2, 1]                         => false
    {a: 1, b: 2} = {b: 2, a: 1}             => true
    {a: 1} = {a: 2}                         => false
    [1..3] = [1..3]                         => true
    [1..3] = [1..3)                         => false
    1 between 1 and 3                       => true
    4 between 1 and 3                       => false
    null between 1 and 3                    => null
    2 + 1 between 1 and 1 + 1               => false
logic
    true and null                           => null
    false and null                          => false
    null and false                          => false
    true or null                            => true
    null or true                            => true
    false or null                           => null
    null or null                            => null
    true and "x"                            => null
    not(null)                               => null
    not(1)                                  => null
    yes and not(no)                         => true
    true or false and false                 => true
conditions
    if amount > 10000 then "高" else "低"    => "高"
    if null then 1 else 2                   => 2
    if "x" then 1 else 2                    => 2
    1 + (if true then 1 else 2) + 1         => 3
    if false then 1 else if true then 2 else 3 => 2
membership
    1 in [1, 2]                             => true
    3 in [1, 2]                             => false
    1 in (1, 2)                             => true
    5 in (< 3, > 4)                         => true
    5 in < 3                                => false
    5 in [1..5]                             => true
    5 in [1..5)                             => false
    1 in (1..5]                             => false
    1 in ]1..5]                             => false
    5 in [1..5[                             => false
    2 in [[2..4], [7..9]]                   => true
    5 in [[2..4], [7..9]]                   => false
    5 in (?  > 3)                           => true
    "b" in ["a".."c"]                       => true
    level in ("town", "village")            => true
    null in [1, null]                       => true
    @"2026-01-15" in [@"2026-01-01"..@"2026-02-01"]  => true
    1 in "a"                                => null
    5 in (!= 4)                             => true
ranges
    [1..5].start                            => 1
    [1..5).end included                     => false
    (< 5).end                               => 5
    (>= 5).start included                   => true
    [1.."a"]                                => null
    (1..5) = ]1..5[                         => true
    range("[2..)") = >=2                    => true
    range("(..2]") = <=2                    => true
    range("[ 1 .. 3 ]") = [1..3]            => true
    range("[..2]")                          => null
    range("[date(\\"2026-01-01\\")..@\\"2026-02-01\\"]").end => @"2026-02-01"
lists
    [1, 2, 3][1]                            => 1
    [1, 2, 3][-1]                           => 3
    [1, 2, 3][0]                            => null
    [1, 2, 3][4]                            => null
    [1, 2, 3][item > 1]                     => [2, 3]
    [1, 2, 3][1 + 1]                        => 2
    visits[n > 1].n                         => [2, 3]
    visits[ok].n                            => [1, 3]
    visits[item.n = amount - 11998].n       => [2]
    visits.n                                => [1, 2, 3]
    visits[-1].ok                           => true
    visits[n > 9]                           => []
    empty[1]                                => null
    empty[item > 1]                         => []
    nothing[true]                           => []
    5[1]                                    => 5
    5[item > 4]                             => [5]
    [{item: 7}][item = 7]                   => [{item: 7}]
    [[1, 2], [3]][2][1]                     => 3
    applicant.tags[1]                       => "低保"
contexts
    {a: 1, b: a + 1}.b                      => 2
    {"a b": 1, c: a b + 1}.c                => 2
    {a-b: 1, c: a-b + 1}.c                  => 2
    {a: {b: {c: 1}}}.a.b.c                  => 1
    {a: 1}.b                                => null
    {in: 1}.in                              => 1
    [{a: 1}, {b: 2}].a                      => [1, null]
    {a: {x: 1, b: {x: 2}}}...x              => [1, 2]
loops
    for x in [1, 2] return x * 2            => [2, 4]
    for x in [1, 2], y in [3, 4] return x * y => [3, 4, 6, 8]
    for x in [[1, 2], [3]], y in x return y => [1, 2, 3]
    for i in 1..3 return i                  => [1, 2, 3]
    for i in 3..1 return i                  => [3, 2, 1]
    for i in [1..3) return i                => [1, 2]
    for d in @"2026-02-27"..@"2026-03-01" return d.day => [27, 28, 1]
    for i in 1..5 return if i = 1 then 1 else i * partial[-1] => [1, 2, 6, 24, 120]
    for i in 1..3 return count(partial)     => [0, 1, 2]
    for x in null return x                  => null
    for x in 5 return x                     => [5]
    for i in 1..1.5 return i                => null
    some x in [1, 2] satisfies x > 1        => true
    every x in [1, 2] satisfies x > 1       => false
    every x in [] satisfies x > 1           => true
    some x in [] satisfies x > 1            => false
    every x in [1, null] satisfies x > 0    => null
    some x in [1, null] satisfies x > 0     => true
    some x in [1, 2], y in [2, 3] satisfies x > y => false
functions
    {f: function(x) x * 2, r: f(4)}.r       => 8
    {f: function(a, b) a - b, r: f(b: 1, a: 5)}.r => 4
    {f: function(n) if n <= 1 then 1 else n * f(n - 1), r: f(10)}.r => 3628800
    {f: function(x: number) x, r: f("a")}.r => null
    {f: function(x) x, r: f(1, 2)}.r        => null
    {f: function(a, b) [a, b], r: f(b: 1)}.r => [null, 1]
    {f: function(a) a, r: f(b: 1)}.r        => null
    (function(x) x + 1)(1)                  => 2
    {k: 3, f: function(x) x + k, r: f(1)}.r => 4
    {f: function(my name) my name + 1, r: f(1)}.r => 2
    sort([3, 1, 2], function(a, b) a > b)   => [3, 2, 1]
    substring(string: "foobar", start position: 3) => "obar"
    substring(text: "foobar", start position: 3) => null
    unknown(1)                              => null
    amount(1)                               => null
    {f: function(a) external {java: {}}, r: f(1)}.r => null
types
    1 instance of number                    => true
    "a" instance of number                  => false
    null instance of number                 => false
    null instance of Null                   => true
    [1, 2] instance of list<number>         => true
    [1, "a"] instance of list<number>       => false
    {a: 1, b: "x"} instance of context<a: number> => true
    {a: 1} instance of context<a: string>   => false
    [1..2] instance of range<number>        => true
    @"PT1H" instance of days and time duration => true
    @"P1M" instance of years and months duration => true
    at instance of date and time            => true
    收件 instance of date                   => true
    (function(a) a) instance of function    => null
    [1] instance of list                    => null
    (function() "甲") instance of function<>->number => false
    (function(x: string) x) instance of function<string>->string => true
    (function(x: string) x) instance of function<string>->number => false
    (function(x) {档: x, 户: "乙"}) instance of function<Any>->context<户: string> => true
    (function(x) {档: x}) instance of function<Any>->context<户: string> => false
    (function(x) [1, 2]) instance of function<Any>->list<number> => true
    (function(x) function(y) y > 1) instance of function<Any>->function<Any>->boolean => true
    (function() 1) instance of function<>->Any => true
    1 instance of nosuchtype                => null
"""


@pytest.mark.parametrize(("text", "expected"), check(LANGUAGE))
def test_language(text: str, expected: str) -> None:
    assert same(value(text), value(expected)), (text, value(text))


UNARY = [
    ("-", 5, True),
    ("", 5, True),
    ("5", 5, True),
    ("4, 5", 5, True),
    ("< 5", 5, False),
    ("<= 5", 5, True),
    ("= 5", 5, True),
    ("!= 5", 5, False),
    ("[1..5)", 5, False),
    ("not(5)", 5, False),
    ("not(1, 2)", 5, True),
    ("not([1..4])", 5, True),
    ('"a", "b"', "b", True),
    ("true", True, True),
    ("false", False, True),
    ("? > 3 and ? < 9", 5, True),
    ("? * 2 = limit", 5, True),
    ("limit / 2", 5, True),
    ("known", 5, True),
    ("known", 6, False),
    ("null", None, True),
    ("< 5", None, None),
    ("not(< 5)", None, None),
    ("< 5", "a", None),
    ('contains(?, "低")', "低保", True),
    ("limit > 3", 5, None),
    ("limit > 3", True, True),
    ("? < limit", 5, True),
    ("limit > 30", True, False),
    ("[1, 2]", [1, 2], True),
    ("not(true)", True, False),
    ("list contains(?, 2)", [1, 2], True),
    ('@"2026-01-01"', None, False),
]


@pytest.mark.parametrize(("text", "tested", "expected"), UNARY)
def test_unary_tests(text: str, tested: object, expected: bool | None) -> None:
    context = {"limit": 10, "known": [4, 5]}
    assert feel.compile_unary(text).evaluate(tested, context) is expected


@pytest.mark.parametrize(
    "text",
    [
        "", "=", "1 +", "(", ")", "[1", "{a 1}", "{a: 1, a: 2}", "if 1 then 2", "for x in [1]", '"abc', "a;b", "x[", "1 2",
        "@x", "some x satisfies y", "function(x", "/* open", "not", "#", "1 instance number", "f(a: 1, 2)", "..", "=>",
    ],
)  # fmt: skip
def test_syntax_errors_carry_a_position(text: str) -> None:
    if text == "not":
        assert value(text) is not None  # a function as a value
        return
    with pytest.raises(feel.FeelSyntaxError) as caught:
        feel.compile(text)
    assert caught.value.code == "feel_syntax"
    assert 0 <= caught.value.start <= len(text) + 1
    assert "表达式有误" in caught.value.message


def test_leading_equals_sign_and_positions_of_warnings() -> None:
    result = feel.compile("= 1 + missing").evaluate({})
    assert result.value is None
    assert [(w.code, w.start, w.end) for w in result.warnings] == [("unknown_name", 6, 13), ("type", 2, 13)]


def test_names_calls_paths_and_unknown_functions() -> None:
    expression = feel.compile(
        "sum(for v in visits return v.n) + lead.amount.yuan + visits[n > limit][1].n + deadline('x') + foo(1)".replace(
            "'", '"'
        )
    )
    assert expression.names == {"visits", "lead"}
    assert expression.filter_names == {"n", "limit"}
    assert expression.calls == {"sum", "deadline", "foo"}
    assert "lead.amount.yuan" in expression.paths
    assert expression.unknown_functions({"deadline"}) == ["foo"]


def test_compiling_is_cached_and_the_context_is_not_copied() -> None:
    assert feel.compile("amount > 1") is feel.compile("amount > 1")
    big = {"amount": 1, "rest": {str(i): i for i in range(10_000)}}
    assert feel.compile("amount > 0").evaluate(big).value is True
    assert type(big["amount"]) is int


def test_warnings_are_empty_when_nothing_goes_wrong() -> None:
    assert feel.evaluate("applicant.age >= 60 and not(no)", CONTEXT).warnings == ()
