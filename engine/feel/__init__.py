"""FEEL, the expression language of DMN 1.5: compiled to closures, decimal, without a way to Python's objects.

`compile(text).evaluate(context, functions)` gives an `Evaluation(value, warnings)`; an error inside gives null and a
warning, only text that is no FEEL raises (`FeelSyntaxError`). Values are described in `values`.
"""

from .errors import FeelSyntaxError, FeelWarning
from .expression import (
    Evaluation,
    Expression,
    UnaryTests,
    compile,  # noqa: A004 - the verb of the contract: `feel.compile(text)`
    compile_unary,
    evaluate,
    special_names,
)
from .json import json_text, to_json
from .text import literal
from .values import Function, Range, YearsMonths, to_feel

__all__ = [
    "Evaluation",
    "Expression",
    "FeelSyntaxError",
    "FeelWarning",
    "Function",
    "Range",
    "UnaryTests",
    "YearsMonths",
    "compile",
    "compile_unary",
    "evaluate",
    "json_text",
    "literal",
    "special_names",
    "to_feel",
    "to_json",
]
