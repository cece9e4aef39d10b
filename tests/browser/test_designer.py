"""The designer's path: a task dragged into another tier's lane, the linter's word, a second person publishes, new cases go that way."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from engine.model import Process
from engine.reader import read
from tests.api.office import Office, acknowledged, found, verified
from tests.browser.conftest import DESK, Seat, Server

WIDE = (1440, 900)
STEP = "choose_routes"
PUBLISH = re.compile("^发\\s*布$")
IN_WORDS = [
    re.compile("「确定救助路径」从泳道「镇\\(街\\)」移到泳道「区」。"),
    re.compile("「确定救助路径」的办理层级由 镇（街） 改为 区。"),
    re.compile("「确定救助路径」的办理岗位由 镇（街）民政干部 改为 区民政局社会救助室、"),
]


def opened(seat: Seat, button: str) -> None:
    seat.page.wait_for_url("**/designer.html")  # where designers and publishers land after the login
    row = seat.page.get_by_role("row").filter(has_text="困难群众主动发现救助").first
    row.get_by_role("button", name=button).click()
    expect(seat.page.locator("body[data-ready=modeler]")).to_be_attached()
    expect(seat.page.locator(f'[data-element-id="{STEP}"]')).to_be_visible()


def chosen(page: Page, name: str) -> None:
    """Look an element up by its name; the canvas goes there."""
    page.get_by_role("combobox", name="选择环节").fill(name)
    page.locator(".ant-select-item-option").filter(has_text=re.compile(f"^{name}$")).click()
    expect(page.get_by_role("textbox", name="名称")).to_have_value(name)


def dragged(page: Page, element: str, lane: str) -> None:
    """With the mouse, straight into a lane."""
    step = page.locator(f'[data-element-id="{element}"]').bounding_box()
    to = page.locator(f'[data-element-id="{lane}"]').bounding_box()
    assert step is not None
    assert to is not None
    x, y = step["x"] + step["width"] / 4, step["y"] + step["height"] / 4
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 4, y + 6)
    page.mouse.move(x + 60, to["y"] + to["height"] / 2, steps=8)
    page.mouse.up()


def changes(part: Page | Locator) -> Locator:
    """What the draft changes, sentence by sentence."""
    return part.get_by_role("region", name="改动内容").first.get_by_role("listitem")


def to_the_choice(office: Office) -> Any:
    lead = acknowledged(office)
    verified(office)
    return lead


def deciders(office: Office, lead: Any) -> set[str]:
    """Which of a town's and the district's people see the step of this case."""
    seen = set()
    for who in ("minzheng1", "jiuzhu1"):
        rows = office.get(who, "tasks?size=100")["items"]
        if any(row["element"] == STEP and row["case_id"] == lead["case_id"] for row in rows):
            seen.add(who)
    return seen


def test_a_task_dragged_to_another_tier_goes_there_for_new_cases_only(seat: Any, server: Server) -> None:
    office = Office(server.runtime)
    before = to_the_choice(office)
    designer: Seat = seat("sheji", WIDE)
    opened(designer, "新建草稿")
    page = designer.page
    chosen(page, "确定救助路径")
    dragged(page, STEP, "lane_district")
    panel = page.get_by_role("complementary", name="办理设置")
    expect(panel.locator(".panel-who")).to_contain_text("区 · 镇（街）民政干部")
    expect(panel.locator(".panel-who")).to_contain_text("本环节自己写明了岗位，盖过泳道「区」")
    expect(page.locator(".design-error").first).to_contain_text("不在该层级任职")
    expect(page.get_by_role("button", name="提交发布")).to_be_disabled()
    panel.get_by_role("button", name="改为随泳道").click()
    expect(panel.locator(".panel-who")).to_contain_text("按泳道「区」")
    expect(page.locator(".design-error")).to_have_count(0)
    expect(changes(page)).to_have_text(IN_WORDS)
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_text("草稿已保存")).to_be_visible()
    page.get_by_role("button", name="提交发布").click()
    expect(changes(page.get_by_role("dialog"))).to_have_text(IN_WORDS)
    page.get_by_role("button", name="确认提交").click()
    expect(page.get_by_text("等待另一人核对改动并发布")).to_be_visible()
    expect(page.get_by_text("起草人不能发布自己的草稿，须由另一人发布。")).to_be_visible()
    expect(page.get_by_role("button", name=PUBLISH)).to_be_disabled()
    publisher: Seat = seat("fabu", WIDE)
    opened(publisher, "打开草稿")
    expect(changes(publisher.page)).to_have_text(IN_WORDS)
    publisher.page.get_by_role("button", name=PUBLISH).click()
    dialog = publisher.page.get_by_role("dialog")
    expect(changes(dialog)).to_have_text(IN_WORDS)
    dialog.get_by_role("button", name="确认发布").click()
    expect(publisher.page.get_by_text("发布为第 2 版")).to_be_visible()
    after = to_the_choice(office)
    assert deciders(office, before) == {"minzheng1"}, "an open case keeps the version it began with"
    assert deciders(office, after) == {"jiuzhu1"}, "a new case is routed as drawn"


def pick(page: Page, label: str, option: str) -> None:
    """Choose from a list of the panel."""
    box = page.get_by_role("combobox", name=label, exact=True)
    box.click()
    if box.is_editable():
        box.fill(option)
    listed = page.locator(f"[id='{box.get_attribute('aria-controls')}']")
    shown = page.locator(".ant-select-dropdown").filter(has=listed).locator(".ant-select-item-option")
    shown.filter(has_text=re.compile(f"^{re.escape(option)}$")).click()
    page.keyboard.press("Escape")


def write(page: Page, label: str, text: str) -> None:
    """Fill a field of the panel and leave it."""
    field = page.get_by_role("textbox", name=label, exact=True)
    field.fill(text)
    field.blur()


def drawn(office: Office, bundle: str = "active_discovery") -> Process:
    """The draft as the engine reads it."""
    row = next(b for b in office.get("sheji", "bundles") if b["key"] == bundle)
    files = office.get("sheji", f"drafts/{row['draft_id']}")["files"]
    text = next(file["text"] for file in files if file["name"] == f"{bundle}.bpmn")
    return read(text.encode()).processes[0]


def saved(page: Page) -> None:
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_text("草稿已保存")).to_be_visible()


def test_what_the_panel_sets_is_what_the_engine_reads(seat: Any, server: Server) -> None:
    office = Office(server.runtime)
    designer: Seat = seat("sheji", WIDE)
    opened(designer, "新建草稿")
    page = designer.page
    chosen(page, "评估困难是否缓解")
    pick(page, "泳道", "区")
    expect(page.locator(".panel-who")).to_contain_text("盖过泳道「区」")
    page.get_by_role("button", name="改为随泳道").click()
    page.get_by_role("spinbutton", name="几人共同办理").fill("2")
    pick(page, "回避", "确定救助路径")
    pick(page, "表单", "确定救助路径")
    pick(page, "时限", "组织民主评议 5个工作日")
    pick(page, "所属阶段", "回访")
    write(page, "按钮文字", "再评估")
    write(page, "说明", "由区里评估。")
    chosen(page, "研判紧急程度")
    pick(page, "决策表", "测算救助路径")
    chosen(page, "查重比对")
    write(page, "失败后重试次数", "5")
    saved(page)
    node = drawn(office).nodes["assess_gap"]
    assert node.lane is not None
    assert node.lane.id == "lane_district"
    assert node.candidate_groups is None
    assert node.form == "route_plan"
    assert node.documentation == "由区里评估。"
    assert dict(node.properties) == {
        "term": "appraisal.hold",
        "stage": "follow_up",
        "together": "2",
        "recuse": '=actors("choose_routes")',
        "verb": "再评估",
    }
    expect(changes(page)).to_have_count(12)
    elements = {change["element"] for change in compared(office)}
    assert elements == {"assess_gap", "assess_urgency", "match_duplicate"}, (
        "nothing else was touched by saving"
    )


def compared(office: Office) -> list[dict[str, Any]]:
    row = next(b for b in office.get("sheji", "bundles") if b["key"] == "active_discovery")
    answer = office.post("sheji", f"drafts/{row['draft_id']}/difference", {"revision": 1})
    listed: list[dict[str, Any]] = answer.json()["changes"]
    return listed


def test_a_condition_is_checked_when_its_field_is_left(seat: Any, server: Server) -> None:
    office = Office(server.runtime)
    designer: Seat = seat("sheji", WIDE)
    opened(designer, "新建草稿")
    page = designer.page
    page.get_by_role("combobox", name="选择环节").fill("是否危及生命？→拨打")
    page.locator(".ant-select-item-option").first.click()
    write(page, "条件", "urgency <=")
    expect(page.get_by_role("alert").filter(has_text="表达式有误")).to_be_visible()
    expect(page.locator(".design-error")).to_have_count(1)
    expect(page.get_by_role("button", name="提交发布")).to_be_disabled()
    write(page, "条件", "urgency <= 1")
    expect(page.get_by_role("alert").filter(has_text="表达式有误")).to_have_count(0)
    expect(page.locator(".design-error")).to_have_count(0)
    saved(page)
    flow = next(f for f in drawn(office).flows.values() if (f.source, f.target) == ("life_gw", "call_rescue"))
    assert flow.condition == "=urgency <= 1"


def test_the_officer_sees_all_cases_on_the_drawing_and_which_are_late(seat: Any, server: Server) -> None:
    office = Office(server.runtime)
    early = found(office)
    office.advance(by="PT25H")
    found(office)
    officer: Seat = seat("baopian", DESK)
    officer.go("/state")
    page = officer.page
    badge = page.get_by_role("button", name="第一时间核实：在办 2 件，超期 1 件")
    expect(badge.locator(".xz-badge")).to_have_text(["2", "超期 1"])
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="第一时间核实"))
    expect(row.get_by_role("cell")).to_contain_text(["村（居）", "2", "超期 1", "0", "已超"])
    expect(row.get_by_role("link").first).to_have_attribute("href", f"#/cases/{early['case_id']}")
    badge.focus()
    page.keyboard.press("Enter")
    late = page.get_by_role("dialog").get_by_role("link", name=early["number"])
    expect(late).to_be_visible()
    late.click()
    expect(page).to_have_url(re.compile(f"#/cases/{early['case_id']}"))
