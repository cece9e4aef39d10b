"""A holiday notice in its published words, as an officer pastes it, or as `calendars/<year>.toml` writes it.

国务院办公厅's notices have had one shape for years: 「一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。」
What cannot be read surely is refused with the sentence it stands in; nothing is guessed.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from engine.calendar import Year, checked, year_of_toml
from engine.errors import Invalid

_ITEM = re.compile(
    r"[一二三四五六七八九十]+、([^：:\n]{2,12})[：:](.*?)(?=[一二三四五六七八九十]+、[^：:\n]{2,12}[：:]|\Z)",
    re.S,
)
_NOTE = re.compile(r"（[^（）]*）|\([^()]*\)")
_SPAN = re.compile(r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})日(?:至(?:(?:(\d{4})年)?(\d{1,2})月)?(\d{1,2})日)?")
_TITLE = re.compile(r"(20\d\d)年.{0,12}节假日安排")
_COUNT = re.compile(r"共(\d{1,2})天")


def read(text: str, name: str = "通知") -> Year:
    """A notice from TOML or from its published words. Raises Invalid with the sentence that cannot be read."""
    if re.search(r"^\s*year\s*=", text, re.M):
        return year_of_toml(text, name)
    return of_words(text)


def of_words(text: str) -> Year:
    """The notice of the State Council as it is published."""
    title = _TITLE.search(text)
    if title is None:
        raise _wrong("没有找到「20××年部分节假日安排」的标题")
    year = int(title[1])
    rest: dict[date, str] = {}
    work: set[date] = set()
    for item in _ITEM.finditer(text):
        name, body = item[1].strip(), _NOTE.sub("", item[2])
        off = _days_off(year, name, body)
        rest.update(dict.fromkeys(off, name))
        work |= _days_on(year, body)
    if not rest:
        raise _wrong("没有读到任何放假日期")
    source = re.search(r"国办发明电〔20\d\d〕\d+号", text)
    return checked(
        Year(
            year,
            f"国务院办公厅关于{year}年部分节假日安排的通知",
            source[0] if source else "国务院办公厅",
            rest,
            frozenset(work),
        )
    )


def _days_off(year: int, name: str, body: str) -> list[date]:
    found: list[date] = []
    for sentence in re.split(r"[。；;]", body):
        before = sentence.partition("放假")[0]
        if "放假" not in sentence or "上班" in before:
            continue
        for span in _SPAN.finditer(before):
            found += _span(year, span)
        count = _COUNT.search(sentence)
        if count is not None and len(found) != int(count[1]):
            raise _wrong(f"「{name}」写明共 {count[1]} 天，读到 {len(found)} 天：{sentence.strip()}")
    if not found:
        raise _wrong(f"「{name}」没有读到放假日期：{body.strip()[:60]}")
    return found


def _days_on(year: int, body: str) -> set[date]:
    found: set[date] = set()
    for sentence in re.split(r"[。；;]", body):
        if "上班" in sentence:
            for span in _SPAN.finditer(sentence.partition("上班")[0].rpartition("放假")[2]):
                found.update(_span(year, span))
    return found


def _span(year: int, match: re.Match[str]) -> list[date]:
    try:
        first = date(int(match[1] or year), int(match[2]), int(match[3]))
        last = first
        if match[6]:
            last = date(int(match[4] or first.year), int(match[5] or first.month), int(match[6]))
    except ValueError:
        raise _wrong(f"日期有误：{match[0]}") from None
    if not 0 <= (last - first).days <= 15:
        raise _wrong(f"日期有误：{match[0]}")
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _wrong(why: str) -> Invalid:
    return Invalid(f"不能读懂这份放假安排：{why}。", f"The notice cannot be read: {why}", code="bad_calendar")


def as_json(year: Year) -> dict[str, Any]:
    """A notice as a row stores it."""
    return {
        "year": year.year,
        "area": year.area,
        "notice": year.notice,
        "source": year.source,
        "rest": {day.isoformat(): name for day, name in sorted(year.rest.items())},
        "work": [day.isoformat() for day in sorted(year.work)],
    }


def of_json(stored: Any) -> Year:
    return Year(
        stored["year"],
        stored["notice"],
        stored["source"],
        {date.fromisoformat(day): name for day, name in stored["rest"].items()},
        frozenset(date.fromisoformat(day) for day in stored["work"]),
        stored["area"],
    )
