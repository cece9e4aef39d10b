"""The sum of a stage counts what a name can mean: cells of decision tables, calling parameters, notices, and from which event."""

from __future__ import annotations

from datetime import date

from engine.lint import Finding, lint_bundle, lint_path, load_posts
from engine.lint.rules.stage_time import RULE
from engine.terms import Choice
from engine.terms_file import load_terms
from tests.conftest import PROCESSES
from tests.engine.models import bundle, extension, flow, user_task

TERMS, POSTS = load_terms(PROCESSES / "terms.toml"), load_posts(PROCESSES / "posts.toml")
TABLE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
<decision id="rule" name="rule"><decisionTable id="t" hitPolicy="FIRST">
<input id="i"><inputExpression id="ie"><text>programme</text></inputExpression></input>
<output id="o1" name="how_long"/><output id="o2" name="counts_from"/>{}</decisionTable></decision></definitions>"""
ROW = '<rule id="r{0}"><inputEntry id="i{0}"><text>{1}</text></inputEntry><outputEntry id="a{0}"><text>{2}</text></outputEntry><outputEntry id="b{0}"><text>{3}</text></outputEntry></rule>'


def table(*rows: tuple[str, str, str]) -> bytes:
    return TABLE.format("".join(ROW.format(n, *row) for n, row in enumerate(rows))).encode()


def output(source: str, target: str) -> str:
    return f'<zeebe:ioMapping><zeebe:output source="{source}" target="{target}"/></zeebe:ioMapping>'


def outer(*path: str, inner: str, term: str) -> str:
    """A sub-process under a term, its nodes in a row."""
    ends = '<bpmn:startEvent id="s2"/><bpmn:endEvent id="e2"/>'
    return (
        f'<bpmn:subProcess id="stage" name="stage">{extension(term=term)}{ends}{inner}{flow("s2", *path, "e2")}</bpmn:subProcess>'
        + flow("start", "stage", "end")
    )


def said(body: str, **files: bytes) -> list[Finding]:
    found = lint_bundle(bundle("p", body, **files), terms=TERMS, posts=POSTS)
    return [f for f in found if f.rule == "stage-time"]


def test_a_variable_is_every_key_its_table_can_give_and_the_longest_counts() -> None:
    one = outer("a", inner=user_task("a", term="=how_long"), term="relief.survey")
    fits, longer = ('"X"', '"relief.bureau"', "null"), ('"Y"', '"dibao.survey"', "null")
    assert said(one, t__dmn=table(fits)) == []
    (found,) = said(one, t__dmn=table(fits, longer))
    assert "15个工作日" in found.message


def test_a_mapping_gives_a_key_too_and_a_notice_is_waited_for() -> None:
    """`notice_term` is handed on under another name; the wait is a timer that asks for it."""
    wait = (
        '<bpmn:intermediateCatchEvent id="w" name="公示期满"><bpmn:timerEventDefinition>'
        "<bpmn:timeDate>=deadline(handed_on, posted_on)</bpmn:timeDate></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
    )
    given = user_task(
        "a", output("=if x then &quot;dibao.notice&quot; else null", "notice_term"), term="relief.survey"
    )
    hand = user_task("b", output("=notice_term", "handed_on"))
    (found,) = said(outer("a", "b", "w", inner=given + hand + wait, term="relief.survey"))
    assert "公示期满（7日）" in found.message


def test_a_row_for_another_programme_is_not_counted() -> None:
    """The caller's gateway has asked for the route it hands on."""
    called = bundle("called", outer("a", inner=user_task("a", term="=how_long"), term="relief.survey"))
    rows = table(('"X"', '"relief.bureau"', "null"), ('"Y"', '"dibao.survey"', "null"))

    def calling(route: str) -> list[Finding]:
        mapping = '<zeebe:ioMapping><zeebe:input source="=route" target="programme"/></zeebe:ioMapping>'
        target = '<zeebe:calledElement processId="called"/>'
        condition = f"<bpmn:conditionExpression>=route = &quot;{route}&quot;</bpmn:conditionExpression>"
        caller = bundle(
            "caller",
            f'<bpmn:callActivity id="c">{extension(target + mapping)}</bpmn:callActivity>'
            f'<bpmn:sequenceFlow id="f" sourceRef="start" targetRef="c">{condition}</bpmn:sequenceFlow>'
            + flow("c", "end"),
        )
        found = lint_bundle(
            called, terms=TERMS, posts=POSTS, around=dict(caller.processes), tables={"rules/t.dmn": rows}
        )
        return [f for f in found if f.rule == "stage-time"]

    assert calling("X") == []
    assert len(calling("Y")) == 1


def test_two_steps_of_one_term_from_one_event_take_it_once() -> None:
    """And a step that counts from an event before it ends that long after the event."""
    event = user_task("first", output("=now()", "happened_at"))

    def two(start: str) -> list[Finding]:
        drawn = "".join(user_task(n, term="relief.survey", clockStart=start) for n in ("a", "b"))
        return said(outer("first", "a", "b", inner=event + drawn, term="relief.survey"))

    assert two("=happened_at") == []
    assert len(two("")) == 1


def test_an_event_from_a_table_is_followed_to_where_it_lies() -> None:
    event = user_task("first", output("=now()", "notice_over"))
    asked = user_task("rule", output("=found.counts_from", "counts_from"))
    between = user_task("between", term="refusal.letter")
    last = user_task(
        "last", term="relief.survey", clockStart="=if counts_from = null then now() else counts_from"
    )
    drawn = outer(
        "first", "rule", "between", "last", inner=event + asked + between + last, term="relief.survey"
    )
    assert said(drawn, t__dmn=table(("-", "null", "notice_over"))) == []
    assert len(said(drawn, t__dmn=table(("-", "null", "null")))) == 1


