"""Differences of decision tables, forms, code lists and other files, and of whole bundles (`differences`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from difflib import SequenceMatcher
from typing import Any

import orjson

from engine.bundle import CODES, Bundle
from engine.difference import Change, Names, models
from engine.difference_sheets import sheet
from engine.dmn import reader, values


def differences(before: Bundle, after: Bundle, names: Names) -> list[Change]:
    """Everything `after` does differently from `before`. Only positions changed: one sentence that says so."""
    found = models(before, after, names)
    found += _decisions(before, after)
    found += _forms(before, after)
    found += _codes(before, after)
    found += _others(before, after)
    if not found and before.digest != after.digest:
        text = "只调整了图面（位置、大小、线形）或文件写法，办理规则没有变化。"
        return [Change("", None, "drawing", text)]
    return found


def form_title(raw: bytes, key: str) -> str:
    """What a form file calls itself (`properties.title`), else its id."""
    return str((orjson.loads(raw).get("properties") or {}).get("title") or key)


# ------------------------------------------------------------------------------------------ decisions
def _decisions(before: Bundle, after: Bundle) -> Iterator[Change]:
    old, new = _nodes(before), _nodes(after)
    for key, (file, node) in new.items():
        if key not in old:
            yield Change(file, key, "added", f"新增决策「{node.name}」。")
            continue
        for text in _decision(old[key][1], node):
            yield Change(file, key, "decision", f"决策表「{node.name}」{text}。")
    for key, (file, node) in old.items():
        if key not in new:
            yield Change(file, key, "removed", f"删除决策「{node.name}」。")


def _nodes(bundle: Bundle) -> dict[str, tuple[str, values.DecisionNode]]:
    found = {}
    for file in sorted(set(bundle.decisions.values())):
        for key, node in reader.read(bundle.files[file]).decisions.items():
            found[key] = (file, node)
    return found


def _decision(old: values.DecisionNode, new: values.DecisionNode) -> Iterator[str]:
    if old.name != new.name:
        yield f"的名称由 {old.name} 改为 {new.name}"
    a, b = old.logic, new.logic
    if isinstance(a, values.Table) and isinstance(b, values.Table):
        yield from _table(a, b)
    elif _bare(a) != _bare(b):
        yield "的算法有改动"
    for attribute, label in (("information", "依据的数据"), ("knowledge", "引用的函数")):
        if sorted(getattr(old, attribute)) != sorted(getattr(new, attribute)):
            yield f"{label}有改动"


def _table(old: values.Table, new: values.Table) -> Iterator[str]:
    if (old.policy, old.aggregation) != (new.policy, new.aggregation):
        yield f"的命中策略由 {_policy(old)} 改为 {_policy(new)}"
    columns, left = _columns(new), _columns(old)
    reads, read = _reads(new), _reads(old)
    same = reads.keys() & read.keys()
    for key in (k for k in reads if k in same and reads[k] != read[k]):
        yield f"的列“{columns[key]}”改为读取 {_short(reads[key])}（原为 {_short(read[key])}）"
    known, had = set(read.values()), set(reads.values())
    came = [columns[k] for k in reads if k not in same and reads[k] not in known]
    went = [left[k] for k in read if k not in same and read[k] not in had]
    for word, listed in (("新增", came), ("删除", went)):
        if listed:
            yield f"{word}列 {'、'.join(_short(c) for c in listed)}"
    heads = list(columns.values())
    if list(reads.values()) == list(read.values()) and _heads(old) != _heads(new):
        yield "的列的取值范围、类型或默认值有改动"
    if len(old.inputs) != len(new.inputs) or len(old.outputs) != len(new.outputs):
        yield f"各行随列改写（原 {len(old.rules)} 行，现 {len(new.rules)} 行），请逐行核对"
        return
    by_id = {rule.id: n for n, rule in enumerate(old.rules) if "@" not in rule.id}
    pairs = {n: by_id[rule.id] for n, rule in enumerate(new.rules) if rule.id in by_id}
    pairs |= _alike(old.rules, new.rules, set(pairs.values()), set(pairs))
    for n, rule in enumerate(new.rules):
        if n not in pairs:
            yield f"新增第 {n + 1} 行：{_row(rule, heads, len(new.inputs))}"
            continue
        before, after = _cells(old.rules[pairs[n]]), _cells(rule)
        for column, was, now in zip(heads, before, after, strict=True):
            if was != now:
                yield f"第 {n + 1} 行的“{column}”由 {was or '不限'} 改为 {now or '不限'}"
    for n, rule in enumerate(old.rules):
        if n not in pairs.values():
            yield f"删除原第 {n + 1} 行：{_row(rule, heads, len(new.inputs))}"
    kept = [pairs[n] for n in sorted(pairs)]
    if kept != sorted(kept):
        yield "的行次序有改动"


def _alike(
    old: Sequence[values.Rule], new: Sequence[values.Rule], used: set[int], done: set[int]
) -> dict[int, int]:
    """Rows without ids: equal content is the same row, and what stands in its place is the row changed."""
    left = [n for n in range(len(old)) if n not in used]
    right = [n for n in range(len(new)) if n not in done]
    pairs: dict[int, int] = {}
    matcher = SequenceMatcher(None, [_cells(old[n]) for n in left], [_cells(new[n]) for n in right], False)
    for tag, a, a_end, b, b_end in matcher.get_opcodes():
        same = tag == "equal" or (tag == "replace" and a_end - a == b_end - b)
        if same:
            no_id = [k for k in range(a_end - a) if tag == "equal" or "@" in old[left[a + k]].id]
            pairs |= {right[b + k]: left[a + k] for k in no_id}
    return pairs


def _cells(rule: values.Rule) -> tuple[str, ...]:
    return tuple(
        "" if cell.text.strip() == "-" else cell.text.strip() for cell in (*rule.tests, *rule.results)
    )


def _columns(table: values.Table) -> dict[str, str]:
    """What a person calls the columns: by id, where the file gives them ids, else by what they read or give."""
    named = [(c.id, c.label or c.expression.text, c.expression.text) for c in table.inputs]
    named += [(c.id, c.label or c.name or "结果", c.name or "结果") for c in table.outputs]
    return {(text if "@" in key else key): label for key, label, text in named}


def _reads(table: values.Table) -> dict[str, str]:
    """What the columns read or give, by the keys of `_columns`."""
    texts = [(c.id, c.expression.text) for c in table.inputs] + [
        (c.id, c.name or "结果") for c in table.outputs
    ]
    return {(text if "@" in key else key): text for key, text in texts}


def _heads(table: values.Table) -> list[Any]:
    return [_bare(column) for column in (*table.inputs, *table.outputs)]


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + "…"


def _row(rule: values.Rule, columns: Sequence[str], inputs: int) -> str:
    cells = _cells(rule)
    tests = [
        f"{column} {cell}" for column, cell in zip(columns[:inputs], cells[:inputs], strict=False) if cell
    ]
    results = [
        f"{column} {cell}" for column, cell in zip(columns[inputs:], cells[inputs:], strict=False) if cell
    ]
    return f"{'，'.join(tests) or '任何情况'} → {'，'.join(results) or '空'}"


def _policy(table: values.Table) -> str:
    return f"{table.policy.value} {table.aggregation.value}" if table.aggregation else table.policy.value


def _bare(value: Any) -> Any:
    """A value without ids, which may be line numbers."""
    if is_dataclass(value) and not isinstance(value, type):
        kept = [(f.name, _bare(getattr(value, f.name))) for f in fields(value) if f.name != "id"]
        return type(value).__name__, kept
    if isinstance(value, tuple | list):
        return [_bare(item) for item in value]
    return value


# ------------------------------------------------------------------------------------------ forms, codes, files
def _forms(before: Bundle, after: Bundle) -> Iterator[Change]:
    for key, raw in after.forms.items():
        file, form, name = after.form_files[key], orjson.loads(raw), form_title(raw, key)
        if key not in before.forms:
            yield Change(file, None, "added", f"新增表单「{name}」。")
            continue
        old = orjson.loads(before.forms[key])
        if old != form:
            for text in sheet(old, form):
                yield Change(file, None, "form", f"表单「{name}」{text}。")
    for key in before.forms:
        if key not in after.forms:
            yield Change(
                before.form_files[key], None, "removed", f"删除表单「{form_title(before.forms[key], key)}」。"
            )


def _codes(before: Bundle, after: Bundle) -> Iterator[Change]:
    for key in sorted({*before.codes, *after.codes}):
        if key not in before.codes:
            yield Change(CODES, None, "added", f"新增代码表 {key}。")
        elif key not in after.codes:
            yield Change(CODES, None, "removed", f"删除代码表 {key}。")
        elif before.codes[key] != after.codes[key]:
            yield Change(CODES, None, "other", f"代码表 {key} 有改动。")


def _others(before: Bundle, after: Bundle) -> Iterator[Change]:
    """Files that carry no rules: read-me texts and the like."""
    ruled = (".bpmn", ".dmn", ".form")
    for name in sorted({*before.files, *after.files}):
        if name.endswith(ruled) or name == CODES or before.files.get(name) == after.files.get(name):
            continue
        word = "新增" if name not in before.files else "删除" if name not in after.files else "修改"
        yield Change(name, None, "other", f"{word}文件 {name}（不影响办理）。")
