"""`xunzhen law`: would `terms.toml` be taken over as it stands, and words of a version that has begun put right."""

from __future__ import annotations

from typing import Annotated

import typer

import migrations
from cli.output import BAD, fail
from engine import legal
from engine.errors import XunzhenError
from engine.legal_basis import Line
from engine.terms import Terms
from engine.terms_file import load_terms
from tasks.runtime import Runtime, open_runtime

app = typer.Typer(
    help="法定时限表 terms.toml：部署前检查，更正文字。(The legal basis.)", no_args_is_help=True
)


class _OnlyTried(Exception):
    """Nothing of it is kept."""


@app.command()
def check() -> None:
    """试部署 terms.toml：会改变什么；改写了已经开始的规定则说明并失败。(A dry run.)"""
    lines: list[Line] = []
    try:
        runtime = _runtime()
        with runtime.db.transaction() as tx:
            lines = legal.adopt_basis(tx, _file(runtime), runtime.now(tx))
            raise _OnlyTried
    except _OnlyTried:
        pass
    except XunzhenError as error:
        fail(error, False, BAD)
    _show(lines)
    typer.echo(f"可以部署：{len(lines)} 项有变化。未作任何改动。")


@app.command()
def correct(
    keys: Annotated[list[str], typer.Argument(help="时限或参数的代码，如 dibao.total")],
    reason: Annotated[str, typer.Option(help="为什么更正，记入调整记录")],
) -> None:
    """按 terms.toml 更正已经开始的各条的名称、起算事件、依据、可信程度；数字和算法不能这样改。(Put words right.)"""
    try:
        runtime = _runtime()
        with runtime.db.transaction() as tx:
            lines = legal.correct_basis(tx, _file(runtime), keys, reason, runtime.now(tx))
    except XunzhenError as error:
        fail(error, False, BAD)
    _show(lines)
    typer.echo(f"已更正 {len(lines)} 处文字，记入调整记录。")


def _runtime() -> Runtime:
    """Raises Conflict before `xunzhen migrate`: what was deployed is kept in a table of this program."""
    runtime = open_runtime()
    with runtime.db.engine.connect() as connection:
        migrations.of_this_program(connection)
    return runtime


def _file(runtime: Runtime) -> Terms:
    return load_terms(runtime.settings.processes / "terms.toml")


def _show(lines: list[Line]) -> None:
    for line in lines:
        typer.echo(f"{line.key}：{line.before or '（新增）'} → {line.after}（自 {line.valid_from}）")
