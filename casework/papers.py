"""Paper: what is posted on a wall or handed to a person, as PDF with its Chinese font inside.

Texts reach the page as data, never as markup, so nothing a person typed is interpreted.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import typst

_PAGE = """
#let it = json(bytes(sys.inputs.data))
#set document(title: it.title)
#set page(paper: "a4", margin: (x: 2.6cm, y: 3cm))
#set text(font: "Noto Sans SC", size: 12pt, lang: "zh", region: "cn")
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
#for grid in it.grids [
  #v(0.6em)
  #text(size: 11pt, weight: "bold", grid.caption)
  #table(
    columns: grid.heads.len(),
    inset: 5pt,
    stroke: 0.5pt,
    table.header(..grid.heads.map(head => text(size: 9pt, weight: "bold", head))),
    ..grid.rows.flatten().map(cell => text(size: 9pt, cell)),
  )
]
#v(0.6em)
#for line in it.lines [#par(first-line-indent: 2em, line)]
#v(1.6em)
#align(right)[#it.signed #linebreak() #it.date]
"""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with a caption and heads; every cell is text."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


@cache
def font_folder() -> Path:
    """Where the font lies: in a package that is installed for it alone and never imported."""
    found = importlib.util.find_spec("zhplot")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("The font package is not installed.")
    return Path(found.submodule_search_locations[0]) / "fonts"


def paper(
    title: str,
    *,
    rows: Sequence[tuple[str, str]],
    signed: str,
    date: str,
    lead: str = "",
    lines: Sequence[str] = (),
    tables: Sequence[Grid] = (),
) -> bytes:
    """An A4 paper: title, an opening sentence, a table of two columns, further tables, closing sentences, who signs and when."""
    data = {
        "title": title,
        "lead": lead,
        "rows": [list(row) for row in rows],
        "lines": list(lines),
        "grids": [
            {"caption": g.caption, "heads": list(g.heads), "rows": [list(row) for row in g.rows]}
            for g in tables
        ],
        "signed": signed,
        "date": date,
    }
    made: object = typst.compile(  # type: ignore[call-overload]
        _PAGE.encode(),
        format="pdf",
        font_paths=[str(font_folder())],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )
    assert isinstance(made, bytes)
    return made
