"""`xunzhen try` on the small diagrams: the trace construct by construct, what waits, what becomes of time and errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app

DIAGRAMS = Path(__file__).parents[1] / "diagrams"
NOW = "2026-09-14T10:00:00+08:00"
Steps = list[dict[str, Any]]


def tried(
    model: str, *options: str, steps: Steps | None = None, path: Path | None = None, **data: Any
) -> dict[str, Any]:
    """The JSON document; checks that the exit code fits its status."""
    arguments = ["try", str(DIAGRAMS / f"{model}.bpmn"), "--now", NOW, "--json", *options]
    if data:
        arguments += ["--data", json.dumps(data)]
    if steps is not None:
        assert path is not None
        script = path / "steps.json"
        script.write_text(json.dumps(steps))
        arguments += ["--steps", str(script)]
    result = CliRunner().invoke(app, arguments)
    report: dict[str, Any] = json.loads(result.stdout)
    assert result.exit_code == (0 if report["status"] in ("completed", "waiting") else 1)
    return report


def nodes(report: dict[str, Any], *events: str) -> list[str]:
    """`element event` in order, flows left out."""
    return [
        f"{line['element']} {line['event']}"
        for line in report["trace"]
        if line["event"] != "taken" and (not events or line["event"] in events)
    ]


def waiting(report: dict[str, Any]) -> list[str]:
    return [w["element"] for w in report["waiting"]]


def test_the_document_has_the_shape_of_the_contract() -> None:
    report = tried("links")
    assert list(report) == ["status", "refusals", "incidents", "waiting", "data", "cases", "trace"]
    assert report["cases"] == [{"case": "c1", "process": "links", "status": "completed"}]
    assert report["trace"][3] == {
        "at": NOW,
        "case": "c1",
        "element": "report",
        "name": "上报",
        "type": "userTask",
        "event": "activated",
    }


def test_an_implicit_split_takes_every_flow_that_holds() -> None:
    report = tried("implicit_split", alone=False)
    assert sorted(line["element"] for line in report["trace"] if line["event"] == "taken") == [
        "interview_end",
        "photo_end",
        "start_verify",
        "verify_interview",
        "verify_photo",
    ]
    assert nodes(report).count("end completed") == 2
    assert "interview activated" not in nodes(tried("implicit_split", alone=True))


def test_a_link_goes_on_at_its_other_end_without_a_flow() -> None:
    report = tried("links")
    assert nodes(report) == [
        "start activated",
        "start completed",
        "report activated",
        "report completed",
        "to_late activated",
        "to_late completed",
        "late activated",
        "late completed",
        "explain activated",
        "explain completed",
        "end activated",
        "end completed",
    ]


def test_an_event_sub_process_interrupts_or_stands_beside(tmp_path: Path) -> None:
    beside = tried("event_subprocess", steps=[{"signal": "note"}, {"signal": "note"}], path=tmp_path)
    assert sorted(waiting(beside)) == ["noted", "read_note", "read_note", "survey", "withdrawn"]
    report = tried(
        "event_subprocess",
        steps=[
            {"complete": "survey"},
            {"message": "withdraw", "data": {"why": "自愿"}},
            {"complete": "file_away"},
        ],
        path=tmp_path,
    )
    assert (report["status"], report["data"]) == ("completed", {"why": "自愿"})
    told = nodes(report)
    assert (
        told.index("withdrawn caught") < told.index("decide terminated") < told.index("file_away activated")
    )
    assert "decide completed" not in told


def test_boundary_timers_fire_in_their_order_at_their_instants(tmp_path: Path) -> None:
    report = tried("boundary_timers", "--until", "P5D", steps=[], path=tmp_path)
    assert [(line["at"][:10], line["element"]) for line in report["trace"] if line["event"] == "caught"] == [
        ("2026-09-15", "remind"),
        ("2026-09-16", "remind"),
        ("2026-09-17", "overdue"),
    ]
    assert "visit terminated" in nodes(report)
    assert waiting(report) == ["nudge", "nudge", "take_over"]


def test_time_stands_still_unless_it_is_moved(tmp_path: Path) -> None:
    steps: Steps = [{"advance": "P2D"}, {"complete": "visit"}]
    report = tried("boundary_timers", steps=steps, path=tmp_path)
    assert (report["trace"][-1]["at"], waiting(report)) == ("2026-09-16T10:00:00+08:00", ["nudge", "nudge"])
    assert tried("event_gateway")["trace"][-1]["at"] == NOW
    later = tried("event_gateway", "--until", "2026-09-14T12:00:00")
    assert (later["status"], later["trace"][-1]["at"]) == ("completed", "2026-09-14T10:05:00+08:00")


def test_a_message_finds_its_receiver_by_key_and_waits_for_it(tmp_path: Path) -> None:
    early: Steps = [{"message": "paid", "key": "k2"}, {"message": "paid", "key": "k1", "data": {"sum": 5}}]
    report = tried("message", steps=[*early, {"complete": "apply"}], path=tmp_path, voucher="k1")
    assert (report["status"], report["data"]) == ("completed", {"voucher": "k1", "sum": 5})
    wrong = tried("message", steps=[{"complete": "apply"}, early[0]], path=tmp_path, voucher="k1")
    assert wrong["waiting"] == [
        {
            "case": "c1",
            "element": "paid",
            "name": "到账",
            "type": "receiveTask",
            "kind": "message",
            "message": "paid",
            "key": "k1",
        }
    ]


def test_a_receive_task_may_be_completed_by_hand_but_not_by_itself(tmp_path: Path) -> None:
    assert waiting(tried("message", voucher="k1")) == ["paid"]
    steps: Steps = [{"complete": "apply"}, {"complete": "paid"}]
    assert tried("message", steps=steps, path=tmp_path, voucher="k1")["status"] == "completed"


def test_multi_instance_ends_the_rest_when_its_condition_holds(tmp_path: Path) -> None:
    steps: Steps = [
        {"complete": "review", "nth": 3, "data": {"vote": True}},
        {"complete": "review", "data": {"vote": True}},
    ]
    report = tried("multi_instance", steps=steps, path=tmp_path, members=["甲", "乙", "丙", "丁"])
    assert (report["status"], report["data"]["votes"]) == ("completed", [True, True])
    assert nodes(report).count("review completed") == 2
    assert nodes(report).count("review terminated") == 2


def test_an_error_of_a_job_goes_to_the_boundary_event(tmp_path: Path) -> None:
    steps: Steps = [
        {"error": "pay", "code": "bad_account", "data": {"account": "x"}},
        {"complete": "correct", "data": {"account": "y"}},
        {"complete": "pay"},
    ]
    report = tried("error", steps=steps, path=tmp_path)
    assert (report["status"], report["data"]) == ("completed", {"account": "y"})
    (caught,) = [line for line in report["trace"] if line["event"] == "caught"]
    assert (caught["element"], caught["what"]) == ("bounced", {"kind": "error", "code": "bad_account"})


def test_an_error_nobody_catches_and_a_failed_job_are_incidents_that_a_completion_mends(
    tmp_path: Path,
) -> None:
    for step in ({"error": "pay", "code": "other"}, {"fail": "pay", "message": "连接失败"}):
        report = tried("error", steps=[step], path=tmp_path)
        assert report["status"] == "incident"
        assert [i["element"] for i in report["incidents"]] == ["pay"]
        assert report["trace"][-1]["event"] == "incident"
        assert waiting(report) == ["pay"]
        assert tried("error", steps=[step, {"complete": "pay"}], path=tmp_path)["status"] == "completed"


def test_a_called_process_of_the_folder_runs_with_its_own_variables(tmp_path: Path) -> None:
    report = tried("calling", steps=[{"complete": "post", "data": {"own": 1}}], path=tmp_path, days=3)
    assert (report["status"], report["data"]) == ("completed", {"days": 3, "heard": 8})
    told = nodes(report)
    assert told.index("notice activated") < told.index("post activated") < told.index("count completed")
    assert told.index("count completed") < told.index("notice completed")


def test_null_at_a_gateway_is_an_incident_and_not_a_choice(tmp_path: Path) -> None:
    report = tried("gateway")
    assert (report["status"], report["cases"][0]["status"]) == ("incident", "incident")
    assert [i["element"] for i in report["incidents"]] == ["which"]
    assert nodes(report)[-2:] == ["which activated", "which incident"]
    assert nodes(tried("gateway", genuine=False), "activated")[-2:] == ["close activated", "end activated"]


def test_an_event_gateway_lets_one_of_its_events_happen(tmp_path: Path) -> None:
    report = tried(
        "event_gateway", steps=[{"advance": "PT4M"}, {"message": "answer"}, {"advance": "P1D"}], path=tmp_path
    )
    assert waiting(report) == ["record"]
    assert "silence terminated" in nodes(report)


def test_compensation_and_escalation_reach_their_handlers(tmp_path: Path) -> None:
    undone = nodes(tried("compensation"), "activated", "thrown")
    assert undone == [
        "start activated",
        "reserve activated",
        "undone activated",
        "undone thrown",
        "release activated",
    ]
    told = tried("escalation", steps=[], path=tmp_path)
    assert sorted(waiting(told)) == ["watch_over", "work"]


def test_two_pools_talk_and_a_signal_reaches_the_third(tmp_path: Path) -> None:
    steps: Steps = [{"complete": "look_up", "data": {"found": 2}}, {"complete": "store"}]
    report = tried("two_pools", "--also", "archive", steps=steps, path=tmp_path, number="7")
    assert {c["process"]: c["status"] for c in report["cases"]} == dict.fromkeys(
        ["office", "archive", "bank"], "completed"
    )
    assert report["data"] == {"number": "7", "found": 2}
    assert [line["element"] for line in report["trace"] if line["event"] == "thrown"] == [
        "ask",
        "answer",
        "closed",
    ]


def test_what_cannot_run_is_refused_with_its_line(tmp_path: Path) -> None:
    report = tried("nameless")
    (refusal,) = report["refusals"]
    assert (report["status"], report["trace"]) == ("refused", [])
    assert (refusal["element"], refusal["line"], refusal["name"]) == ("userTask@7", 7, "没有编号")
    broken = tmp_path / "broken.bpmn"
    broken.write_text("<definitions>\n<process>")
    result = CliRunner().invoke(app, ["try", str(broken), "--json"])
    answer = json.loads(result.stdout)
    assert (result.exit_code, answer["status"], answer["refusals"][0]["line"]) == (1, "refused", 2)


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([{"complete": "nothing"}], "第 1 步"),
        ([{"complete": "apply"}, {"complete": "apply"}], "第 2 步"),
        ([{"complete": "apply", "nth": 0}], "nth"),
        ([{"complete": "apply", "date": {}}], "date"),
        ([{"advance": "soon"}], "soon"),
        ([{"error": "apply"}], "code"),
        ([{"jump": "apply"}], "complete"),
        ({"complete": "apply"}, "列表"),
    ],
)
def test_a_step_that_makes_no_sense_is_named(steps: Any, words: str, tmp_path: Path) -> None:
    script = tmp_path / "steps.json"
    script.write_text(json.dumps(steps))
    arguments = [
        "try",
        str(DIAGRAMS / "message.bpmn"),
        "--data",
        '{"voucher": "k"}',
        "--steps",
        str(script),
        "--json",
    ]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert words in json.loads(result.stdout)["error"]["message"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["missing.bpmn"],
        ["message.bpmn", "--process", "nobody"],
        ["message.bpmn", "--now", "yesterday"],
        ["message.bpmn", "--until", "P5"],
        ["message.bpmn", "--data", "[1]"],
        ["message.bpmn", "--data", "@missing.json"],
        ["message.bpmn", "--steps", "missing.json"],
    ],
)
def test_wrong_usage_exits_with_two(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, ["try", str(DIAGRAMS / arguments[0]), *arguments[1:]])
    assert (result.exit_code, result.exception.__class__) == (2, SystemExit)
    if "missing.bpmn" not in arguments:
        result = CliRunner().invoke(app, ["try", str(DIAGRAMS / arguments[0]), *arguments[1:], "--json"])
        assert (result.exit_code, list(json.loads(result.stdout))) == (2, ["error"])


def test_people_read_it_in_chinese() -> None:
    result = CliRunner().invoke(app, ["try", str(DIAGRAMS / "links.bpmn"), "--now", NOW])
    assert "进入  上报（report）" in result.stdout
    assert result.stdout.rstrip().endswith("已结束")


def test_message_flows_name_the_messages_nobody_named_and_processes_correspond() -> None:
    report = tried("collaboration")
    assert report["status"] == "completed"
    assert [(c["process"], c["status"]) for c in report["cases"]] == [
        ("village", "completed"),
        ("town", "completed"),
    ]
    told = [
        (line["case"], line["element"], line["event"], line["what"]["name"])
        for line in report["trace"]
        if "what" in line
    ]
    assert told == [
        ("c1", "ask", "thrown", "question"),
        ("c2", "asked", "caught", "question"),
        ("c2", "tell", "thrown", "答复"),
        ("c1", "hear", "caught", "答复"),
    ]


def test_a_receive_task_starts_its_process_when_the_script_brings_the_message(tmp_path: Path) -> None:
    steps: Steps = [{"message": "question", "data": {"about": "低保"}}]
    report = tried("collaboration", "--process", "town", steps=steps, path=tmp_path)
    assert nodes(report) == ["asked activated", "asked caught", "asked completed", "think activated"]
    assert report["data"] == {"about": "低保"}


def test_signals_start_processes_in_other_cases() -> None:
    report = tried("starts")
    assert [(c["process"], c["status"]) for c in report["cases"]] == [
        ("alarm", "completed"),
        ("rounds", "completed"),
    ]
    assert nodes(report)[5:8] == ["on_flood activated", "on_flood caught", "on_flood completed"]


def test_timer_starts_keep_their_schedule(tmp_path: Path) -> None:
    report = tried("starts", "--process", "rounds", steps=[{"advance": "P2D"}], path=tmp_path)
    assert [
        line["at"] for line in report["trace"] if line["element"] == "daily" and line["event"] == "caught"
    ] == [
        "2026-09-15T10:00:00+08:00",
        "2026-09-16T10:00:00+08:00",
    ]
    assert waiting(report) == ["visit", "visit"]
    assert len(tried("starts", "--process", "rounds", "--until", "P9D")["cases"]) == 3


def test_a_process_without_plain_start_begins_by_hand_when_nothing_else_would_start_it() -> None:
    assert nodes(tried("starts", "--process", "rounds"))[:2] == ["on_flood activated", "on_flood completed"]


def test_a_called_process_that_is_nowhere_is_refused(tmp_path: Path) -> None:
    model = (DIAGRAMS / "calling.bpmn").read_text().replace('processId="called"', 'processId="nowhere"')
    (tmp_path / "calling.bpmn").write_text(model)
    result = CliRunner().invoke(app, ["try", str(tmp_path / "calling.bpmn"), "--json"])
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert report["status"] == "refused"
    assert "nowhere" in report["refusals"][0]["message"]


def test_a_message_has_one_receiver_in_a_process(tmp_path: Path) -> None:
    once = tried("one_receiver", steps=[{"message": "letter"}], path=tmp_path)
    assert once["status"] == "waiting"
    assert [line for line in nodes(once, "completed") if line.split()[0] in ("first", "second")] == [
        "first completed"
    ]
    twice = tried("one_receiver", steps=[{"message": "letter"}, {"message": "letter"}], path=tmp_path)
    assert twice["status"] == "completed"
