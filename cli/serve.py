"""`xunzhen serve`: the whole thing on one machine – migrate, deploy, seed, serve."""

from __future__ import annotations

from typing import Annotated

import typer
import uvicorn
from rich.console import Console
from rich.table import Table

from api.app import create_app
from casework.seed import demo_accounts, seed_demo
from casework.seed_points import seed_points
from casework.seed_villages import seed_villages
from cli.output import BAD, fail
from engine import wallclock
from engine.errors import XunzhenError
from tasks.runtime import Runtime, Settings, deploy, migrate, open_runtime, plain_logs

console = Console(stderr=True)


def prepare(runtime: Runtime) -> None:
    """Bring database and deployments up to date; fill an empty demo database."""
    with console.status("更新数据库结构……"):
        migrate(runtime)
    with console.status("部署流程包……") as status, runtime.db.transaction() as tx:
        now = runtime.now(tx)
        if runtime.settings.simulated and wallclock.now(tx) is None:
            wallclock.set_now(tx, now)
        new = deploy(tx, runtime.settings.processes, now, lambda line: status.update(f"部署流程包：{line}"))
        seeded = runtime.settings.demo and seed_demo(tx, now)
        if seeded:
            seed_villages(tx, now)
            seed_points(tx, now)
    console.print(f"流程包：{new} 个新版本" + ("；已装入演示区" if seeded else ""))


def serve(
    host: Annotated[str, typer.Option(help="监听地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="端口")] = 8000,
    demo: Annotated[bool, typer.Option(help="装入演示区并在登录页列出演示账号")] = True,
    simulated: Annotated[bool, typer.Option(help="模拟时钟：时间停住，由页面上的时钟推进")] = False,
) -> None:
    """启动服务：SQLite、内置后台线程、已构建的网页。(Serve everything on one machine.)"""
    plain_logs()
    runtime = open_runtime(Settings(demo=demo, simulated=simulated, host=host, port=port))
    try:
        prepare(runtime)
    except XunzhenError as error:
        fail(error, False, BAD)
    app = create_app(runtime, worker=not runtime.settings.broker)
    if demo:
        table = Table("用户名", "姓名", "岗位", "密码", title="演示账号")
        for account in demo_accounts():
            table.add_row(account.username, account.name, account.label, account.password)
        console.print(table)
    console.print(f"巡诊已启动：[bold]http://{host}:{port}/[/bold]   （Ctrl+C 停止）")
    uvicorn.run(app, host=host, port=port, log_level="warning")


def migrate_command() -> None:
    """把数据库结构更新到最新。(Migrate the database.)"""
    migrate(open_runtime())
    typer.echo("数据库结构已是最新。")
