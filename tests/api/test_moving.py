"""移案 over HTTP and on the command line, with the real bundles: publish a version, try, move, go on, move back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app
from engine import definitions
from engine.bundle import bundle_of, read_bundle
from tests.api.office import Office, acknowledged, opened
from tests.conftest import PROCESSES

KEY = "active_discovery"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, "2026-09-15T10:00:00+08:00") as made:
        yield made


def published(office: Office, old: str, new: str) -> int:
    files = dict(read_bundle(PROCESSES / KEY).files)
    text = files[f"{KEY}.bpmn"].decode()
    assert old in text
    files[f"{KEY}.bpmn"] = text.replace(old, new).replace(f"formId={new}", f"formId={old}").encode()
    with office.runtime.db.transaction() as tx:
        now = office.runtime.now(tx)
        return definitions.deploy(tx, bundle_of(KEY, files), now=now + timedelta(seconds=1)).version


def renamed_task(office: Office) -> int:
    return published(office, '"verify_on_site"', '"verify_at_home"')


def ok(answer: Any) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_trying_moving_going_on_and_moving_back(office: Office) -> None:
    for _ in range(2):
        acknowledged(office)
    row = office.task("minzheng1", "verify_on_site")
    version = renamed_task(office)
    path = f"moving?bundle={KEY}&version={version}"
    assert office.client("minzheng1").get(f"/api/{path}").status_code == 403
    tried = office.get("fabu", path)
    assert (tried["total"], {c["state"] for c in tried["items"]}) == (2, {"mapping"})
    (question,) = tried["items"][0]["questions"]
    assert (question["what"], question["name"]) == ("renamed", "实地核查")
    word = f"{question['place']}={question['choices'][0]['value']}"
    mapped = office.get("fabu", f"{path}&renamed={word}")
    assert {c["state"] for c in mapped["items"]} == {"moves"}
    body = {"bundle": KEY, "version": version, "case_id": row["case_id"]}
    refused = office.post("fabu", "moving", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "cannot_migrate")
    ok(office.post("fabu", "moving", {**body, "renamed": [word]}))
    assert office.get("fabu", path)["total"] == 1
    moved = office.task("minzheng1", "verify_at_home")
    assert (moved["id"], moved["due"]) == (row["id"], row["due"])
    shown = office.get("guanli", f"cases/{row['case_id']}")
    assert shown["timeline"][0]["text"].startswith(f"移到 {KEY} 第 {version} 版")
    ok(office.post("fabu", "moving/undo", {"case_id": row["case_id"]}))
    assert office.get("minzheng1", f"tasks/{row['id']}")["task"]["element"] == "verify_on_site"
    bad = office.client("fabu").get(f"/api/{path}&renamed=nonsense")
    assert (bad.status_code, bad.json()["code"]) == (422, "bad_mapping")


def test_on_the_command_line(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    acknowledged(office)
    version = renamed_task(office)
    monkeypatch.setattr("cli.move.open_runtime", lambda: office.runtime)
    office.advance(by="PT1H")
    run = CliRunner().invoke
    tried = run(app, ["move", KEY, "--to", str(version), "--json"])
    assert tried.exit_code == 1
    (case,) = json.loads(tried.output)
    (question,) = case["questions"]
    word = f"{'/'.join(question['place'])}={question['choices'][0][0][1]}"
    dry = run(app, ["move", KEY, "--map", word])
    assert (dry.exit_code, "未作任何改动" in dry.output) == (0, True), dry.output
    done = run(app, ["move", KEY, "--map", word, "--execute"])
    assert (done.exit_code, "已移" in done.output) == (0, True), done.output
    assert office.task("minzheng1", "verify_at_home")
    back = run(app, ["move", KEY, "--undo", "--case", case["number"]])
    assert back.exit_code == 0, back.output
    assert office.task("minzheng1", "verify_on_site")
    assert run(app, ["move", "nothing"]).exit_code == 1
