"""For whoever watches the server: is it there, does its database answer, how late is its work?"""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response
from sqlalchemy.exc import DBAPIError

from api.deps import runtime
from api.schemas import Model
from tasks import sweep

router = APIRouter(prefix="/api", tags=["session"])
LATE = 300
"""Seconds of waiting work after which the worker is taken to stand still."""


class Health(Model):
    state: Literal["ok", "late", "no_database"]
    behind: int = 0  # seconds the oldest due piece of work has waited


@router.get("/health")
def health(request: Request, response: Response) -> Health:
    """200 and `ok`; 503 with `late` (no worker takes what is due) or `no_database`. Says nothing about anybody."""
    running = runtime(request)
    try:
        with running.db.reading() as tx:
            now, due = running.now(tx), sweep.next_due(tx)
    except DBAPIError:
        response.status_code = 503
        return Health(state="no_database")
    behind = max(0, int((now - due).total_seconds())) if due is not None else 0
    if behind > LATE:
        response.status_code = 503
        return Health(state="late", behind=behind)
    return Health(state="ok", behind=behind)
