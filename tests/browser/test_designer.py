"""The designer's path: a task dragged into another tier's lane, the linter's word, a second person publishes, new cases go that way."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect

from tests.api.office import Office, acknowledged, verified
from tests.browser.conftest import Seat, Server

WIDE = (1440, 900)
STEP = "choose_routes"


def opened(seat: Seat, button: str) -> None:
    seat.page.goto(f"{seat.url}/designer.html")
    row = seat.page.get_by_role("row").filter(has_text="困难群众主动发现救助").first
    row.get_by_role("button", name=button).click()
    expect(seat.page.locator("body[data-ready=modeler]")).to_be_attached()
    expect(seat.page.locator(f'[data-element-id="{STEP}"]')).to_be_visible()


def to_the_choice(office: Office) -> Any:
    lead = acknowledged(office)
    verified(office)
    return lead


def deciders(office: Office, lead: Any) -> set[str]:
    """Which of a town's and the district's people see the step of this case."""
    found = set()
    for who in ("minzheng1", "jiuzhu1"):
        rows = office.get(who, "tasks?size=100")["items"]
        if any(row["element"] == STEP and row["case_id"] == lead["case_id"] for row in rows):
            found.add(who)
    return found


def test_a_task_dragged_to_another_tier_goes_there_for_new_cases_only(seat: Any, server: Server) -> None:
    office = Office(server.runtime)
    before = to_the_choice(office)
    designer: Seat = seat("sheji", WIDE)
    opened(designer, "新建草稿")
    page = designer.page
    task = page.locator(f'[data-element-id="{STEP}"]').bounding_box()
    lane = page.locator('[data-element-id="lane_district"]').bounding_box()
    assert task is not None
    assert lane is not None
    x, y = task["x"] + task["width"] / 4, task["y"] + task["height"] / 4
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 4, y + 6)
    page.mouse.move(x + 60, lane["y"] + lane["height"] / 2, steps=8)
    page.mouse.up()
    panel = page.get_by_role("complementary", name="办理设置")
    expect(panel.locator(".panel-who")).to_contain_text("区 ·")
    expect(page.locator(".design-error").first).to_contain_text("不在该层级任职")
    expect(page.get_by_role("button", name="提交发布")).to_be_disabled()
    panel.get_by_role("button", name="改为随泳道").click()
    expect(panel.locator(".panel-who")).to_contain_text("随泳道")
    expect(page.locator(".design-error")).to_have_count(0)
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_text("草稿已保存")).to_be_visible()
    page.get_by_role("button", name="提交发布").click()
    expect(page.get_by_text("等待另一人核对并发布")).to_be_visible()
    expect(page.get_by_role("button", name="发布", exact=True)).to_be_disabled()
    publisher: Seat = seat("fabu", WIDE)
    opened(publisher, "打开草稿")
    publisher.page.get_by_role("button", name="发布", exact=True).click()
    publisher.page.locator(".ant-popconfirm").get_by_role("button", name=re.compile("发\\s*布")).click()
    expect(publisher.page.get_by_text("已发布为第 2 版")).to_be_visible()
    after = to_the_choice(office)
    assert deciders(office, before) == {"minzheng1"}, "an open case keeps the version it began with"
    assert deciders(office, after) == {"jiuzhu1"}, "a new case is routed as drawn"
