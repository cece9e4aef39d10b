"""A grid worker without a network: pages open, a lead, a visit and the day's word are kept, and arrive once, with the time of their entry."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from casework import seed
from tests.browser.conftest import PHONE, Seat, Server

KEPT = "已存在本机，联网后自动上传"
NO_NETWORK = re.compile("net::ERR_INTERNET_DISCONNECTED")
"""The browser's own note that it has no network; everything else it complains of counts."""


def logged_in(page: Page, username: str) -> None:
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(seed.PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("button", name="登录")).to_have_count(0)


@pytest.fixture
def telephone(browser: Browser, server: Server) -> Iterator[Seat]:
    """A telephone with its service worker: the other browser tests block it."""
    context = browser.new_context(
        viewport={"width": PHONE[0], "height": PHONE[1]}, locale="zh-CN", timezone_id="Asia/Shanghai", service_workers="allow",
        reduced_motion="reduce", has_touch=True, is_mobile=True,
    )  # fmt: skip
    context.set_default_timeout(15_000)
    page = context.new_page()
    seat = Seat(page, server.url)
    page.on(
        "console",
        lambda m: (
            seat.complaints.append(m.text) if m.type == "error" and not NO_NETWORK.search(m.text) else None
        ),
    )
    page.on("pageerror", lambda e: seat.complaints.append(str(e)))
    page.goto(server.url)
    logged_in(page, "wangge")
    yield seat
    context.close()
    assert seat.complaints == []


def ready(seat: Seat) -> None:
    """The worker has its files, and the pages have what they keep."""
    seat.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    seat.go("/rounds")
    expect(seat.page.get_by_role("link", name="入户", exact=True).first).to_be_visible()
    seat.page.wait_for_function(
        """async () => {
          const db = await new Promise((done) => { const asked = indexedDB.open("xunzhen", 1); asked.onsuccess = () => done(asked.result); });
          const kept = await new Promise((done) => { const asked = db.transaction("answers").objectStore("answers").getAllKeys(); asked.onsuccess = () => done(asked.result); });
          db.close();
          return ["/session", "/clock", "/leads/form", "/visits/choices", "/areas", "/rounds", "/people"].every((path) => kept.some((one) => one.includes(" " + path)));
        }"""
    )


def report(seat: Seat, name: str, *, photo: bool = False) -> None:
    seat.write("具体位置", "村东头")
    seat.choose("主要困难", "火灾")
    seat.write("姓名", name)
    if photo:
        seat.photo("照片")
    seat.page.get_by_text("补充信息（选填）").click()
    seat.pick("居住情况", "本地户籍，居住在户籍地")
    seat.page.get_by_role("button", name=re.compile("^上\\s*报$")).last.click()


def told(answer: Response, waiting: int) -> bool:
    """The server took a heartbeat that says how many entries this device keeps back."""
    sent = answer.request.post_data or ""
    return answer.url.endswith("/api/heartbeat") and answer.ok and f'"waiting":{waiting}' in sent


def test_a_lead_a_visit_and_the_days_word_wait_for_the_network_and_arrive_once(
    telephone: Seat, seat: Any, server: Server
) -> None:
    page, context = telephone.page, telephone.page.context
    ready(telephone)
    context.set_offline(True)
    telephone.go("/report")
    report(telephone, "赵某丁", photo=True)
    expect(page.get_by_role("heading", name=KEPT)).to_be_visible()
    telephone.go("/rounds")
    expect(page.get_by_text("显示本机备存的名单")).to_be_visible()
    page.get_by_role("link", name="入户", exact=True).first.click()
    expect(page.get_by_role("heading", name=re.compile("^入户：王某乙"))).to_be_visible()
    telephone.choose("见到的人", "本人")
    telephone.choose("已讲解政策", "是")
    page.get_by_role("button", name=re.compile("登\\s*记\\s*走\\s*访")).click()
    expect(page.get_by_role("heading", name=KEPT)).to_be_visible()
    page.get_by_role("link", name="回到今日走访").click()
    expect(page.get_by_text("走访待上传")).to_be_visible()
    page.get_by_role("button", name="今日无新情况").click()
    expect(page.get_by_role("link", name=KEPT)).to_be_visible()
    expect(page.get_by_role("link", name="离线 · 待上传 3")).to_be_visible()

    page.get_by_role("link", name="离线 · 待上传 3").click()
    rows = page.get_by_role("list", name="待上传").locator("li")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("赵某丁")
    expect(rows.nth(1)).to_contain_text("王某乙")
    rows.nth(0).get_by_role("link", name="查看").click()
    expect(telephone.field("姓名").locator("input")).to_have_value("赵某丁")
    expect(telephone.field("照片").locator("img")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]

    context.set_offline(False)
    telephone.go("/outbox")
    expect(page.get_by_text("✔").first).to_be_visible()
    expect(rows.filter(has_text="已上传")).to_have_count(3)
    expect(page.get_by_role("link", name=re.compile("待上传 \\d"))).to_have_count(0)
    town: Seat = seat("fuwuban1")
    town.go("/ledger")
    found = town.page.locator("tr", has_text="赵某丁").or_(town.page.locator("tr", has_text="赵**"))
    expect(found).to_have_count(1)
    expect(found).to_contain_text("20:30")


