"""What leaves the house: one row per letter, handed to the channel it goes by.

A channel is the outside world behind a small interface. The local one writes the letter as a document for the platform; a
gateway to the municipal platform is another implementation. What goes on paper is carried by nobody here: the row stays
unsent and the officers are told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import insert, select

from casework.tables import outbox
from engine.db import Tx


class Channel(Protocol):
    def carry(self, tx: Tx, recipient: str, reference: str, payload: Mapping[str, Any]) -> None:
        """Take a letter over. Must bear being called twice for one reference."""
        ...


class Tray:
    """The out-tray: a file per letter below the data folder."""

    def carry(self, tx: Tx, recipient: str, reference: str, payload: Mapping[str, Any]) -> None:
        folder = tx.world.data / "outbox"
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"收件": recipient, **payload}, ensure_ascii=False, indent=2)
        (folder / f"{reference}.json").write_text(text, encoding="utf-8")


PAPER = "paper"
CHANNELS: dict[str, Channel] = {}
TRAY = Tray()


def send(
    tx: Tx, channel: str, recipient: str, reference: str, payload: Mapping[str, Any], now: datetime
) -> bool:
    """Send a letter once; False when its reference was sent before (a repeated job)."""
    if tx.run(select(outbox.c.id).where(outbox.c.id == reference)).one_or_none() is not None:
        return False
    if channel != PAPER:
        CHANNELS.get(channel, TRAY).carry(tx, recipient, reference, payload)
    row = {
        "id": reference,
        "channel": channel,
        "recipient": recipient,
        "reference": reference,
        "payload": dict(payload),
        "made_at": now,
        "sent_at": None if channel == PAPER else now,
    }
    tx.run(insert(outbox), row)
    return True
