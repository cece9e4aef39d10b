"""Referrals: the least that is needed, once, by the channel the officer chose."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from casework.tables import notifications, outbox
from engine.db import Tx
from engine.errors import Conflict
from tests.tasks.rig import NOW, a_case, book, work

SHEET = {
    "to_dept": "medical",
    "programme": "MEDICAL",
    "summary": "住院费用自付较高",
    "contact": "13800001234",
    "channel": "platform",
    "diagnosis": "尿毒症",
}
ASKED = {"referral_no": "L1-Z1-1", "to_dept": "medical"}


def sent(tx: Tx, variables: dict[str, Any] = ASKED, job_id: str = "job-1", **changes: Any) -> Any:
    case = a_case(tx, f"L-{job_id}", document={"referral": [{**SHEET, **changes}]})
    return work(tx, case, "referral.send", variables, job_id=job_id)


def test_the_platform_gets_a_document_without_diagnosis(tx: Tx) -> None:
    assert sent(tx).variables == {"sent_on": "2026-09-14"}
    row = tx.run(select(outbox)).one()
    assert (row.reference, row.recipient, row.channel, row.sent_at) == (
        "L1-Z1-1-1",
        "medical",
        "platform",
        NOW,
    )
    document = json.loads((tx.world.data / "outbox" / "L1-Z1-1-1.json").read_text("utf-8"))
    assert document["必要情况"] == "住院费用自付较高"
    assert "尿毒症" not in json.dumps(document, ensure_ascii=False)
    assert set(document) == {"收件", "转介编号", "姓名", "事项", "必要情况", "联系方式", "首次受理", "第几次"}


def test_a_repeated_job_sends_once_and_a_second_attempt_again(tx: Tx) -> None:
    case = a_case(tx, document={"referral": [SHEET]})
    for _ in range(2):
        work(tx, case, "referral.send", ASKED)
    work(tx, case, "referral.send", {**ASKED, "attempt": 2, "to_dept": "education"}, job_id="job-2")
    rows = tx.run(select(outbox.c.reference, outbox.c.recipient).order_by(outbox.c.reference))
    assert [tuple(row) for row in rows] == [("L1-Z1-1-1", "medical"), ("L1-Z1-1-2", "education")]
    assert len(book(tx, "referral")) == 2


def test_paper_is_carried_by_an_officer_who_is_told(tx: Tx) -> None:
    assert sent(tx, channel="paper").variables == {"sent_on": "2026-09-14"}
    assert tx.run(select(outbox.c.sent_at)).scalar_one() is None
    assert not (tx.world.data / "outbox").exists()
    told = tx.run(select(notifications.c.person).where(notifications.c.kind == "paper")).scalars()
    assert sorted(told) == ["p_jiuzhu1", "p_jiuzhu2"]


def test_a_referral_to_nobody_is_refused(tx: Tx) -> None:
    with pytest.raises(Conflict) as refused:
        sent(tx, {"referral_no": "L1-Z1-1"}, to_dept=None)
    assert "缺少承办部门" in refused.value.message
    assert tx.run(select(outbox.c.id)).all() == []
