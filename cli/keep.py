"""`xunzhen backup`, `restore` and `verify`: keep everything in one file, open it elsewhere, see whether it is whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from cli.output import BAD, fail, print_json
from engine.calendar import ZONE
from engine.errors import XunzhenError
from tasks import backups, wholeness
from tasks.runtime import Runtime, open_runtime

WORDS = {"chains": "核对档案链", "files": "附件"}
SHOWN = 20


@contextmanager
def _progress(quiet: bool = False) -> Iterator[Any]:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=quiet) as bar:
        line = bar.add_task("")

        def told(what: str, done: int, of: int) -> None:
            bar.update(line, description=WORDS.get(what, f"数据表 {what}"), completed=done, total=of)

        yield told


def backup(
    target: Annotated[Path, typer.Argument(help="备份文件（.zip），不能已存在", dir_okay=False)],
) -> None:
    """把数据库和附件备份成一个文件；服务不必停。(Copy everything into one file.)"""
    runtime = open_runtime()
    try:
        with _progress() as told:
            made = backups.write(runtime, target, datetime.now(UTC), told)
    except XunzhenError as error:
        fail(error, as_json=False, code=BAD)
    rows = sum(table["rows"] for table in made["tables"].values())
    typer.echo(f"已备份到 {target}：{len(made['tables'])} 张表 {rows} 行，{target.stat().st_size:,} 字节。")
    if made["anchor"]:
        typer.echo(f"最近一次存证 {made['anchor']['day']}：{made['anchor']['digest']}（请另行抄存）")
    if made["missing"]:
        typer.secho(
            f"注意：{len(made['missing'])} 个附件在数据目录里找不到，备份中没有。", fg="yellow", err=True
        )
    typer.echo("备份含个人信息，请加密并限制读取。")


def restore(
    source: Annotated[Path, typer.Argument(help="备份文件", exists=True, dir_okay=False)],
) -> None:
    """把备份恢复到空数据库（SQLite 或 PostgreSQL 都可以），并核对是否完整。(Fill an empty database from a copy.)"""
    runtime = open_runtime()
    try:
        with _progress() as told:
            made = backups.read(runtime, source, told)
    except XunzhenError as error:
        fail(error, as_json=False, code=BAD)
    rows = sum(table["rows"] for table in made["tables"].values())
    at = datetime.fromisoformat(made["at"]).astimezone(ZONE)
    typer.echo(f"已恢复 {at:%Y-%m-%d %H:%M} 的备份：{len(made['tables'])} 张表 {rows} 行。")
    _look(runtime, made["anchor"]["digest"] if made["anchor"] else None, as_json=False)


def verify(
    anchor: Annotated[str | None, typer.Option(help="另行抄存的存证值，核对它是否在库中")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="只输出一个 JSON 文档")] = False,
) -> None:
    """核对每件事项的档案链、每日存证和附件，看有没有被改动或缺失。(See whether all that is kept is whole.)"""
    _look(open_runtime(), anchor, as_json)


def _look(runtime: Runtime, anchor: str | None, as_json: bool) -> None:
    with _progress(as_json) as told:
        found = wholeness.look(runtime.db, runtime.settings.data, anchor, told)
    if as_json:
        print_json(_document(found))
    else:
        _print(found)
    if not found.whole:
        raise typer.Exit(BAD)


def _document(found: wholeness.Findings) -> dict[str, Any]:
    return {
        "whole": found.whole,
        "cases": found.cases,
        "anchors": found.anchors,
        "files": found.files,
        "last_anchor": {"day": found.last[0], "digest": found.last[1]} if found.last else None,
        "anchor_known": found.known,
        "broken_chains": [{"number": n, "seq": one.seq, "why": one.why} for n, one in found.chains],
        "broken_anchors": found.days,
        "missing_files": found.missing,
        "changed_files": found.changed,
    }


def _print(found: wholeness.Findings) -> None:
    typer.echo(f"核对了 {found.cases} 件事项的档案链、{found.anchors} 次每日存证、{found.files} 个附件。")
    if found.last:
        typer.echo(f"最近一次存证 {found.last[0]}：{found.last[1]}")
    wrong = {
        "档案链不符": [f"{number} 第 {one.seq} 条（{one.why}）" for number, one in found.chains],
        "存证不符": [day.isoformat() for day in found.days],
        "附件缺失": found.missing,
        "附件内容被改": found.changed,
    }
    for what, ones in wrong.items():
        if ones:
            more = f" 等 {len(ones)} 个" if len(ones) > SHOWN else ""
            typer.secho(f"{what}：{'、'.join(ones[:SHOWN])}{more}", fg="red", err=True)
    if found.known is False:
        typer.secho("抄存的存证值不在库中：库里的档案不是当时的档案。", fg="red", err=True)
    if found.whole:
        typer.secho("完整，没有发现改动。", fg="green")
