"""The working-day calendar: State Council notices per year, with rest days and make-up working days.

A year without a notice raises `CalendarMissing`. Asked for provisional answers, it knows weekends and the public holidays
whose dates the law fixes (元旦, 劳动节, 国庆节) – enough to show a date that is visibly not final.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from engine.errors import CalendarMissing, Invalid

ZONE = ZoneInfo("Asia/Shanghai")
"""The zone of the law. No daylight saving time."""

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
    """One notice: `rest` day → holiday, `work` = make-up working days.

    `area`: empty for the State Council's notice; else the area (path) whose own days off are added to it.
    """

    year: int
    notice: str
    source: str
    rest: Mapping[date, str]
    work: frozenset[date]
    area: str = ""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The years that are known. `serial` counts the notices loaded into an installation: what was computed under an
    earlier one is computed anew."""

    years: Mapping[int, Year] = field(default_factory=dict)
    local: Mapping[tuple[str, int], Year] = field(default_factory=dict)
    serial: int = 0

    def of(self, area: str) -> Calendar:
        """The calendar of an area: the national one with the days off of the jurisdictions it lies in."""
        mine = [
            y for (where, _), y in sorted(self.local.items()) if area == where or area.startswith(f"{where}/")
        ]
        if not mine:
            return self
        years = dict(self.years)
        for own in mine:
            if own.year not in years:
                continue  # a year stays provisional until the national notice is out
            said = own.work | set(own.rest)
            for near in (own.year - 1, own.year, own.year + 1):
                if (known := years.get(near)) is not None:
                    rest = {d: w for d, w in known.rest.items() if d not in said}
                    years[near] = replace(known, rest=rest, work=known.work - said)
            known = years[own.year]
            rest, work = {**known.rest, **own.rest}, known.work | own.work
            years[own.year] = replace(known, rest=rest, work=work)
        return replace(self, years=years, local={})

    def with_(self, notices: Iterable[Year], serial: int) -> Calendar:
        """The same with these notices in the place of older ones for the same year and area."""
        years, local = dict(self.years), dict(self.local)
        for notice in notices:
            if notice.area:
                local[notice.area, notice.year] = notice
            else:
                years[notice.year] = notice
        return Calendar(years, local, serial)

    def knows(self, year: int) -> bool:
        return year in self.years

    def is_working_day(self, day: date, provisional: bool = False) -> bool:
        """Raises CalendarMissing for a year without a notice unless a provisional answer is wanted."""
        said = self._said(day)
        if said is not None:
            return day in said.work
        fixed = not self._knows(day, provisional) and (day.month, day.day) in FIXED
        return day.weekday() < 5 and not fixed

    def why(self, day: date, provisional: bool = False) -> str | None:
        """Why a day counts or not where that is not obvious; None for an ordinary working day."""
        said = self._said(day)
        if said is not None:
            return "make-up working day" if day in said.work else f"holiday {said.rest[day]}"
        if not self._knows(day, provisional) and (day.month, day.day) in FIXED:
            return f"holiday {FIXED[day.month, day.day]}"
        return "weekend" if day.weekday() >= 5 else None

    def _said(self, day: date) -> Year | None:
        """The notice that names this day. New Year's may name days of the year before, and then it is the later word."""
        for year in (day.year + 1, day.year, day.year - 1):
            notice = self.years.get(year)
            if notice is not None and (day in notice.work or day in notice.rest):
                return notice
        return None

    def _knows(self, day: date, provisional: bool) -> bool:
        if not self.knows(day.year) and not provisional:
            raise CalendarMissing(day.year)
        return self.knows(day.year)


def load_calendar(folder: Path) -> Calendar:
    """Every `*.toml` of a folder: one notice each, of the State Council or (with `area`) of a jurisdiction."""
    read = [year_of_toml(path.read_text("utf-8"), path.name) for path in sorted(folder.glob("*.toml"))]
    return Calendar().with_(read, 0)


