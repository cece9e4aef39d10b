"""The designer's bench: a decision table and a form edited in the browser, published by a second person, used by the next case; 试走."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.api.office import Office, found
from tests.browser.conftest import DIST, Seat, Server

WIDE = (1440, 900)
AXE = Path(DIST).parent / "node_modules" / "axe-core" / "axe.min.js"
PUBLISH = re.compile("^发\\s*布$")
FOREIGN = [".bjs-container", ".dmn-js-parent", ".design-table"]
"""Drawn by bpmn.io; what it says stands in words beside it."""


def opened(seat: Seat, button: str) -> Page:
    page = seat.page
    page.wait_for_url("**/designer.html")
    row = page.get_by_role("row").filter(has_text="困难群众主动发现救助").first
    row.get_by_role("button", name=button).click()
    expect(page.locator("body[data-ready=modeler]")).to_be_attached()
    return page


def file(page: Page, kind: str, ready: str, title: str | None = None) -> None:
    """Open a kind of file, and one of several by its title."""
    page.get_by_role("tab", name=kind).click()
    if title:
        page.get_by_role("combobox", name=f"{kind}文件").click()
        page.locator(".ant-select-item-option").filter(has_text=title).first.click()
    expect(page.locator(f"body[data-ready={ready}]")).to_be_attached()


def saved(page: Page) -> None:
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_text("草稿已保存")).to_be_visible()


def published(seat: Any, page: Page, sentence: str) -> None:
    """Handed over, and published by somebody who was shown the sentence."""
    page.get_by_role("button", name="提交发布").click()
    expect(page.get_by_role("dialog").get_by_role("listitem")).to_contain_text([sentence])
    page.get_by_role("button", name="确认提交").click()
    expect(page.get_by_text("等待另一人核对改动并发布")).to_be_visible()
    other = opened(seat("fabu", WIDE), "打开草稿")
    other.get_by_role("button", name=PUBLISH).click()
    dialog = other.get_by_role("dialog")
    expect(dialog.get_by_role("listitem")).to_contain_text([sentence])
    dialog.get_by_role("button", name="确认发布").click()
    expect(other.get_by_text("发布为第 2 版")).to_be_visible()


def accessible(page: Page) -> None:
    """No serious fault of accessibility in what is ours (WCAG 2.1 A and AA)."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed")
    page.evaluate(AXE.read_text())
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}
    told = page.evaluate(
        "([foreign, options]) => axe.run({exclude: foreign.map((one) => [one])}, options)", [FOREIGN, options]
    )
    serious = [v for v in told["violations"] if v["impact"] in ("serious", "critical")]
    assert [(v["id"], [n["html"][:120] for n in v["nodes"]][:3]) for v in serious] == []


def typed(page: Page, cell: str, text: str) -> None:
    page.locator(f'[data-element-id="{cell}"]').click()
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")  # a quotation mark typed over a selection would be put around it
    page.keyboard.type(text)


def test_a_changed_table_decides_the_next_case(seat: Any, server: Server) -> None:
    office = Office(server.runtime)
    designer: Seat = seat("sheji", WIDE)
    page = opened(designer, "新建草稿")
    file(page, "决策表", "table", "研判紧急程度")
    typed(page, "lead_urgency_r5_o1", '"emergency" +')
    wrong = page.locator(".design-error")
    expect(wrong).to_contain_text(["研判紧急程度 第 5 行“办理轨道”"])
    message = page.locator('[data-element-id="lead_urgency_r5_o1"]').evaluate(
        "(cell) => getComputedStyle(cell, '::after').content"
    )
    assert message.startswith('"■ '), "the linter speaks at the cell"
    expect(page.get_by_role("button", name="提交发布")).to_be_disabled()
    typed(page, "lead_urgency_r5_o1", '"emergency"')
    expect(wrong).to_have_count(0)
    trying = page.get_by_role("complementary", name="试算")
    trying.get_by_role("button", name="试算").click()
    said = trying.get_by_role("status", name="试算结果")
    expect(said).to_contain_text("办理轨道：emergency")
    expect(said).to_contain_text("第 5 行成立（其他为一般）：没有条件，任何情况都成立。")
    held = page.locator('td[data-row-id="lead_urgency_r5"]').first
    expect(held).to_have_css("background-color", "rgb(217, 242, 221)")
    accessible(page)
    saved(page)
    published(seat, page, '决策表「研判紧急程度」第 5 行的“办理轨道”由 "ordinary" 改为 "emergency"。')
    lead = found(office)
    due = office.due("wangge", "self_verify")
    assert due == "2026-09-25T14:30", "an ordinary lead now runs on the emergency track: two hours"
    assert lead["case_id"]


