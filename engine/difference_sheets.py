"""Two versions of a form in words: what staff will see and must answer differently. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.difference import from_to

KINDS = {
    ("textfield", None): "单行文字", ("textarea", None): "多行文字", ("number", None): "数字", ("number", "money"): "金额",
    ("checkbox", None): "勾选确认", ("radio", "boolean"): "是或否", ("radio", None): "单选", ("select", None): "下拉单选",
    ("checklist", None): "多选", ("taglist", None): "下拉多选", ("select", "person"): "工作人员", ("taglist", "persons"): "几名工作人员",
    ("select", "area"): "地区", ("filepicker", None): "照片或文件", ("filepicker", "photo"): "照片或文件", ("textfield", "signature"): "签名",
    ("textfield", "reference"): "关联记录", ("textfield", "position"): "位置", ("dynamiclist", None): "明细表", ("group", None): "分组",
}  # fmt: skip
SPOKEN = {
    "description": "填写帮助", "conditional.hide": "不显示的条件", "properties.check": "核对规则", "properties.checkMessage": "核对不过时的提示",
    "properties.prefill": "自动填入", "defaultValue": "默认值", "valuesExpression": "选项来源", "validate.min": "最小值", "validate.max": "最大值",
    "validate.minLength": "最少字数", "validate.maxLength": "最多字数", "validate.pattern": "格式", "properties.atLeast": "至少几项",
    "properties.atMost": "最多几项", "properties.tier": "地区层级", "properties.among": "可选人员", "readonly": "只读", "decimalDigits": "小数位数",
}  # fmt: skip
SAID = {
    "label",
    "dateLabel",
    "type",
    "subtype",
    "values",
    "validate.required",
    "properties.kind",
    "components",
    "layout",
    "id",
}
"""What has a sentence of its own, follows from another, or says nothing."""
WHOLE = {"title": "名称", "section": "存放的名称", "repeats": "是否每次另存一份"}


def sheet(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """The differences, each to follow “表单「…」”. Something always differs: the caller has compared the files."""
    told = list(_sheet(old, new))
    yield from told or ["有改动（排版、说明或条件）"]


def _sheet(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for key, label in WHOLE.items():
        text = from_to((old.get("properties") or {}).get(key), (new.get("properties") or {}).get(key))
        if text:
            yield f"的{label}{text}"
    before, after = _items(old), _items(new)
    for key, item in after.items():
        if key not in before:
            if item.get("type") == "group":
                continue  # what is in it speaks for itself
            yield f"新增项目“{_name(key, item)}”（{_kind(item)}{'，必填' if _flat(item).get('validate.required') is True else ''}）"
        elif before[key] != item:
            yield from (f"的项目“{_name(key, item)}”{text}" for text in _item(before[key], item))
    for key, item in before.items():
        if key not in after and item.get("type") != "group":
            yield f"删除项目“{_name(key, item)}”"
    kept = [key for key in after if key in before]
    if kept != [key for key in before if key in after]:
        yield "的项目次序有改动"
    if _notes(old) != _notes(new):
        yield "的说明文字有改动"


def _item(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    a, b = _flat(old), _flat(new)
    if a.get("label") != b.get("label"):
        yield f"改称（原为“{a.get('label') or ''}”）"
    if _kind(old) != _kind(new):
        yield f"由{_kind(old)}改为{_kind(new)}"
    if (a.get("validate.required") is True) != (b.get("validate.required") is True):
        yield f"改为{'必填' if b.get('validate.required') is True else '选填'}"
    yield from _options(a.get("values") or [], b.get("values") or [])
    for path, word in SPOKEN.items():
        text = from_to(a.get(path), b.get(path))
        if text:
            yield f"的{word}{text}"
    rest = {*a, *b} - SAID - SPOKEN.keys()
    if any(a.get(path) != b.get(path) for path in rest):
        yield "有其他改动"


def _options(old: list[Any], new: list[Any]) -> Iterator[str]:
    before = {str(o.get("value")): str(o.get("label")) for o in old if isinstance(o, Mapping)}
    after = {str(o.get("value")): str(o.get("label")) for o in new if isinstance(o, Mapping)}
    if before == after and old != new:
        yield "的选项次序有改动"
    for word, listed in (
        ("增加选项", [label for value, label in after.items() if value not in before]),
        ("去掉选项", [label for value, label in before.items() if value not in after]),
    ):
        if listed:
            yield word + "、".join(f"“{label}”" for label in listed)
    for value, label in after.items():
        if value in before and before[value] != label:
            yield f"的选项“{before[value]}”改称“{label}”"


def _items(form: Mapping[str, Any], at: str = "") -> dict[str, Any]:
    """Components with a key, those in groups and lists included; a column of a list stands under the list's key."""
    found: dict[str, Any] = {}
    for item in form.get("components") or []:
        key = item.get("key") or item.get("path")
        if key:
            found[f"{at}{key}"] = {k: v for k, v in item.items() if k != "components"}
        elif item.get("type") == "group":
            found[f"{at}分组 {item.get('id') or item.get('label')}"] = {
                k: v for k, v in item.items() if k != "components"
            }
        found |= _items(item, f"{at}{key}." if key else at)
    return found


def _notes(form: Mapping[str, Any]) -> list[Any]:
    found: list[Any] = []
    for item in form.get("components") or []:
        if item.get("type") == "text":
            found.append((item.get("text"), item.get("conditional")))
        found += _notes(item)
    return found


def _flat(item: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes by path: `validate.required`."""
    found: dict[str, Any] = {}
    for key, value in item.items():
        if key in ("validate", "properties", "conditional") and isinstance(value, Mapping):
            found |= {f"{key}.{inner}": v for inner, v in value.items()}
        else:
            found[key] = value
    return found


def _name(key: str, item: Mapping[str, Any]) -> str:
    return str(item.get("label") or key)


def _kind(item: Mapping[str, Any]) -> str:
    if item.get("type") == "datetime":
        return "日期和时间" if item.get("subtype") == "datetime" else "日期"
    own = (item.get("properties") or {}).get("kind")
    return KINDS.get((str(item.get("type")), own), str(item.get("type")))
