"""日历与时限 in a real browser: one proposes a shorter term, another confirms it, a notice is tried before it is loaded."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Seat
from tests.engine.test_limits import NOTICE_2027

CARD = "实地核查"


def card(person: Seat) -> Any:
    return person.page.locator(".legal-item").filter(has_text="3个工作日").filter(has_text=CARD).first


def test_one_proposes_a_shorter_term_and_another_confirms_it(seat: Any) -> None:
    first: Seat = seat("guanli")
    first.go("/legal?q=verify.on_site.ordinary")
    card(first).get_by_role("button", name=re.compile("^提出调整")).click()
    dialog = first.page.get_by_role("dialog")
    dialog.get_by_label("改为").fill("2")
    dialog.get_by_label("生效日期").fill("2026-12-01")
    dialog.get_by_label("生效日期").press("Enter")
    dialog.locator("textarea").fill("局务会纪要")
    dialog.get_by_role("button", name="提出", exact=True).click()
    expect(card(first)).to_contain_text("待确认：3个工作日 → 2个工作日")
    expect(card(first)).to_contain_text("须由另一人确认")

    second: Seat = seat("juzhang")
    second.go("/legal")
    second.page.get_by_text(re.compile("^待确认 1$")).click()
    card(second).get_by_role("button", name=re.compile("^确认或不同意")).click()
    dialog = second.page.get_by_role("dialog")
    dialog.get_by_text("确认", exact=True).click()
    dialog.get_by_role("button", name="提交").click()
    second.page.get_by_text(re.compile("^区里另定 1$")).click()
    expect(card(second)).to_contain_text("2026年12月1日 起为 2个工作日")
    second.page.get_by_role("tab", name="调整记录").click()
    expect(second.page.get_by_text("局务会纪要").first).to_be_visible()


def test_a_notice_is_tried_before_it_is_loaded(seat: Any) -> None:
    chief: Seat = seat("juzhang", PHONE)
    chief.go("/legal?tab=calendar")
    box = chief.page.get_by_label("通知全文")
    box.fill(NOTICE_2027)
    chief.page.get_by_role("button", name="试算").click()
    expect(chief.page.get_by_text("没有在办时限会变")).to_be_visible()
    assert chief.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    chief.page.get_by_role("button", name="装入 2027 年安排").click()
    expect(chief.page.get_by_role("heading", name="2027 年", exact=True)).to_be_visible()
    expect(box).to_be_empty()
