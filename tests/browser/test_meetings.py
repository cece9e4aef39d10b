"""评议会议: one meeting for three cases in a real browser, from the list to the sealed record; by keyboard where the figures are."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect
from sqlalchemy import func, select

from casework import seed
from engine import cases
from engine.tables import user_tasks
from tests.browser.conftest import PHONE, Seat, Server, accessible

NAMES = "钱某丁、孙某戊、李某己、周某庚、吴某辛、郑某壬、冯某癸、陈某子、褚某丑"


def to_appraise(server: Server) -> None:
    homes = [("王某乙", seed.VILLAGE), ("李某甲", seed.VILLAGE), ("田某丙", seed.NEXT_VILLAGE)]
    with server.runtime.db.transaction() as tx:
        for n, (title, area) in enumerate(homes, 1):
            number = f"A-{n}"
            cases.start(
                tx, "appraisal", now=server.runtime.now(tx), area=area, number=number, title=title,
                variables={"application_no": number, "programme": "DIBAO"},
            )  # fmt: skip


def pressed(seat: Seat, button: str) -> None:
    """A button of the bar, and the same word in the dialog it opens."""
    seat.page.locator(".meeting-bar").get_by_role("button", name=button, exact=True).click()
    seat.page.get_by_role("dialog").locator(".ant-btn-primary").click()


def test_one_meeting_for_three_cases_is_held_and_sealed(seat: Any, server: Server) -> None:
    to_appraise(server)
    town: Seat = seat("minzheng1")
    page = town.page
    town.go("/meetings")
    expect(page.get_by_text("有 3 户待评议，还没有列入会议")).to_be_visible()
    page.get_by_role("button", name="组织评议会议").click()
    page.get_by_role("dialog").get_by_role("button", name="现在").click()
    page.get_by_role("dialog").get_by_role("button", name="建立").click()
    expect(page.get_by_role("heading", name="大口屯镇 评议会议")).to_be_visible()
    page.locator(".roll-names textarea").fill(NAMES)
    page.get_by_role("button", name="加入 9 人").click()
    for who in ("戊民政", "己民政"):
        page.get_by_label("镇（街）工作人员", exact=True).fill(who)
        page.locator(".ant-select-item-option:visible").filter(has_text=who).first.click()
        expect(page.get_by_role("list", name="名册")).to_contain_text(who)
    pressed(town, "召集")
    expect(page.get_by_text("已召集：3 户已办。")).to_be_visible()
    expect(page.get_by_text("己民政 回避：近亲属备案：叔侄")).to_be_visible()
    page.get_by_label("王某乙 同意").focus()
    for figure in ("10", "11", "10"):  # Enter leads down the column
        page.keyboard.type(figure)
        page.keyboard.press("Enter")
    page.get_by_label("王某乙 同意").press("Tab")
    page.keyboard.type("1")
    expect(
        page.get_by_role("group", name="王某乙的票数").locator("xpath=..").get_by_text("没有的填 0")
    ).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.type("0")
    page.get_by_label("不同意见（必填").fill("有人认为子女有赡养能力")
    for title in ("李某甲", "田某丙"):
        page.get_by_label(f"{title} 不同意").fill("0")
        page.get_by_label(f"{title} 弃权").fill("0")
    expect(page.get_by_text("✓ 合计相符")).to_have_count(3)
    expect(page.get_by_text("意见：通过")).to_have_count(3)
    accessible(page)
    town.write("会议过程", "宣讲政策、介绍情况、评议询问、无记名投票、公布结果")
    pressed(town, "结束会议")
    expect(page.get_by_role("alert").get_by_text("请附签到照片").first).to_be_visible()
    town.photo("签到照片")
    pressed(town, "结束会议")
    expect(page.get_by_text("会议已结束：3 户已办。")).to_be_visible()
    expect(page.get_by_role("button", name="登记更正")).to_be_visible()
    expect(page.get_by_label("王某乙 同意")).to_be_disabled()
    with server.runtime.db.reading() as tx:
        left = tx.run(
            select(func.count()).where(user_tasks.c.process == "appraisal", user_tasks.c.state == "open")
        )
        assert left.scalar_one() == 0, "every case has its result"
    town.complaints[:] = [one for one in town.complaints if "422" not in one]  # the refused first attempt


def test_the_list_and_a_meeting_fit_a_phone(seat: Any, server: Server) -> None:
    to_appraise(server)
    village: Seat = seat("liangwei", PHONE)
    village.go("/meetings")
    expect(village.page.get_by_text("还没有评议会议")).to_be_visible()
    accessible(village.page)
    village.page.get_by_role("button", name="组织评议会议").click()
    village.page.get_by_role("dialog").get_by_role("button", name="现在").click()
    village.page.get_by_role("dialog").get_by_label("主持人", exact=True).fill("戊民政")
    village.page.locator(".ant-select-item-option:visible").filter(has_text="戊民政").first.click()
    village.page.get_by_role("dialog").get_by_role("button", name="建立").click()
    expect(village.page.get_by_text("召集和结束由镇（街）办理。")).to_be_visible()
    expect(village.page.locator(".agenda-row")).to_have_count(2)
    assert village.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
