"""`xunzhen demo`: one lead from the fire to the second follow-up, on a simulated clock, told line by line in the terminal."""

from __future__ import annotations

import tempfile
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from sqlalchemy import select

from casework import leads, seed, staff
from engine import clocks, receipt, wallclock
from engine.calendar import ZONE
from engine.errors import Conflict
from engine.tables import cases as cases_table
from tasks import sweep
from tasks.rehearsal import Done, Rehearsal
from tasks.runtime import Runtime, Settings, deploy, migrate, open_runtime

BEGIN = "2026-09-25T20:30:00+08:00"  # Mid-Autumn, a Friday night (policy F-1)
TIERS = {"village": "村（居）", "town": "镇（街）", "district": "区", "grid": "网格"}
REPORT = {
    "source": "01",
    "place_text": "村东头",
    "main_cause": "15",
    "urgent_signs": [],
    "subject_name": "李某甲",
    "occurred_at": "2026-09-25T20:00:00+08:00",
    "residence_status": "1",
}
WANTED: dict[str, dict[str, Any]] = {
    "self_verify": {"self_result": "confirmed"},
    "town_ack": {"ack_result": "new", "verifiers": ["p_minzheng1", "p_minzheng2"]},
    "verify_on_site": {
        "verify_result": "confirmed",
        "persons": 3,
        "est_amount": 900,
        "immediate_need": False,
        "able_to_apply": True,
        "policy_explained": True,
        "needs": ["food", "lodging"],
    },
    "choose_routes": {"green_route": "SMALL_QUICK", "first_aid": False, "other_routes": []},
    "register_quick": {"form": "cash"},
    "approve_quick": {"quick_result": "granted", "reason": "符合小额快救条件"},
    "approve_payout": {"ok": True},
    "confirm_received": {"received": True},
    "assess_gap": {"gap_result": "relieved"},
    "first_visit": {"still_in_difficulty": False, "aid_received": True},
    "second_visit": {"still_in_difficulty": False, "aid_received": True},
}
SAID = {
    "self_verify": "self_result",
    "verify_on_site": "verify_result",
    "choose_routes": "green_route",
    "register_quick": "amount",
    "approve_quick": "quick_result",
    "assess_gap": "gap_result",
}
WORDS = {
    "confirmed": "属实",
    "SMALL_QUICK": "走小额快救",
    "granted": "同意",
    "relieved": "困难已缓解",
}
WIDTHS = (14, 10, 8, 18)


def _line(console: Console, *cells: str) -> None:
    shown = [
        set_cell_size(cell, max(width, cell_len(cell))) for cell, width in zip(cells, WIDTHS, strict=False)
    ]
    console.print(" ".join([*shown, *cells[len(WIDTHS) :]]), soft_wrap=True, highlight=False)


def _said(done: Done) -> str:
    value = done.values.get(SAID.get(done.element, ""))
    if value is None:
        return ""
    return f"{value} 元" if done.element == "register_quick" else WORDS.get(str(value), str(value))


def _tell(console: Console, runtime: Runtime, done: Done, receipts: bool) -> None:
    at = done.at.astimezone(ZONE)
    tier = TIERS.get(done.tier or "", done.tier or "")
    due = ""
    if done.due is not None:
        by = done.due.due_at.astimezone(ZONE)
        last = f"{by:%m-%d %H:%M}" if by.time() != time() else f"{done.due.due:%m-%d}"
        due = f"限 {last}" + ("  ■ 超期" if done.at > done.due.due_at else "")
    said = _said(done)
    _line(console, f"{at:%m-%d %H:%M}", tier, done.who, done.name, due + (f"  → {said}" if said else ""))
    if receipts and done.due is not None:
        found = clocks.deadline_of(runtime.db.world, done.due)
        citation = f"（{found.citation}）" if found.citation else ""
        console.print(
            f"{'':16}{receipt.sentence(found)}{citation}", style="dim", soft_wrap=True, highlight=False
        )


def demo(
    receipts: Annotated[bool, typer.Option(help="每一步写明期限是怎么算的")] = True,
) -> None:
    """演示：一条线索从发现、救助到第二次回访，在模拟时钟上走一遍。(One lead on a simulated clock.)"""
    console = Console()
    with tempfile.TemporaryDirectory(prefix="xunzhen-demo-") as folder:
        runtime = open_runtime(Settings(data=Path(folder), simulated=True, demo=True))
        begun = datetime.fromisoformat(BEGIN)
        with console.status("准备演示区……"):
            migrate(runtime)
            with runtime.db.transaction() as tx:
                wallclock.set_now(tx, begun)
                seed.seed_demo(tx, begun)
                deploy(tx, runtime.settings.processes, begun)
                people = [staff.actor_of(tx, f"p_{a.username}", begun) for a in seed.ACCOUNTS]
                reported = leads.report(tx, people[0], {**REPORT, "place_area": seed.VILLAGE}, begun)
        console.print(f"[bold]线索 {reported.number}[/bold]：中秋夜厨房失火，李某甲，演示区，人员均为虚构")
        _line(console, f"{begun.astimezone(ZONE):%m-%d %H:%M}", "村（居）", people[0].name, "上报线索")
        play = Rehearsal(
            runtime.db,
            people,
            begun + timedelta(minutes=1),
            WANTED,
            told=lambda done: _tell(console, runtime, done, receipts),
            of=reported.number,
        )
        status, conclusion = _run(runtime, play, reported.case_id)
        runtime.db.engine.dispose()
    console.print(f"[bold]{'已办结' if status == 'completed' else status}[/bold]：{conclusion}")
    if status != "completed":
        raise typer.Exit(1)


TURNS = 1_000
"""Moments at which something falls due until the second visit: the district's other duties, left lying here, are reminded of as well."""


def _run(runtime: Runtime, play: Rehearsal, case_id: str) -> tuple[str, str]:
    """Work, and let time pass to the next thing that falls due, until the lead is answered."""
    for _ in range(TURNS):
        play.work()
        with runtime.db.reading() as tx:
            row = tx.run(
                select(cases_table.c.status, cases_table.c.conclusion).where(cases_table.c.id == case_id)
            ).one()
            due = sweep.next_due(tx)
        if row.status != "active":
            return row.status, {"helped": "已救助"}.get(row.conclusion or "", row.conclusion or "")
        if due is None:
            break
        play.advance(max(due, play.now) + timedelta(minutes=1))
    raise Conflict("演示没有走到办结。", "The rehearsal did not reach its end.")
