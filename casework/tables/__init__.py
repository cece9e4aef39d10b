"""Tables of the district's records, on the engine's one MetaData; one module per family."""

from __future__ import annotations

from casework.tables.aid import decisions, notices, objections, payouts, recognitions
from casework.tables.control import assessments, issued_papers, merits, watched_urgings
from casework.tables.households import households, standards
from casework.tables.leads import files, leads, ledger, numbers, outbox
from casework.tables.people import (
    PATH,
    appointments,
    areas,
    kinship,
    notifications,
    persons,
    rosters,
    sessions,
)
from casework.tables.rounds import reports, spot_checks, spot_items, visits

__all__ = [
    "PATH",
    "appointments",
    "areas",
    "assessments",
    "decisions",
    "files",
    "households",
    "issued_papers",
    "kinship",
    "leads",
    "ledger",
    "merits",
    "notices",
    "notifications",
    "numbers",
    "objections",
    "outbox",
    "payouts",
    "persons",
    "recognitions",
    "reports",
    "rosters",
    "sessions",
    "spot_checks",
    "spot_items",
    "standards",
    "visits",
    "watched_urgings",
]
