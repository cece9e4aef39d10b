"""反映困难 on a stranger's telephone: told without a login, asked by the code, seen by the village."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PHONE, Seat, Server


def test_a_neighbour_tells_and_asks_what_became_of_it(seat: Any, server: Server, browser: Browser) -> None:
    context = browser.new_context(
        viewport={"width": PHONE[0], "height": PHONE[1]}, locale="zh-CN", is_mobile=True
    )
    page: Page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.goto(server.url)
    page.get_by_role("link", name="群众反映困难").click()
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("请写明能找到人的位置")).to_be_visible()
    expect(page.get_by_label("谁有困难")).to_be_focused()
    page.get_by_label("谁有困难").select_option("别人")
    page.get_by_label("人在哪个镇").select_option("大口屯镇")
    page.get_by_label("村（居）（必填）").select_option("镇东村")
    page.get_by_label("具体位置").fill("村西头第三户")
    page.get_by_label("主要困难").select_option("年老无人照料")
    page.get_by_label("情况（可不填）").fill("几天没见老人出门")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    page.get_by_role("button", name="提交").click()
    code = page.locator(".code").inner_text()
    page.get_by_role("button", name="查询结果").click()
    page.get_by_label("查询码").fill(code)
    page.get_by_role("button", name="查询", exact=True).click()
    expect(page.get_by_role("heading", name=re.compile("^已登记"))).to_be_visible()
    context.close()
    assert complaints == []
    grid: Seat = seat("wangge", PHONE)
    grid.go("/tasks")
    expect(grid.page.locator(".card-verb").first).to_be_visible()
