"""纳入按月发放: nobody is enrolled for nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from casework import recognitions
from engine.db import Tx
from engine.errors import Conflict
from tests.tasks.rig import a_case, work

DECIDED = {
    "application_no": "A1",
    "programme": "TEKUN",
    "persons": 1,
    "decided_on": "2026-09-14T09:00:00+08:00",
}


@pytest.mark.parametrize("amount", [None, 0])
def test_without_a_monthly_amount_nobody_is_enrolled(tx: Tx, amount: Any) -> None:
    with pytest.raises(Conflict) as refused:
        work(tx, a_case(tx), "recognition.enrol", {**DECIDED, "amount": amount})
    assert refused.value.code == "no_amount"
    assert recognitions.get(tx, "A1") is None


def test_with_one_payment_begins_the_month_after(tx: Tx) -> None:
    work(tx, a_case(tx), "recognition.enrol", {**DECIDED, "amount": 1313})
    known = recognitions.get(tx, "A1")
    assert known is not None
    assert (known.amount, known.from_month) == (Decimal(1313), date(2026, 10, 1))
