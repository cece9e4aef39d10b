"""Functions over contexts. They give new contexts; none changes its argument."""

from __future__ import annotations

from engine.feel.errors import Fault
from engine.feel.limits import MAX_NESTING
from engine.feel.values import Value, entries, entry

from .registry import declare, functions


def _get_value(context: dict[str, Value], key: str) -> Value:
    if key not in context:
        raise Fault("no_entry", f"没有名为“{key}”的项")
    return entry(context, key)


def _get_by_path(context: dict[str, Value], keys: list[Value]) -> Value:
    value: Value = context
    for key in keys:
        if not isinstance(key, str) or not isinstance(value, dict):
            raise Fault("no_entry", "没有这一项")
        value = _get_value(value, key)
    return value


def _get_entries(context: dict[str, Value]) -> list[Value]:
    return [{"key": key, "value": value} for key, value in entries(context).items()]


def _context(pairs: list[Value]) -> dict[str, Value]:
    made: dict[str, Value] = {}
    for pair in pairs:
        if not isinstance(pair, dict) or not isinstance(pair.get("key"), str) or "value" not in pair:
            raise Fault("type", "每一项应为 {key: 文本, value: 值}")
        if pair["key"] in made:
            raise Fault("arguments", f"名称“{pair['key']}”重复")
        made[pair["key"]] = entry(pair, "value")
    return made


def _put(context: dict[str, Value], key: str, value: Value) -> dict[str, Value]:
    return {**context, key: value}


def _put_path(context: dict[str, Value], keys: list[Value], value: Value) -> dict[str, Value]:
    if not keys or len(keys) > MAX_NESTING or not isinstance(keys[0], str):
        raise Fault("arguments", "路径应为名称的列表")
    if len(keys) == 1:
        return _put(context, keys[0], value)
    inner = entry(context, keys[0])
    if inner is None:
        inner = {}
    if not isinstance(inner, dict):
        raise Fault("type", f"“{keys[0]}”不是上下文")
    return _put(context, keys[0], _put_path(inner, keys[1:], value))


def _merge(contexts: list[Value]) -> dict[str, Value]:
    merged: dict[str, Value] = {}
    for context in contexts:
        if not isinstance(context, dict):
            raise Fault("type", "列表里应都是上下文")
        merged.update(context)
    return merged


FUNCTIONS = functions(
    get_value=[
        declare("m: context, key: string", _get_value),
        declare("context: context, key: string", _get_value),
        declare("m: context, keys: list", _get_by_path),
    ],
    get_entries=[declare("m: context", _get_entries), declare("context: context", _get_entries)],
    context=[declare("entries: list", _context)],
    context_put=[
        declare("context: context, key: string, value: any", _put),
        declare("context: context, keys: list, value: any", _put_path),
    ],
    context_merge=[declare("contexts: list", _merge)],
)
