"""List functions. Positions count from 1, negative ones from the end."""

from __future__ import annotations

from decimal import Decimal
from functools import cmp_to_key

from engine.feel.compare import ranked, same
from engine.feel.errors import Fault
from engine.feel.limits import MAX_LIST
from engine.feel.runtime import Run
from engine.feel.values import Function, Value

from .conversion import whole
from .registry import declare, functions


def position(items: list[Value], at: Decimal, beyond: int = 0) -> int:
    """A FEEL position as a Python index; `beyond` positions behind the end are allowed too. Raises `Fault`."""
    number = whole(at, "位置")
    if number > 0 and number <= len(items) + beyond:
        return number - 1
    if number < 0 and -number <= len(items):
        return len(items) + number
    raise Fault("index", f"列表没有第 {number} 项")


def _contains(run: Run, items: list[Value], element: Value) -> bool:
    return _found(run, items, element)


def _found(run: Run, items: list[Value], element: Value) -> bool:
    run.spend(len(items))
    return any(same(item, element) for item in items)


def _sublist(items: list[Value], start: Decimal, length: Decimal | None = None) -> list[Value]:
    first = position(items, start)
    if length is None:
        return items[first:]
    count = whole(length, "长度")
    if count < 0 or first + count > len(items):
        raise Fault("index", "子列表超出列表")
    return items[first : first + count]


def _append(items: list[Value], more: list[Value]) -> list[Value]:
    return [*items, *more]


def _concatenate(run: Run, lists: list[list[Value]]) -> list[Value]:
    total = sum(map(len, lists))
    run.spend(total)
    if total > MAX_LIST:
        raise Fault("budget", "列表过长")
    return [item for items in lists for item in items]


def _insert(items: list[Value], at: Decimal, new: Value) -> list[Value]:
    index = position(items, at, beyond=1)
    return [*items[:index], new, *items[index:]]


def _remove(items: list[Value], at: Decimal) -> list[Value]:
    index = position(items, at)
    return [*items[:index], *items[index + 1 :]]


def _replace_at(items: list[Value], at: Decimal, new: Value) -> list[Value]:
    index = position(items, at)
    return [*items[:index], new, *items[index + 1 :]]


def _replace_matching(items: list[Value], match: Function, new: Value) -> list[Value]:
    if len(match.parameters) != 2:
        raise Fault("arguments", "匹配函数应有两个参数")
    replaced: list[Value] = []
    for item in items:
        fits = match.call(item, new)
        if not isinstance(fits, bool):
            raise Fault("type", "匹配函数的结果应为是否值")
        replaced.append(new if fits else item)
    return replaced


def _index_of(run: Run, items: list[Value], match: Value) -> list[Value]:
    run.spend(len(items))
    return [Decimal(i) for i, item in enumerate(items, 1) if same(item, match)]


def distinct(run: Run, items: list[Value]) -> list[Value]:
    """The elements without those equal to an earlier one."""
    kept: list[Value] = []
    seen: set[object] = set()
    for item in items:
        if isinstance(item, (str, Decimal)):
            # by far the most frequent: numbers and strings equal each other only as Python has it
            key = (isinstance(item, str), item)
            if key in seen:
                continue
            seen.add(key)
        elif _found(run, kept, item):
            continue
        kept.append(item)
    return kept


def _union(run: Run, lists: list[list[Value]]) -> list[Value]:
    return distinct(run, _concatenate(run, lists))


def _flatten(run: Run, items: list[Value]) -> list[Value]:
    flat: list[Value] = []
    stack = [iter(items)]
    while stack:
        for item in stack[-1]:
            run.spend(1)
            if isinstance(item, list):
                stack.append(iter(item))
                break
            flat.append(item)
            if len(flat) > MAX_LIST:
                raise Fault("budget", "列表过长")
        else:
            stack.pop()
    return flat


def _sort(run: Run, items: list[Value], precedes: Function | None = None) -> list[Value]:
    run.spend(len(items) * 4)

    def order(a: Value, b: Value) -> int:
        if precedes is None:
            pair = ranked(a, b)
            if pair is None:
                raise Fault("type", "列表里有不能比较的值")
            return int(pair[0] > pair[1]) - int(pair[0] < pair[1])
        if precedes.call(a, b) is True:
            return -1
        return 1 if precedes.call(b, a) is True else 0

    if precedes is not None and len(precedes.parameters) != 2:
        raise Fault("arguments", "排序函数应有两个参数")
    return sorted(items, key=cmp_to_key(order))


def _duplicates(run: Run, items: list[Value]) -> list[Value]:
    repeated = [item for index, item in enumerate(items) if _found(run, items[:index], item)]
    return distinct(run, repeated)


FUNCTIONS = functions(
    list_contains=[declare("list: list, element: any", _contains, takes_run=True)],
    count=[declare("list: list", lambda items: Decimal(len(items)))],
    sublist=[declare("list: list, start position: number, length: number?", _sublist)],
    append=[declare("list: list, item: any...", _append)],
    concatenate=[declare("list: list...", _concatenate, takes_run=True)],
    insert_before=[declare("list: list, position: number, newItem: any", _insert)],
    remove=[declare("list: list, position: number", _remove)],
    list_replace=[
        declare("list: list, position: number, newItem: any", _replace_at),
        declare("list: list, match: function, newItem: any", _replace_matching),
    ],
    reverse=[declare("list: list", lambda items: items[::-1])],
    index_of=[declare("list: list, match: any", _index_of, takes_run=True)],
    union=[declare("list: list...", _union, takes_run=True)],
    distinct_values=[declare("list: list", distinct, takes_run=True)],
    duplicate_values=[declare("list: list", _duplicates, takes_run=True)],
    flatten=[declare("list: list", _flatten, takes_run=True)],
    sort=[declare("list: list, precedes: function?", _sort, takes_run=True)],
    is_empty=[declare("list: list", lambda items: not items)],
)
