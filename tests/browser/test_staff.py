"""Each user's main path in a real browser on the real server: grid worker on a phone, town staff, supervisor."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Seat

LEAD = re.compile(r"\d{15,20}")


def reported(grid: Seat) -> str:
    """A fire, reported on a phone: place is known, cause and where are chosen, the rest is optional."""
    grid.go("/report")
    grid.write("具体位置", "村东头")
    grid.choose("主要困难", "火灾")
    grid.write("姓名", "李某甲")
    grid.page.get_by_text("补充信息（选填）").click()
    grid.pick("居住情况", "本地户籍，居住在户籍地")
    grid.page.get_by_role("button", name=re.compile("上\\s*报")).last.click()
    done = grid.page.get_by_text(LEAD).first
    expect(done).to_be_visible()
    found = LEAD.search(done.inner_text())
    assert found is not None
    return found[0]


def test_a_grid_worker_reports_on_a_phone_and_goes_to_see(seat: Any) -> None:
    grid: Seat = seat("wangge", PHONE)
    reported(grid)
    grid.open_task("去核实")
    assert grid.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    grid.choose("初步判断", "属实，确有困难")
    grid.choose("方式", "到场查看")
    grid.submit()
    expect(grid.page.get_by_text("上报镇(街)").first).to_be_visible()


def test_an_empty_report_says_what_is_missing(seat: Any) -> None:
    grid: Seat = seat("wangge", PHONE)
    grid.go("/report")
    grid.page.get_by_role("button", name=re.compile("上\\s*报")).last.click()
    expect(grid.field("具体位置")).to_contain_text("■")
    expect(grid.field("主要困难")).to_contain_text("■")


def to_the_town(grid: Seat) -> str:
    number = reported(grid)
    grid.open_task("去核实")
    grid.choose("初步判断", "属实，确有困难")
    grid.choose("方式", "到场查看")
    grid.submit()
    grid.open_task("上报")
    grid.submit()
    return number


def acknowledged(office: Seat) -> None:
    office.open_task("签收")
    office.choose("签收结果", "签收为新线索")
    for name in ("戊民政", "己民政"):
        office.field("核查人员").locator("input").first.fill(name)
        office.page.locator(".ant-select-item-option").filter(has_text=name).first.click()
    office.page.keyboard.press("Escape")
    office.submit()


def visited(first: Seat, second: Seat) -> None:
    first.open_task("去核查")
    first.choose("见到的人", "本人")
    first.pick("结论", "属实") if first.field("结论").locator(".ant-select").count() else first.choose(
        "结论", "属实"
    )
    first.choose("所需帮助", "食品饮水")
    first.write("预计所需", "900")
    first.choose("本人能否申请", "是")
    first.choose("已讲清政策", "是")
    first.write("人数", "3")
    first.sign("签名", "李某甲")
    first.submit("签字提交")
    second.open_task("去核查")
    second.submit("签字提交")


def test_town_staff_take_a_fire_from_the_report_to_the_money(seat: Any) -> None:
    grid: Seat = seat("wangge", PHONE)
    number = to_the_town(grid)
    office: Seat = seat("fuwuban1")
    expect(office.page.get_by_text("急难").first).to_be_visible()
    acknowledged(office)
    first, second = seat("minzheng1"), seat("minzheng2")
    visited(first, second)
    first.open_task("定路径")
    first.choose("绿色通道", "小额快救")
    first.choose("是否先行救助", "否")
    first.submit()
    first.open_task("去登记")
    expect(first.page.get_by_text("怎么算的").first).to_be_visible()
    first.choose("方式", "现金")
    first.submit("签字提交")
    second.open_task("去登记")
    second.submit("签字提交")
    office.open_task("去审批")
    office.choose("意见", "同意")
    office.write("理由", "符合小额快救条件")
    office.submit()
    first.open_task("编清单")
    first.submit()
    office.open_task("去复核")
    office.choose("通过", "是")
    office.submit()
    first.open_task("去发放")
    first.photo("收据")
    first.sign("签收", "李某甲")
    first.submit("签字提交")
    second.open_task("去发放")
    second.submit("签字提交")
    supervisor: Seat = seat("baopian")
    supervisor.go("/cases")
    line = supervisor.page.get_by_role("row").filter(has=supervisor.page.get_by_text(number, exact=True))
    line.get_by_text("李**").click()
    expect(supervisor.page.get_by_text("当前环节")).to_be_visible()
    expect(supervisor.page.get_by_text("确认收到").first).to_be_visible()
    supervisor.page.get_by_role("tab", name="流程图").click()
    expect(supervisor.page.locator(".djs-container").first).to_be_visible()


def test_a_wrong_password_is_said_in_plain_words(browser: Any, server: Any) -> None:
    page = browser.new_page(locale="zh-CN")
    page.goto(server.url)
    page.get_by_label("用户名").fill("wangge")
    page.get_by_label("密码").fill("mistaken")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_text("用户名或密码不对")).to_be_visible()
    page.close()


def typed_in(office: Seat) -> None:
    """Fill in the acknowledgement; the draft has reached the server at the end."""
    office.choose("签收结果", "签收为新线索")
    for name in ("戊民政", "己民政"):
        office.field("核查人员").locator("input").first.fill(name)
        office.page.locator(".ant-select-item-option").filter(has_text=name).first.click()
    office.page.keyboard.press("Escape")
    expect(office.page.locator(".ant-select-dropdown:not(.ant-select-dropdown-hidden)")).to_have_count(0)
    expect(office.page.get_by_text("草稿已保存")).to_be_visible()


def test_of_two_who_acknowledge_one_wins_and_the_other_is_told(seat: Any) -> None:
    grid: Seat = seat("wangge", PHONE)
    to_the_town(grid)
    first, second = seat("fuwuban1"), seat("fuwuban2")
    for office in (first, second):
        office.open_task("签收")
    for office in (first, second):
        typed_in(office)
    first.submit()
    with second.page.expect_response(re.compile(r"/complete$")) as answer:
        second.page.get_by_role("button", name="提交", exact=True).first.click()
    assert answer.value.status == 409
    expect(second.page.get_by_role("alert").first).to_be_visible()
    second.complaints.clear()  # the browser itself calls a 409 an error


def test_who_still_types_is_told_at_once_that_another_was_faster(seat: Any) -> None:
    grid: Seat = seat("wangge", PHONE)
    to_the_town(grid)
    first, second = seat("fuwuban1"), seat("fuwuban2")
    for office in (first, second):
        office.open_task("签收")
    typed_in(first)
    first.submit()
    second.choose("紧急程度", "三级：一般")  # its draft is refused: the task is done
    expect(second.page.get_by_role("alert").first).to_be_visible()
    second.complaints.clear()


def test_a_supervisor_sees_what_is_late_on_the_diagram_and_in_the_table(seat: Any, server: Any) -> None:
    grid: Seat = seat("wangge", PHONE)
    reported(grid)
    admin: Seat = seat("guanli")
    moved = admin.page.evaluate(
        """async () => (await fetch('/api/clock/advance', {method: 'POST', body: JSON.stringify({by: 'PT3H'}),
        headers: {'Content-Type': 'application/json', 'X-CSRF': '1', 'Idempotency-Key': 'browser-key-1'}})).status"""
    )
    assert moved == 200
    officer: Seat = seat("baopian")
    officer.go("/overview")
    expect(officer.page.get_by_text("超期事项")).to_be_visible()
    expect(officer.page.get_by_role("row").filter(has_text="第一时间核实").first).to_contain_text("已超")
    officer.go("/state")
    expect(officer.page.locator(".xz-badge-red").first).to_contain_text("超期")
    expect(officer.page.locator(".bjs-powered-by").first).to_be_visible()  # its licence asks for it
    expect(officer.page.get_by_role("row").filter(has_text="第一时间核实").first).to_be_visible()
