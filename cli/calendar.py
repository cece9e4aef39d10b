"""`xunzhen calendar` and `xunzhen lateness`: holiday notices with a dry run, and how late the clock's work is done."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli.output import BAD, MISSING, fail, print_json
from engine import calendar_notice, lateness, legal, reprojection
from engine.calendar import Year
from engine.deadline import last_words
from engine.errors import XunzhenError
from tasks import sweep
from tasks.runtime import Runtime, open_runtime

app = typer.Typer(help="放假安排：查看、试算、装入。(Holiday notices.)", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="只输出一个 JSON 文档")]


@app.command()
def show(as_json: Json = False) -> None:
    """已装入哪些年份。(Which years are known.)"""
    with open_runtime().db.reading() as tx:
        known = [*tx.world.calendar.years.values(), *tx.world.calendar.local.values()]
    years = [calendar_notice.as_json(year) for year in sorted(known, key=lambda y: (y.year, y.area))]
    if as_json:
        print_json(years)
        return
    for year in years:
        typer.echo(
            f"{year['year']}{' ' + year['area'] if year['area'] else ''}  {year['notice']}（{year['source']}）"
        )


@app.command()
def load(
    file: Annotated[Path, typer.Argument(help="通知全文（.txt）或日历文件（.toml）；- 为标准输入")],
    execute: Annotated[bool, typer.Option("--execute", help="真正装入；不写则只试算")] = False,
    as_json: Json = False,
) -> None:
    """试算一份放假安排会移动哪些在办时限；--execute 才装入并重算。(Try or load a notice.)"""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
        notice = calendar_notice.read(text, file.name)
        runtime = open_runtime()
        moves = _planned(runtime, notice)
        if execute:
            with runtime.db.transaction() as tx:
                legal.load_notice(tx, None, notice, "", runtime.now(tx))
    except OSError as error:
        raise typer.BadParameter(f"读不了 {file}：{error.strerror}") from None
    except XunzhenError as error:
        fail(error, as_json, BAD if error.code == "bad_calendar" else MISSING)
    done = _reprojected(runtime) if execute else 0
    if as_json:
        print_json(
            {
                "notice": calendar_notice.as_json(notice),
                "loaded": execute,
                "moves": [asdict(m) for m in moves],
            }
        )
        return
    _show(runtime, moves)
    typer.echo(
        f"{notice.year} 年放假安排：{len(moves)} 项在办时限会变"
        + (f"；已装入，{done} 件事项已重算。" if execute else "。未作任何改动；加 --execute 才装入。")
    )


def _planned(runtime: Runtime, notice: Year) -> list[reprojection.Move]:
    with runtime.db.reading() as tx:
        known = tx.world.calendar
        return list(reprojection.dry_run(tx, known.with_([notice], known.serial), runtime.now(tx)))


def _reprojected(runtime: Runtime) -> int:
    """Date everything anew here and now; a running server's workers would do the same."""
    done, console = 0, Console(stderr=True)
    with console.status("重新计算在办时限……") as status:
        while found := sweep.reproject_due(runtime.db, runtime.now()):
            done += found
            status.update(f"重新计算在办时限：{done} 件")
    return done


def _show(runtime: Runtime, moves: list[reprojection.Move]) -> None:
    now = runtime.now()
    for move in moves:
        old, new = last_words(move.old_due, now), last_words(move.new_due, now)
        change = f"{new} 由暂定转为确定" if old == new else f"{old} → {new}"
        typer.echo(f"{move.number}  {move.name}  {change}{'（仍暂定）' if move.provisional else ''}")


def late(as_json: Json = False) -> None:
    """近一天定时触发迟了多久，有多少到期未办。(How late timers fired.)"""
    runtime = open_runtime()
    with runtime.db.reading() as tx:
        found = lateness.measure(tx, runtime.now(tx))
    if as_json:
        print_json(asdict(found))
    else:
        typer.echo(lateness.words(found))
    raise typer.Exit(BAD if found.waiting and found.worst > 600 else 0)
