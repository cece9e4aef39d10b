"""Excel files: plain sheets, every cell text or number, so that no formula can hide in a name."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import xlsxwriter

KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Value = str | int | float | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: lines above the table (title, unit …), its header, its rows, lines below (checks, signatures)."""

    name: str
    header: Sequence[str]
    rows: Sequence[Sequence[Value]]
    above: Sequence[str] = ()
    below: Sequence[str] = ()


def workbook(sheets: Sequence[Sheet], made_at: datetime) -> bytes:
    """The file; the same sheets and instant give the same bytes."""
    out = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"created": made_at.astimezone(UTC).replace(tzinfo=None)})
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "vcenter", "border": 1})
        cell, title = book.add_format({"border": 1}), book.add_format({"bold": True, "font_size": 14})
        for one in sheets:
            sheet = book.add_worksheet(one.name[:31])
            for number, line in enumerate(one.above):
                sheet.write_string(number, 0, line, title if number == 0 else None)
            top = len(one.above)
            sheet.write_row(top, 0, list(one.header), bold)
            for number, row in enumerate(one.rows, top + 1):
                for column, value in enumerate(row):
                    if isinstance(value, int | float):
                        sheet.write_number(number, column, value, cell)
                    else:
                        sheet.write_string(number, column, value or "", cell)
            bottom = top + len(one.rows) + 2
            for number, line in enumerate(one.below, bottom):
                sheet.write_string(number, 0, line)
            sheet.freeze_panes(top + 1, 1)
            sheet.set_landscape()
            sheet.set_paper(9)
            sheet.fit_to_pages(1, 0)
            sheet.repeat_rows(top)
            for column, label in enumerate(one.header):
                widest = max(
                    [len(label), *(len(str(row[column] or "")) for row in one.rows[:200])], default=8
                )
                sheet.set_column(column, column, min(40, 4 + int(widest * 1.5)))
    return out.getvalue()