def test_a_changed_form_is_what_the_next_case_asks(seat: Any, server: Server) -> None:
    office = Office(server.runtime)
    designer: Seat = seat("sheji", WIDE)
    page = opened(designer, "新建草稿")
    file(page, "表单", "form", "第一时间核实")
    items = page.get_by_role("region", name="表单项目")
    preview = page.get_by_role("region", name="预览")
    items.get_by_role("button", name="添加").click()
    settings = page.get_by_role("region", name="项目设置")
    settings.get_by_role("textbox", name="标题").fill("楼门号")
    settings.get_by_role("textbox", name="标识（key）").fill("building")
    settings.get_by_role("checkbox", name="必填").check()
    expect(preview.get_by_text("楼门号")).to_be_visible()
    up = items.get_by_role("button", name="上移 楼门号")
    up.focus()
    page.keyboard.press("Enter")
    accessible(page)
    settings.get_by_role("textbox", name="不显示的条件").fill("self_result =")
    settings.get_by_role("textbox", name="标题").click()
    expect(settings.get_by_role("alert").first).to_contain_text("表达式有误")
    expect(page.get_by_role("button", name="提交发布")).to_be_disabled()
    settings.get_by_role("textbox", name="不显示的条件").fill("")
    settings.get_by_role("textbox", name="标题").click()
    expect(page.locator(".design-error")).to_have_count(0)
    saved(page)
    published(seat, page, "表单「第一时间核实」新增项目“楼门号”（单行文字，必填）。")
    found(office)
    task = office.task("wangge", "self_verify")
    form = office.get("wangge", f"tasks/{task['id']}")["form"]
    assert "building" in {one.get("key") for one in form["components"]}


def test_a_key_that_is_read_elsewhere_is_not_taken_away_unsaid(seat: Any, server: Server) -> None:
    designer: Seat = seat("sheji", WIDE)
    page = opened(designer, "新建草稿")
    file(page, "表单", "form", "上报线索")
    page.get_by_role("button", name="删除 紧急迹象").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("决策表「研判紧急程度」")
    dialog.get_by_role("button", name="仍然删除").click()
    expect(page.get_by_role("alert").filter(has_text="urgent_signs")).to_contain_text("处读取")
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_role("alert").filter(has_text="urgent_signs")).to_have_count(0)
    expect(page.get_by_text("没有改动")).to_be_visible()


def test_a_draft_saved_elsewhere_is_a_choice_not_a_loss(seat: Any, server: Server) -> None:
    office = Office(server.runtime)
    designer: Seat = seat("sheji", WIDE)
    page = opened(designer, "新建草稿")
    row = next(b for b in office.get("sheji", "bundles") if b["key"] == "active_discovery")
    draft = office.get("sheji", f"drafts/{row['draft_id']}")
    changed = next(f for f in draft["files"] if f["name"] == "town_ack.form")
    form = json.loads(changed["text"])
    form["properties"]["title"] = "签收线索单"
    body = {"revision": 1, "files": [{"name": changed["name"], "text": json.dumps(form)}]}
    answer = office.client("sheji").put(
        f"/api/drafts/{draft['id']}", json=body, headers={"Idempotency-Key": "elsewhere-1"}
    )
    assert answer.status_code == 200
    file(page, "表单", "form", "上报线索")
    title = page.get_by_role("region", name="项目设置").get_by_role("textbox", name="标题")
    title.fill("所在村居")
    title.blur()
    with page.expect_response(re.compile("/drafts/[^/]+$")) as refused:
        page.get_by_role("button", name="保存草稿").click()
    assert refused.value.status == 409
    page.get_by_role("dialog").get_by_role("button", name="用本页内容保存").click()
    expect(page.get_by_text("已用本页内容保存")).to_be_visible()
    expect(page.get_by_role("region", name="改动内容").first.get_by_role("listitem")).to_contain_text(
        ["所在村居", "签收线索单"]
    )
    assert all("409" in complaint for complaint in designer.complaints)
    designer.complaints.clear()  # the refusal is what this test is about


def test_the_draft_on_the_screen_is_walked_through(seat: Any, server: Server) -> None:
    designer: Seat = seat("sheji", WIDE)
    page = opened(designer, "新建草稿")
    page.get_by_role("button", name="试走", exact=True).click()
    walk = page.get_by_role("complementary", name="试走")
    walk.get_by_role("button", name="填入样例").click()
    walk.get_by_text("有生命危险").click()
    walk.get_by_role("button", name="开始", exact=True).click()
    waits = walk.get_by_role("list", name="等待办理")
    expect(waits).to_contain_text("查重比对")
    expect(page.locator('[data-element-id="match_duplicate"].walk-here')).to_be_attached()
    walk.get_by_role("textbox", name="village_known").fill("true")
    walk.get_by_role("textbox", name="source_tier").fill('"village"')
    walk.get_by_role("button", name="作业完成").click()
    expect(waits).to_contain_text("拨打120或110")
    expect(waits).to_contain_text("村（居） · 网格员或")
    expect(page.locator('[data-element-id="assess_urgency"].walk-been')).to_be_attached()
    walk.get_by_role("button", name="完成这一步").click()
    expect(walk.get_by_role("alert", name="填写有误")).to_be_visible()
    walk.get_by_role("button", name="填入样例").click()
    walk.get_by_role("button", name="完成这一步").click()
    expect(waits).to_contain_text("第一时间核实")
    accessible(page)
    walk.get_by_role("button", name="时间走到这里").first.click()
    expect(walk.locator(".walk-state")).to_contain_text("22:30")
    walk.get_by_role("button", name="退回一步").click()
    walk.get_by_role("button", name="退回一步").click()
    expect(waits).to_contain_text("拨打120或110")
    expect(page.get_by_role("button", name="保存草稿")).to_be_disabled()
