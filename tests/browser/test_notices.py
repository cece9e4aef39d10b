"""公示管理 and the page behind the code: posted from the board, read and objected to on a stranger's telephone, told on the board again."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Browser, expect
from sqlalchemy import select

from casework import seed, staff
from casework.tables import notices
from engine import cases, worklist
from tasks import sweep
from tests.browser.conftest import PHONE, Seat, Server, accessible

ASKED = {
    "programme": "TEMP_EXPENDITURE", "application_no": "A1", "lead_no": "L9", "amount": 4040, "persons": 2, "round": 1,
    "notice_term": "relief.notice", "kinship_declared": False,
}  # fmt: skip


def checked(server: Server) -> str:
    """A notice that waits for its supervisor; returns its code."""
    with server.runtime.db.transaction() as tx:
        now = server.runtime.now(tx)
        case = cases.start(
            tx, "public_notice", now=now, area=seed.VILLAGE, number="L9", title="王某乙", variables=ASKED
        )
    sweep.drain(server.runtime.db, now)
    with server.runtime.db.transaction() as tx:
        (row,) = worklist.open_of_case(tx, case)
        values = {"content_ok": True, "version": 1, "web_masked": True}
        cases.complete(tx, staff.actor_of(tx, "p_fuwuban1", now), row.id, row.revision, values, now)
        return str(tx.run(select(notices.c.token)).scalar_one())


def test_a_notice_is_posted_read_by_its_code_and_objected_to(
    seat: Any, server: Server, browser: Browser
) -> None:
    token = checked(server)
    village: Seat = seat("jiandu")
    village.go("/notices")
    expect(village.page.get_by_role("tab", name="待张贴 1")).to_be_visible()
    village.page.get_by_role("button", name="去张贴").or_(
        village.page.get_by_role("link", name="去张贴")
    ).first.click()
    village.photo("张贴照片")
    village.write("监督电话", "022-00000000")
    village.submit()
    village.go("/notices?state=posted")
    row = village.page.get_by_role("listitem", name="公示 A1-G1")
    expect(row).to_contain_text("还有")
    expect(row.locator("img")).to_be_visible()
    accessible(village.page)
    row.get_by_role("button", name=re.compile("怎么算的")).click()
    expect(village.page.get_by_role("dialog")).to_contain_text("公示期")

    context = browser.new_context(
        viewport={"width": PHONE[0], "height": PHONE[1]}, locale="zh-CN", is_mobile=True, has_touch=True
    )
    page = context.new_page()
    page.goto(f"{server.url}/n/{token}")
    expect(page.get_by_text("王**")).to_be_visible()
    assert "王某乙" not in page.content()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    page.get_by_role("button", name="提交异议").click()
    expect(page.get_by_text("请写明异议内容")).to_be_visible()
    expect(page.get_by_label("异议内容（必填）")).to_be_focused()
    accessible(page)
    page.keyboard.type("该户去年买了小汽车")
    page.keyboard.press("Tab")
    expect(page.get_by_label("姓名（可不填）")).to_be_focused()
    page.get_by_role("button", name="提交异议").press("Enter")
    expect(page.get_by_role("heading", name="异议已收到")).to_be_visible()
    expect(page.get_by_text("A1-Y1")).to_be_visible()
    page.goto(f"{server.url}/n/unknown")
    expect(page.get_by_role("alert")).to_contain_text("没有这份公示")
    context.close()

    town: Seat = seat("fuwuban1")
    town.go("/notices?state=objected")
    expect(town.page.get_by_text("异议 1 件，1 件未审查或待复查")).to_be_visible()
    village.go("/notices")
    expect(village.page.get_by_text("公示中", exact=False).first).to_be_visible()
    expect(village.page.get_by_text("异议 1 件")).to_have_count(0)


def test_the_board_fits_a_phone_and_says_what_would_be_there(seat: Any) -> None:
    village: Seat = seat("jiandu", PHONE)
    village.go("/notices")
    expect(village.page.get_by_text("还没有公示")).to_be_visible()
    assert village.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
