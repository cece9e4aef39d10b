"""The demo staff at their browsers: the real application over HTTP, on one simulated clock."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import create_engine, make_url, select, update
from starlette.datastructures import State

from api.app import create_app
from casework import seed
from casework.tables import persons
from engine import definitions, locking, moving, wallclock
from engine.calendar import ZONE
from engine.replay import replay
from engine.tables import cases as cases_table
from tasks.rehearsal import answers
from tasks.runtime import Runtime, Settings, deploy, migrate, open_runtime
from tests.conftest import PROCESSES

PEOPLE = {account.username: f"p_{account.username}" for account in seed.ACCOUNTS}


class Office:
    """The demo staff at their browsers, on one simulated clock."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime, self.keys = runtime, itertools.count(1)
        self.app = _application(runtime)
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

    def message(self, who: str, case_id: str, label: str, *, about: str = "", **wanted: Any) -> Any:
        """Record what an outside party said, by the form of the waiting event named `label`; of several of that name the one `about` this."""
        detail = self.get(who, f"cases/{case_id}")
        waiting = [
            a["key"].removeprefix("message:")
            for a in detail["actions"]
            if a["label"].partition("（")[0] == f"登记：{label}" and about in a["label"]
        ]
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


_FIRST: list[FastAPI] = []
"""The application as first made: FastAPI works its routes out anew for each, a third of a second."""
_PASSWORD = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),)).hash(seed.PASSWORD)
"""The same password at a small price; what it costs in earnest is tested where people log in (test_session.py)."""


def _application(runtime: Runtime) -> FastAPI:
    """The real application on this installation; the routes are shared, they find it in the application's state."""
    if not _FIRST:
        _FIRST.append(create_app(runtime, worker=False))
    app = copy(_FIRST[0])
    app.state, app.middleware_stack = State({"runtime": runtime}), None
    return app


_KEPT: dict[tuple[str, str], bytes] = {}
"""Databases as they are at the start, by server (none: SQLite) and instant (none: only migrated): made once, then copied."""


def installed(settings: Settings, at: str) -> Runtime:
    """Migrated, with the demo district and the bundles. What was made before for this instant is copied."""
    server = str(make_url(settings.database).query["host"]) if settings.database else ""
    again = (settings.data / "xunzhen.db").exists()
    ours = settings.processes == PROCESSES and not again
    settings.data.mkdir(parents=True, exist_ok=True)
    if again:
        migrate(open_runtime(settings))
    elif ours and (server, at) in _KEPT:
        _copy(settings, _KEPT[server, at])
        return open_runtime(settings)
    elif (server, "") in _KEPT:
        _copy(settings, _KEPT[server, ""])
    else:
        empty = open_runtime(settings)
        migrate(empty)
        empty.db.engine.dispose()  # the last connection closed: a file is whole and a database may be a template
        _KEPT[server, ""] = _original(settings, "migrated")
    runtime = open_runtime(settings)
    with runtime.db.transaction() as tx:
        now = datetime.fromisoformat(at)
        wallclock.set_now(tx, now)
        seed.seed_demo(tx, now)
        tx.run(update(persons).values(password=_PASSWORD))
        deploy(tx, settings.processes, now)
    if ours:
        runtime.db.engine.dispose()
        _KEPT[server, at] = _original(settings, "first")
    return runtime


def _original(settings: Settings, name: str) -> bytes:
    """The file, or the name of a database made like it."""
    if not settings.database:
        return (settings.data / "xunzhen.db").read_bytes()
    first = make_url(settings.database).database
    _administer(settings.database, f'create database "{first}_{name}" template "{first}"')
    return f"{first}_{name}".encode()


def _copy(settings: Settings, original: bytes) -> None:
    if not settings.database:
        (settings.data / "xunzhen.db").write_bytes(original)
        return
    name = make_url(settings.database).database
    _administer(
        settings.database,
        f'drop database "{name}"',
        f'create database "{name}" template "{original.decode()}"',
    )


def _administer(database: str, *statements: str) -> None:
    """Commands about whole databases, from another one of the same server."""
    server = create_engine(make_url(database).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    server.dispose()


@contextmanager
def opened(folder: Path, at: str, processes: Path = PROCESSES, **more: Any) -> Iterator[Office]:
    """A fresh installation in `folder` whose clock stands at `at`; further settings by name (`database`, an address)."""
    settings = Settings(data=folder, processes=processes, simulated=True, demo=True, web=folder, **more)
    runtime = installed(settings, at)
    try:
        yield Office(runtime)
        every_history_replays(runtime)
    finally:
        runtime.db.engine.dispose()


def every_history_replays(runtime: Runtime) -> None:
    """Whatever a story did: each case's history, played again on its own versions, leads to the same open work."""
    with runtime.db.reading() as tx:
        for case_id in list(tx.run(select(cases_table.c.id)).scalars()):
            case = locking.case_of(tx, case_id)
            pinned, known = definitions.pinned(tx, case.pins), moving.told(tx, case_id)
            assert known is not None
            waits = moving.ledger(tx, case_id)
            again = replay(pinned.program, known.acts, waits, moving.hosts(tx, case, pinned))
            assert again.divergence is None, (case.process, again.divergence)
            assert (again.status.value, again.dropped) == (case.status, ())
            live = {w.key: w.place for w in moving.live(tx, case_id, waits)}
            assert {again.twins.get(key) for key in live} == set(again.waiting), live


def found(office: Office, who: str = "wangge", **values: Any) -> Any:
    """A lead is reported; what is not said is an ordinary lead of the demo village."""
    given = {
        "source": "01",
        "place_area": seed.VILLAGE,
        "place_text": "村东头",
        "main_cause": "22",
        "urgent_signs": [],
        "subject_name": "赵某丙",
        "residence_status": "1",
        **values,
    }
    answer = office.post(who, "leads", {"values": given})
    assert answer.status_code == 200, answer.text
    office.advance(by="PT1M")
    return answer.json()


def acknowledged(office: Office, who: str = "wangge", **values: Any) -> Any:
    """A lead on its way to verification: seen by the village, reported, acknowledged by the town."""
    lead = found(office, who, **values)
    office.do("self_verify", who, self_result="confirmed")
    office.do("report_to_town", who)
    office.do("town_ack", "fuwuban1", ack_result="new", verifiers=[PEOPLE["minzheng1"], PEOPLE["minzheng2"]])
    return lead


VISIT: dict[str, Any] = {
    "verify_result": "confirmed",
    "residence_status": "1",
    "has_support_here": True,
    "persons": 2,
    "immediate_need": False,
    "est_amount": 800,
    "able_to_apply": True,
    "asks_station": False,
    "policy_explained": True,
}


def verified(office: Office, **values: Any) -> None:
    """The visit of two, with a plain result unless said otherwise."""
    office.do("verify_on_site", "minzheng1", "minzheng2", **{**VISIT, **values})


def granted_quickly(office: Office) -> None:
    """Small quick relief from the choice of the way to the confirmation that it arrived."""
    office.do("choose_routes", "minzheng1", green_route="SMALL_QUICK", first_aid=False, other_routes=[])
    office.do("register_quick", "minzheng1", "minzheng2", amount=800, persons=2, cause="15", form="cash")
    office.do("approve_quick", "fuwuban1", quick_result="granted")
    paid(office)


def paid(office: Office) -> None:
    office.do("prepare_payout", "minzheng1", method="cash")
    office.do("approve_payout", "fuwuban1", ok=True)
    office.do("hand_over", "minzheng1", "minzheng2")
    office.do("confirm_received", "lianluo", received=True)
