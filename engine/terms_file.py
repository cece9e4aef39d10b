"""Reading `processes/terms.toml`: every attribute is checked, and of one key there is one version for every day.

What is wrong is refused with the entry, the attribute, the value and the way to put it right.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

from engine.errors import Invalid
from engine.terms import (
    AD_HOC,
    EXPIRY,
    HOURLY,
    LONGEST,
    PAUSES,
    Parameter,
    Term,
    Terms,
    Unit,
    V,
    wrong_number,
    wrong_value,
)

CONFIDENCE = ("H", "M", "L", "D", "MEM")
KEY = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
EXTENSION = {"n", "unit", "who", "how_often", "reasons"}
KINDS = {"term": "时限", "parameter": "参数"}


def load_terms(path: Path) -> Terms:
    """Read `terms.toml`. Raises Invalid naming the entry that is wrong."""
    try:
        data = tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"{path.name} 不是合法的 TOML：{error}", str(error), code="bad_terms") from error
    for table, entries in data.items():
        if table not in KINDS or not isinstance(entries, list):
            raise Invalid(
                f"{path.name} 中的 {table} 不认识：只能写 [[term]] 或 [[parameter]]。",
                f"unknown table {table}",
                code="bad_terms",
            )
    terms = [_read(path.name, "term", entry, _wrong_in_term, term_of) for entry in data.get("term", [])]
    parameters = [
        _read(path.name, "parameter", entry, _wrong_in_parameter, parameter_of)
        for entry in data.get("parameter", [])
    ]
    return Terms(_versions(path.name, "term", terms), _versions(path.name, "parameter", parameters))


def term_of(entry: Mapping[str, Any]) -> Term:
    """A term as its entry says it; what a later file may say beyond it is left out."""
    values = _known(Term, entry)
    values["unit"] = Unit(values["unit"])
    for listed in ("pauses", "expiry", "net_of"):
        if listed in values:
            values[listed] = tuple(values[listed])
    counts = entry.get("counts")
    if isinstance(counts, Mapping):
        values["net_of"] = tuple(counts["net_of"])
    return Term(**values)


def parameter_of(entry: Mapping[str, Any]) -> Parameter:
    """The same of a parameter; a list of choices is of values that are words themselves."""
    values = _known(Parameter, entry)
    choices = values.get("choices", {})
    values["choices"] = dict(choices) if isinstance(choices, Mapping) else {one: one for one in choices}
    return Parameter(**values)


def _known(made: type[Term | Parameter], entry: Mapping[str, Any]) -> dict[str, Any]:
    names = {one.name for one in fields(made)}
    return {name: value for name, value in entry.items() if name in names}


# ------------------------------------------------------------------------------------------ one entry
Wrong = tuple[str, str]
"""An attribute, and why its value cannot be right with the way to mend it."""


def _read(
    file: str,
    kind: str,
    entry: Any,
    wrong: Callable[[Mapping[str, Any]], Iterator[Wrong]],
    made: Callable[[Mapping[str, Any]], V],
) -> V:
    if not isinstance(entry, Mapping):
        raise Invalid(
            f"{file} 的{KINDS[kind]}须写成 [[{kind}]]。", f"not a table: {entry!r}", code="bad_terms"
        )
    for attribute, why in wrong(entry):
        value = f" = {written(entry[attribute])}" if attribute in entry else ""
        raise Invalid(
            f"{file} 的{KINDS[kind]} {entry.get('key', '（没有 key）')} 有误：{attribute}{value}，{why}",
            f"{entry.get('key')}: {attribute}: {why}",
            code="bad_terms",
        )
    return made(entry)


def written(value: Any) -> str:
    """A value as the file writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{k} = {written(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(written(one) for one in value) + "]"
    return str(value)


def _wrong_in_any(entry: Mapping[str, Any], known: Iterable[str], needed: Iterable[str]) -> Iterator[Wrong]:
    known = sorted(known)
    for attribute in entry:
        if attribute not in known:
            near = difflib.get_close_matches(attribute, known, 1)
            yield attribute, f"没有这个属性，{'是否为 ' + near[0] if near else '可写：' + '、'.join(known)}。"
    for attribute in needed:
        if attribute not in entry:
            yield attribute, "没有写，请补上。"
    key = entry["key"]
    if not isinstance(key, str) or not KEY.fullmatch(key) or AD_HOC.fullmatch(key):
        yield "key", "须是以点分段的字母、数字和下划线，如 lead.report。"
    for attribute in ("name", "citation", "start_event"):
        if not isinstance(entry.get(attribute, ""), str):
            yield attribute, "须是文字，请加引号。"
    for attribute in ("valid_from", "valid_to"):
        day = entry.get(attribute, date.min)
        if not isinstance(day, date) or isinstance(day, datetime):
            yield attribute, f"须是日期且不加引号，如 {attribute} = 2027-01-01。"
    begins, ends = entry.get("valid_from", date.min), entry.get("valid_to")
    if ends is not None and ends <= begins:
        yield "valid_to", f"须晚于生效日 {begins}（valid_to 为失效的第一天，不含当日）。"


def _wrong_in_term(entry: Mapping[str, Any]) -> Iterator[Wrong]:
    own = {one.name for one in fields(Term)} - {"net_of", "lawful_n", "chosen_from", "hours"} | {"counts"}
    yield from _wrong_in_any(entry, own, ("key", "n", "unit"))
    units = [unit.value for unit in Unit]
    if entry["unit"] not in units:
        yield "unit", f"只能是 {'、'.join(units)}（工作日、自然日、工作小时、小时、月）。"
    yield from _wrong_in_bounds(entry)
    n, least = entry["n"], 0 if (entry.get("bounds") or {}).get("min_n") == 0 else 1
    if not _whole(n) or not least <= n <= LONGEST:
        yield "n", f"须是 {least} 至 {LONGEST} 的整数，不加引号。"
    yield from _one_of(entry, "kind", ("max", "min"), "至迟写 max，至少写 min")
    yield from _one_of(entry, "start", ("next_day", "moment"), "次日起算写 next_day，即时起算写 moment")
    if entry["unit"] in HOURLY and entry.get("start") != "moment":
        yield "start", '以小时计的时限即时起算，请写 start = "moment"。'
    if not isinstance(entry.get("roll", False), bool):
        yield "roll", "须是 true 或 false，不加引号。"
    yield from _all_of(entry, "pauses", list(PAUSES))
    yield from _all_of(entry, "expiry", sorted(EXPIRY))
    yield from _wrong_in_counts(entry)
    yield from _wrong_in_extension(entry)
    marks = entry.get("confidence")
    if marks is not None and (not isinstance(marks, str) or not set(marks.split("/")) <= set(CONFIDENCE)):
        yield "confidence", f"只能是 {'、'.join(CONFIDENCE)}，几个之间用 / 分开。"
    refused = wrong_number(term_of(entry), n)
    if refused is not None:
        yield "n", f"不在自己的 bounds 之内：{refused}"


def _wrong_in_bounds(entry: Mapping[str, Any]) -> Iterator[Wrong]:
    bounds = entry.get("bounds")
    if bounds is None:
        return
    if not isinstance(bounds, Mapping) or not bounds or not set(bounds) <= {"min_n", "max_n"}:
        yield "bounds", "只能写 min_n、max_n，如 { min_n = 7, max_n = 10 }。"
    if not all(_whole(one) and 0 <= one <= LONGEST for one in bounds.values()):
        yield "bounds", f"min_n、max_n 须是 0 至 {LONGEST} 的整数，不加引号。"
    if bounds.get("min_n", 0) > bounds.get("max_n", LONGEST):
        yield "bounds", "min_n 不能大于 max_n。"


def _wrong_in_counts(entry: Mapping[str, Any]) -> Iterator[Wrong]:
    counts = entry.get("counts", "gross")
    if counts == "gross":
        return
    how = f'全计写 "gross"，扣除的写 {{ net_of = ["notice"] }}，事由可为 {"、".join(PAUSES)}。'
    if not isinstance(counts, Mapping) or set(counts) != {"net_of"}:
        yield "counts", how
    net_of = counts["net_of"]
    if not isinstance(net_of, list) or not net_of or not _different(net_of, list(PAUSES)):
        yield "counts", how


def _wrong_in_extension(entry: Mapping[str, Any]) -> Iterator[Wrong]:
    rule = entry.get("extension")
    if rule is None:
        return
    if not isinstance(rule, Mapping) or not {"n", "unit", "who", "how_often"} <= set(rule) <= EXTENSION:
        yield "extension", "须写明 n、unit、who、how_often，另可写 reasons。"
    if rule["unit"] != entry["unit"]:
        yield "extension", f'unit 须与时限相同，写 unit = "{entry["unit"]}"。'
    for name in ("n", "how_often"):
        if not _whole(rule[name]) or rule[name] < 1:
            yield "extension", f"{name} 须是大于 0 的整数，不加引号。"
    who = rule["who"]
    if not isinstance(who, str) or not all(part.strip() for part in who.split(",")):
        yield "extension", "who 须是 posts.toml 中岗位的代码，几个之间用逗号分开。"
    reasons = rule.get("reasons", [])
    if not isinstance(reasons, list) or not all(isinstance(one, str) and one for one in reasons):
        yield "extension", "reasons 须是文字的列表。"


def _wrong_in_parameter(entry: Mapping[str, Any]) -> Iterator[Wrong]:
    yield from _wrong_in_any(entry, {one.name for one in fields(Parameter)}, ("key", "value"))
    value, bounds = entry["value"], entry.get("bounds")
    number = _number(value)
    words = isinstance(value, str) or (
        isinstance(value, list) and value and all(isinstance(one, str) and one for one in value)
    )
    if not number and not words and not isinstance(value, bool):
        yield "value", "须是数、true 或 false、文字或文字的列表。"
    if bounds is not None:
        if not number or not isinstance(bounds, Mapping) or not bounds or not set(bounds) <= {"min", "max"}:
            yield "bounds", "只用于数值，写 min、max，如 { min = 0, max = 1 }。"
        if not all(_number(one) for one in bounds.values()):
            yield "bounds", "min、max 须是数，不加引号。"
        if "min" in bounds and "max" in bounds and bounds["min"] > bounds["max"]:
            yield "bounds", "min 不能大于 max。"
    if not isinstance(entry.get("whole", False), bool) or (entry.get("whole") and not number):
        yield "whole", "只用于数值，写 true 或 false，不加引号。"
    yield from _one_of(entry, "form", ("", "hours"), "各段时间写 hours，否则不写")
    choices = entry.get("choices", {})
    listed = list(choices.values()) if isinstance(choices, Mapping) else choices
    if not isinstance(listed, list) or not all(isinstance(one, str) and one for one in listed):
        yield "choices", '须写成 { 值 = "中文" }，值本身就是文字的写成列表。'
    if choices and not words:
        yield "choices", "只用于文字。"
    refused = wrong_value(parameter_of(entry), value)
    if refused is not None:
        yield "value", refused


def _number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool) and Decimal(value).is_finite()


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _different(listed: Sequence[Any], known: Sequence[str]) -> bool:
    return all(one in known for one in listed) and len(set(listed)) == len(listed)


def _one_of(entry: Mapping[str, Any], attribute: str, known: Sequence[str], how: str) -> Iterator[Wrong]:
    if attribute in entry and entry[attribute] not in known:
        yield attribute, f"{how}。"


def _all_of(entry: Mapping[str, Any], attribute: str, known: Sequence[str]) -> Iterator[Wrong]:
    listed = entry.get(attribute, [])
    if not isinstance(listed, list) or not _different(listed, known):
        yield attribute, f"须是列表，只能列 {'、'.join(known)}，不重复。"


# ------------------------------------------------------------------------------------------ versions
def _versions(file: str, kind: str, made: Iterable[V]) -> dict[str, tuple[V, ...]]:
    """By key, oldest first: one after the other without a gap."""
    found: dict[str, list[V]] = {}
    for one in made:
        found.setdefault(one.key, []).append(one)
    for key, versions in found.items():
        versions.sort(key=lambda one: one.valid_from)
        for old, new in pairwise(versions):
            wrong = _wrong_between(old, new)
            if wrong is not None:
                raise Invalid(
                    f"{file} 的{KINDS[kind]} {key} 有误：{wrong}", f"{key}: versions", code="bad_terms"
                )
    return {key: tuple(versions) for key, versions in found.items()}


def _wrong_between(old: V, new: V) -> str | None:
    day = new.valid_from
    if old.valid_from == day:
        since = "都没有写 valid_from" if day == date.min else f"都自 {day} 起"
        return f"有两条{since}。请删去一条，或分段写 valid_from、valid_to。"
    if old.valid_to is None or old.valid_to > day:
        return f"{day} 起有两条同时有效。请在旧条写 valid_to = {day}。"
    if old.valid_to < day:
        return f"{old.valid_to} 至 {day} 之间没有有效的一条。请把旧条的 valid_to 或新条的 valid_from 改成同一天。"
    if isinstance(old, Parameter) and isinstance(new, Parameter) and _sort(old.value) != _sort(new.value):
        return f"{day} 起的 value 与旧条的类型不同（数、是否、文字、列表）。"
    return None


def _sort(value: Any) -> type:
    return Decimal if _number(value) else type(value)
