"""Routes: one module per family, thin; rules live below."""

from __future__ import annotations

from fastapi import APIRouter

from api.routes import (
    assessments,
    campaigns,
    cases,
    clock,
    corps,
    drafts,
    files,
    hands,
    kinship,
    ladder,
    leads,
    ledgers,
    legal,
    letters,
    limits,
    loop,
    meetings,
    moving,
    notices,
    organisation,
    papers,
    people,
    processes,
    public_leads,
    register,
    reports,
    reserve,
    reviews,
    roster,
    rounds,
    scanned,
    service,
    session,
    spot_checks,
    starts,
    steering,
    tasks,
    transfers,
    vocabulary,
    workbench,
)


def all_routers(*, simulated: bool, demo: bool) -> list[APIRouter]:
    """Every router of this server."""
    found = [
        session.router,
        tasks.router,
        cases.router,
        limits.router,
        legal.router,
        hands.router,
        loop.router,
        leads.router,
        public_leads.router,
        processes.router,
        people.router,
        organisation.router,
        corps.router,
        kinship.router,
        roster.router,
        transfers.router,
        register.router,
        rounds.router,
        files.router,
        meetings.router,
        notices.router,
        scanned.router,
        letters.router,
        papers.router,
        reports.router,
        spot_checks.router,
        reserve.router,
        steering.router,
        ladder.router,
        assessments.router,
        starts.router,
        ledgers.router,
        drafts.router,
        moving.router,
        reviews.router,
        service.router,
        campaigns.router,
        vocabulary.router,
        workbench.router,
        clock.router,
    ]
    if simulated:
        found.append(clock.simulated_router)
    if demo:
        found.append(session.demo_router)
    return found
