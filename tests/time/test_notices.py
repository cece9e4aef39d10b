"""Holiday notices as they are published, and what is no notice."""

from __future__ import annotations

import tomllib
from datetime import date, datetime, timedelta

import pytest

from engine.calendar import ZONE, Calendar, Year, load_calendar
from engine.calendar_notice import as_json, of_json, read
from engine.deadline import compute
from engine.errors import Invalid
from engine.terms import Parameter, Term, Unit, ad_hoc, limits, wrong_number, wrong_value
from engine.terms_file import load_terms
from tests.conftest import PROCESSES

KNOWN = load_calendar(PROCESSES / "calendars")
PUBLISHED_2026 = """国务院办公厅关于2026年部分节假日安排的通知
国办发明电〔2025〕7号
各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
经国务院批准，现将2026年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期的具体安排通知如下。
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫、疫情防控等工作。"""


def test_the_published_words_give_the_file_we_have() -> None:
    found = read(PUBLISHED_2026)
    known = KNOWN.years[2026]
    assert (found.rest, found.work) == (known.rest, known.work)
    assert of_json(as_json(found)) == found


def test_a_span_over_a_month_and_a_joint_holiday() -> None:
    words = PUBLISHED_2026.replace("2026", "2025").replace(
        "二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。",
        "二、春节：1月28日（农历除夕、周二）至2月4日（农历正月初七、周二）放假调休，共8天。1月26日（周日）、2月8日（周六）上班。",
    )
    words = (
        words.replace("1月4日（周日）上班。", "")
        .replace("5月9日（周六）", "5月10日（周六）")
        .replace("9月20日（周日）", "9月28日（周日）")
        .replace("10月10日（周六）", "10月11日（周六）")
    )
    found = read(words)
    assert all(date(2025, 1, 28) + timedelta(days=n) in found.rest for n in range(8))
    assert {date(2025, 1, 26), date(2025, 2, 8)} <= found.work


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("2026年部分节假日安排", "某年安排"), "没有找到"),
        (("共9天", "共8天"), "写明共 8 天，读到 9 天"),
        (("2月15日", "2月35日"), "日期有误"),
        (("七、国庆节", "七、中秋"), "缺少国庆节"),
        (("1月4日（周日）上班", "1月2日（周五）上班"), "既放假又上班"),
        (("1月4日（周日）上班", "1月5日（周一）上班"), "不是周末"),
    ],
)
def test_what_cannot_be_right_is_refused_with_the_place(change: tuple[str, str], words: str) -> None:
    text = PUBLISHED_2026.replace(*change)
    if words == "缺少国庆节":
        text = PUBLISHED_2026.replace("10月1日（周四）至7日", "10月2日（周五）至7日").replace(
            "共7天", "共6天"
        )
    with pytest.raises(Invalid) as refused:
        read(text)
    assert words in refused.value.message


def test_a_jurisdiction_adds_its_own_days_only_to_a_known_year() -> None:
    own = read(
        'year = 2027\nnotice = "本地"\nsource = "自治区"\narea = "65"\n[[rest]]\nname = "古尔邦节"\nfrom = 2027-05-17\nto = 2027-05-17\n'
    )
    alone = Calendar().with_([own], 1)
    assert not alone.of("65/6501").knows(2027)
    assert alone.of("12") is alone


def test_every_term_stands_within_its_own_bounds_and_names_where_it_is_written() -> None:
    table = load_terms(PROCESSES / "terms.toml")
    for versions in table.terms.values():
        for term in versions:
            assert wrong_number(term, term.n) is None, term.key
            assert term.citation, term.key
            assert term.confidence, term.key
            assert term.start_event, term.key
            assert set(term.confidence.split("/")) <= {"H", "M", "L", "D", "MEM"}, term.key
    for parameters in table.parameters.values():
        for parameter in parameters:
            assert wrong_value(parameter, parameter.value) is None, parameter.key


def test_bounds_follow_the_kind_unless_the_number_is_the_districts_own() -> None:
    most = Term("a", 10, Unit.WORKING_DAYS, confidence="M")
    assert limits(most) == (1, 10)
    assert limits(Term("a", 7, Unit.CALENDAR_DAYS, kind="min", confidence="H"))[0] == 7
    assert limits(Term("a", 10, Unit.WORKING_DAYS, confidence="H/D"))[1] > 10
    assert wrong_value(Parameter("p", True), 1) is not None
    assert wrong_value(Parameter("p", "off", choices={"off": "不组织", "on": "组织"}), "maybe") is not None


PER_PROGRAMME = "appraisal."
"""Keys a drawing puts together with the programme's name."""


def test_every_parameter_is_read_by_something() -> None:
    """A number that nothing reads would be a switch on a screen that moves nothing."""
    rooms = [PROCESSES, *(PROCESSES.parent / room for room in ("engine", "casework", "tasks", "api"))]
    files = [p for room in rooms for p in room.rglob("*") if p.suffix in (".py", ".bpmn", ".dmn", ".form")]
    text = "\n".join(p.read_text(encoding="utf-8") for p in files)
    keys = {
        one["key"]
        for one in tomllib.loads((PROCESSES / "terms.toml").read_text(encoding="utf-8"))["parameter"]
    }
    assert {key for key in keys if key not in text and not key.startswith(PER_PROGRAMME)} == set()
    assert f'"{PER_PROGRAMME}" + ' in text


def test_days_of_the_neighbouring_year_hold() -> None:
    """A New Year that begins in December: the later notice's word, in the year before and under a local notice."""
    base = load_calendar(PROCESSES / "calendars")
    rest = {date(2026, 12, 31): "元旦", date(2027, 1, 1): "元旦"}
    notice = Year(2027, "通知", "国务院办公厅", rest, frozenset({date(2026, 12, 27)}))
    known = base.with_([notice], 1)
    assert not known.is_working_day(date(2026, 12, 31))
    assert known.is_working_day(date(2026, 12, 27))
    assert (known.why(date(2026, 12, 31)), known.why(date(2026, 12, 27))) == (
        "holiday 元旦",
        "make-up working day",
    )
    assert base.is_working_day(date(2026, 12, 31))
    own = Year(
        2026, "停办", "区政府办", {date(2026, 12, 27): "停办"}, frozenset({date(2026, 12, 31)}), "120115"
    )
    here = known.with_([own], 2).of("120115/1")
    assert (here.is_working_day(date(2026, 12, 31)), here.is_working_day(date(2026, 12, 27))) == (True, False)
    three = ad_hoc("3wd")
    assert three is not None
    assert compute(three, datetime(2026, 12, 29, 10, tzinfo=ZONE), known).due == date(2027, 1, 5)
