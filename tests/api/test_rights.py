"""Which posts may write what: who draws or runs the system reads where things stand and acts on nobody's case."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from sqlalchemy import delete

import api.routes
from casework import seed, staff
from casework.tables import appointments
from tests.api.office import Office, acknowledged, opened

MORNING = "2026-09-14T09:00:00+08:00"
BUILDERS = ("sheji", "fabu", "guanli")
"""Who draws, publishes and administers: none of them answers for a family."""
SUPERVISES = ("supervise",)
ASKS: dict[str, tuple[str, ...]] = {
    "POST /api/campaigns": SUPERVISES,
    "POST /api/cases/{case_id}/cancel": SUPERVISES,
    "POST /api/cases/{case_id}/hand-over": SUPERVISES,
    "POST /api/cases/{case_id}/start-dates": SUPERVISES,
    "POST /api/cases/{case_id}/start-dates/preview": SUPERVISES,
    "POST /api/cases/{case_id}/end-dates": SUPERVISES,
    "POST /api/cases/{case_id}/supervise": SUPERVISES,
    "POST /api/policy-texts": SUPERVISES,
    "POST /api/requests/{request_id}/decide": SUPERVISES,
    "POST /api/tasks/{task_id}/jump": SUPERVISES,
    "POST /api/tasks/{task_id}/urge": SUPERVISES,
    "POST /api/transfers/{transfer_id}/{verb}": SUPERVISES,
    "POST /api/handover": ("organise", "supervise"),
    "POST /api/incidents/{incident_id}/retry": ("admin", "supervise"),
    "POST /api/schedules/{schedule_id}/retry": ("admin",),
}
"""Every writing that asks for `supervise` or `admin`, with what it asks: one of these rights."""


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, MORNING) as made:
        yield made


def asked() -> dict[str, tuple[str, ...]]:
    """Every address that writes, with the rights its function, or a helper beside it, requires by name."""
    found = {}
    for one in pkgutil.iter_modules(api.routes.__path__):
        module = importlib.import_module(f"api.routes.{one.name}")
        routes = (
            [r for r in module.router.routes if isinstance(r, APIRoute)] if hasattr(module, "router") else []
        )
        for route in routes:
            source = inspect.getsource(route.endpoint)
            for name in set(re.findall(r"\b(_\w+)\(", source)):
                helper = getattr(module, name, None)
                source += inspect.getsource(helper) if inspect.isfunction(helper) else ""
            rights = re.findall(r'"(\w+)"', " ".join(re.findall(r"\.require\(([^)]*)\)", source)))
            for method in route.methods - {"GET", "HEAD"}:
                found[f"{method} {route.path}"] = tuple(sorted(set(rights)))
    return found


def test_who_may_write_is_written_down_for_every_writing_of_those_who_steer() -> None:
    found = asked()
    assert {path: rights for path, rights in found.items() if {"supervise", "admin"} & set(rights)} == ASKS
    assert [path for path, rights in found.items() if "watch" in rights] == [], "who watches writes nothing"
    for post in ("process_designer", "process_publisher", "system_admin"):
        assert "watch" in staff.RIGHTS[post]
        assert not staff.RIGHTS[post] & {"supervise", "void", "work", "report", "export", "fund"}, post


def test_who_draws_publishes_or_administers_acts_on_no_case(office: Office) -> None:
    lead = acknowledged(office)
    case, task = f"cases/{lead['case_id']}", office.task("minzheng1", "verify_on_site")
    revision = office.get("jiuzhu1", case)["revision"]
    why = "测试用的原因"
    writes: dict[str, dict[str, Any]] = {
        f"{case}/cancel": {"revision": revision, "reason": why},
        f"{case}/hand-over": {"revision": revision, "to_area": seed.OTHER_TOWN, "reason": why},
        f"{case}/start-dates": {"revision": revision, "clock": "x", "date": "2026-09-14", "reason": why},
        f"{case}/start-dates/preview": {
            "revision": revision,
            "clock": "x",
            "date": "2026-09-14",
            "reason": why,
        },
        f"{case}/end-dates": {"revision": revision, "clock": "x", "date": "2026-09-14", "reason": why},
        f"{case}/supervise": {"revision": revision, "matter": why},
        f"tasks/{task['id']}/jump": {"revision": task["revision"], "target": "x", "reason": why},
        f"tasks/{task['id']}/urge": {"text": why},
        "transfers/x/withdraw": {"revision": 1},
        "campaigns": {"theme": why},
        "policy-texts": {"version": "v9", "title": why, "published_on": "2026-09-14", "summary": why},
    }
    for path, body in writes.items():
        for who in BUILDERS:
            answer = office.post(who, path, body)
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), (who, path, answer.text)
    shown = [action["key"] for who in BUILDERS for action in office.get(who, case)["actions"]]
    assert not {"cancel", "hand_over", "supervise", "urge", "void"} & set(shown)
    assert office.post("jiuzhu2", f"{case}/cancel", writes[f"{case}/cancel"]).status_code == 200


@pytest.mark.parametrize("who", [*BUILDERS, "fuwuban1", "jiuzhu1", "baopian", "juzhang"])
def test_who_watches_reads_where_things_stand(office: Office, who: str) -> None:
    for path in (
        "overview",
        "ladder",
        "papers",
        "incidents",
        "schedules",
        "indicators",
        "leads/refused-again",
    ):
        assert office.client(who).get(f"/api/{path}").status_code == 200, path
        assert office.client("minzheng1").get(f"/api/{path}").status_code == 403, path


def test_who_holds_no_post_is_told_so(office: Office) -> None:
    office.client("liangwei")
    with office.runtime.db.transaction() as tx:
        tx.run(delete(appointments).where(appointments.c.person == "p_liangwei"))
    body = {"town": seed.TOWN, "person": "p_fuwuban1", "begins": MORNING, "ends": "2026-09-15T09:00:00+08:00"}
    assert office.post("liangwei", "roster", body).json()["code"] in ("no_post", "forbidden")


@pytest.mark.parametrize(
    ("started", "ended"),
    [
        ("1926-09-14T08:00:00+08:00", "1926-09-14T08:10:00+08:00"),
        ("2026-01-15T08:00:00+08:00", "2026-09-14T08:10:00+08:00"),
        ("2026-09-14T08:00:00", "2026-09-14T08:10:00"),
    ],
)
def test_a_visit_is_of_one_day_within_a_year_and_has_a_zone(office: Office, started: str, ended: str) -> None:
    visit = {"kind": "focus", "household": "h_l", "met": "self", "started_at": started, "ended_at": ended}
    assert office.post("lianluo", "visits", visit).status_code == 422
