"""Corners of the standard that a hostile reading found open: several flows between two gateways, what a handler throws again …"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from tests.engine.models import HEAD
from tests.trial.test_traces import Steps, nodes, tried, waiting


@pytest.mark.parametrize("both", [True, False])
def test_an_inclusive_join_fires_once_for_all_flows_that_come_straight_from_the_split(both: bool) -> None:
    report = tried("inclusive_shortcut", both=both)
    assert report["status"] == "completed"
    assert [n for n in nodes(report) if n.startswith(("join", "decide"))] == [
        "join activated",
        "join completed",
        "decide activated",
        "decide completed",
    ]


def test_what_an_event_sub_process_throws_again_goes_on_outside_its_scope(tmp_path: Path) -> None:
    """BPMN 2.0, 13.5.4: it is not caught a second time by the handler that threw it."""
    report = tried("thrown_again", steps=[], path=tmp_path)
    told = [n for n in nodes(report) if n.endswith(("thrown", "caught"))]
    assert told == ["tell thrown", "heard caught", "again thrown", "outside caught"]
    assert waiting(report) == ["watch_over", "work"]


def one(path: Path, inside: str, *options: str, steps: Steps | None = None) -> dict[str, object]:
    """A process of a few elements tried out."""
    model = f'{HEAD}<bpmn:message id="m" name="m"/><bpmn:process id="p" isExecutable="true">{inside}</bpmn:process></bpmn:definitions>'
    (path / "p.bpmn").write_text(model)
    if steps is not None:
        (path / "steps.json").write_text(json.dumps(steps))
        options = (*options, "--steps", str(path / "steps.json"))
    arguments = ["try", str(path / "p.bpmn"), "--now", "2026-09-14T10:00:00+08:00", "--json", *options]
    found: dict[str, object] = json.loads(CliRunner().invoke(app, arguments).stdout)
    return found


def flow(source: str, target: str) -> str:
    return f'<bpmn:sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}"/>'


def timed(what: str) -> str:
    """A user task `a` with a non-interrupting timer `b` that leads to `c`."""
    return (
        '<bpmn:startEvent id="s"/><bpmn:userTask id="a"/><bpmn:task id="c"/>'
        '<bpmn:boundaryEvent id="b" attachedToRef="a" cancelActivity="false"><bpmn:timerEventDefinition>'
        f"{what}</bpmn:timerEventDefinition></bpmn:boundaryEvent>" + flow("s", "a") + flow("b", "c")
    )


def test_a_week_is_seven_days_and_a_cycle_of_no_turns_is_refused(tmp_path: Path) -> None:
    cycle = "<bpmn:timeCycle>{}</bpmn:timeCycle>"
    weekly = one(tmp_path, timed(cycle.format("R2/P1W")), "--until", "P35D", steps=[])
    caught = [e["at"][:10] for e in weekly["trace"] if e["event"] == "caught"]  # type: ignore[attr-defined]
    assert caught == ["2026-09-21", "2026-09-28"]
    refused = one(tmp_path, timed(cycle.format("R0/P1W")))
    assert [r["element"] for r in refused["refusals"]] == ["b"]  # type: ignore[attr-defined]
    late = one(tmp_path, timed(cycle.format('="R0/P1W"')), steps=[])
    assert late["status"] == "incident"


def test_compensating_what_is_in_another_scope_is_refused_and_not_silently_nothing(tmp_path: Path) -> None:
    throw = '<bpmn:endEvent id="e"><bpmn:compensateEventDefinition activityRef="{}"/></bpmn:endEvent>'
    inner = (
        '<bpmn:startEvent id="s"/><bpmn:subProcess id="stage"><bpmn:startEvent id="s1"/><bpmn:serviceTask id="pay"/>'
        '<bpmn:boundaryEvent id="b" attachedToRef="pay"><bpmn:compensateEventDefinition/></bpmn:boundaryEvent>'
        '<bpmn:serviceTask id="refund" isForCompensation="true"/>'
        '<bpmn:association id="x" sourceRef="b" targetRef="refund"/>'
        + flow("s1", "pay")
        + "</bpmn:subProcess>"
        + flow("s", "stage")
        + flow("stage", "e")
    )
    refused = one(tmp_path, inner + throw.format("pay"))
    assert [(r["element"], r["line"]) for r in refused["refusals"]] == [("e", 1)]  # type: ignore[attr-defined]
    whole = one(tmp_path, inner + throw.format("stage"))
    assert "refund completed" in nodes(whole)


def test_more_instances_than_anybody_means_are_an_incident(tmp_path: Path) -> None:
    many = "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>=1000000000</bpmn:loopCardinality>"
    task = f'<bpmn:userTask id="a">{many}</bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>'
    report = one(tmp_path, '<bpmn:startEvent id="s"/>' + task + flow("s", "a"))
    assert [i["element"] for i in report["incidents"]] == ["a"]  # type: ignore[attr-defined]


def test_a_script_task_without_script_is_an_abstract_task_unless_a_worker_runs_it(tmp_path: Path) -> None:
    """BPMN 2.0, 10.3.3."""
    begin = '<bpmn:startEvent id="s"/>' + flow("s", "a")
    assert one(tmp_path, begin + '<bpmn:scriptTask id="a"/>', steps=[])["status"] == "completed"
    worker = '<bpmn:extensionElements><zeebe:taskDefinition type="x"/></bpmn:extensionElements>'
    report = one(tmp_path, begin + f'<bpmn:scriptTask id="a">{worker}</bpmn:scriptTask>', steps=[])
    assert waiting(report) == ["a"]


def test_what_the_standard_forbids_around_events_is_refused(tmp_path: Path) -> None:
    gateway = (
        '<bpmn:startEvent id="s"/><bpmn:eventBasedGateway id="g"/><bpmn:receiveTask id="r" messageRef="m"/>'
        '<bpmn:intermediateCatchEvent id="c"><bpmn:timerEventDefinition><bpmn:timeDuration>P1D</bpmn:timeDuration>'
        '</bpmn:timerEventDefinition></bpmn:intermediateCatchEvent><bpmn:boundaryEvent id="b" attachedToRef="r">'
        "<bpmn:timerEventDefinition><bpmn:timeDuration>P2D</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
        '<bpmn:task id="t"/>' + flow("s", "g") + flow("g", "r") + flow("g", "c") + flow("b", "t")
    )
    escalations = '<bpmn:startEvent id="s"/><bpmn:subProcess id="stage"/><bpmn:task id="t"/>' + flow(
        "s", "stage"
    )
    for key in ("b1", "b2"):
        escalations += (
            f'<bpmn:boundaryEvent id="{key}" attachedToRef="stage"><bpmn:escalationEventDefinition/></bpmn:boundaryEvent>'
            + flow(key, "t")
        )
    for inside, element in ((gateway, "g"), (escalations, "b2")):
        (refusal,) = one(tmp_path, inside)["refusals"]  # type: ignore[misc]
        assert refusal["element"] == element  # type: ignore[index]
        assert all(refusal[key] for key in ("message_en", "remedy_en"))  # type: ignore[index]
