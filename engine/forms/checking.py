"""Checking answers against a form. Pure: values in, normalised values and errors out; bad input never raises."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from engine import feel
from engine.errors import Field, Invalid, XunzhenError
from engine.feel import Expression
from engine.forms.inputs import Codes, Input, Kind
from engine.forms.kinds import Wrong, count_fits, is_empty, normal

Functions = Mapping[str, Callable[..., Any]]

LISTS = frozenset({Kind.CODES, Kind.PERSONS, Kind.FILES, Kind.TABLE})
MOST_ROWS = 2000
"""Rows of a table: a large town's list of monthly payments has some hundreds."""
_CHOOSE = LISTS - {Kind.FILES, Kind.TABLE} | {Kind.CODE, Kind.BOOLEAN, Kind.PERSON, Kind.AREA, Kind.REFERENCE}


@dataclass(frozen=True, slots=True)
class Checked:
    """`values` has every key of the form: unanswered or not asked is None, for lists an empty list.

    Dates and instants are ISO texts, money is Decimal. `values` are good for storing only if `errors` is empty.
    """

    values: dict[str, Any]
    errors: list[Field]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What expressions see besides the answers.

    Answers stand over the context; `case` is the context alone, for a question named like something in the case:
    `urgency <= case.urgency`.
    """

    context: Mapping[str, Any]
    functions: Functions | None
    codes: Codes | None

    def value(self, expression: Expression, answers: Mapping[str, Any]) -> Any:
        """The value of an expression; null where it cannot be computed."""
        names = {**self.context, "case": self.context, **answers}
        try:
            return expression.evaluate(names, self.functions).value
        except XunzhenError:
            return None

    def options(self, one: Input) -> Sequence[Any] | None:
        """The values that may be chosen; None for an input that is no choice."""
        if one.options_list is None and one.options_from is None:
            return one.options or None
        return [option["value"] for option in self.listed(one.label, one.options_list, one.options_from)]

    def named(self, expression: Expression | None) -> list[Any] | None:
        """People who may be named, as options; None where nothing restricts them."""
        found = plain(self.value(expression, {})) if expression is not None else None
        return found if isinstance(found, list) else None

    def listed(self, label: str, name: str | None, expression: Expression | None) -> list[Any]:
        """The options of a choice. A form whose options are not to be found is broken: raises `Invalid`."""
        codes = self.codes or {}
        found: Any = None
        if name:
            found = codes.get(name)
        elif expression is not None:
            found = plain(self.value(expression, {"codes": codes}))
        if not isinstance(found, list) or any(not isinstance(o, Mapping) or "value" not in o for o in found):
            raise Invalid(
                f"“{label}”的选项表不存在。", f"The options of {label} are missing.", code="codes_missing"
            )
        return found


@dataclass(slots=True)
class Sheet:
    """The answers to one set of inputs while they are looked at: a form, or one row of a table in it."""

    inputs: Sequence[Input]
    around: Surroundings
    path: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, list[Field]] = field(default_factory=dict)

    def fill(self, given: Any) -> list[Field]:
        """Take the answers in; what is no answer to this sheet at all comes back as errors."""
        strangers: list[Field] = []
        if not isinstance(given, Mapping) or any(not isinstance(key, str) for key in given):
            strangers, given = [Field(self.path, "内容无法识别")], {}
        known = {one.key for one in self.inputs}
        strangers += [Field(self._at(key), "没有这一项") for key in given if key not in known]
        self.values = {one.key: nothing(one) for one in self.inputs}
        for one in self.inputs:
            self.values[one.key] = self._normal(one, given.get(one.key))
        return strangers

    def finish(self) -> list[Field]:
        """Drop what is hidden, then demand what is required and true. Returns the errors in order of the form."""
        hidden = self._hidden()
        for one in self.inputs:
            if one.key in hidden:
                self.values[one.key] = nothing(one)
                self.errors.pop(one.key, None)
            elif one.required and one.key not in self.errors and self._missing(one):
                self._wrong(one, _please(one))
        for one in self.inputs:
            checked = one.check and one.key not in hidden and self._checkable(one, one.check)
            if one.check and checked and self.around.value(one.check, self.values) is not True:
                self._wrong(one, self._message(one))
        return [error for one in self.inputs for error in self.errors.get(one.key, ())]

    def _message(self, one: Input) -> str:
        """What is said where a check fails: the file's sentence, or the one its expression gives."""
        if one.check_words is None:
            return one.check_message
        words = self.around.value(one.check_words, self.values)
        return words if isinstance(words, str) and words else f"请核对{one.label}"

    def _checkable(self, one: Input, check: Expression) -> bool:
        """A rule over answers that are themselves wrong would only confuse."""
        return one.key not in self.errors and not any(name in self.errors for name in check.names)

    def _missing(self, one: Input) -> bool:
        value = self.values[one.key]
        return value is not True if one.kind is Kind.TICK else is_empty(value)

    def _normal(self, one: Input, value: Any) -> Any:
        if is_empty(value):
            return one.default if one.kind is Kind.BOOLEAN and isinstance(one.default, bool) else nothing(one)
        if one.kind is Kind.TABLE:
            return self._rows(one, value)
        try:
            made = normal(one, value, self.around.options(one))
            if strangers := _strangers(one, made, self.around):
                raise Wrong(f"所选人员中有 {len(strangers)} 人不能办理该环节，请从列表中选择")
            return made
        except Wrong as wrong:
            self._wrong(one, str(wrong))
            return nothing(one)

    def _rows(self, one: Input, value: Any) -> list[dict[str, Any]]:
        if not isinstance(value, list) or len(value) > MOST_ROWS:
            self._wrong(one, "请逐行填写" if not isinstance(value, list) else f"最多 {MOST_ROWS} 行")
            return []
        try:
            count_fits(one, len(value))
        except Wrong as wrong:
            self._wrong(one, str(wrong))
        made = []
        for number, row in enumerate(value):
            around = Surroundings(
                {**self.around.context, **self.values}, self.around.functions, self.around.codes
            )
            sheet = Sheet(one.columns, around, f"{self._at(one.key)}[{number}]")
            errors = [*sheet.fill(row), *sheet.finish()]
            if errors:
                self.errors.setdefault(one.key, []).extend(errors)
            made.append(sheet.values)
        return made

    def _hidden(self) -> set[str]:
        """The inputs not asked. A hidden answer counts as none for the conditions of the others: settle it."""
        hidden: set[str] = set()
        for _ in range(len(self.inputs) + 1):
            answers = {
                one.key: nothing(one) if one.key in hidden else self.values[one.key] for one in self.inputs
            }
            now = {
                one.key
                for one in self.inputs
                if any(self.around.value(hide, answers) is True for hide in one.hide)
            }
            if now == hidden:
                break
            hidden = now
        return hidden

    def _wrong(self, one: Input, message: str) -> None:
        self.errors.setdefault(one.key, []).append(Field(self._at(one.key), message))

    def _at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key


