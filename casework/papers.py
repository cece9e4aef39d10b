"""Paper: what is posted on a wall or handed to a person, as PDF with its Chinese font inside.

Texts reach the page as data, never as markup, so nothing a person typed is interpreted.
"""

from __future__ import annotations

import datetime
import importlib.util
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import segno
import typst

_HEAD = """
#let it = json(bytes(sys.inputs.data))
#set document(title: it.title)
#set text(font: "Noto Sans SC", size: 12pt, lang: "zh", region: "cn")
#let receipts(list) = if list.len() > 0 [
  #v(1em)
  #set text(size: 8.5pt)
  #set par(leading: 0.6em, justify: true)
  #line(length: 100%, stroke: 0.4pt)
  #for (name, text, source) in list [
    #par([*#name*：#text#if source != "" [ 依据：#source]])
  ]
]
"""
_PAGE = """
#set page(paper: "a4", margin: (x: 2.6cm, y: 2.6cm), footer: context align(center, text(9pt)[
  #it.footer　第 #counter(page).display() 页，共 #counter(page).final().first() 页]))
#set par(leading: 0.9em, justify: true)
#align(center, text(size: 20pt, it.title))
#v(1em)
#if it.lead != "" [#par(first-line-indent: 2em, it.lead)]
#v(0.6em)
#table(
  columns: (1fr, 3fr),
  inset: 8pt,
  stroke: 0.5pt,
  ..it.rows.map(row => (row.at(0), row.at(1))).flatten(),
)
#for grid in it.tables [
  #v(0.6em)
  #block(sticky: true, text(size: 11pt, weight: "bold", grid.caption))
  #table(
    columns: if grid.widths.len() > 0 { grid.widths.map(w => w * 1fr) } else { grid.heads.len() },
    inset: 5pt,
    stroke: 0.5pt,
    table.header(..grid.heads.map(head => text(size: 9pt, weight: "bold", head))),
    ..grid.rows.flatten().map(cell => text(size: 9pt, cell)),
  )
]
#v(0.6em)
#for line in it.lines [#par(first-line-indent: 2em, line)]
#v(1.6em)
#if it.signatures.len() > 0 [
  #grid(columns: it.signatures.len(), column-gutter: 1fr, ..it.signatures.map(label => [#label：#box(width: 5em, line(length: 100%, stroke: 0.4pt))]))
  #v(1em)
]
#if it.code.svg != "" [
  #grid(
    columns: (2.9cm, 1fr, auto),
    column-gutter: 0.5cm,
    align: (left + horizon, left + horizon, right + horizon),
    image(bytes(it.code.svg), format: "svg", width: 2.9cm),
    text(size: 10pt, it.code.words),
    [#it.signed #linebreak() #it.date],
  )
] else [
  #align(right)[#it.signed #linebreak() #it.date]
]
#receipts(it.receipts)
"""
_SHEET = """
#set page(paper: "a4", flipped: true, margin: (x: 1.4cm, y: 1.4cm), footer: context align(center, text(8pt)[
  #it.footer　第 #counter(page).display() 页，共 #counter(page).final().first() 页]))
#set text(size: 8.5pt)
#align(center, text(size: 16pt, it.title))
#for line in it.above [#line #linebreak()]
#for grid in it.tables [
  #v(0.3em)
  #if grid.caption != "" [#block(sticky: true, strong(grid.caption))]
  #table(
    columns: if grid.widths.len() > 0 { grid.widths.map(w => w * 1fr) } else { (auto,) * grid.heads.len() },
    inset: 3.2pt,
    stroke: 0.4pt,
    table.header(..grid.heads.map(head => strong(head))),
    ..grid.rows.flatten(),
  )
]
#if it.dense.len() > 0 [
  #v(0.4em)
  #block(sticky: true)[*#it.dense_title*]
  #set text(size: 6.5pt)
  #set par(leading: 0.45em)
  #columns(3, gutter: 0.6cm)[#for line in it.dense [#line #linebreak()]]
]
#v(0.5em)
#for line in it.lines [#line #linebreak()]
#if it.signatures.len() > 0 [
  #v(1em)
  #grid(columns: it.signatures.len(), column-gutter: 1fr, ..it.signatures.map(label => [#label：#box(width: 8em, line(length: 100%, stroke: 0.4pt))]))
]
#receipts(it.receipts)
"""
Receipt = tuple[str, str, str]
"""A date in full: its name, how it was counted, by which rule."""


