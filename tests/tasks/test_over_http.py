"""What the books say after a whole line was walked over HTTP: money, payment register, follow-up, refused jobs."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from sqlalchemy import select

from casework import books, payouts, seed
from casework.tables import payouts as table
from engine.tables import cases
from tests.api.office import opened
from tests.api.test_expenditure import THURSDAY, delivered, posted, to_application, visited_by_the_bureau
from tests.api.test_review import TOWN_AMOUNT, judged


def test_a_bank_payment_of_the_budget_is_paid_in_the_register_and_not_by_the_reserve(tmp_path: Path) -> None:
    with opened(tmp_path, THURSDAY) as office:
        lead = to_application(office)
        judged(office)
        posted(office)
        office.do("close_notice", "fuwuban1", notice_result="cleared")
        visited_by_the_bureau(office)
        office.do("town_decide", "fuwuban2", result="approved", amount=TOWN_AMOUNT)
        delivered(office, "minzheng1")
        account = "6200000000000000"
        office.do("prepare_payout", "minzheng1", method="bank", fund="budget", account=account)
        office.do("approve_payout", "fuwuban1", ok=True)
        office.message("minzheng1", lead["case_id"], "收到银行回盘", paid=False, failure_reason="户名不符")
        office.do("prepare_payout", "minzheng1", method="bank", fund="budget", account=account)
        office.do("approve_payout", "fuwuban1", ok=True)
        with office.runtime.db.reading() as tx:
            assert payouts.unsettled(tx, lead["case_id"]) == [f"{lead['number']}-A1-1-P2"]
        office.message("minzheng1", lead["case_id"], "收到银行回盘", paid=True)
        with office.runtime.db.reading() as tx:
            rows = {row.number[-2:]: (row.state, row.amount) for row in tx.run(select(table))}
            follow_ups = tx.run(select(cases.c.number).where(cases.c.process == "follow_up")).scalars()
            assert rows == {
                "P1": ("failed", Decimal(TOWN_AMOUNT)),
                "P2": ("paid", Decimal(TOWN_AMOUNT)),
            }
            assert list(follow_ups) == [f"{lead['number']}-F1"]
            assert books.balance(tx, "reserve_fund", seed.TOWN) == 50_000
