"""救助标准 over HTTP, and the server's word on its own health."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, text, update
from typer.testing import CliRunner

from api.app import create_app
from casework.tables import standards, watches
from cli.main import app
from tasks import sweep
from tasks.runtime import Settings, open_runtime
from tests.api.office import Office, opened

WANTED = {
    "key": "dibao",
    "area": "120115",
    "amount": "1100.50",
    "valid_from": "2026-10-01",
    "source": "某文〔2026〕9号",
}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, "2026-09-24T09:00:00+08:00") as made:
        yield made


def test_a_standard_is_set_by_the_bureau_and_read_by_all(office: Office) -> None:
    done = office.post("juzhang", "standards", WANTED)
    assert done.status_code == 200, done.text
    shown = office.get("minzheng1", "standards")
    assert [(one["amount"], one["in_force"]) for one in shown["items"]] == [("1100.5", False), ("1000", True)]
    assert (shown["kinds"], shown["missing"]) == ([], [])
    assert {kind["key"] for kind in office.get("juzhang", "standards")["kinds"]} == {
        "dibao",
        "registered_residents",
    }
    refused = office.post("minzheng1", "standards", {**WANTED, "amount": "1"})
    assert refused.status_code == 403
    wrong = office.post("juzhang", "standards", {**WANTED, "amount": "-1", "source": "无"})
    assert [field["path"] for field in wrong.json()["fields"]] == ["amount", "source"]


def test_a_district_without_a_standard_is_told_so(office: Office) -> None:
    with office.runtime.db.transaction() as tx:
        tx.run(delete(standards))
    assert office.get("juzhang", "standards")["missing"] == ["最低生活保障标准"]


def test_health_tells_when_nobody_takes_the_work(office: Office) -> None:
    stranger = TestClient(office.app)
    assert stranger.get("/api/health").json() == {"state": "ok", "behind": 0}
    sweep.drain(office.runtime.db, office.runtime.now())
    with office.runtime.db.transaction() as tx:
        tx.run(update(watches).values(due_at=office.runtime.now(tx) - timedelta(minutes=6)))
    late = stranger.get("/api/health")
    assert (late.status_code, late.json()) == (503, {"state": "late", "behind": 360})
    with office.runtime.db.transaction() as tx:
        tx.run(text("drop table messages"))
    lost = stranger.get("/api/health")
    assert (lost.status_code, lost.json()["state"]) == (503, "no_database")


def test_install_prints_the_password_once_and_refuses_a_second_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XUNZHEN_DATA", str(tmp_path))
    given = ["install", "--admin", "guanli", "--dibao", "1100", "--source", "某文〔2026〕1号"]
    done = CliRunner().invoke(app, given)
    assert done.exit_code == 0, done.output
    assert "已初始化宝坻区：849 个区划" in done.output
    again = CliRunner().invoke(app, given)
    assert (again.exit_code, again.stderr.strip()) == (1, "这个数据库里已有人员，不能再初始化。")
    opened = open_runtime(Settings(data=tmp_path, demo=False))
    server = TestClient(create_app(opened, worker=False))
    assert server.get("/api/demo-accounts").json() == []
    password = done.output.split("口令 ")[1].split("（")[0]
    assert (
        server.post(
            "/api/login", json={"username": "guanli", "password": password}, headers={"X-CSRF": "1"}
        ).status_code
        == 200
    )
    opened.db.engine.dispose()
