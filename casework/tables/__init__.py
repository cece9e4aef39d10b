"""Tables of the district's records, on the engine's one MetaData; one module per family."""

from __future__ import annotations

from casework.tables.aid import (
    change_reports,
    decisions,
    notice_scans,
    notices,
    objections,
    payouts,
    recognition_changes,
    recognitions,
)
from casework.tables.control import assessments, issued_papers, merits, watched_urgings
from casework.tables.coverage import heartbeats, silence_alarms, village_days, watches
from casework.tables.exports import exports
from casework.tables.households import (
    household_focus,
    household_imports,
    household_members,
    households,
    reveals,
    standards,
)
from casework.tables.leads import file_links, files, leads, ledger, numbers, outbox, public_leads
from casework.tables.meetings import meeting_items, meetings
from casework.tables.organisation import (
    area_changes,
    case_transfers,
    changes,
    places,
    substitutions,
    trainings,
)
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
from casework.tables.service import point_checks, policy_texts, publicity, service_points

__all__ = [
    "PATH",
    "appointments",
    "area_changes",
    "areas",
    "assessments",
    "case_transfers",
    "change_reports",
    "changes",
    "decisions",
    "exports",
    "file_links",
    "files",
    "heartbeats",
    "household_focus",
    "household_imports",
    "household_members",
    "households",
    "issued_papers",
    "kinship",
    "leads",
    "ledger",
    "meeting_items",
    "meetings",
    "merits",
    "notice_scans",
    "notices",
    "notifications",
    "numbers",
    "objections",
    "outbox",
    "payouts",
    "persons",
    "places",
    "point_checks",
    "policy_texts",
    "public_leads",
    "publicity",
    "recognition_changes",
    "recognitions",
    "reports",
    "reveals",
    "rosters",
    "service_points",
    "sessions",
    "silence_alarms",
    "spot_checks",
    "spot_items",
    "standards",
    "substitutions",
    "trainings",
    "village_days",
    "visits",
    "watched_urgings",
    "watches",
]