def year_of_toml(text: str, name: str) -> Year:
    """A notice as `calendars/<year>.toml` writes it. Raises Invalid naming what is wrong."""
    try:
        data = tomllib.loads(text)
        _complete(data, NOTICE, "")
        rest: dict[date, str] = {}
        for holiday in data.get("rest", []):
            _complete(holiday, HOLIDAY, "[[rest]] 中")
            day = holiday["from"]
            if holiday["to"] < day:
                raise ValueError(f"{holiday['name']} 的起止日期颠倒")
            while day <= holiday["to"]:
                rest[day] = holiday["name"]
                day += timedelta(days=1)
        found = Year(
            data["year"],
            data["notice"],
            data["source"],
            rest,
            frozenset(data.get("work", [])),
            data.get("area", ""),
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise Invalid(f"日历文件 {name} 有误：{error}", f"{name}: {error}", code="bad_calendar") from error
    return checked(found)


NOTICE: dict[str, tuple[type, str]] = {
    "year": (int, "年份，如 year = 2027"),
    "notice": (str, '通知的名称或文号，如 notice = "国办发明电〔2026〕1号"'),
    "source": (str, '发文机关，如 source = "国务院办公厅"'),
}
HOLIDAY: dict[str, tuple[type, str]] = {
    "name": (str, '节日名称，如 name = "春节"'),
    "from": (date, "第一天，不加引号，如 from = 2027-02-05"),
    "to": (date, "最后一天，不加引号，如 to = 2027-02-11"),
}
"""What a notice and a holiday of it must say."""


def _complete(data: Mapping[str, Any], needed: Mapping[str, tuple[type, str]], where: str) -> None:
    for name, (kind, how) in needed.items():
        if name not in data:
            raise ValueError(f"{where}缺少 {name}，请写明{how}")
        if not isinstance(data[name], kind) or isinstance(data[name], bool | datetime):
            raise ValueError(f"{where}{name} = {data[name]!r} 不对，请写明{how}")


def checked(year: Year) -> Year:
    """A notice that can be right: its days lie in its year or beside it, nothing is both off and on, and the fixed holidays are off."""
    wrong = None
    strange = [d for d in (*year.rest, *year.work) if not isinstance(d, date) or abs(d.year - year.year) > 1]
    both = sorted(year.work & set(year.rest))
    if strange:
        wrong = f"{strange[0]} 不属于 {year.year} 年"
    elif both:
        wrong = f"{both[0]} 既放假又上班"
    elif not year.area:
        missing = [name for (m, d), name in FIXED.items() if date(year.year, m, d) not in year.rest]
        idle = sorted(d for d in year.work if d.weekday() < 5)
        if missing:
            wrong = f"缺少{missing[0]}的放假日期"
        elif idle:
            wrong = f"调休上班的 {idle[0]} 不是周末"
    if wrong is not None:
        raise Invalid(f"{year.year} 年放假安排有误：{wrong}。", f"{year.year}: {wrong}", code="bad_calendar")
    return year


def midnight(day: date) -> datetime:
    """The first instant of a day in the zone of the law."""
    return datetime.combine(day, time(), ZONE)


def last_moment(day: date) -> datetime:
    """The last instant of a day: when an act counts of which the day alone is known, unless it was entered on that day."""
    return midnight(day + timedelta(days=1)) - timedelta(microseconds=1)


def acted(value: Any, entered: datetime) -> datetime:
    """The moment of an act that was entered then. A day alone: its last moment, on the day of the entry that of the entry – a limit
    in days is judged by the day, one in hours is never taken as kept because nobody wrote down the hour."""
    at = instant(value)
    if isinstance(value, datetime) or (isinstance(value, str) and "T" in value):
        return at
    last = last_moment(at.date())
    return entered if at <= entered <= last else last


def by_day(at: datetime) -> bool:
    """Is this an act of which the day alone is known?"""
    return at == last_moment(at.astimezone(ZONE).date())


def local(at: datetime) -> str:
    """An instant as the record keeps it: in the zone of the law."""
    return at.astimezone(ZONE).isoformat()


def instant(value: Any) -> datetime:
    """A lawful event as an instant: a date means the beginning of that day in Shanghai."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=ZONE)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=ZONE)
    raise Invalid(f"起算时间不是日期：{value!r}", f"Not a date or instant: {value!r}")
