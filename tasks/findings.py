"""What people of a simulated year find and write where a form cannot know it: amounts, circumstances, whom they name."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import select

from casework import seed, visits
from engine import definitions, filling, locking, step
from engine.calendar import ZONE
from engine.db import Database
from engine.routing import Actor
from engine.tables import cases as cases_table
from tasks.desks import Desks
from tasks.rehearsal import fresh_pair


class Living(Protocol):
    """What is asked of the year that is being lived."""

    db: Database
    now: datetime
    begin: datetime
    desks: Desks
    habits: dict[str, Any]
    staff: dict[str, list[Actor]]

    def chance(self, *about: Any) -> random.Random: ...
    def pick(self, weights: Mapping[str, float], *about: Any) -> Any: ...


def _covers(held: str, area: str) -> bool:
    return area == held or area.startswith(held + "/")


PANEL = [
    {"name": f"{surname}某", "role": "resident" if number < 6 else "committee"}
    for number, surname in enumerate("赵钱孙李周吴郑王冯陈褚卫")
]
"""Who is called to an appraisal meeting."""
ALWAYS: Mapping[str, dict[str, Any]] = {
    "post_notice": {"complaint_phone": "022-00000000"},
    "prepare_payout": {"account": "6200000000000000"},
    "assist_application": {"reason": "ill"},
    "plan_meeting": {"panel": PANEL},
    "help_complete": {"papers": [{"document": "medical_bills"}]},
}


def facts(row: Any, of: Living, about: Sequence[Any], people: Sequence[Actor]) -> dict[str, Any]:
    """Amounts and circumstances, where a form cannot know them."""
    dice, element = of.chance("facts", *about[:1]), row.element
    if element == "town_ack":
        day = of.now.astimezone(ZONE).date()
        officers = [a.id for a in of.staff["town_civil_officer"] if _covers(a.appointments[0].area, row.area)]
        desks = of.desks  # who is there and has least on the desk
        officers.sort(key=lambda one: (not desks.present(one, day), desks.free.get(one, of.begin)))
        return {"verifiers": officers[:2]}
    if element == "assign_investigators":
        town = [*of.staff["town_civil_officer"], *of.staff["town_service_office"]]
        near = [actor.id for actor in town if _covers(actor.appointments[0].area, row.area)]
        with of.db.reading() as tx:
            return fresh_pair(tx, row.case_id, near)
    if element in ALWAYS:
        return ALWAYS[element]
    if element == "choose_routes":
        return _standing(row, of, about, people)
    if element == "bureau_home_visit":
        return {"visitors": [actor.id for actor in people[:2]]}
    if element in ("district_decide", "town_decide"):
        decided: dict[str, Any] = {"amount": amount(of, about), "deliberation_ref": f"会商〔{about[0]}〕"}
        with of.db.reading() as tx:
            seen = filling.context(tx, locking.case_of(tx, row.case_id), row.id, row.path)
        return decided | ({"result": "refused"} if seen.get("opinion") == "refuse" else {})
    if element in ("draft_opinion", "survey_emergency", "propose_backstop"):
        return {"amount": amount(of, about)}
    if element == "deliberate":
        return {"members": [{"unit": unit, "name": "与会人"} for unit in ("bureau", "finance", "town")]}
    if element == "verify_on_site":
        status = of.pick(of.habits["arrivals"]["residence"], "residence", about[0])
        return {
            "residence_status": status,
            "has_support_here": status not in ("6", "7"),
            "persons": dice.randint(1, 5),
            "immediate_need": dice.random() < 0.3,
            "est_amount": amount(of, about),
            "able_to_apply": dice.random() < 0.8,
            "asks_station": False,
            "policy_explained": True,
            "not_met_reason": "家中无人",
        }
    if element == "receive_application":
        return {"recognised": "none", "kinship_declared": dice.random() < 0.05}
    if element == "record_meeting":
        return {"present": 12, "residents": 6, "recused": 0, "agree": 10, "against": 2, "abstain": 0}
    if element == "fix_failures":
        with of.db.reading() as tx:
            document = cases_table.c.document
            kept = tx.run(select(document).where(cases_table.c.id == row.case_id)).scalar_one()
            lines = step.sections_at(kept, row.path)["payment"]["fix"]
        return {"fixes": [{**one, "how": "pay", "account": "6200000000000000"} for one in lines]}
    if element == "close_quarter":
        with of.db.reading() as tx:
            period = visits.quarter((row.created_at.astimezone(ZONE) - timedelta(days=1)).date())
            return {"recount": visits.silent(tx, f"{seed.DISTRICT}:{period}") > 0}
    return {}


def _standing(row: Any, of: Living, about: Sequence[Any], people: Sequence[Actor]) -> dict[str, Any]:
    """What the tables suggest, and for some who live here with papers a standing programme as well."""
    chosen = of.pick(of.habits["standing"], "standing", about[0])
    with of.db.reading() as tx:
        case = locking.case_of(tx, row.case_id)
        form = definitions.pinned(tx, case.pins).form(row.process, row.form)
        known = filling.prefill(tx, case, form, row.id, row.path, of.now, people[0])
        seen = filling.context(tx, case, row.id, row.path)
    if chosen == "none" or seen.get("residence_status") not in ("1", "2", "3"):
        return {}
    said = {"applies": True, "reason": "收入、财产符合规定，本人愿意申请"}
    rows = [one | said if one["programme"] == chosen else one for one in known.get("assessments", [])]
    return {"assessments": rows, "other_routes": [*dict.fromkeys([*known.get("other_routes", []), chosen])]}


def amount(of: Living, about: Sequence[Any]) -> float:
    """What a household needs, in yuan: around 1,500, now and then far more."""
    return round(math.exp(of.chance("amount", about[0]).gauss(7.3, 0.7)), -1)


def plain(element: str, *, again: bool) -> dict[str, Any]:
    """What goes through where a drawn answer did not; an application is not accepted only where the household has one already (`again`: the
    plain answer did not go through either)."""
    accept = "not_accepted" if again else "accepted"
    found: dict[str, dict[str, Any]] = {
        "town_ack": {"ack_result": "new"},
        "choose_routes": {"green_route": "none", "other_routes": [], "first_aid": False},
        "assess_gap": {"gap_result": "relieved"},
        "receive_application": {"accept_result": accept, "recognised": "none", "kinship_declared": False},
    }
    return found.get(element, {})
