"""The demo staff at their browsers: the real application over HTTP, on one simulated clock."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from api.app import create_app
from casework import seed
from engine import wallclock
from engine.calendar import ZONE
from tasks.rehearsal import answers
from tasks.runtime import Runtime, Settings, deploy, migrate, open_runtime
from tests.conftest import PROCESSES

PEOPLE = {account.username: f"p_{account.username}" for account in seed.ACCOUNTS}


class Office:
    """The demo staff at their browsers, on one simulated clock."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime, self.keys = runtime, itertools.count(1)
        self.app = create_app(runtime, worker=False)
        self.clients: dict[str, TestClient] = {}

    def client(self, username: str) -> TestClient:
        if username not in self.clients:
            client = TestClient(self.app, raise_server_exceptions=False)
            client.headers["X-CSRF"] = "1"
            assert (
                client.post("/api/login", json={"username": username, "password": seed.PASSWORD}).status_code
                == 200
            )
            self.clients[username] = client
        return self.clients[username]

    def get(self, who: str, path: str) -> Any:
        response = self.client(who).get(f"/api/{path}")
        assert response.status_code == 200, response.text
        return response.json()

    def post(self, who: str, path: str, body: dict[str, Any], key: str | None = None) -> Any:
        return self.client(who).post(
            f"/api/{path}", json=body, headers={"Idempotency-Key": key or f"test-key-{next(self.keys):06d}"}
        )

    def advance(self, **body: str) -> None:
        response = self.post("guanli", "clock/advance", body)
        assert response.status_code == 200, response.text

    def task(self, who: str, element: str) -> Any:
        found = [t for t in self.get(who, "tasks?size=100")["items"] if t["element"] == element]
        assert found, (
            f"{who} does not see {element}: {[t['element'] for t in self.get(who, 'tasks?size=100')['items']]}"
        )
        return found[0]

    def do(self, element: str, *people: str, **wanted: Any) -> Any:
        """Each person submits the task: the first fills it in, the others sign what they see."""
        answer = None
        for who in people:
            row = self.task(who, element)
            detail = self.get(who, f"tasks/{row['id']}")
            values = detail["values"]
            if not detail["cosigners"] and detail["form"]:
                staff = [_Somebody(PEOPLE[p], p) for p in people]
                now = self.runtime.now()
                values = answers(detail["form"], values, wanted, staff, now.astimezone(ZONE))  # type: ignore[arg-type]
            answer = self.post(
                who, f"tasks/{row['id']}/complete", {"revision": row["revision"], "values": values}
            )
            assert answer.status_code == 200, (element, who, answer.text)
            self.advance(by="PT10M")
        return answer.json() if answer is not None else None

    def due(self, who: str, element: str) -> str:
        """The due instant of an open task as its reader sees it, to the minute, in UTC."""
        return str(self.task(who, element)["due"]["due_at"])[:16]

    def receipts(self, who: str, element: str) -> dict[str, str]:
        """Last lawful day by term, for every clock that binds the task."""
        detail = self.get(who, f"tasks/{self.task(who, element)['id']}")
        return {receipt["term"]: receipt["due"] for receipt in detail["receipts"]}

    def open(self, who: str = "guanli") -> list[str]:
        """Elements of all open tasks somebody sees."""
        return sorted(t["element"] for t in self.get(who, "tasks?size=100")["items"])

    def message(self, who: str, case_id: str, label: str, **wanted: Any) -> Any:
        """Record what an outside party said, by the form of the waiting event named `label`."""
        detail = self.get(who, f"cases/{case_id}")
        waiting = [a["key"].removeprefix("message:") for a in detail["actions"] if a["label"] == f"登记：{label}"]
        assert waiting, (label, detail["actions"])
        form = self.get(who, f"cases/{case_id}/messages/{waiting[0]}")
        staff = [_Somebody(PEOPLE[who], who)]
        values = answers(form["form"], form["values"], wanted, staff, self.runtime.now().astimezone(ZONE))  # type: ignore[arg-type]
        body = {"subscription": waiting[0], "revision": detail["revision"], "values": values}
        answer = self.post(who, f"cases/{case_id}/messages", body)
        assert answer.status_code == 200, (label, answer.text)
        self.advance(by="PT1M")
        return answer.json()


class _Somebody:
    def __init__(self, person: str, name: str) -> None:
        self.id, self.name = person, name


@contextmanager
def opened(folder: Path, at: str, processes: Path = PROCESSES) -> Iterator[Office]:
    """A fresh installation in `folder` whose clock stands at `at`."""
    settings = Settings(data=folder, processes=processes, simulated=True, demo=True, web=folder)
    runtime = open_runtime(settings)
    migrate(runtime)
    with runtime.db.transaction() as tx:
        now = datetime.fromisoformat(at)
        wallclock.set_now(tx, now)
        seed.seed_demo(tx, now)
        deploy(tx, processes, now)
    try:
        yield Office(runtime)
    finally:
        runtime.db.engine.dispose()
