"""The bureau at its books: a ledger whose row opens its case, an export that is kept, the reserve's entry, a paper to print."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Seat
from tests.browser.test_staff import reported


def test_the_bureau_reads_exports_and_books(seat: Any) -> None:
    reported(seat("wangge", PHONE))
    bureau: Seat = seat("jiuzhu1")
    page = bureau.page
    bureau.go("/ledger?book=discovery")
    expect(page.get_by_role("heading", name="主动发现救助台账")).to_be_visible()
    row = page.locator("tbody tr").filter(has_text="李**").first
    expect(row).to_be_visible()
    page.get_by_role("button", name=re.compile("导出 Excel")).click()
    with page.expect_download() as download:
        page.get_by_role("dialog").get_by_role("button", name=re.compile("导\\s*出")).click()
    assert re.fullmatch(r"主动发现救助台账_.+_癸救助_\d{8}-\d{4}\.xlsx", download.value.suggested_filename)
    bureau.go("/ledger?book=exports")
    expect(page.locator("tbody tr").filter(has_text="癸救助")).to_have_count(1)
    bureau.go("/reserve")
    page.get_by_role("button", name=re.compile("拨入")).first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(re.compile("^金额")).fill("1200")
    dialog.get_by_label("摘要").fill("第三季度补充")
    dialog.get_by_role("button", name=re.compile("记\\s*账")).click()
    expect(page.get_by_text("51200.00", exact=True)).to_be_visible()
    bureau.go("/ledger?book=discovery")
    page.locator("tbody tr").filter(has_text="李**").first.locator("a").first.click()
    expect(page.get_by_role("heading", name="李某甲")).to_be_visible()
