"""Dates, times and durations by the standard's text: its years, its decimals of a second, its zones (10.3.2.3.4 to 10.3.2.3.8)."""

from __future__ import annotations

import datetime as dt

import pytest

from engine import feel
from engine.feel.wide import WideDate, WideInstant, WideLength, WideTime, make_date, ordinal, parts
from tests.feel.cases import check, same, value

TEMPORAL = """
the year lies between -999,999,999 and 999,999,999
    string(date("-0753-04-21"))             => "-0753-04-21"
    string(date(999999999, 12, 31))         => "999999999-12-31"
    string(date("-999999999-01-01"))        => "-999999999-01-01"
    date(1000000000, 1, 1)                  => null
    date("999999999-12-31") + @"P1D"        => null
    date("-999999999-01-01") - @"P1M"       => null
    date("12026-02-29")                     => null
    string(date("12024-02-29"))             => "12024-02-29"
    date("+12026-01-01")                    => null
    date("9999-12-31") + @"P1D"             => @"10000-01-01"
    @"10000-01-01" - @"P1D"                 => date("9999-12-31")
    @"0001-01-01" - @"P1D"                  => @"0000-12-31"
    @"-0004-02-29" + @"P1Y"                 => @"-0003-02-28"
    @"12026-01-31" + @"P1M"                 => @"12026-02-28"
    @"12026-01-31" - @"2026-01-31"          => @"P3652425D"
    string(@"999999999-12-31" - @"-999999999-01-01") => "P730484999633D"
    years and months duration(@"-2026-05-01", @"2026-04-30") => @"P4051Y11M"
    @"12026-01-01" > @"2026-01-01"          => true
    @"-2026-01-01" in [@"-3000-01-01"..@"0001-01-01"] => true
    @"12026-01-01" = @"12026-01-01"         => true
    @"12026-01-01" = @"12026-01-01T00:00:00" => null
    sort([@"12026-01-01", @"2026-01-01", @"-2026-01-01"]) => [@"-2026-01-01", @"2026-01-01", @"12026-01-01"]
    max(@"12026-01-01", @"2026-01-01")      => @"12026-01-01"
    distinct values([@"12026-01-01", @"12026-01-01"]) => [@"12026-01-01"]
    for d in @"9999-12-31"..@"10000-01-01" return d.year => [9999, 10000]
    before(@"-2026-01-01", [@"12026-01-01"..@"12027-01-01"]) => true
properties and calendar beyond Python's years
    @"-2026-09-14".year                     => 0 - 2026
    @"12026-09-14".weekday                  => @"2026-09-14".weekday
    day of week(@"-0001-01-01")             => "Friday"
    day of year(@"12024-12-31")             => 366
    week of year(@"12026-01-01")            => week of year(@"2026-01-01")
    month of year(@"-0044-03-15")           => "March"
    last day of month(@"12024-02-01")       => @"12024-02-29"
    @"12026-09-14" instance of date         => true
    @"12026-09-14T10:00:00" instance of date and time => true
    date(@"12026-09-14T10:00:00")           => @"12026-09-14"
    time(@"12026-09-14T10:00:00Z")          => @"10:00:00Z"
    date and time(@"12026-09-14", @"10:00:00") => @"12026-09-14T10:00:00"
    date and time("12026-09-14")            => @"12026-09-14T00:00:00"
    (function(at: date and time) at)(@"12026-09-14") => @"12026-09-14T00:00:00Z"
seconds are decimals
    string(time("10:00:00.123456789"))      => "10:00:00.123456789"
    time("10:00:00.123456789").second       => 0.123456789
    string(@"2026-09-14T10:00:00.000000001") => "2026-09-14T10:00:00.000000001"
    @"10:00:00.1234567891" = @"10:00:00.123456789" => true
    @"10:00:00.000000001" > @"10:00:00"     => true
    @"2026-09-14T23:59:59.999999999" + @"PT0.000000001S" => @"2026-09-15T00:00:00"
    @"2026-09-14T10:00:00.000000001" - @"2026-09-14T10:00:00" => @"PT0.000000001S"
    @"23:59:59.999999999" + @"PT0.000000001S" => @"00:00:00"
    time(10, 30, 1.5, null)                 => @"10:30:01.5"
    time(10, 30, 1.000000001, @"PT8H")      => @"10:30:01.000000001+08:00"
    @"PT0.000000001S" * 1000                => @"PT0.000001S"
    @"PT1S" / 3                             => @"PT0.333333333S"
    @"PT1S" / @"PT0.25S"                    => 4
    @"P1D".seconds                          => 0
    @"-PT1.000000001S".seconds              => 0 - 1.000000001
    abs(@"-PT0.000000001S")                 => @"PT0.000000001S"
    -@"PT0.000000001S"                      => @"-PT0.000000001S"
    duration("PT1.S")                       => @"PT1S"
    duration("PT.5S")                       => null
    string(duration("P1000000000000DT1H"))  => "P1000000000000DT1H"
    @"P1000000000000D" - @"P999999999999D"  => @"P1D"
zones
    @"2026-09-14T10:00:00+08:00" = @"2026-09-14T10:00:00@Asia/Shanghai" => true
    @"12026-09-14T10:00:00@Asia/Shanghai" = @"12026-09-14T02:00:00Z" => true
    @"12026-09-14T10:00:00@Asia/Shanghai".time offset => @"PT8H"
    string(@"9999-12-31T23:00:00@Asia/Shanghai" + @"PT2H") => "10000-01-01T01:00:00@Asia/Shanghai"
    string(@"10000-01-01T01:00:00@Asia/Shanghai" - @"PT2H") => "9999-12-31T23:00:00@Asia/Shanghai"
    date and time(@"12026-09-14T02:00:00Z", "Asia/Shanghai") => @"12026-09-14T10:00:00@Asia/Shanghai"
    string(@"-0100-01-01T00:00:00@Asia/Shanghai") => "-0100-01-01T00:00:00@Asia/Shanghai"
    @"12026-03-29T01:30:00@Europe/Berlin" + @"PT1H" = @"12026-03-29T01:30:00Z" => true
a value without offset takes on the other's where two are ordered, and never equals it
    @"10:00:00" < @"10:30:00+08:00"         => true
    @"2026-09-14T10:00:00" < @"2026-09-14T09:00:00+08:00" => false
    @"2026-09-14T10:00:00" >= @"2026-09-14T10:00:00+08:00" => true
    @"2026-09-14T10:00:00" = @"2026-09-14T10:00:00+08:00" => false
    @"2026-09-14T10:00:00" in [@"2026-09-14T09:00:00Z"..@"2026-09-14T11:00:00Z"] => true
    @"2026-09-14" < @"2026-09-15T00:00:00"  => null
    @"2026-09-14T10:00:00" - @"2026-09-14T10:00:00+08:00" => null
one element of the semantic domain
    is(@"10:00:00@Etc/UTC", @"10:00:00Z")   => true
    is(@"10:00:00+08:00", @"10:00:00@Asia/Shanghai") => true
    is(@"10:00:00+08:00", @"02:00:00Z")     => false
    is(@"10:00:00", @"10:00:00Z")           => false
    is([1..3], [1..3])                      => true
    is([1..3], [1..3))                      => false
    is({档: [1]}, {档: [1.0]})              => true
    is(null, null)                          => true
    is(value1: 1)                           => false
"""


