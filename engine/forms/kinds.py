"""One checker per kind of value: what a person's answer must look like, and its normal form.

`normal(input, value, options)` gives the normalised value or raises `Wrong` with a Chinese sentence. A value once
normalised is accepted again unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from engine.forms.inputs import Input, Kind

TEXT_MAX = 200
LONG_MAX = 5000
DRAWN_MAX = 300_000
LIST_MAX = 200
NUMBER_MAX = Decimal(10) ** 15

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DATETIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_DRAWN = re.compile(r"data:image/(png|jpeg|svg\+xml);base64,[A-Za-z0-9+/]+={0,2}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
# A fixed offset, not the named zone: legal time has no summer time, and history before 1992 had.
_SHANGHAI = timezone(timedelta(hours=8))


class Wrong(Exception):
    """The value is not what the input asks for. The message is the sentence the person reads."""


def is_empty(value: Any) -> bool:
    """Nothing was answered. A `false` and a zero are answers."""
    return (
        value is None
        or (isinstance(value, str) and not value.strip())
        or (isinstance(value, list) and not value)
    )


def normal(one: Input, value: Any, options: Sequence[Any] | None) -> Any:
    """The normal form of a non-empty value. `options` None: membership is not looked at (prefill)."""
    if one.kind in (Kind.CODE, Kind.CODES):
        return _code(value, options) if one.kind is Kind.CODE else _codes(one, value, options)
    return _BY_KIND[one.kind](one, value)


# ------------------------------------------------------------------------------------------ texts
def _text(one: Input, value: Any) -> str:
    if not isinstance(value, str):
        raise Wrong("请填写文字")
    text = value.strip()
    if _CONTROL.search(text):
        raise Wrong("含有不能识别的字符")
    longest = one.limits.max_length or (LONG_MAX if one.kind is Kind.LONG else TEXT_MAX)
    if len(text) > longest:
        raise Wrong(f"最多填写 {longest} 个字")
    if one.limits.min_length and len(text) < one.limits.min_length:
        raise Wrong(f"至少填写 {one.limits.min_length} 个字")
    if one.limits.pattern and not one.limits.pattern.fullmatch(text):
        raise Wrong("格式不正确")
    return text


def _id(_one: Input, value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > TEXT_MAX or _CONTROL.search(value):
        raise Wrong("请从列表中选择")
    return value.strip()


def _signature(one: Input, value: Any) -> str:
    if isinstance(value, str) and value.startswith("data:"):
        if len(value) > DRAWN_MAX:
            raise Wrong("签名图片太大，请重新签名")
        if not _DRAWN.fullmatch(value):
            raise Wrong("签名图片无法识别，请重新签名")
        return value
    return _text(one, value)


# ------------------------------------------------------------------------------------------ numbers
def _decimal(one: Input, value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise Wrong("请填写数字")
    number = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite() or abs(number) > NUMBER_MAX:
        raise Wrong("请填写有效的数字")
    if one.limits.minimum is not None and number < one.limits.minimum:
        raise Wrong(f"不能小于 {one.limits.minimum}")
    if one.limits.maximum is not None and number > one.limits.maximum:
        raise Wrong(f"不能大于 {one.limits.maximum}")
    return number


def _number(one: Input, value: Any) -> int | float:
    number = _decimal(one, value)
    return int(number) if number == number.to_integral_value() else float(number)


def _money(one: Input, value: Any) -> Decimal:
    number = _decimal(one, value)
    if number < 0:
        raise Wrong("金额不能为负数")
    if number != round(number, 2):
        raise Wrong("金额最多保留两位小数")
    return number.quantize(Decimal("0.01")).copy_abs()


def _boolean(_one: Input, value: Any) -> bool:
    if not isinstance(value, bool):
        raise Wrong("请选择是或否")
    return value


# ------------------------------------------------------------------------------------------ times
def _date(_one: Input, value: Any) -> str:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise Wrong("请填写日期，如 2026-09-28")
    try:
        made = date.fromisoformat(value)
    except ValueError:
        raise Wrong("没有这一天") from None
    _plausible(made.year)
    return made.isoformat()


def _datetime(_one: Input, value: Any) -> str:
    if not isinstance(value, str) or not _DATETIME.fullmatch(value):
        raise Wrong("请填写日期和时间（须带时区），如 2026-09-28T09:30:00+08:00")
    try:
        made = datetime.fromisoformat(value)
    except ValueError:
        raise Wrong("没有这个时间") from None
    _plausible(made.year)
    return made.astimezone(_SHANGHAI).isoformat()


def _plausible(year: int) -> None:
    if not 1900 <= year <= 2200:
        raise Wrong("年份不正确")


# ------------------------------------------------------------------------------------------ choices and lists
def _member(value: Any, options: Sequence[Any]) -> bool:
    # 1 == True in Python: compare the types as well
    return any(value == option and isinstance(value, bool) == isinstance(option, bool) for option in options)


def _code(value: Any, options: Sequence[Any] | None) -> Any:
    if not isinstance(value, str | int) or (options is not None and not _member(value, options)):
        raise Wrong("不在可选范围内")
    return value


def _codes(one: Input, value: Any, options: Sequence[Any] | None) -> list[Any]:
    if not isinstance(value, list):
        raise Wrong("请从列表中选择")
    return _several(one, [_code(item, options) for item in _short(value)])


def _persons(one: Input, value: Any) -> list[str]:
    if not isinstance(value, list):
        raise Wrong("请选择人员")
    return _several(one, [_id(one, item) for item in _short(value)])


def _files(one: Input, value: Any) -> list[str]:
    if not isinstance(value, list):
        raise Wrong("请上传照片或文件")
    return _several(one, [_id(one, item) for item in _short(value)])


def _short(value: list[Any]) -> list[Any]:
    if len(value) > LIST_MAX:
        raise Wrong(f"最多 {LIST_MAX} 项")
    return value


def _several(one: Input, made: list[Any]) -> list[Any]:
    """Choices without repetition, in the order given, and as many as asked for."""
    single = list(dict.fromkeys(made))
    count_fits(one, len(single))
    return single


def count_fits(one: Input, count: int) -> None:
    """Raise `Wrong` unless a list has as many entries as the input wants."""
    unit = "行" if one.kind is Kind.TABLE else "人" if one.kind is Kind.PERSONS else "项"
    if one.limits.at_least is not None and count < one.limits.at_least:
        raise Wrong(f"至少 {one.limits.at_least} {unit}")
    if one.limits.at_most is not None and count > one.limits.at_most:
        raise Wrong(f"最多 {one.limits.at_most} {unit}")


def _position(_one: Input, value: Any) -> dict[str, float]:
    if not isinstance(value, Mapping) or not {"latitude", "longitude"} <= set(value) <= {
        *_DEGREES,
        "accuracy",
    }:
        raise Wrong("位置无法识别")
    made: dict[str, float] = {}
    for name, number in value.items():
        if isinstance(number, bool) or not isinstance(number, int | float | Decimal):
            raise Wrong("位置无法识别")
        low, high = _DEGREES.get(name, (0, 1_000_000))
        if not low <= number <= high:  # also false for nan
            raise Wrong("位置无法识别")
        made[name] = float(number)
    return made


_DEGREES = {"latitude": (-90, 90), "longitude": (-180, 180)}

_BY_KIND: Mapping[Kind, Callable[[Input, Any], Any]] = {
    Kind.TEXT: _text,
    Kind.LONG: _text,
    Kind.NUMBER: _number,
    Kind.MONEY: _money,
    Kind.DATE: _date,
    Kind.DATETIME: _datetime,
    Kind.BOOLEAN: _boolean,
    Kind.TICK: _boolean,
    Kind.PERSON: _id,
    Kind.PERSONS: _persons,
    Kind.AREA: _id,
    Kind.FILES: _files,
    Kind.SIGNATURE: _signature,
    Kind.REFERENCE: _id,
    Kind.POSITION: _position,
}
