"""Tables people bring: an Excel workbook (its first sheet) or a CSV file becomes rows by column head. Nothing in it is run."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from engine.errors import Invalid

_UNREADABLE = (
    InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, IndexError, TypeError, AttributeError, SyntaxError,
)  # fmt: skip
"""What openpyxl raises for a file that is no workbook, or a damaged one (broken XML: a SyntaxError)."""
MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 5_000


def read(name: str, content: bytes) -> list[dict[str, Any]]:
    """Rows as `{head: value}`, empty ones left out. Raises Invalid for what is no table or too large."""
    if len(content) > MAX_BYTES:
        raise Invalid("文件超过 5 MB。", "The file is too large.", code="too_large")
    rows = _workbook(content) if name.lower().endswith((".xlsx", ".xlsm")) else _csv(content)
    if not rows:
        raise Invalid("表格是空的。", "The table is empty.", code="bad_table")
    head = [str(cell or "").strip() for cell in rows[0]]
    found = []
    for row in rows[1:]:
        made = {key: value for key, value in zip(head, row, strict=False) if key}
        if any(value not in (None, "") for value in made.values()):
            found.append(made)
    if len(found) > MAX_ROWS:
        raise Invalid(f"一次最多 {MAX_ROWS} 行，请分批。", "Too many rows.", code="too_large")
    return found


def _workbook(content: bytes) -> list[tuple[Any, ...]]:
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        return list(sheet.iter_rows(values_only=True, max_row=MAX_ROWS + 2, max_col=60))
    except _UNREADABLE as error:
        raise Invalid("不是可读的 Excel 文件（.xlsx）。", str(error), code="bad_table") from error


def _csv(content: bytes) -> list[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return list(csv.reader(io.StringIO(content.decode(encoding))))
        except UnicodeDecodeError:
            continue
        except csv.Error as error:
            raise Invalid("不是可读的 CSV 文件。", str(error), code="bad_table") from error
    raise Invalid("CSV 文件的编码须为 UTF-8 或 GBK。", "Unknown encoding.", code="bad_table")
