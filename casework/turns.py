"""For what the clock starts cases: areas where somebody works, and families whose review is due."""

from __future__ import annotations

from datetime import datetime

from casework import recognitions, reviews, staff
from engine.calendar import ZONE
from engine.db import Tx
from engine.world import Site

REVIEW = "review"


def sites(tx: Tx, per: str | None, now: datetime) -> list[Site]:
    """`per`: a tier, several tiers with commas, `review` (each family whose review is due and not yet taken up), nothing for the district."""
    if per == REVIEW:
        return _due(tx, now)
    tiers = [tier.strip() for tier in per.split(",")] if per else [None]
    manned = staff.manned(tx, "village", now)
    return [
        # where nobody holds a post in a village, its town acts
        Site(
            area,
            name,
            variables={"tier": "town" if tier == "village" and area not in manned else tier, "of_area": area},
        )
        for tier in tiers
        for area, name in staff.staffed(tx, tier, now)
    ]


def _due(tx: Tx, now: datetime) -> list[Site]:
    found = recognitions.due(tx, "", now.astimezone(ZONE).date())
    return [
        Site(
            one.area,
            one.title,
            number=reviews.next_number(tx, one.application_no),
            title=one.title,
            variables=reviews.told(tx, one.application_no),
            parent=one.case_id,
            subject=one.household,
        )
        for one in found
        if reviews.open_review(tx, one.application_no) is None
    ]
