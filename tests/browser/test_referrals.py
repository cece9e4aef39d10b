"""转介收发 in the browser: the bureau sends a letter, the department takes it and tells its result, the bureau checks it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from playwright.sync_api import expect
from sqlalchemy import insert

from casework import seed, staff
from casework.tables import leads
from engine import cases, wallclock
from tasks import sweep
from tests.browser.conftest import PHONE, Seat, Server, accessible

WORKDAY = datetime.fromisoformat("2026-10-15T10:00:00+08:00")
ASKED = {"referral_no": "L9-Z1-1", "lead_no": "L9", "route": "HOUSING", "track": "ordinary"}


def needed(server: Server) -> None:
    """A referral that waits for the bureau to write its letter."""
    with server.runtime.db.transaction() as tx:
        wallclock.set_now(tx, WORKDAY)
        lead = {"subject_name": "王某乙", "subject_phone": "13800001234"}
        case = cases.start(
            tx, "referral", now=WORKDAY, area=seed.VILLAGE, number="L9", title="王某乙", variables=ASKED,
            document={"lead": lead}, actor=staff.actor_of(tx, "p_wangge", WORKDAY),
        )  # fmt: skip
        row = {"number": "L9", "case_id": case, "area": seed.VILLAGE, "subject": "王某乙", "cause": "34"}
        tx.run(insert(leads), {**row, "sources": [], "discovered_at": WORKDAY})
    sweep.drain(server.runtime.db, WORKDAY)


def fits(seat: Seat, width: int) -> None:
    assert seat.page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_letter_goes_to_the_department_and_its_result_comes_back(seat: Any, server: Server) -> None:
    needed(server)
    bureau: Seat = seat("jiuzhu1")
    bureau.open_task("拟转介单")
    bureau.pick("承办部门", "区住房建设部门")
    bureau.write("必要情况", "住房有裂缝，请核实并给予住房救助。")
    bureau.choose("渠道", "本系统")
    bureau.submit()
    sweep.drain(server.runtime.db, WORKDAY)

    department: Seat = seat("zhujian")
    page = department.page
    expect(page).to_have_url(re.compile("#/referrals$"))
    menu = page.get_by_role("navigation", name="主菜单").get_by_role("link")
    expect(menu).to_have_text(["我的待办", "转介收发", "协办", "消息"])
    expect(page.get_by_role("tab", name="待接收 1")).to_have_attribute("aria-selected", "true")
    accessible(page)
    page.get_by_role("link", name="王**").click()
    expect(page.get_by_text("13800001234")).to_be_visible()
    expect(page.get_by_text("住房有裂缝，请核实并给予住房救助。")).to_be_visible()
    expect(page.get_by_role("link", name="查看救助事项")).to_have_count(0)
    page.get_by_role("button", name="部门接收：怎么算的").click()
    expect(page.get_by_role("dialog")).to_contain_text("第 3 日")
    page.keyboard.press("Escape")

    department.choose("部门意见", "退回")
    department.write("退回理由", "不归我管")
    page.get_by_role("button", name="退回", exact=True).click()
    asked = page.get_by_role("dialog").filter(has_text="退回这份转介单？")
    expect(asked).to_contain_text("不能收回")
    asked.get_by_role("button", name="再看看").click()
    department.choose("部门意见", "接收")
    department.write("承办人及电话", "酉住建 022-00000000")
    accessible(page)
    page.get_by_role("button", name="接收", exact=True).click()
    expect(page.get_by_role("heading", name="部门办理结果")).to_be_visible()
    department.write("办理结果", "已列入修缮计划")
    page.get_by_role("button", name="报送结果", exact=True).click()
    expect(page.locator(".referral-state")).to_contain_text("已办结")
    expect(page.get_by_text("酉住建（区住房建设部门）").first).to_be_visible()

    bureau.open_task("去核对")
    bureau.go("/referrals?tab=done")
    expect(bureau.page.get_by_text("已列入修缮计划")).to_be_visible()
    bureau.page.get_by_role("link", name="王**").click()
    expect(bureau.page.get_by_text("138****1234")).to_be_visible()
    expect(bureau.page.get_by_role("link", name="查看救助事项")).to_be_visible()


def test_on_a_phone_it_fits_and_says_what_would_be_there(seat: Any, server: Server) -> None:
    empty: Seat = seat("jiaoyu", PHONE)
    expect(empty.page.get_by_text("没有待接收的转介")).to_be_visible()
    fits(empty, PHONE[0])
    for path in ("/tasks", "/requests", "/messages"):
        empty.go(path)
        expect(empty.page.get_by_role("heading", level=1)).to_be_visible()
        fits(empty, PHONE[0])
