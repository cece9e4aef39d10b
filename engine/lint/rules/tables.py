"""Decision tables: cells that are no FEEL, functions nobody has, outputs that overwrite each other. The element is the cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from engine import dmn
from engine.dmn import values
from engine.errors import ModelRefused, XunzhenError
from engine.hosting import HOST_FUNCTIONS
from engine.lint.english import english
from engine.lint.finding import Finding, Subject
from engine.lint.rules import not_runnable

RULE = "decision-table"


def check(subject: Subject) -> Iterable[Finding]:
    files = {name: data for name, data in subject.bundle.files.items() if name.endswith(".dmn")}
    for name, data in files.items():
        try:
            model = dmn.load(data, files.values())
        except ModelRefused as refused:
            for refusal in refused.refusals:
                found = not_runnable.finding(refusal, name)
                remedy = english(refusal.remedy) or "mend it in the table editor"
                yield replace(found, file=name, rule=RULE, name=found.name or name, remedy_en=remedy)
        except XunzhenError as error:
            yield Finding(
                name, None, None, error.data.get("line"), RULE, "error", error.message, "改正文件后再保存",
                error.message_en, "mend the file and save it again",
            )  # fmt: skip
        else:
            yield from _model(name, model)


def _model(file: str, model: dmn.Model) -> Iterator[Finding]:
    places = {key: place for d in model.definitions.decisions.values() for key, place in _places(d)}
    for problem in model.problems:
        yield Finding(
            file, problem.element, places.get(problem.element), None, RULE, "error", problem.message, problem.remedy,
            problem.message_en or f"no FEEL at {problem.element}", "mend the expression",
        )  # fmt: skip
    for element, names in model.unknown_functions(sorted(HOST_FUNCTIONS)).items():
        for name in names:
            yield Finding(
                file, element, places.get(element), None, RULE, "error", f"调用了不存在的函数 {name}", "检查函数名的写法",
                f"there is no function {name}", "check the name of the function",
            )  # fmt: skip
    for decision in model.definitions.decisions.values():
        if isinstance(decision.logic, values.Table):
            yield from _table(file, decision.name, decision.logic)


def _table(file: str, name: str, table: values.Table) -> Iterator[Finding]:
    """What is FEEL and yet no sound table: results of one name overwrite each other; without rules nothing is decided."""
    named = [column.name or "" for column in table.outputs]
    for number, output in enumerate(table.outputs, 1):
        if named.count(output.name or "") > 1:
            yield Finding(
                file, output.id, f"{name} 第 {number} 个结果列", None, RULE, "error",
                f"有两个结果列都叫 {output.name}，后一个会盖过前一个", "在列头改成不重复的名称",
                f"two outputs are called {output.name}: the later overwrites the earlier", "give each a name of its own",
            )  # fmt: skip
    if not table.rules:
        yield Finding(
            file, table.id, name, None, RULE, "warning", "决策表没有规则，结果总是空值", "至少写一行规则",
            "the table has no rules: its result is null", "write at least one rule",
        )  # fmt: skip


def _places(decision: values.DecisionNode) -> Iterator[tuple[str, str]]:
    """Ids of a table's cells and columns, and what a person calls them."""
    table = decision.logic
    if not isinstance(table, values.Table):
        return
    heads = [c.label or c.expression.text for c in table.inputs] + [
        c.label or c.name or "" for c in table.outputs
    ]
    for column, head in zip(table.inputs, heads, strict=False):
        yield from ((key, f"{decision.name} 条件列“{head}”") for key in (column.id, column.expression.id))
    for output in table.outputs:
        head = output.label or output.name or "结果"
        yield output.id, f"{decision.name} 结果列“{head}”"
        if output.default is not None:
            yield output.default.id, f"{decision.name} 结果列“{head}”的默认值"
    for number, rule in enumerate(table.rules, 1):
        for cell, head in zip((*rule.tests, *rule.results), heads, strict=False):
            yield cell.id, f"{decision.name} 第 {number} 行“{head}”"
