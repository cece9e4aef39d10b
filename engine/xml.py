"""The one way XML comes in: no document type, no entities, no network, bounded size and depth."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.errors import Invalid

MAX_BYTES = 10_000_000
MAX_DEPTH = 200


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
        raise Invalid(
            f"XML 有误，{where}：{error.msg}", f"broken XML: {error.msg}", code="broken_xml", line=line
        ) from None
    except ValueError as error:
        raise Invalid(f"XML 有误：{error}", f"broken XML: {error}", code="broken_xml") from None
    if root.getroottree().docinfo.doctype:
        raise Invalid(
            "文件含有 DOCTYPE 声明，请去掉后再用。", "A document type is not allowed.", code="broken_xml"
        )
    _bounded(root)
    return root


def _bounded(root: etree._Element) -> None:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            raise Invalid(
                f"XML 嵌套超过 {MAX_DEPTH} 层。", "The XML is nested too deeply.", code="broken_xml"
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
