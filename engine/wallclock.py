"""The instant of a simulated server, kept in the database so that server, worker and command line agree."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select, update

from engine.db import Tx
from engine.tables import clock_setting


def now(tx: Tx) -> datetime | None:
    """The simulated instant, if one was ever set."""
    return tx.run(select(clock_setting.c.now)).scalar_one_or_none()


def set_now(tx: Tx, at: datetime) -> None:
    if now(tx) is None:
        tx.run(insert(clock_setting), {"id": 1, "now": at})
    else:
        tx.run(update(clock_setting).values(now=at))


def stop(tx: Tx) -> None:
    """From here on the time is the real one."""
    tx.run(delete(clock_setting))
