"""Reading a form file: form-js JSON in, inputs out. Everything wrong with the file is told at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from engine import feel
from engine.errors import Field, Invalid, XunzhenError
from engine.feel.builtins.regex import compile_pattern
from engine.feel.errors import Fault
from engine.forms.inputs import Input, Kind, Limits

SHOWN_ONLY = frozenset({"text", "separator", "spacer"})
KINDS: Mapping[tuple[str, str | None], Kind] = {
    ("textfield", None): Kind.TEXT,
    ("textfield", "signature"): Kind.SIGNATURE,
    ("textfield", "reference"): Kind.REFERENCE,
    ("textfield", "position"): Kind.POSITION,
    ("textarea", None): Kind.LONG,
    ("number", None): Kind.NUMBER,
    ("number", "money"): Kind.MONEY,
    ("checkbox", None): Kind.TICK,
    ("radio", None): Kind.CODE,
    ("radio", "boolean"): Kind.BOOLEAN,
    ("select", None): Kind.CODE,
    ("select", "person"): Kind.PERSON,
    ("select", "area"): Kind.AREA,
    ("checklist", None): Kind.CODES,
    ("taglist", None): Kind.CODES,
    ("taglist", "persons"): Kind.PERSONS,
    ("filepicker", None): Kind.FILES,
    ("filepicker", "photo"): Kind.FILES,
    ("dynamiclist", None): Kind.TABLE,
}
"""Component type and `properties.kind` → kind. `datetime` goes by its `subtype`."""

MOST, DEEPEST = 1000, 10
"""Components in a form, groups in one another: more is no sheet a person fills in."""
_KEY = re.compile(r"[^\W\d]\w*")
LIST_NAME = re.compile(r"=\s*codes\.(\w+)\s*")
"""`=codes.hardship_cause`: a whole code list, which needs no evaluation."""
LISTS = re.compile(r"\bcodes\.(\w+)")
"""The code lists an expression chooses from."""
_CHOICES = frozenset({Kind.CODE, Kind.CODES})
PEOPLE = frozenset({Kind.PERSON, Kind.PERSONS})


class FormRefused(Invalid):
    """A form file cannot be used; `fields` names each wrong component."""

    code = "form_refused"


@dataclass(slots=True)
class Reading:
    """The problems met on the way, each at the place in the file where it stands."""

    problems: list[Field] = field(default_factory=list)
    count: int = 0
    depth: int = 0

    def problem(self, where: str, message: str) -> None:
        self.problems.append(Field(where, message))

    def expression(self, where: str, text: Any) -> feel.Expression | None:
        """Compile a FEEL text of the file; None if there is none or it is wrong."""
        if text is None or text == "":
            return None
        if not isinstance(text, str) or not text.startswith("="):
            self.problem(where, "表达式须以 = 开头")
            return None
        try:
            return feel.compile(text)
        except XunzhenError as error:
            self.problem(where, f"表达式有误：{error.message}")
            return None


def parse(data: bytes | str | Mapping[str, Any]) -> dict[str, Any]:
    """The JSON object of a form file; raises `FormRefused`."""
    if isinstance(data, Mapping):
        return dict(data)
    try:
        raw = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise FormRefused(f"表单不是有效的 JSON：{error}", f"The form is not valid JSON: {error}") from error
    if not isinstance(raw, dict):
        raise FormRefused("表单文件的最外层须是一个对象。", "A form file holds one JSON object.")
    return raw


def inputs(
    components: Any, reading: Reading, hide: tuple[feel.Expression, ...] = (), at: str = ""
) -> Iterator[Input]:
    """The inputs among `components`, groups flattened. A group's condition hides all it holds."""
    if not isinstance(components, list):
        reading.problem(at or "components", "components 须是列表")
        return
    reading.count += len(components)
    if reading.count > MOST:
        reading.problem(at or "components", f"表单超过 {MOST} 个组件，请拆成几张表")
        return
    if reading.depth >= DEEPEST:
        reading.problem(at, f"分组嵌套超过 {DEEPEST} 层")
        return
    reading.depth += 1
    for number, component in enumerate(components):
        if not isinstance(component, dict):
            reading.problem(f"{at}[{number}]", "组件须是对象")
            continue
        kind = component.get("type")
        where = str(component.get("key") or component.get("path") or f"{at}[{number}]")
        if kind in SHOWN_ONLY:
            continue
        own = reading.expression(where, _mapping(component.get("conditional")).get("hide"))
        hidden = (*hide, own) if own else hide
        if kind == "group":
            if component.get("path"):
                reading.problem(where, "分组不支持 path")
            yield from inputs(component.get("components"), reading, hidden, where)
        elif made := _input(component, reading, where, hidden):
            yield made
    reading.depth -= 1


