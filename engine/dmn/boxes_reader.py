"""Boxed expressions from XML to values."""

from __future__ import annotations

from lxml import etree

from engine.errors import Refusal
from engine.xml import child, children, local

from . import values as v
from .elements import attribute, clean, line_id, line_of, text_of, type_attribute, type_name

_NOT_LOGIC = {
    "description", "extensionElements", "question", "allowedAnswers", "variable", "informationRequirement",
    "knowledgeRequirement", "authorityRequirement", "supportedObjective", "impactedPerformanceIndicator",
    "decisionMaker", "decisionOwner", "usingProcess", "usingTask", "typeRef", "parameter", "formalParameter",
}  # fmt: skip
_POLICIES = {p.value: p for p in v.HitPolicy} | {
    "U": v.HitPolicy.UNIQUE, "A": v.HitPolicy.ANY, "F": v.HitPolicy.FIRST, "P": v.HitPolicy.PRIORITY,
    "R": v.HitPolicy.RULE_ORDER, "O": v.HitPolicy.OUTPUT_ORDER, "C": v.HitPolicy.COLLECT,
}  # fmt: skip


class BoxReader:
    """Reads boxed expressions; what it does not know goes to `refusals`."""

    def __init__(self, refusals: list[Refusal], language: str | None) -> None:
        self.refusals = refusals
        self.language = language
        self.rules = {
            "literalExpression": self.literal,
            "decisionTable": self.table,
            "context": self.context,
            "list": self.list_,
            "relation": self.relation,
            "invocation": self.invocation,
            "functionDefinition": self.function,
            "conditional": self.conditional,
            "filter": self.filter_,
            "for": self.iterator,
            "some": self.iterator,
            "every": self.iterator,
        }

    def refuse(self, element: etree._Element, message: str, remedy: str, english: str) -> None:
        """Record a refusal."""
        self.refusals.append(
            Refusal(
                line_id(element),
                message,
                remedy,
                line=line_of(element),
                rule="dmn_unsupported",
                message_en=english,
            )
        )

    def of(self, parent: etree._Element) -> v.Box | None:
        """The expression inside an element, None if it has none."""
        for element in children(parent):
            box = self.box(element)
            if box is not None:
                return box
        return None

    def all(self, parent: etree._Element) -> list[v.Box]:
        """All expressions inside an element."""
        return [box for box in map(self.box, children(parent)) if box is not None]

    def box(self, element: etree._Element) -> v.Box | None:
        """One expression, None for an element that is none."""
        rule = self.rules.get(local(element))
        if rule is not None:
            return rule(element)
        if local(element) not in _NOT_LOGIC:
            self.refuse(
                element,
                f"不认识的表达式 {local(element)}",
                "改用决策表、文字表达式、上下文、列表、关系或调用",
                f"unknown expression {local(element)}",
            )
        return None

    def literal(self, element: etree._Element) -> v.Literal:
        """FEEL text; another language is refused."""
        language = attribute(element, "expressionLanguage") or self.language
        if language and "feel" not in language.lower():
            self.refuse(element, f"不支持表达式语言 {language}", "改用 FEEL", f"language {language}")
        if child(element, "importedValues") is not None:
            self.refuse(element, "不支持引用外部的值", "把值写进表达式", "importedValues")
        return v.Literal(line_id(element), type_name(element), text_of(element))

    def context(self, element: etree._Element) -> v.BoxedContext:
        """A context."""
        entries: list[v.ContextEntry] = []
        for part in children(element):
            if local(part) != "contextEntry":
                continue
            variable = child(part, "variable")
            name = clean(attribute(variable, "name") or "") if variable is not None else None
            of = type_name(variable) if variable is not None else None
            entries.append(v.ContextEntry(line_id(part), name, of, self.needed(part)))
        return v.BoxedContext(line_id(element), type_name(element), tuple(entries))

    def needed(self, parent: etree._Element) -> v.Box:
        """The expression an element must have; without one it is null."""
        return self.of(parent) or v.Literal(line_id(parent), None, "null")

    def part(self, parent: etree._Element, name: str) -> v.Box:
        """The expression inside a named child."""
        element = child(parent, name)
        return self.needed(element if element is not None else parent)

    def list_(self, element: etree._Element) -> v.BoxedList:
        """A list."""
        return v.BoxedList(line_id(element), type_name(element), tuple(self.all(element)))

    def relation(self, element: etree._Element) -> v.Relation:
        """A relation."""
        columns = tuple(
            (clean(attribute(c, "name") or ""), type_name(c))
            for c in children(element)
            if local(c) == "column"
        )
        rows: list[tuple[v.Box, ...]] = []
        for row in children(element):
            if local(row) != "row":
                continue
            cells = tuple(self.all(row))
            if len(cells) != len(columns):
                self.refuse(
                    row, "单元格数与列数不同", "每列填一个表达式", "cells and columns differ in number"
                )
            rows.append(cells)
        return v.Relation(line_id(element), type_name(element), columns, tuple(rows))

    def invocation(self, element: etree._Element) -> v.Invocation:
        """A call."""
        bindings: list[tuple[str, str | None, v.Box]] = []
        for binding in children(element):
            if local(binding) == "binding":
                parameter = child(binding, "parameter")
                name = attribute(parameter, "name") if parameter is not None else None
                of = type_name(parameter) if parameter is not None else None
                bindings.append((clean(name or ""), of, self.needed(binding)))
        functions = [self.box(e) for e in children(element) if local(e) != "binding"]
        function = next((f for f in functions if f is not None), None)
        return v.Invocation(line_id(element), type_name(element), function, tuple(bindings))

    def function(self, element: etree._Element) -> v.FunctionDefinition:
        """A function; Java and PMML are refused."""
        if (attribute(element, "kind") or "FEEL") != "FEEL":
            self.refuse(
                element, "只支持 FEEL 函数", "用 FEEL 改写该函数", "only FEEL functions are supported"
            )
        parameters = tuple(
            (clean(attribute(p, "name") or ""), type_name(p))
            for p in children(element)
            if local(p) == "formalParameter"
        )
        return v.FunctionDefinition(line_id(element), type_name(element), parameters, self.needed(element))

    def conditional(self, element: etree._Element) -> v.Conditional:
        """`if`."""
        parts = (self.part(element, name) for name in ("if", "then", "else"))
        return v.Conditional(line_id(element), type_name(element), *parts)

    def filter_(self, element: etree._Element) -> v.BoxedFilter:
        """A filter."""
        source, match = self.part(element, "in"), self.part(element, "match")
        return v.BoxedFilter(line_id(element), type_name(element), source, match)

    def iterator(self, element: etree._Element) -> v.Iterator:
        """`for`, `some`, `every`."""
        kind = local(element)
        body = self.part(element, "return" if kind == "for" else "satisfies")
        variable = clean(attribute(element, "iteratorVariable") or "item")
        return v.Iterator(
            line_id(element), type_name(element), kind, variable, self.part(element, "in"), body
        )

    def table(self, element: etree._Element) -> v.Table:
        """A decision table."""
        written = attribute(element, "hitPolicy") or "UNIQUE"
        policy = _POLICIES.get(written.upper())
        if policy is None:
            self.refuse(
                element, f"不认识的命中策略 {written}", "选用 DMN 的七种命中策略之一", f"hit policy {written}"
            )
            policy = v.HitPolicy.UNIQUE
        aggregation = attribute(element, "aggregation")
        inputs = tuple(self.input(e) for e in children(element) if local(e) == "input")
        outputs = tuple(self.output(e) for e in children(element) if local(e) == "output")
        if not outputs:
            self.refuse(element, "决策表没有输出列", "至少加一个输出列", "a decision table needs an output")
        if len(outputs) > 1 and any(not o.name for o in outputs):
            self.refuse(element, "多个输出列都要有名称", "给每个输出列命名", "several outputs need names")
        if policy is v.HitPolicy.COLLECT and aggregation and len(outputs) > 1 and aggregation != "COUNT":
            self.refuse(
                element,
                "汇总只能用于单个输出列",
                "去掉汇总或只留一个输出列",
                "aggregation over several outputs",
            )
        known = aggregation in v.Aggregation.__members__
        if aggregation and policy is v.HitPolicy.COLLECT and not known:
            self.refuse(
                element,
                f"不认识的汇总 {aggregation}",
                "选用 SUM、COUNT、MIN 或 MAX",
                f"aggregation {aggregation}",
            )
        rules = self.rows(element, len(inputs), len(outputs))
        return v.Table(
            line_id(element),
            type_name(element),
            policy,
            v.Aggregation(aggregation) if aggregation and known and policy is v.HitPolicy.COLLECT else None,
            inputs,
            outputs,
            rules,
        )

    def input(self, element: etree._Element) -> v.Input:
        """An input column."""
        expression = child(element, "inputExpression")
        allowed = child(element, "inputValues")
        if expression is None or not text_of(expression):
            self.refuse(element, "输入列没有表达式", "填写输入表达式", "the input has no expression")
        literal = (
            self.literal(expression) if expression is not None else v.Literal(line_id(element), None, "null")
        )
        tests = text_of(allowed) or None if allowed is not None else None
        return v.Input(line_id(element), literal, tests, clean(attribute(element, "label") or ""))

    def output(self, element: etree._Element) -> v.Output:
        """An output column."""
        allowed = child(element, "outputValues")
        default = child(element, "defaultOutputEntry")
        name = attribute(element, "name")
        return v.Output(
            line_id(element),
            clean(name) if name else None,
            type_attribute(attribute(element, "typeRef")),
            text_of(allowed) or None if allowed is not None else None,
            self.literal(default) if default is not None else None,
            clean(attribute(element, "label") or ""),
        )

    def rows(self, element: etree._Element, inputs: int, outputs: int) -> tuple[v.Rule, ...]:
        """The rules; a rule without id that shares its line with others gets a number as well."""
        rules: list[v.Rule] = []
        seen: set[str] = set()
        for number, row in enumerate((e for e in children(element) if local(e) == "rule"), 1):
            tests = tuple(self.literal(e) for e in children(row) if local(e) == "inputEntry")
            results = tuple(self.literal(e) for e in children(row) if local(e) == "outputEntry")
            if len(tests) != inputs or len(results) != outputs:
                self.refuse(
                    row, "单元格数与列数不同", "每列填一个单元格", "cells and columns differ in number"
                )
            name = line_id(row)
            name = f"{name}#{number}" if name in seen else name
            seen.add(name)
            rules.append(v.Rule(name, tests, results, _note(row)))
        return tuple(rules)


def _note(row: etree._Element) -> str:
    """The annotations of a rule, or its description."""
    texts = [text_of(e) for e in children(row) if local(e) == "annotationEntry"]
    described = child(row, "description")
    if not any(texts) and described is not None:
        texts = ["".join(str(t) for t in described.itertext())]
    return "；".join(clean(t) for t in texts if t.strip())
