"""The one way XML comes in: no document type, no entities, no network, bounded size and depth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from engine.errors import Invalid

MAX_BYTES = 10_000_000
MAX_DEPTH = 200
MAX_ATTRIBUTE = 100_000
MAX_ATTRIBUTES = 500
E = etree.ErrorTypes
WORDS = {
    E.ERR_DOCUMENT_EMPTY: "文件没有内容，或不是 XML",
    E.ERR_DOCUMENT_END: "文件末尾有多余的内容，或没有写完",
    E.ERR_GT_REQUIRED: "标签没有写完",
    E.ERR_TAG_NAME_MISMATCH: "开始与结束标签不一致",
    E.ERR_TAG_NOT_FINISHED: "标签没有结束，文件可能被截断",
    E.ERR_INVALID_CHAR: "含有不允许的字符",
    E.ERR_INVALID_ENCODING: "编码与声明的不一致，请用 UTF-8 保存",
    E.ERR_UNSUPPORTED_ENCODING: "声明的编码不受支持，请用 UTF-8 保存",
    E.ERR_UNKNOWN_ENCODING: "声明的编码不认识，请用 UTF-8 保存",
    E.ERR_UNDECLARED_ENTITY: "引用了没有定义的实体",
    E.ERR_ENTITY_LOOP: "实体循环引用",
    E.ERR_RESOURCE_LIMIT: "嵌套、属性或实体展开超过限度",
    E.ERR_ATTRIBUTE_REDEFINED: "同一标签里属性重复",
    E.NS_ERR_UNDEFINED_NAMESPACE: "命名空间前缀没有声明",
    E.NS_ERR_ATTRIBUTE_REDEFINED: "同一标签里属性重复",
}
"""The parser's reasons in the user's language; the parser's own words stay in the English message."""


def parse(data: bytes) -> etree._Element:
    """The root element. Raises Invalid (`broken_xml`, with `line` where known) for anything else."""
    if len(data) > MAX_BYTES:
        raise Invalid("文件超过 10 MB，请拆分。", "The file is larger than 10 MB.", code="broken_xml")
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or None
        where = f"第 {line} 行" if line else ""
        reason = WORDS.get(getattr(error, "code", 0), "语法不对")
        raise Invalid(
            f"XML 有误，{where}：{reason}。", f"broken XML: {error.msg}", code="broken_xml", line=line
        ) from None
    except (ValueError, LookupError) as error:
        raise Invalid("XML 有误：不能解码。", f"broken XML: {error}", code="broken_xml") from None
    document: Any = root.getroottree().docinfo
    if document.doctype:
        line = data[: data.find(b"<!DOCTYPE")].count(b"\n") + 1
        raise Invalid(
            f"第 {line} 行：文件含有 DOCTYPE 声明，请去掉后再用。",
            "A document type is not allowed.",
            code="broken_xml",
            line=line,
        )
    _bounded(root)
    return root


def _bounded(root: etree._Element) -> None:
    depth = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        line = element.sourceline
        if depth > MAX_DEPTH:
            raise Invalid(
                f"第 {line} 行：XML 嵌套超过 {MAX_DEPTH} 层。",
                "The XML is nested too deeply.",
                code="broken_xml",
                line=line,
            )
        if event == "start" and (
            len(element.attrib) > MAX_ATTRIBUTES
            or any(len(value) > MAX_ATTRIBUTE for value in element.attrib.values())
        ):
            raise Invalid(
                f"第 {line} 行：属性多于 {MAX_ATTRIBUTES} 个，或超过 {MAX_ATTRIBUTE} 个字符。",
                "Too many attributes, or one is too long.",
                code="broken_xml",
                line=line,
            )


def local(element: etree._Element) -> str:
    """An element's name without namespace."""
    return etree.QName(element).localname


def children(element: etree._Element, name: str | None = None) -> Iterator[etree._Element]:
    """Child elements (of a name); comments and processing instructions are left out."""
    return (e for e in element if isinstance(e.tag, str) and (name is None or local(e) == name))


def child(element: etree._Element, name: str) -> etree._Element | None:
    return next(children(element, name), None)


def text_of(element: etree._Element | None) -> str | None:
    """The stripped text, None if there is none."""
    text = "".join(str(part) for part in element.itertext()).strip() if element is not None else ""
    return text or None
