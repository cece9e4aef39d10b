"""The same request sent twice at the same moment (a double click, a retry of the network) is done once and answered twice."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from engine.calendar import ZONE
from engine.db import Tx
from tasks.rehearsal import answers
from tests.api.office import found, opened


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_the_second_of_two_waits_for_the_answer_of_the_first(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = {"database": request.getfixturevalue("postgres").database()} if kind == "postgres" else {}
    with opened(tmp_path, "2026-09-14T10:00:00+08:00", **more) as office:
        found(office)
        row = office.task("wangge", "self_verify")
        before = office.get("wangge", f"tasks/{row['id']}")
        values = answers(
            before["form"], before["values"], {"self_result": "confirmed"}, [], office.runtime.now().astimezone(ZONE)
        )  # fmt: skip
        body = {"revision": row["revision"], "values": values}
        begun, both, whole = list[str](), threading.Event(), Tx.commit

        def note(_c: Any, _k: Any, statement: str, *_: Any) -> None:
            if statement.startswith(
                ("begin immediate", "select pg_advisory_xact_lock(hashtextextended('answer")
            ):
                begun.append(statement)
                if len(begun) == 2:
                    both.set()

        def late(tx: Tx) -> None:
            assert both.wait(20), "the second request has come"
            whole(tx)

        event.listen(office.runtime.db.engine, "before_cursor_execute", note)
        monkeypatch.setattr(Tx, "commit", late)
        got: list[tuple[int, str | None]] = []

        def send() -> None:
            headers = {"Idempotency-Key": "same-key-1234"}
            answer = office.client("wangge").post(
                f"/api/tasks/{row['id']}/complete", json=body, headers=headers
            )
            got.append((answer.status_code, answer.headers.get("Idempotent-Replay")))

        threads = [threading.Thread(target=send) for _ in "ab"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        event.remove(office.runtime.db.engine, "before_cursor_execute", note)
        assert sorted(got, key=str) == [(200, "true"), (200, None)]
