"""The working-day calendar: State Council notices per year, with rest days and make-up working days.

A year without a notice raises `CalendarMissing`. Asked for provisional answers, it knows weekends and the public holidays
whose dates the law fixes (元旦, 劳动节, 国庆节) – enough to show a date that is visibly not final.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from engine.errors import CalendarMissing, Invalid

ZONE = ZoneInfo("Asia/Shanghai")
"""The zone of the law. No daylight saving time."""

HOURS = ((time(8, 30), time(12, 0)), (time(13, 30), time(17, 30)))
"""Working hours, for terms in working hours (district default)."""

FIXED = {
    (1, 1): "元旦",
    (5, 1): "劳动节",
    (5, 2): "劳动节",
    (10, 1): "国庆节",
    (10, 2): "国庆节",
    (10, 3): "国庆节",
}
"""Days off by 全国年节及纪念日放假办法 whose dates need no lunar calendar."""


@dataclass(frozen=True, slots=True)
class Year:
    """One notice: `rest` day → holiday, `work` = make-up working days."""

    year: int
    notice: str
    source: str
    rest: Mapping[date, str]
    work: frozenset[date]


@dataclass(frozen=True, slots=True)
class Calendar:
    """The years that are known."""

    years: Mapping[int, Year] = field(default_factory=dict)

    def knows(self, year: int) -> bool:
        return year in self.years

    def is_working_day(self, day: date, provisional: bool = False) -> bool:
        """Raises CalendarMissing for a year without a notice unless a provisional answer is wanted."""
        known = self._year(day, provisional)
        if known is None:
            return day.weekday() < 5 and (day.month, day.day) not in FIXED
        return day in known.work or (day.weekday() < 5 and day not in known.rest)

    def why(self, day: date, provisional: bool = False) -> str | None:
        """Why a day counts or not where that is not obvious; None for an ordinary working day."""
        known = self._year(day, provisional)
        holiday = FIXED.get((day.month, day.day)) if known is None else known.rest.get(day)
        if known is not None and day in known.work:
            return "make-up working day"
        if holiday:
            return f"holiday {holiday}"
        return "weekend" if day.weekday() >= 5 else None

    def _year(self, day: date, provisional: bool) -> Year | None:
        known = self.years.get(day.year)
        if known is None and not provisional:
            raise CalendarMissing(day.year)
        return known


def load_calendar(folder: Path) -> Calendar:
    """Every `<year>.toml` of a folder."""
    years = {}
    for path in sorted(folder.glob("*.toml")):
        read = _read(path)
        years[read.year] = read
    return Calendar(years)


def _read(path: Path) -> Year:
    try:
        data = tomllib.loads(path.read_text("utf-8"))
        rest: dict[date, str] = {}
        for holiday in data["rest"]:
            day = holiday["from"]
            while day <= holiday["to"]:
                rest[day] = holiday["name"]
                day += timedelta(days=1)
        return Year(data["year"], data["notice"], data["source"], rest, frozenset(data["work"]))
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise Invalid(
            f"日历文件 {path.name} 有误：{error}", f"{path.name}: {error}", code="bad_calendar"
        ) from error


def midnight(day: date) -> datetime:
    """The first instant of a day in the zone of the law."""
    return datetime.combine(day, time(), ZONE)


def instant(value: Any) -> datetime:
    """A lawful event as an instant: a date means the beginning of that day in Shanghai."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=ZONE)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=ZONE)
    raise Invalid(f"起算时间不是日期：{value!r}", f"Not a date or instant: {value!r}")
