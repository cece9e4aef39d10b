"""`xunzhen install`: a district's own installation instead of the demo."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from casework import areas, installing
from engine.errors import XunzhenError
from tasks.runtime import deploy, migrate, open_runtime


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise typer.BadParameter("不是金额") from error


def install(
    data: Annotated[
        Path,
        typer.Option(
            "--areas",
            exists=True,
            dir_okay=False,
            help="区划表（CSV：code,name,kind,parent，上级在前）；默认：随附的宝坻区摘录",
        ),
    ] = areas.DATA,
    admin: Annotated[str, typer.Option(help="系统管理员的用户名")] = "admin",
    name: Annotated[str, typer.Option(help="系统管理员的姓名")] = "",
    dibao: Annotated[
        str, typer.Option(help="现行最低生活保障标准（元/人·月）；也可以以后在“日历与时限”登记")
    ] = "",
    source: Annotated[str, typer.Option(help="该标准的文号或来源")] = "",
) -> None:
    """初始化一个真实的区：区划、低保标准、系统管理员；口令只显示一次。(Set up a district's own database.)"""
    runtime = open_runtime()
    amount = _amount(dibao) if dibao else None
    migrate(runtime)
    now = datetime.now(UTC)
    try:
        with runtime.db.transaction() as tx:
            done = installing.install(
                tx, data=data, username=admin, name=name, dibao=amount, source=source, now=now
            )
            new = deploy(tx, runtime.settings.processes, now)
    except XunzhenError as error:
        typer.echo("；".join([error.message, *(f.message for f in error.fields)]), err=True)
        raise typer.Exit(1) from error
    typer.echo(f"已初始化{done.district}：{done.areas} 个区划，{new} 个流程包。")
    typer.echo(f"系统管理员 {done.username}，口令 {done.password}（只显示这一次，登录后请修改）。")
    typer.echo("启动：xunzhen serve --no-demo；人员在“组织”里逐个登记或从 Excel 导入。")
