"""定时启动 over HTTP: what the clock will start, who may see it, a failed turn taken again."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from engine import definitions, schedules, starting
from tests.api.office import opened
from tests.engine.test_starting import made


def test_the_schedule_is_listed_and_a_failed_turn_is_taken_again(tmp_path: Path) -> None:
    with opened(tmp_path, "2026-09-15T10:00:00+08:00") as office:
        with office.runtime.db.transaction() as tx:
            now = office.runtime.now(tx)
            definitions.deploy(tx, made(), now=now)
            starting.sync(tx, now)
        (row,) = [row for row in office.get("guanli", "schedules") if row["process"] == "report"]
        assert (row["name"], row["per"], row["state"]) == ("月报", "town", "pending")
        assert datetime.fromisoformat(row["due"]) == datetime.fromisoformat("2026-10-01T00:00:00+08:00")
        assert office.client("wangge").get("/api/schedules").status_code == 403
        assert office.post("guanli", f"schedules/{row['id']}/retry", {}).status_code == 404
        with office.runtime.db.transaction() as tx:
            for _ in range(3):
                schedules.failed(tx, row["id"], "没有区域", now)
        (shown,) = [one for one in office.get("guanli", "schedules") if one["id"] == row["id"]]
        assert shown["error"] == "没有区域"
        assert office.post("guanli", f"schedules/{row['id']}/retry", {}).status_code == 200
        office.advance(by=f"P{(datetime.fromisoformat(row['due']) - now + timedelta(days=1)).days}D")
        started = office.get("guanli", "cases?q=月报-20261001&size=100")
        assert started["total"] > 1
        assert {case["process_name"] for case in started["items"]} == {"月报"}
