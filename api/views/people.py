"""Names and masks. Lists show 李**; a phone number 138****1234; an identity number its first three and last four."""

from __future__ import annotations


def mask_name(name: str | None) -> str:
    return (name[0] + "**") if name else "未知"


def mask_title(title: str | None) -> str:
    """What a case is about: a name is masked (`督办：李**`), a duty and its place (`月报 · 大口屯镇`) are shown."""
    matter, colon, name = (title or "").rpartition("：")
    return title if title and " · " in title else f"{matter}{colon}{mask_name(name)}"


def mask_phone(phone: str | None) -> str:
    text = (phone or "").strip()
    return f"{text[:3]}****{text[-4:]}" if len(text) >= 7 else "****" if text else ""


def mask_id(number: str | None) -> str:
    text = (number or "").strip()
    return f"{text[:3]}***********{text[-4:]}" if len(text) >= 8 else "****" if text else ""


def mask_account(account: str | None) -> str:
    text = (account or "").strip()
    return f"**** {text[-4:]}" if text else ""
