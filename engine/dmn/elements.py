"""Finding one's way in DMN's XML: namespaces, ids, attributes, texts, type names."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from engine.xml import child, local

DMN_NAMESPACES = frozenset(
    {
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20151101/dmn11.xsd",
        "http://www.omg.org/spec/DMN/20151130",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "http://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "http://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
        "http://www.omg.org/spec/DMN/20230324/MODEL/",
        "https://www.omg.org/spec/DMN/20240513/MODEL/",
    }
)
"""The published versions 1.1 to 1.5 (and the pre-release of 1.6, which changes nothing here)."""


def line_of(element: etree._Element) -> int | None:
    """The line an element begins at."""
    line: Any = element.sourceline
    return line if isinstance(line, int) else None


def attribute(element: etree._Element, name: str) -> str | None:
    """An attribute without namespace."""
    value = element.get(name)
    return value if isinstance(value, str) or value is None else str(value)


def line_id(element: etree._Element) -> str:
    """An element's id, or its type and line."""
    return attribute(element, "id") or f"{local(element)}@{line_of(element)}"


def text_of(element: etree._Element) -> str:
    """The FEEL text inside an element's `text` child, empty if there is none."""
    text = child(element, "text")
    return "".join(str(t) for t in text.itertext()).strip() if text is not None else ""


def clean(name: str) -> str:
    """A name with each run of blanks as one."""
    return re.sub(r"\s+", " ", name).strip()


def type_name(element: etree._Element) -> str | None:
    """The type an element refers to, by attribute or (DMN 1.1) child element, without prefix."""
    nested = child(element, "typeRef")
    return type_attribute(
        attribute(element, "typeRef") or ((nested.text or "").strip() if nested is not None else None)
    )


def type_attribute(written: str | None) -> str | None:
    """A type name as it stands in an attribute: `feel:string` is `string`; modellers' number types are numbers."""
    if not written:
        return None
    name = clean(written)
    name = re.sub(r"^\{[^}]*\}", "", name)
    if re.match(r"^[\w-]+:[^:]", name):
        name = name.partition(":")[2]
    return {"integer": "number", "long": "number", "double": "number"}.get(name, name)
