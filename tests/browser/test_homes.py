"""The register by hand: a village keeper enters a household, corrects a telephone, a member leaves, and the list shows the size."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect

from casework import household_changes as changes
from casework import households, seed, staff
from tests.browser.conftest import PHONE, Seat, Server, accessible
from tests.casework.test_imports import book, person


def test_a_keeper_enters_a_household_corrects_it_and_a_member_leaves(seat: Any) -> None:
    keeper: Seat = seat("lianluo")
    page = keeper.page
    keeper.go("/homes")
    page.get_by_role("button", name="新增一户").click()
    form = page.locator(".form-dialog").bounding_box()
    note = keeper.field("备注").bounding_box()
    assert form is not None
    assert note is not None
    assert note["width"] == form["width"]  # a long text takes the whole line
    keeper.write("户主姓名", "何某甲")
    keeper.write("户编号", "310")
    keeper.write("联系电话", "13800000000")
    rows = page.locator(".form-table-row")
    rows.nth(0).get_by_label("姓名").fill("何某甲")
    page.get_by_role("button", name="添加一行成员").click()
    rows.nth(1).get_by_label("姓名").fill("何某乙")
    page.get_by_role("button", name="新增", exact=True).click()
    expect(page.get_by_role("heading", name="何某甲户")).to_be_visible()
    expect(page.get_by_text("2 人").first).to_be_visible()

    page.get_by_role("button", name="编辑", exact=True).click()
    keeper.write("联系电话", "13800000001")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("13800000001")).to_be_visible()

    page.get_by_role("button", name="编辑何某乙").click()
    keeper.pick("与户主关系", "子")
    keeper.write("证件号码", "110105194912310021")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("证件号码校验不符，已按所填登记，请核对。")).to_be_visible()
    page.get_by_role("button", name="知道了").click()

    page.get_by_role("button", name="何某乙离开本户").click()
    accessible(page)
    page.get_by_role("button", name="登记离开").click()
    expect(page.get_by_role("button", name="请选择原因")).to_be_visible()
    keeper.choose("原因", "婚嫁")
    page.get_by_role("button", name="登记离开").click()
    expect(page.get_by_text(re.compile("婚嫁$")).first).to_be_visible()
    expect(page.get_by_role("button", name="何某乙回到本户")).to_be_visible()
    page.get_by_role("tab", name=re.compile("^变更记录")).click()
    expect(page.get_by_text("成员离开")).to_be_visible()
    expect(page.get_by_text("联系电话").last).to_be_visible()
    accessible(page)

    keeper.go("/homes?q=310")
    expect(page.locator("tr", has_text="何某甲").get_by_text("1 人")).to_be_visible()


def test_what_a_visitor_reported_is_entered_on_a_telephone(seat: Any) -> None:
    keeper: Seat = seat("lianluo", PHONE)
    page = keeper.page
    keeper.go("/rounds/visit?household=h_w")
    keeper.choose("见到的人", "本人")
    keeper.choose("已讲解政策", "是")
    keeper.write("家庭情况变化", "女儿已搬回同住")
    with page.expect_response(re.compile("/api/visits$")) as answer:
        page.get_by_role("button", name=re.compile("登\\s*记\\s*走\\s*访")).click()
    assert answer.value.status == 200
    # until then leaving is asked about
    expect(page.get_by_role("heading", name="走访已登记")).to_be_visible()
    keeper.go("/homes/h_w?tab=visits")
    page.get_by_role("button", name="按此登记变更").click()
    page.get_by_role("dialog").get_by_role("button", name="添加成员").click()
    keeper.write("姓名", "王某丁")
    page.get_by_role("button", name="添加", exact=True).click()
    expect(page.get_by_text(re.compile("已据此登记：新增成员 王某丁"))).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


def test_a_list_with_an_ended_household_and_who_left_is_decided_before_it_is_entered(
    seat: Any, server: Server
) -> None:
    with server.runtime.db.transaction() as tx:
        now = server.runtime.now(tx)
        officer = staff.actor_of(tx, "p_minzheng1", now)
        households.end(tx, officer, "h_l", now.date(), "误注销", now)
        register = households.Register(tx, [seed.VILLAGE], officer.id, now)
        register.join("h_w", households.Member(name="王小某", relation="son"))
        gone = register.people["h_w"][-1]["id"]
        register.refresh("h_w")
        revision = households.get(tx, "h_w").revision
        changes.leave(tx, officer, "h_w", gone, revision, now, on=now.date(), why="moved")
    rows = [
        person("李某甲", head="李某甲", number="001", phone="13800000000"),
        person("王某乙", head="王某乙", number="002"),
        person("王小某", head="王某乙", number="002", relation="子"),
    ]
    file = {"name": "户册.xlsx", "mimeType": "application/octet-stream", "buffer": book(*rows)}
    for size in (PHONE, (1280, 900)):
        keeper: Seat = seat("lianluo", size)
        page = keeper.page
        keeper.go("/homes/import")
        page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
        expect(page.get_by_text("有 2 处须由您确认，确认之前不能导入。")).to_be_visible()
        expect(page.get_by_role("button", name=re.compile("^确认导入"))).to_be_disabled()
        accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    page.get_by_text("作为新户", exact=True).click()
    expect(page.get_by_text("有 1 处须由您确认，确认之前不能导入。")).to_be_visible()
    page.get_by_text("恢复本户", exact=True).click()
    page.get_by_text("回到本户", exact=True).click()
    expect(page.get_by_text("都已确认。")).to_be_visible()
    with server.runtime.db.transaction() as tx:
        revision = households.get(tx, "h_w").revision
        changes.correct(tx, officer, "h_w", revision, {"phone": "13900000000"}, now)
    page.get_by_role("button", name=re.compile("^确认导入")).click()
    expect(
        page.get_by_text(re.compile("^预览之后户册或区划有变化.*王某乙户：户册中已有更新"))
    ).to_be_visible()
    page.get_by_role("button", name=re.compile("^确认导入 2 户")).click()
    expect(page.get_by_text("已导入：新增 0 户，更新 1 户，恢复 1 户，0 户没有变化。")).to_be_visible()
    keeper.go("/homes/h_w")
    expect(page.get_by_role("button", name="王小某离开本户")).to_be_visible()
    keeper.complaints[:] = [
        one for one in keeper.complaints if "409" not in one
    ]  # the refusal is what this is about


def test_a_household_moves_to_another_village_and_the_village_has_no_such_button(seat: Any) -> None:
    keeper: Seat = seat("lianluo")
    keeper.go("/homes/h_w")
    expect(keeper.page.get_by_role("button", name="编辑", exact=True)).to_be_visible()
    expect(keeper.page.get_by_role("button", name="迁往另一村（居）")).to_have_count(0)
    officer: Seat = seat("minzheng1", PHONE)
    page = officer.page
    officer.go("/homes/h_w")
    page.get_by_role("button", name="迁往另一村（居）").click()
    for level, name in (("镇（街）", "大口屯镇"), ("村（居）", "镇西村")):
        chosen = page.get_by_label(f"迁往：{level}")
        chosen.fill(name)
        chosen.press("Enter")
    officer.write("原因", "随子女居住")
    accessible(page)
    page.get_by_role("button", name="登记迁移").click()
    expect(page.get_by_text("大口屯镇镇西村第 002 户")).to_be_visible()
    page.get_by_role("tab", name=re.compile("^变更记录")).click()
    expect(page.get_by_text("户迁往另一村（居）").last).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
