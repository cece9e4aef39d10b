"""What the scenario tests share: looking at a case, and the stretches of road several stories walk."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from tests.api.office import Office, acknowledged, verified

BUREAU = {"authority": "演示区人民政府", "first_reconsideration": True}


def here(office: Office, lead: Any, who: str = "jiuzhu1") -> set[str]:
    """Elements of the case's open tasks."""
    return {t["element"] for t in office.get(who, f"cases/{lead['case_id']}")["tasks"]}


def receipts(office: Office, lead: Any, term: str) -> list[dict[str, Any]]:
    """Every clock of a term the case has, stopped ones included, oldest first."""
    shown = office.get("jiuzhu1", f"cases/{lead['case_id']}")
    return [r for r in shown["receipts"] if r["term"] == term]


def running(office: Office, lead: Any, term: str) -> list[str]:
    return [r["due"] for r in receipts(office, lead, term) if r.get("state", "running") == "running"]


def orders(office: Office, lead: Any, without: Collection[str] = ()) -> list[str]:
    """Numbers of the supervision orders 督办 a case has brought (`without` those known before)."""
    found = office.get("jiuzhu1", "cases?process=supervision_order&size=100")["items"]
    numbers = [row["number"] for row in found if row["number"].startswith(lead["number"])]
    return [number for number in numbers if number not in without]


def suggested(office: Office) -> set[str]:
    """Programmes the plan of the open `choose_routes` proposes."""
    row = office.task("minzheng1", "choose_routes")
    plan = office.get("minzheng1", f"tasks/{row['id']}")["values"]["assessments"]
    return {one["programme"] for one in plan if one.get("applies")}


def routed(office: Office, *ways: str, green: str = "none", first_aid: bool = False) -> None:
    """The way is chosen: these programmes apply, every other is said not to, with a reason."""
    row = office.task("minzheng1", "choose_routes")
    plan = office.get("minzheng1", f"tasks/{row['id']}")["values"]["assessments"]
    chosen = {*ways, green}
    assessed = [{**one, "applies": one["programme"] in chosen, "reason": "逐项核对"} for one in plan]
    office.do(
        "choose_routes", "minzheng1",
        green_route=green, first_aid=first_aid, other_routes=list(ways), assessments=assessed,
    )  # fmt: skip


def gap(office: Office, at: str, *, consent: bool) -> Any:
    """No programme fits; the bureau confirms the gap at that instant, with or without consent to charity."""
    lead = acknowledged(office, main_cause="11")
    verified(office, causes=["11"])
    routed(office)
    office.advance(to=at)
    office.do("confirm_gap", "jiuzhu1", consent=consent, consent_sign="田某某", skip_reason="本人不同意")
    return lead


def refused(answer: Any, code: str, status: int = 409) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


def ended(office: Office, lead: Any, who: str, how: str) -> Any:
    """Somebody tries to end the case by hand."""
    revision = office.get(who, f"cases/{lead['case_id']}")["revision"]
    return office.post(
        who, f"cases/{lead['case_id']}/{how}", {"revision": revision, "reason": "不想再办这件事"}
    )
