"""The demo district has lived some weeks when it is first opened: what waits, is late or was answered stands on every page.

The same engine, habits and dice as a simulated year, with the demo district's own few people. All invented.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

from casework import files, seed, seed_villages
from casework.seed_points import seed_points
from engine import wallclock
from engine.calendar import ZONE
from engine.db import Tx
from engine.routing import Actor
from tasks.rehearsal import PHOTO
from tasks.runtime import Runtime
from tasks.settling import Size
from tasks.simulation import Simulation, Year

SEED = 1
LEADS_A_WEEK = 4
VILLAGES = (seed.VILLAGE,) * 6 + (seed_villages.SILENT, seed_villages.BROKEN, seed_villages.ZERO)
"""Most leads come from the village that has all its people."""
PACE = {"village": 1.0, "town": 2.5, "district": 3.0}
"""Working hours until a step is taken up: some are late, most are not."""
SURNAMES = "孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
BRANCHES = "子丑寅卯辰巳午未申酉"
SIDE = 96


class DemoWeeks(Simulation):
    """The last weeks of the demo district before `now`. `told(done, of)` hears how far it is, in days."""

    def __init__(
        self,
        runtime: Runtime,
        now: datetime,
        weeks: int,
        told: Callable[[int, int], None] = lambda _done, _of: None,
    ) -> None:
        first = now.astimezone(ZONE).date() - timedelta(weeks=weeks)
        begin = datetime.combine(first, time(), ZONE)
        super().__init__(runtime, Size("演示区", 1, 5, LEADS_A_WEEK * weeks), begin.year, SEED, told)
        self.begin = self.now = self.looked = begin
        self.end = now
        self.habits["absence"] = {"weeks": 0}
        for tier, hours in PACE.items():
            self.habits["pace"][tier] = {**self.habits["pace"][tier], "median": hours}

    def run(self) -> Year:
        """Live through the weeks; then, and where they are broken off, the clock is the real one or stands still at `now`."""
        try:
            return super().run()
        finally:
            with self.db.transaction() as tx:
                if self.runtime.settings.simulated:
                    wallclock.set_now(tx, self.end)
                else:
                    wallclock.stop(tx)

    def settle(self, tx: Tx) -> list[str]:
        seed.seed_demo(tx, self.begin)
        seed.seed_roster(tx, self.begin + timedelta(days=seed.DUTY_DAYS), (self.end - self.begin).days)
        seed_villages.seed_villages(tx, self.end)
        seed_points(tx, self.end)
        return list(VILLAGES)

    def arrival(self, number: int) -> datetime:
        """More of late: what is open is what a reader of the lists sees first."""
        dice, days = self.chance("arrival", number), (self.end - self.begin).days
        day = self.begin + timedelta(days=int(days * (number / self.size.leads) ** 0.6))
        return day.replace(hour=dice.randrange(8, 18), minute=dice.randrange(60))

    def called(self, name: str, _village: str) -> str:
        number = int(name[1:])
        return f"{SURNAMES[number % len(SURNAMES)]}某{BRANCHES[number // len(SURNAMES) % len(BRANCHES)]}"

    def enclosing(self, tx: Tx, actor: Actor, values: dict[str, Any]) -> dict[str, Any]:
        """A picture of their own for every photo."""

        def taken(value: Any) -> Any:
            if value == PHOTO:
                return files.store(tx, "演示照片.png", _picture(), actor.id, self.now).id
            if isinstance(value, dict):
                return {key: taken(one) for key, one in value.items()}
            return [taken(one) for one in value] if isinstance(value, list) else value

        found: dict[str, Any] = taken(values)
        return found


def _picture() -> bytes:
    """A sheet on a board, as PNG: three colours, indexed."""

    def colour(x: int, y: int) -> int:
        sheet = 24 <= x < 72 and 16 <= y < 80
        written = sheet and 32 <= x < 64 and 24 <= y < 68 and y % 8 < 2
        return 2 if written else 1 if sheet else 0

    def chunk(kind: bytes, content: bytes) -> bytes:
        whole = kind + content
        return struct.pack(">I", len(content)) + whole + struct.pack(">I", zlib.crc32(whole))

    rows = b"".join(b"\0" + bytes(colour(x, y) for x in range(SIDE)) for y in range(SIDE))
    head = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 3, 0, 0, 0)
    palette = bytes((0x9A, 0xA7, 0xB0, 0xFF, 0xFF, 0xFF, 0x56, 0x60, 0x68))
    parts = ((b"IHDR", head), (b"PLTE", palette), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)
