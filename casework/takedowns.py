"""应撤下: a notice that hangs and must not is asked for where it hangs, however its application came to an end.

Nothing is kept a second time: whether one hangs is what `notice_board` tells – posting entered, taking down not entered. Where the steps of a
notice are cut off (withdrawn, declined, ended or voided by hand, sent back), and where a step tells that the person must not be shown, this is
looked at at once; every morning for all, for what the register or a deployment has changed.
"""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime
from typing import Any

from sqlalchemy import case as when
from sqlalchemy import func, select

from casework import notice_board, notices
from casework.notice_board import PROCESS, REMOVES, TAKEDOWN, Standing
from casework.notices import COLUMNS, Notice
from casework.tables import notices as table
from engine import cases, messages
from engine.db import Tx, made
from engine.tables import cases as cases_table
from engine.tables import user_tasks
from engine.world import StepDone

FORBIDDEN = "notice_forbidden"
"""The message by which a drawing gives up a notice of somebody who must not be shown (key: the application's number); it says whether an
objection is still to be looked into."""
OVER, BARRED = "该事项已撤回、终止、退回或作废，不再公示", "按规定不得继续公示"
"""What the village is told. That somebody is in danger, or a child, is not for the board's people to read."""


def cut(tx: Tx, case: Any, processes: Set[str], now: datetime) -> None:
    """Something of these processes ended in a case before its own end."""
    if PROCESS in processes:
        settle(tx, notices.of_case(tx, case.id), now)


def done(tx: Tx, step: StepDone, now: datetime) -> None:
    """A person's step may have told who somebody is."""
    found = notices.of_case(tx, step.case_id)
    if found:
        settle(tx, found, now)


def every(tx: Tx, now: datetime) -> None:
    """All that hang, by what was posted more often than taken down."""
    t = user_tasks.c
    posted = func.sum(when((t.element == REMOVES, -1), else_=1))
    places = (
        select(t.case_id)
        .where(t.process == PROCESS, t.state == "completed", t.element.in_(("post_notice", REMOVES)))
        .group_by(t.case_id, t.path)
        .having(posted > 0)
    )
    query = select(*COLUMNS).where(table.c.case_id.in_(places)).order_by(table.c.number)
    settle(tx, [made(Notice, row) for row in tx.run(query)], now)


def settle(tx: Tx, found: list[Notice], now: datetime) -> None:
    """Give up those of people who must not be shown, then ask for whatever hangs and must not."""
    for one in notice_board.standing(tx, found, now):
        if one.barred and one.live and one.takedown is None:
            objected = notices.objections_to(tx, one.notice.application_no)
            waits = any(objection["state"] != "answered" for objection in objected)
            said = {"notice_result": "objection" if waits else "cleared"}
            messages.deliver(tx, FORBIDDEN, one.notice.application_no, said, now=now)
    for one in notice_board.standing(tx, found, now):
        asked = one.takedown is not None or (one.task is not None and one.task.element == REMOVES)
        if one.paper == "to_remove" and not asked:
            _ask(tx, one, now)


def _ask(tx: Tx, one: Standing, now: datetime) -> None:
    notice = one.notice
    cases.start(
        tx,
        TAKEDOWN,
        now=now,
        area=notices.hangs_in(tx, notice.number) or notice.area,
        number=notice_board.takedown_number(notice.number),
        title=one.title,
        parent=notice.case_id,
        variables={
            "notice_no": notice.number,
            "application_no": notice.application_no,
            "posted_on": one.facts["posted_on"],
            "must_since": now.isoformat(),
            "why": BARRED if one.barred else OVER,
        },
    )


def held(tx: Tx, case_id: str) -> str | None:
    """Why the case that asks for a notice must not be ended by hand: it hangs until somebody enters that it is down."""
    c = cases_table.c
    asking = (c.id == case_id, c.process == TAKEDOWN, c.status == "active")
    number = tx.run(select(c.number).where(*asking)).scalar_one_or_none()
    return f"{number} 的公示还张贴着，须登记撤下才能办结。" if number is not None else None
