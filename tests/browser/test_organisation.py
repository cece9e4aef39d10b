"""The district's keeper at the organisation pages: a substitute is entered, two villages are merged, and the record says who did it."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect

from casework import seed
from tests.browser.conftest import PHONE, Seat


def picked(seat: Seat, label: str, text: str) -> None:
    """Type into a drop-down of a dialog and take what it finds."""
    box = seat.page.get_by_role("dialog").get_by_label(label, exact=True)
    box.fill(text)
    seat.page.locator(".ant-select-item-option:visible").filter(has_text=text).last.click()
    expect(seat.page.get_by_role("dialog").locator(".ant-select").filter(has_text=text).first).to_be_visible()


def dated(seat: Seat, label: str, day: str) -> None:
    box = seat.page.get_by_role("dialog").get_by_label(label, exact=True)
    box.fill(day)
    box.press("Enter")
    expect(seat.page.locator(".ant-picker-dropdown:visible")).to_have_count(0)
    expect(box).to_have_value(day)


def test_a_keeper_enters_a_substitute_and_merges_two_villages(seat: Any) -> None:
    keeper: Seat = seat("guanli")
    page = keeper.page
    keeper.go(f"/organisation?area={seed.TOWN}")
    post = page.get_by_role("list", name="现任").locator("li").filter(has_text="戊民政")
    post.get_by_role("button", name="委托代理").click()
    picked(keeper, "代理人", "壬包村")
    dated(keeper, "自", "2026-09-26")
    dated(keeper, "至（含当日）", "2026-10-09")
    page.get_by_role("dialog").get_by_label("原因").fill("年休假")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(post).to_contain_text("代 壬包村")

    page.get_by_role("tab", name="区划调整").click()
    page.get_by_role("button", name="办理区划调整").click()
    for village in ("大口屯镇镇东村", "大口屯镇镇西村"):
        page.get_by_role("dialog").get_by_label("合并哪些村（居）或网格").fill(village)
        page.locator(".ant-select-item-option:visible").filter(has_text=village[4:]).first.click()
    page.keyboard.press("Escape")
    page.get_by_label("新名称").fill("合新村")
    dated(keeper, "生效日期", "2026-09-25")
    page.get_by_label("批准文件").fill("津宝政〔2026〕12号")
    page.get_by_role("button", name="看看会怎样").click()
    expect(page.get_by_role("status").filter(has_text="户随转 3")).to_be_visible()
    page.get_by_role("button", name="登记", exact=True).click()
    row = page.get_by_role("region", name="区划调整").locator("tr").filter(has_text="合新村")
    expect(row).to_contain_text("已生效")
    expect(row).to_contain_text("联络员 乙联络")
    page.get_by_role("tab", name="变更记录").click()
    expect(page.get_by_role("region", name="变更记录")).to_contain_text(
        re.compile("合并：镇东村、镇西村 → 合新村.*巳管理", re.S)
    )


def test_the_month_of_duty_fits_a_phone(seat: Any) -> None:
    office: Seat = seat("fuwuban1", PHONE)
    office.go("/duty")
    expect(office.page.get_by_role("region", name="现在值班")).to_contain_text("辛服务")
    expect(office.page.get_by_text("本月有 1 段时间没有排班")).to_be_visible()
    assert office.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