def _input(
    component: dict[str, Any], reading: Reading, where: str, hide: tuple[feel.Expression, ...]
) -> Input | None:
    properties = _mapping(component.get("properties"))
    kind = _kind(component, properties, reading, where)
    # form-js keeps the name of a list in `path`, of everything else in `key`
    key = component.get("key") or component.get("path")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        reading.problem(where, "缺少有效的 key（字母或汉字开头，不含点和空格）")
        return None
    if kind is None:
        return None
    if component.get("label") in (None, ""):
        reading.problem(where, "缺少标签")
    check = reading.expression(where, properties.get("check"))
    message = str(properties.get("checkMessage") or "")
    if check and not message:
        reading.problem(where, "有 check 就要有 checkMessage")
    options, options_list, options_from = _options(component, kind, reading, where)
    columns: tuple[Input, ...] = ()
    if kind is Kind.TABLE:
        columns = tuple(inputs(component.get("components"), reading, (), where))
        refuse_doubles(columns, reading, where)
    return Input(
        key=key,
        label=str(component.get("label") or key),
        kind=kind,
        required=_mapping(component.get("validate")).get("required") is True,
        limits=_limits(_mapping(component.get("validate")), properties, reading, where),
        options=options,
        options_list=options_list,
        options_from=options_from,
        hide=hide,
        check=check,
        check_message=message,
        check_words=reading.expression(where, message) if message.startswith("=") else None,
        among=reading.expression(where, properties.get("among")) if kind in PEOPLE else None,
        prefill=reading.expression(where, properties.get("prefill")),
        default=component.get("defaultValue"),
        columns=columns,
    )


def refuse_doubles(made: tuple[Input, ...], reading: Reading, where: str) -> None:
    keys = [one.key for one in made]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        reading.problem(where or key, f"{key} 出现了两次")


def _kind(
    component: dict[str, Any], properties: Mapping[str, Any], reading: Reading, where: str
) -> Kind | None:
    if component.get("type") == "datetime":
        subtype = component.get("subtype", "date")
        if subtype in ("date", "datetime"):
            return Kind(subtype)
        reading.problem(where, f"不支持的日期类型 {subtype}")
        return None
    wanted = properties.get("kind")
    kind = KINDS.get((str(component.get("type")), wanted if isinstance(wanted, str) else None))
    if kind is None:
        reading.problem(where, f"不支持的组件 {component.get('type')}" + (f"（{wanted}）" if wanted else ""))
    return kind


def _options(
    component: dict[str, Any], kind: Kind, reading: Reading, where: str
) -> tuple[tuple[Any, ...], str | None, feel.Expression | None]:
    if kind not in _CHOICES:
        return (), None, None
    if "valuesExpression" in component:
        text = component["valuesExpression"]
        if isinstance(text, str) and (named := LIST_NAME.fullmatch(text)):
            return (), named[1], None
        return (), None, reading.expression(where, text)
    listed = component.get("values")
    if not isinstance(listed, list) or not listed:
        reading.problem(where, "缺少选项（values 或 valuesExpression）")
        return (), None, None
    values = [one.get("value") for one in listed if isinstance(one, dict)]
    if len(values) != len(listed) or any(not isinstance(value, str | int) for value in values):
        reading.problem(where, "每个选项都须有 value 和 label")
    return tuple(values), None, None


def _limits(
    validate: Mapping[str, Any], properties: Mapping[str, Any], reading: Reading, where: str
) -> Limits:
    pattern = None
    if text := validate.get("pattern"):
        try:
            pattern = re.compile(text)
            if compile_pattern(text, "").endless:
                reading.problem(where, f"正则表达式里，重复的分组里还有重复，可能无法结束：{text}")
        except (re.error, TypeError):
            reading.problem(where, f"正则表达式有误：{text}")
        except Fault as fault:
            reading.problem(where, fault.message)

    def number(source: Mapping[str, Any], name: str) -> Decimal | None:
        value = source.get(name)
        if value is None:
            return None
        try:
            return Decimal(str(value))
        except InvalidOperation:
            reading.problem(where, f"{name} 须是数字")
            return None

    def count(source: Mapping[str, Any], name: str) -> int | None:
        value = number(source, name)
        return None if value is None else int(value)

    return Limits(
        minimum=number(validate, "min"),
        maximum=number(validate, "max"),
        min_length=count(validate, "minLength"),
        max_length=count(validate, "maxLength"),
        pattern=pattern,
        at_least=count(properties, "atLeast"),
        at_most=count(properties, "atMost"),
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
