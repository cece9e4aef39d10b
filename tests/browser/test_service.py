"""在享救助, 服务点, 宣传: the main path of each page in a real browser, at a desk and on a phone."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

from playwright.sync_api import expect

from casework import leads, recognitions, seed, staff
from tests.browser.conftest import PHONE, Seat, Server

ENTER, BEGIN = re.compile(r"^登\s*记$"), re.compile(r"^发\s*起$")
NUMBER = "120115101001202601001-A1-1"


def receives(server: Server) -> None:
    with server.runtime.db.transaction() as tx:
        now = server.runtime.now(tx)
        values = {"source": "01", "place_area": seed.VILLAGE, "main_cause": "22", "subject_name": "赵某丙"}
        lead = leads.report(tx, staff.actor_of(tx, "p_wangge", now), values, now)
        recognitions.recognise(
            tx, application_no=NUMBER, programme="DIBAO", case_id=lead.case_id, area=seed.VILLAGE, title="赵某丙",
            decided_on=date(2026, 3, 10), amount=Decimal(1800), persons=2, from_month=date(2026, 4, 1), valid_to=None, now=now,
        )  # fmt: skip


def test_a_change_is_taken_down_and_the_review_opens(seat: Any, server: Server) -> None:
    receives(server)
    phone: Seat = seat("lianluo", PHONE)
    phone.go("/recognitions")
    expect(phone.page.get_by_role("button", name="登记变化")).to_be_visible()
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    village: Seat = seat("liangwei")
    village.go("/recognitions")
    village.page.get_by_role("button", name="登记变化").first.click()
    village.page.get_by_role("dialog").get_by_role("button", name=ENTER).last.click()
    expect(village.field("情况")).to_contain_text("■")
    village.choose("来源", "家庭本人当面报告")
    village.choose("什么变化", "收入增加")
    village.field("发生日期").locator("input").first.fill("2026-09-01")
    village.page.keyboard.press("Enter")
    village.write("情况", "儿子找到工作，月收入三千元")
    village.page.get_by_role("dialog").get_by_role("button", name=ENTER).last.click()
    expect(village.page.get_by_role("link", name="正在复核")).to_be_visible()
    village.page.get_by_role("button", name="赵某丙").click()
    expect(village.page.get_by_text("儿子找到工作，月收入三千元")).to_be_visible()


def test_a_vacancy_is_filled_and_a_call_written_down(seat: Any) -> None:
    town: Seat = seat("minzheng1")
    town.go(f"/points?area={seed.VILLAGE}")
    expect(town.page.get_by_text("空缺")).to_have_count(3)
    town.page.get_by_role("button", name="登记服务点").click()
    town.choose("种类", "服务电话")
    town.write("名称", "村救助电话")
    town.write("地点", "村委会")
    town.write("电话", "022-00000000")
    town.page.get_by_role("dialog").get_by_role("button", name=ENTER).last.click()
    expect(town.page.get_by_text("空缺")).to_have_count(2)
    town.page.get_by_role("link", name="022-00000000").click()
    town.page.get_by_role("button", name="登记试拨").click()
    town.choose("接通", "否")
    town.write("情况", "无人接听")
    town.page.get_by_role("dialog").get_by_role("button", name=ENTER).last.click()
    expect(town.page.locator(".check-line").get_by_text("无人接听")).to_be_visible()
    town.go(f"/points?area={seed.VILLAGE}")
    expect(town.page.get_by_text("有问题未整改")).to_have_count(1)


def test_publicity_is_written_down_and_a_campaign_begun(seat: Any) -> None:
    village: Seat = seat("liangwei", PHONE)
    village.go("/publicity")
    expect(village.page.get_by_text("还没有宣传记录")).to_be_visible()
    assert village.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    district: Seat = seat("jiuzhu1")
    district.go("/publicity?tab=campaigns")
    district.page.get_by_role("button", name="发起专项行动").click()
    district.write("主题", "寒冬送温暖专项行动")
    district.page.get_by_role("dialog").get_by_role("button", name=BEGIN).last.click()
    expect(district.page.get_by_role("link", name="寒冬送温暖专项行动")).to_be_visible()
