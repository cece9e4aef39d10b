"""督办 in a real browser: a leader orders from the page of a case and finds it on the ladder; what may be started by hand opens its form."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect

from casework import leads, seed, staff
from tests.browser.conftest import PHONE, Seat, Server


def a_lead(server: Server) -> None:
    values = {
        "source": "01", "place_area": seed.VILLAGE, "place_text": "村东头", "main_cause": "22", "urgent_signs": [],
        "subject_name": "李某甲", "residence_status": "1",
    }  # fmt: skip
    with server.runtime.db.transaction() as tx:
        now = server.runtime.now(tx)
        leads.report(tx, staff.actor_of(tx, "p_wangge", now), values, now)


def test_a_leader_orders_and_finds_it_on_the_ladder(seat: Any, server: Server) -> None:
    a_lead(server)
    chief: Seat = seat("juzhang")
    chief.go("/cases")
    chief.page.locator("a[href*='/cases/']").filter(has_text=re.compile("李")).first.click()
    chief.page.get_by_role("button", name="督办", exact=True).click()
    dialog = chief.page.get_by_role("dialog")
    dialog.locator("textarea").fill("群众反映无人上门，请立即核查")
    dialog.get_by_role("button", name="提起督办").click()
    ladder = chief.page.locator("section", has=chief.page.get_by_role("heading", name="督促阶梯"))
    expect(ladder).to_contain_text("待下达")
    chief.go("/ladder")
    expect(chief.page.locator(".ladder-case").first).to_contain_text("督办未销号")
    assert "李某甲" not in chief.page.locator(".ladder-case").first.inner_text(), "names are masked in lists"
    chief.page.get_by_role("button", name="发起").click()
    chief.page.get_by_role("menuitem", name="通报").click()
    expect(chief.page.locator(".ant-drawer .field-label").filter(has_text="起").first).to_be_visible()


def test_an_empty_assessment_page_says_when_it_fills(seat: Any) -> None:
    cadre: Seat = seat("baocun", PHONE)
    cadre.go("/assessments")
    expect(cadre.page.get_by_text("还没有考核表")).to_be_visible()
    assert cadre.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