def test_a_refused_entry_says_why_and_opens_with_what_was_typed(telephone: Seat) -> None:
    page, context = telephone.page, telephone.page.context
    ready(telephone)
    telephone.go("/report")
    context.set_offline(True)
    report(telephone, "孙某戊")
    expect(page.get_by_role("heading", name=KEPT)).to_be_visible()
    refusal = '{"code": "invalid", "message": "填写内容有误，请按提示修改。", "message_en": "", "fields": [{"path": "place_text", "message": "请写明门牌"}]}'
    page.route(
        "**/api/leads", lambda route: route.fulfill(status=422, body=refusal, content_type="application/json")
    )
    with page.expect_response(lambda answer: told(answer, 1)):
        context.set_offline(False)
        telephone.go("/outbox")
    expect(page.get_by_text("没有被接受：填写内容有误")).to_be_visible()
    page.unroute("**/api/leads")
    telephone.complaints.clear()  # the browser notes the refused request
    page.get_by_role("link", name="打开修改").click()
    expect(telephone.field("姓名").locator("input")).to_have_value("孙某戊")
    expect(telephone.field("具体位置")).to_contain_text("请写明门牌")
    telephone.write("具体位置", "村东头 3 号")
    with page.expect_response(lambda answer: told(answer, 0)):
        page.get_by_role("button", name=re.compile("^上\\s*报$")).last.click()
    expect(page.get_by_text(re.compile(r"\d{15,20}")).first).to_be_visible()
    telephone.go("/outbox")
    expect(page.get_by_text("没有待上传的内容")).to_be_visible()


def test_another_person_at_the_same_telephone_sees_and_sends_nothing(telephone: Seat) -> None:
    page, context = telephone.page, telephone.page.context
    ready(telephone)
    telephone.go("/report")
    context.set_offline(True)
    report(telephone, "周某己")
    expect(page.get_by_role("heading", name=KEPT)).to_be_visible()
    page.get_by_role("button", name="甲网格").click()
    page.get_by_role("menuitem", name="退出登录").click()
    page.get_by_role("button", name="仍要退出").click()
    expect(page.get_by_text("连不上服务器")).to_be_visible()
    context.set_offline(False)
    page.reload()
    logged_in(page, "lianluo")
    telephone.go("/outbox")
    expect(page.get_by_text("没有待上传的内容")).to_be_visible()
    page.get_by_role("button", name="乙联络").click()
    page.get_by_role("menuitem", name="退出登录").click()
    logged_in(page, "wangge")
    telephone.go("/outbox")
    expect(page.get_by_text("已上传").first).to_be_visible()


def test_an_entry_is_deleted_only_after_a_question(telephone: Seat) -> None:
    page, context = telephone.page, telephone.page.context
    ready(telephone)
    telephone.go("/report")
    context.set_offline(True)
    report(telephone, "吴某庚")
    page.get_by_role("link", name="查看待上传").click()
    page.get_by_role("button", name=re.compile("^删除")).click()
    page.get_by_role("dialog").get_by_role("button", name="保留").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_text("吴某庚", exact=True)).to_be_visible()
    page.get_by_role("button", name=re.compile("^删除")).click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("删\\s*除")).click()
    expect(page.get_by_text("没有待上传的内容")).to_be_visible()


def test_a_person_changes_the_own_password(seat: Any) -> None:
    grid: Seat = seat("wangge")
    page = grid.page
    page.get_by_role("button", name=re.compile("甲网格")).click()
    page.get_by_role("menuitem", name="修改密码").click()
    page.get_by_label("原密码").fill("not-it-at-all")
    page.get_by_label("新密码", exact=True).fill("qingshan2026lvshui")
    page.get_by_label("再输入一次新密码").fill("qingshan2026lvshui")
    page.get_by_role("button", name="修改密码").click()
    expect(page.get_by_text("原密码不对")).to_be_visible()
    grid.complaints.clear()  # the browser notes the refused request
    page.get_by_label("原密码").fill(seed.PASSWORD)
    page.get_by_role("button", name="修改密码").click()
    expect(page.get_by_text("密码已修改，其他设备上的登录已退出。")).to_be_visible()