def _strangers(one: Input, value: Any, around: Surroundings) -> list[Any]:
    """People of an answer who may not be named there."""
    among = around.named(one.among)
    if among is None:
        return []
    known = {option["value"] for option in among}
    return [person for person in (value if isinstance(value, list) else [value]) if person not in known]


def nothing(one: Input) -> Any:
    """What stands for no answer."""
    if one.kind in LISTS:
        return []
    return False if one.kind is Kind.TICK else None


def _please(one: Input) -> str:
    if one.kind is Kind.TICK:
        return f"请勾选“{one.label}”"
    if one.kind is Kind.FILES:
        return f"请上传{one.label}"
    if one.kind is Kind.SIGNATURE:
        return "请签名"
    return f"请选择{one.label}" if one.kind in _CHOOSE else f"请填写{one.label}"


def check(inputs: Sequence[Input], given: Any, around: Surroundings) -> Checked:
    sheet = Sheet(inputs, around)
    errors = [*sheet.fill(given), *sheet.finish()]
    return Checked(sheet.values, errors)


# ------------------------------------------------------------------------------------------ prefill
def proposals(inputs: Sequence[Input], around: Surroundings) -> dict[str, Any]:
    """Values to begin with. What would not pass is left out: a proposal must never be wrong."""
    made: dict[str, Any] = {}
    blank = {one.key: nothing(one) for one in inputs}
    for one in inputs:
        proposed = one.default
        if one.prefill is not None:
            computed = plain(around.value(one.prefill, {**_unshadowed(blank, around), **made}))
            proposed = proposed if computed is None else computed
        value = _proposal(one, proposed)
        if one.among is not None and not is_empty(value):
            strangers = _strangers(one, value, around)
            value = (
                [p for p in value if p not in strangers]
                if isinstance(value, list)
                else None
                if strangers
                else value
            )
        if not is_empty(value):
            made[one.key] = value
    return made


def _unshadowed(blank: Mapping[str, Any], around: Surroundings) -> dict[str, Any]:
    # A prefill reads the case: `=amount` in a form with an `amount` means the case's amount.
    return {key: value for key, value in blank.items() if key not in around.context}


def _proposal(one: Input, value: Any) -> Any:
    if is_empty(value):
        return None
    if one.kind is Kind.TABLE:
        rows = [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
        return [_row(one.columns, row) for row in rows]
    try:
        return normal(one, value, one.options or None)
    except Wrong:
        return None


def _row(columns: Sequence[Input], row: Mapping[str, Any]) -> dict[str, Any]:
    cells: Iterator[tuple[str, Any]] = (
        (one.key, _proposal(one, row.get(one.key, one.default))) for one in columns
    )
    return {key: value for key, value in cells if value is not None}


def plain(value: Any) -> Any:
    """A FEEL value as JSON has it; money stays Decimal when it is no whole number."""
    if isinstance(value, Decimal):
        return int(value) if value.is_finite() and value == value.to_integral_value() else value
    if isinstance(value, datetime):
        # `legal` instants are subclasses; a copy of the base class prints without their extras
        return datetime.isoformat(value, timespec="seconds")
    if isinstance(value, date):
        return date.isoformat(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value if feel.literal(value) is None else feel.to_json(value)