def test_a_stage_with_a_term_of_its_own_takes_it() -> None:
    within = (
        f'<bpmn:subProcess id="sub" name="sub">{extension(term="dibao.survey")}<bpmn:startEvent id="s3"/><bpmn:endEvent id="e3"/>'
        + flow("s3", "e3")
        + "</bpmn:subProcess>"
    )
    (found,) = said(outer("sub", inner=within, term="relief.survey"))
    assert "sub（15个工作日）" in found.message


def test_what_our_own_drawings_exceed_is_known() -> None:
    """Honest sums of the real bundles: where the law's own numbers do not add up, the whole term binds first and warns.

    A new entry is looked at before it is written here (docs/lint/stage-time.md says why each stands).
    """
    found = {
        (f.file, f.element): f.message for f in lint_path(PROCESSES, PROCESSES) if f.rule == "stage-time"
    }
    assert set(found) == {
        ("active_discovery.bpmn", "small_quick_relief"),
        ("active_discovery.bpmn", "emergency_relief"),
        ("dibao.bpmn", "review"),
        ("relief_application.bpmn", "review"),
        ("review_procedure.bpmn", "investigation"),
    }
    dibao, relief = found["dibao.bpmn", "review"], found["relief_application.bpmn", "review"]
    assert all(
        word in dibao for word in ("调查阶段（15个工作日）", "公示期满（7日）", "区级审核（10个工作日）")
    )
    assert all(
        word in relief for word in ("调查阶段（10个工作日）", "公示期满（7日）", "区级审核（5个工作日）")
    )


def test_the_number_the_district_has_chosen_for_the_day_counts() -> None:
    """Shortened on the screen from 1 October on: steps that fitted in do no longer – from that day on."""
    chosen = TERMS.with_choices([Choice("relief.survey", 1, date(2026, 10, 1))])
    steps = user_task("a", term="survey.assign") + user_task("b", term="survey.assign")
    drawn = bundle("p", outer("a", "b", inner=steps, term="relief.survey"))

    def found(on: date) -> list[str]:
        findings = lint_bundle(drawn, terms=chosen, posts=POSTS, on=on)
        return [f.message for f in findings if f.rule == RULE]

    assert found(date(2026, 9, 30)) == []
    assert len(found(date(2026, 10, 1))) == 1
    assert len(found(date.max)) == 1


def interrupting(host: str, asks: str, *path: str) -> str:
    return (
        f'<bpmn:boundaryEvent id="over" name="逾期" attachedToRef="{host}" cancelActivity="true"><bpmn:timerEventDefinition>'
        f"<bpmn:timeDuration>{asks}</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
        + flow("over", *path)
    )


def test_a_timer_that_breaks_a_step_off_leads_on_after_its_own_time() -> None:
    """Ten working days: five for the step, or fifteen until it is broken off and somebody else goes on."""
    after = user_task("b", term="relief.bureau") + '<bpmn:endEvent id="e3"/>'
    first = user_task("a", term="relief.bureau")
    assert said(outer("a", inner=first, term="relief.survey")) == []
    cut = interrupting("a", "=deadline(&quot;dibao.survey&quot;)", "b", "e3")
    (found,) = said(outer("a", inner=first + after + cut, term="relief.survey"))
    assert "逾期（15个工作日到期） → b（5个工作日）" in found.message
    assert "约 20 个工作日" in found.message


def test_a_step_without_a_term_lasts_until_the_timer_that_breaks_it_off() -> None:
    cut = interrupting("a", "P21D", "e3") + '<bpmn:endEvent id="e3"/>'
    (found,) = said(outer("a", inner=user_task("a") + cut, term="relief.survey"))
    assert "逾期（15个工作日到期）" in found.message


def in_turn(number: str) -> str:
    """A stage inside the stage, done once for each of several, one after the other."""
    loop = '<bpmn:multiInstanceLoopCharacteristics isSequential="true">'
    if number:
        loop += f"<bpmn:loopCardinality>={number}</bpmn:loopCardinality>"
    else:
        loop += '<bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="=people"/></bpmn:extensionElements>'
    ends = '<bpmn:startEvent id="s3"/><bpmn:endEvent id="e3"/>'
    inner = ends + user_task("a", term="relief.bureau") + flow("s3", "a", "e3")
    return f'<bpmn:subProcess id="each" name="逐人">{loop}</bpmn:multiInstanceLoopCharacteristics>{inner}</bpmn:subProcess>'


def test_what_is_done_in_turn_counts_as_often_as_is_written() -> None:
    assert said(outer("each", inner=in_turn("2"), term="relief.survey")) == []
    (found,) = said(outer("each", inner=in_turn("3"), term="relief.survey"))
    assert (found.severity, "约 15 个工作日" in found.message) == ("warning", True)


def test_a_number_nobody_knows_is_said_not_guessed() -> None:
    (hint,) = said(outer("each", inner=in_turn(""), term="relief.survey"))
    assert hint.severity == "info"
    assert "“逐人”依次多次办理，次数不定，只计了一次" in hint.message
    more = in_turn("") + user_task("b", term="dibao.survey")
    (found,) = said(outer("each", "b", inner=more, term="relief.survey"))
    assert found.severity == "warning"
    assert "只计了一次" in found.message
