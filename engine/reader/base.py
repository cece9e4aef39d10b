"""What all parts of the reader share: ids, references, extensions, refusals, the check of expression languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from lxml import etree

from engine.errors import Refusal
from engine.xml import child, children, local

FOREIGN = {
    "http://camunda.org/schema/1.0/bpmn": "camunda",
    "http://flowable.org/bpmn": "flowable",
    "http://activiti.org/bpmn": "activiti",
}
"""Vocabularies that say how another engine runs a model: read past, they would make it run as something else."""
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
OURS = (
    None,
    BPMN,
    ZEEBE,
    "http://www.w3.org/2001/XMLSchema-instance",
    "http://www.w3.org/XML/1998/namespace",
)


def line_of(element: etree._Element) -> int | None:
    """Where the element begins in its file."""
    line: Any = element.sourceline
    return line if isinstance(line, int) else None


def element_id(element: etree._Element) -> str:
    """The id of the file, or `type@line`."""
    return element.get("id") or f"{local(element)}@{line_of(element)}"


def name_all(root: etree._Element) -> None:
    """Give elements without id the id `type@line` – `type@line.2` for the second of a kind on a line."""
    seen: Counter[str] = Counter()
    for element in root.iter(f"{{{BPMN}}}*"):
        if not element.get("id"):
            key = f"{local(element)}@{line_of(element)}"
            seen[key] += 1
            element.set("id", key if seen[key] == 1 else f"{key}.{seen[key]}")


def _feel(language: str | None) -> bool:
    """FEEL by its name, by the address of DMN, or because nothing is said."""
    return not language or "feel" in language.lower() or "/spec/DMN/" in language


def _prefix(element: etree._Element, space: str | None) -> str:
    """The file's own short name of a vocabulary."""
    return next((p for p, uri in element.nsmap.items() if p and uri == space), None) or str(space)


def ref(text: str | None) -> str:
    """A reference without its prefix."""
    return (text or "").strip().rpartition(":")[2]


class Base:
    """One file being read, with its refusals."""

    def __init__(self, root: etree._Element, file: str | None) -> None:
        self.root, self.file, self.refusals = root, file, list[Refusal]()
        named = [e for e in root.iter() if isinstance(e.tag, str) and e.get("id")]
        self.by_id = {
            e.get("id"): e for e in reversed(named)
        }  # of two with one id the first: shapes come last
        self.assumed: list[str] = []
        """Elements whose expressions say no language of their own while the file declares one that is not FEEL."""

    def refuse(
        self,
        element: etree._Element | str,
        message: str,
        remedy: str,
        english: str = "",
        rule: str = "not_runnable",
    ) -> None:
        """Record a refusal. `rule` "gap": the drawing leaves a question open that its designer must answer."""
        if isinstance(element, str):
            self.refusals.append(
                Refusal(element, message, remedy, file=self.file, message_en=english, rule=rule)
            )
            return
        self.refusals.append(
            Refusal(
                element_id(element),
                message,
                remedy,
                element.get("name"),
                line_of(element),
                self.file,
                message_en=english,
                rule=rule,
            )
        )

    # ------------------------------------------------------------------------------ extensions
    def extensions(self, element: etree._Element) -> Iterator[etree._Element]:
        box = child(element, "extensionElements")
        return children(box) if box is not None else iter(())

    def extension(self, element: etree._Element, name: str) -> etree._Element | None:
        return next(
            (e for e in self.extensions(element) if local(e) == name and etree.QName(e).namespace == ZEEBE),
            None,
        )

    def properties(self, element: etree._Element) -> dict[str, str]:
        box = self.extension(element, "properties")
        if box is None:
            return {}
        return {p.get("name", ""): p.get("value", "") for p in children(box, "property")}

    def vendors(self, process: etree._Element) -> Counter[str]:
        """Extensions of other tools in a process: those of engines are refused by name, the others counted by name."""
        harmless: Counter[str] = Counter()
        for element in process.iter(f"{{{BPMN}}}*"):
            engines: dict[str, None] = {}
            for key in (*element.attrib, *(e.tag for e in self.extensions(element))):
                name = etree.QName(str(key))
                if name.namespace in FOREIGN:
                    engines[f"{FOREIGN[name.namespace]}:{name.localname}"] = None
                elif name.namespace not in OURS:
                    harmless[f"{_prefix(element, name.namespace)}:{name.localname}"] += 1
            if engines:
                self.refuse(
                    element,
                    f"含有其他引擎的扩展：{'、'.join(engines)}",
                    "改用 Camunda 8（zeebe:）扩展，或在设计器中重新填写办理设置",
                )
        return harmless

    # ------------------------------------------------------------------------------ expressions
    def expression(self, element: etree._Element, text: str | None) -> str | None:
        """A FEEL text; another language's syntax is refused."""
        if text is not None and ("${" in text or "#{" in text):
            self.refuse(
                element,
                "表达式不是 FEEL（含 ${…} 或 #{…}）",
                "改写为以 = 开头的 FEEL 表达式",
                "not a FEEL expression",
            )
            return None
        return text

    def language(self, element: etree._Element, expression: etree._Element | None) -> None:
        if expression is None:
            return
        declared = expression.get("language")
        text = (expression.text or "").strip()
        if (
            text
            and not declared
            and not text.startswith("=")
            and not _feel(self.root.get("expressionLanguage"))
        ):
            self.assumed.append(element_id(element))
        if not _feel(declared):
            self.refuse(element, f"表达式语言 {declared} 不受支持", "改用 FEEL", "only FEEL is supported")
