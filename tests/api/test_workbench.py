"""The designer's bench over HTTP: forms shown and judged, tables and drawings of a draft tried out, nothing written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from engine.tables import cases, user_tasks
from tests.api.office import Office, opened
from tests.conftest import PROCESSES

BUNDLE = PROCESSES / "active_discovery"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, "2026-09-25T20:30:00+08:00") as made:
        yield made


class Bench:
    """A designer with a draft open."""

    def __init__(self, office: Office, bundle: str = "active_discovery") -> None:
        self.office = office
        answer = office.post("sheji", "drafts", {"bundle": bundle, "note": ""})
        assert answer.status_code == 200, answer.text
        self.draft = answer.json()

    def text(self, name: str) -> str:
        return str(next(file["text"] for file in self.draft["files"] if file["name"] == name))

    def ask(self, path: str, who: str = "sheji", **body: Any) -> Any:
        return self.office.post(who, f"drafts/{self.draft['id']}/{path}", {"revision": 1, **body})

    def told(self, path: str, **body: Any) -> Any:
        answer = self.ask(path, **body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def save(self, **body: Any) -> Any:
        answer = self.office.client("sheji").put(
            f"/api/drafts/{self.draft['id']}",
            json={"revision": self.draft["revision"], **body},
            headers={"Idempotency-Key": f"save-{self.draft['revision']:08d}"},
        )
        if answer.status_code == 200:
            self.draft = answer.json()
        return answer


def over(name: str, text: str) -> dict[str, Any]:
    return {"files": [{"name": name, "text": text}]}


def without(text: str, key: str) -> str:
    form = json.loads(text)
    form["components"] = [one for one in form["components"] if one.get("key") != key]
    return json.dumps(form)


# ------------------------------------------------------------------------------------------ forms
def test_a_form_is_shown_with_its_options_and_who_reads_its_answers(office: Office) -> None:
    shown = Bench(office).told("form", file="lead_report.form")
    assert shown["problems"] == []
    cause = next(one for one in shown["form"]["components"] if one.get("key") == "main_cause")
    assert len(cause["values"]) > 10
    assert {
        "file": "lead_urgency.dmn",
        "element": "lead_urgency_e2",
        "what": "决策表「研判紧急程度」",
    } in shown["uses"]["main_cause"]
    assert {"hardship_cause"} <= {one["name"] for one in shown["lists"]}


def test_a_key_that_something_reads_is_missed_when_it_is_taken_away(office: Office) -> None:
    bench = Bench(office)
    text = without(bench.text("lead_report.form"), "urgent_signs")
    (lost,) = bench.told("form", file="lead_report.form", **over("lead_report.form", text))["lost"]
    assert (lost["key"], lost["label"]) == ("urgent_signs", "紧急迹象")
    assert "决策表「研判紧急程度」" in {use["what"] for use in lost["uses"]}


def test_what_is_wrong_with_a_form_is_said_and_a_script_is_no_field(office: Office) -> None:
    bench = Bench(office)
    form = json.loads(bench.text("lead_report.form"))
    form["components"].append(
        {"type": "html", "key": "x", "label": "x", "content": "<script>alert(1)</script>"}
    )
    body = over("lead_report.form", json.dumps(form))
    shown = bench.told("form", file="lead_report.form", **body)
    assert shown["form"] is None
    assert shown["problems"] == [{"path": "x", "message": "不支持的组件 html"}]
    assert ("form", "x", "error") in {
        (f["rule"], f["element"], f["severity"]) for f in bench.told("lint", **body)
    }
    assert bench.save(**body).status_code == 200, "a draft may be wrong while it is worked on"
    refused = bench.ask("submit", revision=bench.draft["revision"])
    assert (refused.status_code, refused.json()["code"]) == (422, "lint_errors")


def test_an_unknown_form_is_not_found(office: Office) -> None:
    assert Bench(office).ask("form", file="nowhere.form").status_code == 404


# ------------------------------------------------------------------------------------------ files
def test_files_come_and_go_and_their_names_are_plain(office: Office) -> None:
    bench = Bench(office)
    made = {
        "schemaVersion": 19,
        "type": "default",
        "id": "extra",
        "properties": {"title": "补充"},
        "components": [],
    }
    assert bench.save(**over("extra.form", json.dumps(made))).status_code == 200
    texts = [c["text"] for c in bench.told("difference", revision=2)["changes"]]
    assert texts == ["新增表单「补充」。"]
    assert bench.save(removed=["extra.form"]).status_code == 200
    assert bench.told("difference", revision=3)["changes"] == []
    for name in ("../evil.form", "a.exe", "大写.form", "A.form"):
        refused = bench.save(**over(name, "{}"))
        assert (refused.status_code, refused.json()["code"]) == (422, "bad_file_name"), name
    broken = bench.save(**over("lead_urgency.dmn", "<definitions><"))
    assert broken.status_code == 422
    gone = bench.told("lint", removed=["lead_urgency.dmn"])
    assert "broken-reference" in {f["rule"] for f in gone if f["severity"] == "error"}


def test_bundles_of_forms_alone_are_edited_too(office: Office) -> None:
    assert "common" in {row["key"] for row in office.get("sheji", "bundles")}


# ------------------------------------------------------------------------------------------ tables
def urgency(bench: Bench) -> tuple[dict[str, Any], dict[str, str]]:
    shown = next(t for t in bench.told("tables") if t["decision"] == "lead_urgency")
    return shown, {q["name"]: q["key"] for q in shown["questions"]}


def test_a_table_asks_what_it_reads_with_the_words_of_the_forms(office: Office) -> None:
    shown, keys = urgency(Bench(office))
    assert list(keys) == ["urgent_signs", "main_cause", "occurred_at"]
    labels = {one["key"]: one["label"] for one in shown["form"]["components"]}
    assert labels[keys["urgent_signs"]] == "紧急迹象"
    assert not any(q["feel"] for q in shown["questions"])


def test_the_draft_table_decides_and_says_why(office: Office) -> None:
    bench = Bench(office)
    _, keys = urgency(bench)
    values = {keys["urgent_signs"]: ["life"], keys["main_cause"]: "15"}
    said = bench.told("decide", decision="lead_urgency", values=values)
    assert said["value"] == '{urgency: 1, track: "emergency", medical_first: true}'
    assert said["matched"] == ["lead_urgency_r1"]
    assert said["explained"][0]["rules"][0]["note"] == "危及生命：先拨打 120 或 110"
    changed = bench.text("lead_urgency.dmn").replace("<text>1</text>", "<text>9</text>", 1)
    again = bench.told("decide", decision="lead_urgency", values=values, **over("lead_urgency.dmn", changed))
    assert again["value"].startswith("{urgency: 9,")


def test_values_that_are_none_are_told_at_their_question(office: Office) -> None:
    bench = Bench(office)
    _, keys = urgency(bench)
    refused = bench.ask("decide", decision="lead_urgency", values={keys["main_cause"]: "no such cause"})
    assert (refused.status_code, refused.json()["fields"][0]["path"]) == (422, keys["main_cause"])
    route = next(t for t in bench.told("tables") if t["decision"] == "programme_route")
    written = {q["name"]: q["key"] for q in route["questions"] if q["feel"]}
    key = written["household.income"]
    refused = bench.ask("decide", decision="programme_route", values={key: "many"})
    assert refused.json()["fields"][0]["path"] == key
    said = bench.told("decide", decision="programme_route", values={key: "200"})
    assert said["explained"][0]["table"]


def test_a_table_that_cannot_be_read_says_so(office: Office) -> None:
    bench = Bench(office)
    wrong = bench.text("lead_urgency.dmn").replace("<text>true</text>", "<text>tru(</text>", 1)
    found = [
        f for f in bench.told("lint", **over("lead_urgency.dmn", wrong)) if f["rule"] == "decision-table"
    ]
    assert [(f["element"], f["name"]) for f in found] == [
        ("lead_urgency_r1_i0", "研判紧急程度 第 1 行“危及生命、急病重伤、暴力”")
    ]
    assert bench.ask("tables", **over("lead_urgency.dmn", "<no")).status_code == 422
    assert bench.ask("decide", decision="nothing").status_code == 404


# ------------------------------------------------------------------------------------------ trying out
def rows(office: Office) -> tuple[int, ...]:
    with office.runtime.db.reading() as tx:
        return tuple(tx.run(select(func.count()).select_from(t)).scalar_one() for t in (cases, user_tasks))


def done(element: str, data: dict[str, Any] | None = None, **written: str) -> dict[str, Any]:
    return {"kind": "complete", "target": element, "data": data or {}, "written": written}


MATCHED = done("match_duplicate", village_known="true", source_tier='"village"')


def test_a_draft_is_walked_through_by_the_engine_and_nothing_is_written(office: Office) -> None:
    bench, before = Bench(office), rows(office)
    begun = bench.told("try", process="active_discovery")
    assert (begun["status"], begun["start"]["element"]) == ("start", "lead_found")
    assert {"finder", "lead_no"} <= set(begun["needs"]), "who opens the case gives them, no form does"
    start = begun["start"]["sample"] | {"urgent_signs": ["life"]}
    steps: list[dict[str, Any]] = []

    def go(*more: dict[str, Any]) -> Any:
        steps.extend(more)
        return bench.told("try", process="active_discovery", start=start, steps=steps)

    (match,) = go()["open"]
    assert (match["element"], match["kind"], match["job"]) == ("match_duplicate", "job", "lead.match")
    assert {"village_known", "source_tier"} <= set(match["results"])
    called = go(MATCHED)
    (rescue,) = [o for o in called["open"] if o["kind"] == "user_task"]
    assert rescue["element"] == "call_rescue", "the table judged it a matter of life"
    assert (rescue["tier"], rescue["name"]) == ("village", "拨打120或110")
    assert rescue["form"]["id"] == "rescue_call"
    went = [line["element"] for line in called["trace"] if line["event"] == "completed"]
    assert went.index("match_duplicate") < went.index("assess_urgency")
    after = go(done("call_rescue", rescue["sample"]))
    assert "self_verify" in {o["element"] for o in after["open"]}
    assert rows(office) == before


def test_a_changed_drawing_and_table_are_what_is_tried(office: Office) -> None:
    bench = Bench(office)
    start = bench.told("try", process="active_discovery")["start"]["sample"] | {"urgent_signs": ["life"]}
    calm = bench.text("lead_urgency.dmn").replace("<text>1</text>", "<text>3</text>", 1)
    body = over("lead_urgency.dmn", calm)
    steps = [done("match_duplicate")]
    tried = bench.told("try", process="active_discovery", start=start, steps=steps, **body)
    assert "call_rescue" not in {line["element"] for line in tried["trace"]}


def test_answers_are_checked_by_the_form_and_steps_by_the_drawing(office: Office) -> None:
    bench = Bench(office)
    refused = bench.ask("try", process="active_discovery", start={})
    assert refused.status_code == 422
    assert "main_cause" in {field["path"] for field in refused.json()["fields"]}
    start = bench.told("try", process="active_discovery")["start"]["sample"]
    early = bench.ask("try", process="active_discovery", start=start, steps=[done("town_ack")])
    assert (early.status_code, early.json()["code"]) == (422, "not_waiting")
    wrong = bench.ask(
        "try", process="active_discovery", start=start, steps=[done("match_duplicate", x="1 +")]
    )
    assert "不是 FEEL" in wrong.json()["message"]
    assert bench.ask("try", process="nowhere").status_code == 404


def test_time_is_moved_by_hand_and_not_without_end(office: Office) -> None:
    bench = Bench(office)
    start = bench.told("try", process="active_discovery")["start"]["sample"]
    body = {"process": "active_discovery", "start": start}
    day = {"kind": "advance", "target": "P1D"}
    late = bench.told("try", **body, steps=[MATCHED, day])
    assert late["now"].startswith("2026-09-26T20:30")
    assert any(line["event"] == "caught" for line in late["trace"]), "a reminder came due"
    far = bench.ask("try", **body, steps=[{"kind": "advance", "target": "P10Y"}])
    assert (far.status_code, far.json()["code"]) in {(422, "too_long"), (422, "endless_trial")}
    assert bench.ask("try", **body, steps=[day] * 201).status_code == 422


def test_a_drawing_that_cannot_run_is_refused_with_its_element(office: Office) -> None:
    bench = Bench(office)
    text = bench.text("active_discovery.bpmn").replace("urgency &lt;= 2)", "urgency &lt;= )", 1)
    assert text != bench.text("active_discovery.bpmn")
    tried = bench.told("try", process="active_discovery", start={}, **over("active_discovery.bpmn", text))
    assert tried["status"] == "refused"
    assert tried["problems"]


ASKED: dict[str, dict[str, str]] = {
    "form": {"file": "lead_report.form"},
    "tables": {},
    "decide": {"decision": "lead_urgency"},
    "try": {"process": "active_discovery"},
    "try/processes": {},
}


@pytest.mark.parametrize(("path", "body"), ASKED.items())
def test_only_designers_may_ask(office: Office, path: str, body: dict[str, str]) -> None:
    bench = Bench(office)
    assert bench.ask(path, who="wangge", **body).status_code == 403