@pytest.mark.parametrize(("text", "expected"), check(TEMPORAL))
def test_temporal_values(text: str, expected: str) -> None:
    assert same(value(text), value(expected)), (text, value(text))


def test_a_value_is_pythons_own_wherever_it_fits() -> None:
    kinds = {
        '@"2026-09-14"': dt.date, '@"12026-09-14"': WideDate, '@"10000-01-01" - @"P1D"': dt.date,
        '@"2026-09-14T10:00:00.123456"': dt.datetime, '@"2026-09-14T10:00:00.1234567"': WideInstant,
        '@"2026-09-14T10:00:00.1234567" - @"PT0.0000007S"': dt.datetime,
        '@"10:00:00.5"': dt.time, '@"10:00:00.0000005"': WideTime,
        '@"P999999999D"': dt.timedelta, '@"P1000000000D"': WideLength, '@"PT0.0000001S" * 10': dt.timedelta,
    }  # fmt: skip
    assert {text: type(value(text)) for text in kinds} == kinds


@pytest.mark.parametrize("year", [-999_999_999, -401, -1, 0, 1, 4, 1900, 9999, 10_000, 12_345, 999_999_999])
def test_every_day_has_a_number_and_every_number_a_day(year: int) -> None:
    for month, day in ((1, 1), (2, 28), (12, 31)):
        number = ordinal(year, month, day)
        assert parts(number) == (year, month, day)
        assert (make_date(number).year, make_date(number).month, make_date(number).day) == (year, month, day)
    assert ordinal(2026, 9, 14) == dt.date(2026, 9, 14).toordinal()


@pytest.mark.parametrize(
    "text",
    ['@"12026-09-14"', '@"10:00:00@Asia/Shanghai"', '@"-0044-03-15T10:00:00.5@Asia/Shanghai"', '@"PT0.000000001S"', '@"P1Y2M"',
     '[@"2026-09-14"..@"12026-09-14")', '(>="甲")', "(!=4)"],
)  # fmt: skip
def test_a_literal_reads_back_as_the_very_same_value(text: str) -> None:
    written = feel.literal(value(text))
    assert written == text
    assert feel.evaluate("is(a, b)", {"a": value(text), "b": value(written)}).value is True


def test_json_has_the_standards_text() -> None:
    held = value('{日: @"12026-09-14", 时: @"10:00:00.123456789+08:00", 长: @"PT0.000000001S"}')
    assert feel.to_json(held) == {
        "日": "12026-09-14",
        "时": "10:00:00.123456789+08:00",
        "长": "PT0.000000001S",
    }
