"""Going round on a telephone: the due list, one screen for a visit whose need becomes a lead, the day's word; the town sees who is silent."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Seat


def test_a_visit_on_a_telephone_becomes_a_lead_and_the_town_sees_the_day(seat: Any) -> None:
    grid: Seat = seat("wangge", PHONE)
    grid.go("/rounds")
    expect(grid.page.get_by_text("已超期").first).to_be_visible()
    grid.page.get_by_role("link", name="入户", exact=True).first.click()
    expect(grid.page.get_by_role("heading", name=re.compile("^入户：王某乙"))).to_be_visible()
    assert grid.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    grid.choose("见到的人", "本人")
    grid.choose("所需帮助", "就医")
    grid.pick("主要困难", "突发重病")
    grid.choose("已讲解政策", "是")
    grid.page.get_by_role("button", name=re.compile("登\\s*记\\s*走\\s*访")).click()
    expect(grid.page.get_by_text(re.compile(r"线索 \d{15,20} 已上报"))).to_be_visible()
    grid.go("/rounds")
    expect(grid.page.get_by_text("七日内没有到期的走访")).to_be_visible()
    grid.page.get_by_role("button", name="今日无新情况").click()
    expect(grid.page.get_by_text("✔ 已报告")).to_be_visible()
    grid.go("/mine")
    expect(grid.page.get_by_text("办理中").first).to_be_visible()
    town: Seat = seat("fuwuban1")
    town.go("/coverage?unit=week")
    row = town.page.locator("tr", has_text="走访 1 次").first
    expect(row.get_by_text("已访").first).to_be_visible()
    row.get_by_role("link", name="走访 1 次").click()
    expect(town.page.get_by_text("就医").first).to_be_visible()