@dataclass(frozen=True, slots=True)
class Code:
    """A square code (QR) that leads to an address, with words beside it."""

    address: str
    words: str

    def data(self) -> dict[str, str]:
        drawn = io.BytesIO()
        segno.make(self.address, error="m", micro=False).save(drawn, kind="svg", border=2)
        return {"svg": drawn.getvalue().decode(), "words": self.words}


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with a caption and heads; every cell is text. `widths`: shares of the page, else as wide as its cells."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float] = ()

    def data(self) -> dict[str, object]:
        rows = [list(row) for row in self.rows]
        return {"caption": self.caption, "heads": list(self.heads), "rows": rows, "widths": list(self.widths)}


def breakable(text: str, every: int = 0) -> str:
    """A long number that may be broken: after each hyphen, or after so many characters."""
    if every:
        return "\u200b".join(text[n : n + every] for n in range(0, len(text), every))
    return text.replace("-", "-\u200b")


@cache
def font_folder() -> Path:
    """Where the font lies: in a package that is installed for it alone and never imported."""
    found = importlib.util.find_spec("zhplot")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("The font package is not installed.")
    return Path(found.submodule_search_locations[0]) / "fonts"


def written(day: str | datetime.date) -> str:
    """A day as papers write it, without leading zeros (GB/T 9704): `2026 年 7 月 1 日`. An ISO day is read; other words stay."""
    try:
        on = datetime.date.fromisoformat(day) if isinstance(day, str) else day
    except ValueError:
        return str(day)
    return f"{on.year} 年 {on.month} 月 {on.day} 日"


def paper(
    title: str,
    *,
    rows: Sequence[tuple[str, str]],
    signed: str,
    date: str,
    lead: str = "",
    lines: Sequence[str] = (),
    tables: Sequence[Grid] = (),
    signatures: Sequence[str] = (),
    receipts: Sequence[Receipt] = (),
    footer: str = "",
    code: Code | None = None,
) -> bytes:
    """One A4 paper: title, an opening sentence, a table of two columns, further tables, closing sentences, who signs and when –
    beside a code if there is one –, and below a line how each date was counted."""
    data = {
        "title": title,
        "lead": lead,
        "rows": [list(row) for row in rows],
        "tables": [part.data() for part in tables],
        "lines": list(lines),
        "signatures": list(signatures),
        "signed": signed,
        "date": written(date),
        "code": code.data() if code else {"svg": "", "words": ""},
        "receipts": [list(one) for one in receipts],
        "footer": footer,
    }
    return _compiled(_PAGE, data)


def sheet(
    title: str,
    *,
    above: Sequence[str] = (),
    tables: Sequence[Grid] = (),
    dense: Sequence[str] = (),
    dense_title: str = "",
    lines: Sequence[str] = (),
    signatures: Sequence[str] = (),
    receipts: Sequence[Receipt] = (),
    footer: str = "",
) -> bytes:
    """Broad tables on A4 turned on its side; `dense`: short lines in small print, three columns."""
    data = {
        "title": title,
        "above": list(above),
        "tables": [part.data() for part in tables],
        "dense": list(dense),
        "dense_title": dense_title,
        "lines": list(lines),
        "signatures": list(signatures),
        "receipts": [list(one) for one in receipts],
        "footer": footer,
    }
    return _compiled(_SHEET, data)


def _compiled(page: str, data: Mapping[str, object]) -> bytes:
    made: object = typst.compile(  # type: ignore[call-overload]
        (_HEAD + page).encode(),
        format="pdf",
        font_paths=[str(font_folder())],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )
    assert isinstance(made, bytes)
    return made
