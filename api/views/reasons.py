"""Why a decision table said what it said, in words: which version, which rules held, on which facts, with what result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casework.sensitive import HIDDEN as MASKED
from casework.sensitive import Veil

WORDS = {"true": "是", "false": "否", "null": "未填", "": "未填", "[]": "无"}


Options = Mapping[str, Mapping[str, str]]
"""The words of coded answers (`engine.definitions.Pinned.options`); under `TERMS` the names of legal terms."""
TERMS = "terms"


OUTCOMES: Options = {
    "kind": {
        "death_all": "全家死亡",
        "death": "成员死亡",
        "rigid_expiry": "认定到期",
        "periodic": "定期复核",
        "change": "情况变化",
    },
    "level": {"over_cap": "超过封顶额"},
    "mode": {"escort": "护送", "guide": "引导"},
    "track": {"emergency": "急难", "ordinary": "一般"},
}
"""Results of tables that only the drawing reads: output → value → words. `tests/structure/test_labels.py` holds them complete."""


def of(
    what: Mapping[str, Any], element: str, options: Options, veil: Veil | None = None
) -> list[dict[str, Any]]:
    """`{"label", "value"}` per table that was read. `what`: a trace's `decided` (`engine.runner.nodes.Rule`).

    A table that asked sensitive answers tells them by its facts, its note and its result: under the veil none of it is said.
    """
    source = what.get("source", {})
    name = str(source.get("name") or what.get("decision") or element)
    if source.get("version"):
        name += f"（第 {source['version']} 版规则）"
    tables = what.get("explained", [])
    if not tables:
        return [{"label": name, "value": f"结果：{_said(what.get('value'))}"}]
    return [
        {"label": name, "value": MASKED if _hidden(table, veil) else _table(table, options)}
        for table in tables
    ]


def _hidden(table: Mapping[str, Any], veil: Veil | None) -> bool:
    tests = [*table["inputs"], *(test for rule in table["rules"] for test in rule["tests"])]
    return veil is not None and veil.hides_names(str(test["expression"]) for test in tests)


def _table(table: Mapping[str, Any], options: Options) -> str:
    if not table["rules"]:
        return f"没有规则命中。依据：{_facts(table['inputs'], options)}"
    return "\n".join(_rule(rule, options) for rule in table["rules"])


def _rule(rule: Mapping[str, Any], options: Options) -> str:
    note = f"“{rule['note']}”" if rule["note"] else ""
    facts = f"：{_facts(rule['tests'], options)}" if rule["tests"] else "：无条件"
    given = [o for o in rule["outputs"] if str(o["value"]).lower() not in ("null", "")]
    outputs = "，".join(f"{o['label']} {_coded(o, options)}".strip() for o in given) or "无"
    return f"命中第 {rule['number']} 条规则{note}{facts}。结果：{outputs}"


def _facts(tests: list[Mapping[str, Any]], options: Options) -> str:
    return "；".join(f"{test['label']} = {_coded(test, options)}" for test in tests) or "无"


def _coded(test: Mapping[str, Any], options: Options) -> str:
    """A value in words: where its expression or name is that of a form's field with options, the option's words."""
    key, value = str(test.get("expression") or test.get("name") or "").rpartition(".")[2], test["value"]
    known = {**OUTCOMES.get(key, {}), **options.get(TERMS, {}), **options.get(key, {})}
    return known.get(value, _said(value))


def _said(value: Any) -> str:
    text = value if isinstance(value, str) else "null" if value is None else str(value)
    return WORDS.get(text.lower(), text)
