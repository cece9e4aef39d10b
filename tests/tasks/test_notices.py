"""Public notices: what they may show, who is never shown, objections to them, and the panel of a meeting."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from casework import files, notices, seed
from casework.tables import notices as table
from engine import cases, worklist
from engine.db import Database, Tx, connect, metadata
from engine.errors import Conflict
from engine.routing import Actor, Appointment
from engine.tables import incidents, jobs
from engine.world import World
from tasks import sweep
from tests.tasks.rig import NOW, a_case, case_numbers, work

ASKED = {
    "programme": "TEMP_EXPENDITURE",
    "application_no": "A1",
    "lead_no": "L1",
    "amount": 4040,
    "persons": 2,
    "round": 1,
    "notice_term": "relief.notice",
    "kinship_declared": False,
}
SECRETS = {
    "lead": {"main_cause": "11", "subject_phone": "13800001234"},
    "verification": {"causes": ["11"], "findings": "尿毒症透析"},
    "application": {
        "members": [
            {"name": "王某乙", "relation": "head", "id_no": "11010519491231002X"},
            {"name": "王小某", "relation": "child", "birth_date": "2019-03-01"},
        ],
        "account": "6200000000000000",
    },
    "survey": {"staff": ["p_minzheng1"], "visitors": ["p_minzheng1", "p_minzheng2"]},
}
OLD = {"name": "王某乙", "relation": "head", "birth_date": "1950-05-01"}
YOUNG = {"name": "王小某", "relation": "grandchild", "birth_date": "2013-05-01"}
CLERK = Actor("p_fuwuban1", "庚服务", (Appointment("town_service_office", "town", seed.TOWN),))
SAID = {"received_at": NOW.isoformat(), "channel": "phone", "content": "家中有车", "objector": "某邻居"}


def rendered(tx: Tx, **changes: Any) -> notices.Notice:
    case = a_case(tx, document=SECRETS)
    return notices.get(tx, str(work(tx, case, "notice.render", {**ASKED, **changes}).variables["notice_no"]))


def objection(tx: Tx, notice: notices.Notice) -> str:
    return notices.object_to(tx, notice, SAID, CLERK, NOW)


def judge(tx: Tx, number: str, **values: Any) -> None:
    """Somebody of the service office judges the objection in its own case."""
    case_id = tx.run(
        select(notices.objections.c.case_id).where(notices.objections.c.number == number)
    ).scalar_one()
    (row,) = worklist.open_of_case(tx, case_id)
    cases.complete(
        tx,
        CLERK,
        row.id,
        row.revision,
        {"about_staff": False, "reason": "有照片为证，需要复查", **values},
        NOW,
    )


def test_a_notice_shows_the_allow_list_and_nothing_else(tx: Tx) -> None:
    notice = rendered(tx)
    assert notice.number == "A1-G1"
    assert set(notice.content) == {
        *("申请人", "村（居）", "救助事项", "享受人数", "拟救助金额"),
        *("近亲属备案", "公示期", "异议受理", "监督电话"),
    }
    assert notice.content["拟救助金额"] == "4040.00 元"
    assert list(notice.investigators) == ["p_minzheng1", "p_minzheng2"]


def test_its_paper_is_a_pdf_with_chinese_text_and_the_font_inside(tx: Tx) -> None:
    kept, content = files.read(tx, rendered(tx).file)
    assert (kept.type, kept.name) == ("application/pdf", "公示 A1-G1.pdf")
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    text = "".join(page.extract_text() for page in pages)
    assert "社会救助公示" in text
    assert "王某乙" in text
    assert not [s for s in ("13800001234", "尿毒症", "11010519", "6200000", "王小某") if s in text]
    fonts = [f.get_object() for page in pages for f in page["/Resources"]["/Font"].values()]
    inner = [f["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object() for f in fonts]
    assert inner
    assert all("NotoSansSC" in d["/FontName"] and {"/FontFile2", "/FontFile3"} & d.keys() for d in inner)


def test_what_a_person_typed_is_text_and_never_markup(tx: Tx) -> None:
    case = a_case(tx, title='#panic("x") *王*')
    made = work(tx, case, "notice.render", ASKED).variables["notice_file"]
    text = pypdf.PdfReader(io.BytesIO(files.read(tx, made)[1])).pages[0].extract_text()
    assert '#panic("x") *王*' in text.replace("“", '"').replace("”", '"')


def test_a_last_day_nobody_knows_yet_is_marked(tx: Tx) -> None:
    """Posted on 28 December it ends in a year whose holidays are not announced."""
    period = notices.posted_today(tx, rendered(tx), datetime(2026, 12, 28, 1, tzinfo=UTC))
    assert period is not None
    assert notices.in_words(period) == (
        "2026年12月29日至2027年1月4日（2026年12月28日张贴，次日起 7 日，末日遇放假安排公布可能顺延（未定））"
    )


def test_online_the_given_name_is_hidden(tx: Tx) -> None:
    assert notices.masked(rendered(tx).content)["申请人"] == "王**"


def test_a_repeated_job_finds_its_notice_and_a_second_round_makes_another(tx: Tx) -> None:
    case = a_case(tx, document=SECRETS)
    first = work(tx, case, "notice.render", ASKED)
    assert work(tx, case, "notice.render", ASKED) == first
    again = work(tx, case, "notice.render", {**ASKED, "round": 2}, job_id="job-2")
    assert again.variables["notice_no"] == "A1-G2"
    assert tx.run(select(func.count()).select_from(table)).scalar_one() == 2


@pytest.mark.parametrize(
    ("variables", "document", "why"),
    [
        ({"minor": True}, {}, "未成年人"),
        ({}, {"application": {"members": [{"name": "王某乙", "birth_date": "2012-05-01"}]}}, "未成年人"),
        ({}, {"application": {"members": [{"name": "王某乙", "id_no": "120115201205010010"}]}}, "未成年人"),
        ({}, {"application": {"reason": "minor", "members": [{"name": "王某乙"}]}}, "未成年人"),
        # The lead bears the grandfather's name, who wrote 未成年 knows whom it is for.
        ({}, {"application": {"reason": "minor", "members": [OLD]}}, "未成年人"),
        # Named is nobody of the list: support for one person may be the child's.
        (
            {},
            {"application": {"programme": "TEKUN", "members": [{**OLD, "name": "王老伯"}, YOUNG]}},
            "未成年人",
        ),
        ({"victim_at_risk": True}, {}, "受到侵害"),
        ({}, {"lead": {"main_cause": "52"}}, "受到侵害"),
        ({}, {"verification": {"causes": ["11", "52"]}}, "受到侵害"),
        ({"suppressed": True}, {}, "不公示"),
        ({"programme": "SMALL_QUICK"}, {}, "不需要公示"),
    ],
)
def test_who_must_not_be_shown_is_refused(
    tx: Tx, variables: dict[str, Any], document: dict[str, Any], why: str
) -> None:
    case = a_case(tx, document=document)
    with pytest.raises(Conflict) as refused:
        work(tx, case, "notice.render", {**ASKED, **variables})
    assert why in refused.value.message
    assert tx.run(select(func.count()).select_from(table)).scalar_one() == 0


def test_a_refusal_to_render_becomes_an_incident_somebody_sees(district: Database) -> None:
    with district.transaction() as tx:
        variables = {**ASKED, "minor": True}
        cases.start(
            tx, "public_notice", now=NOW, area=seed.VILLAGE, number="L9", title="王某乙", variables=variables
        )
    for minutes in (0, 1, 5, 20):
        sweep.drain(district, NOW + timedelta(minutes=minutes))
    with district.reading() as tx:
        (found,) = tx.run(select(incidents.c.code, incidents.c.message, incidents.c.state))
        state = tx.run(select(jobs.c.state).where(jobs.c.type == "notice.render")).scalar_one()
    assert tuple(found) == ("notice_suppressed", "不能生成公示：受益人是未成年人，不得公示。", "open")
    assert state == "failed"


def waiting_for(tx: Tx) -> list[str]:
    """Objections nobody has judged yet or that wait for a new investigation, as the forms of a notice see them."""
    return [o["number"] for o in notices.objections_to(tx, "A1") if o["state"] != "answered"]


def test_an_objection_is_open_until_it_is_judged(tx: Tx) -> None:
    notice = rendered(tx)
    numbers = [objection(tx, notice), objection(tx, notice)]
    assert numbers == ["A1-Y1", "A1-Y2"]
    assert case_numbers(tx, "handle_objection") == numbers
    assert waiting_for(tx) == numbers
    judge(tx, "A1-Y1", needs_reinvestigation=False)
    judge(tx, "A1-Y2", needs_reinvestigation=True)
    assert [o["state"] for o in notices.objections_to(tx, "A1")] == ["answered", "reinvestigate"]
    assert waiting_for(tx) == ["A1-Y2"]


def test_the_second_round_answers_every_waiting_objection_and_the_first_none(tx: Tx) -> None:
    notice = rendered(tx)
    waiting, unjudged = objection(tx, notice), objection(tx, notice)
    judge(tx, waiting, needs_reinvestigation=True)
    work(tx, notice.case_id, "objection.report", {**ASKED, "opinion": "support"}, job_id="job-2")
    assert waiting_for(tx) == [waiting, unjudged]
    for _ in range(2):
        work(
            tx, notice.case_id, "objection.report", {**ASKED, "round": 2, "opinion": "refuse"}, job_id="job-3"
        )
    assert waiting_for(tx) == [unjudged]


def test_who_waits_for_an_application_that_is_over_is_answered(district: Database) -> None:
    """Judged or not yet judged: the one goes on at once, the other finds the word waiting and never waits itself."""
    with district.transaction() as tx:
        notice = rendered(tx)
        waiting, unjudged = objection(tx, notice), objection(tx, notice)
        judge(tx, waiting, needs_reinvestigation=True)
        work(tx, notice.case_id, "objection.release", {"application_no": "another"}, job_id="job-2")
        assert objection_tasks(tx) == [(unjudged, "judge_objection")]
        work(tx, notice.case_id, "objection.release", {"application_no": "A1"}, job_id="job-3")
        assert objection_tasks(tx) == [(waiting, "answer_objector"), (unjudged, "judge_objection")]
    sweep.drain(district, NOW)
    with district.transaction() as tx:
        judge(tx, unjudged, needs_reinvestigation=True)
    sweep.drain(district, NOW)
    with district.reading() as tx:
        assert objection_tasks(tx) == [(waiting, "answer_objector"), (unjudged, "answer_objector")]


def objection_tasks(tx: Tx) -> list[tuple[str, str]]:
    t, c = worklist.user_tasks.c, notices.cases_table.c
    query = select(c.number, t.element).join(notices.cases_table, c.id == t.case_id).where(t.state == "open")
    return [(row.number, row.element) for row in tx.run(query.order_by(c.number))]


def test_a_withdrawn_objection_no_longer_holds_the_notice(tx: Tx) -> None:
    notice = rendered(tx)
    number = objection(tx, notice)
    judge(tx, number, needs_reinvestigation=True)
    row = tx.run(
        select(notices.objections.c.case_id).where(notices.objections.c.number == number)
    ).scalar_one()
    revision = tx.run(
        select(notices.cases_table.c.revision).where(notices.cases_table.c.id == row)
    ).scalar_one()
    cases.cancel(tx, CLERK, row, revision, "异议人撤回", NOW)
    assert waiting_for(tx) == []


def test_no_objection_to_a_case_that_is_closed(tx: Tx) -> None:
    notice = rendered(tx)
    cases.cancel(tx, CLERK, notice.case_id, 1, "重复", NOW)
    with pytest.raises(Conflict, match="closed"):
        objection(tx, notice)


def test_relatives_are_struck_from_the_panel_and_named(tx: Tx) -> None:
    panel = [{"name": "己民政", "role": "staff"}, {"name": "钱某丁", "role": "resident"}]
    case = a_case(tx, title="田某丙", area=seed.NEXT_VILLAGE, document={"appraisal": {"panel": panel}})
    result = work(tx, case, "appraisal.recuse", {})
    assert result.variables["recused_people"] == ["己民政"]
    assert [m["name"] for m in result.document["appraisal"]["panel"]] == ["钱某丁"]
    assert work(tx, case, "appraisal.recuse", {}, job_id="job-2").variables["recused_people"] == []


def test_a_meeting_without_a_panel_strikes_nobody(tx: Tx) -> None:
    assert work(tx, a_case(tx), "appraisal.recuse", {}).variables["recused_people"] == []


ALLOWED = {
    *("申请人", "村（居）", "救助事项", "享受人数", "拟救助金额"),
    *("近亲属备案", "公示期", "异议受理", "监督电话"),
}
MARK = "\u7532\u4e59\u4e0d\u53ef\u89c1"  # words that stand for whatever must not be seen
ANYTHING = st.recursive(
    st.sampled_from([MARK, f"卡号{MARK}", f"{MARK}症"]) | st.integers(0, 10**18).map(lambda n: f"{MARK}{n}"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["account", "diagnosis", "id_no", "phone", "note", "名"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)
SECTIONS = st.dictionaries(
    st.sampled_from(["lead", "verification", "application", "survey", "econ_check", "opinion", "objection"]),
    st.dictionaries(
        st.sampled_from(["findings", "account", "income", "reporter", "extra"]), ANYTHING, max_size=4
    ),
    max_size=5,
)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(document=SECTIONS, programme=st.sampled_from(sorted(notices.PROGRAMMES)), kin=st.booleans())
def test_no_notice_shows_a_field_off_the_allow_list(
    tmp_path_factory: pytest.TempPathFactory, world: World, document: Any, programme: str, kin: bool
) -> None:
    """Whatever lies in the file – and every name under which it may lie – a notice has its nine lines and nothing of it."""
    folder = tmp_path_factory.mktemp("notice")
    db = Database(connect(f"sqlite:///{folder}/n.db"), world.with_(data=folder))
    metadata.create_all(db.engine)
    with db.begin() as tx:
        seed.seed_demo(tx, NOW)
        case = a_case(tx, document=document)
        asked = {**ASKED, "programme": programme, "kinship_declared": kin, "note": MARK, "account": MARK}
        made = work(tx, case, "notice.render", asked).variables
        notice = notices.get(tx, str(made["notice_no"]))
        paper = pypdf.PdfReader(io.BytesIO(files.read(tx, notice.file)[1]))
        shown = "".join(page.extract_text() for page in paper.pages)
        masked = notices.masked(notice.content)
    db.engine.dispose()
    given = {"拟救助金额": "救助金额"} if programme == "TEMP_EMERGENCY" else {}
    assert set(notice.content) == set(masked) == {given.get(line, line) for line in ALLOWED}
    assert MARK not in str(notice.content) + str(masked) + shown
