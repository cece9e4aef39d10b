"""`xunzhen serve`: the whole thing on one machine – migrate, deploy, seed, serve."""

from __future__ import annotations

import logging
from typing import Annotated

import structlog
import typer
import uvicorn
from rich.console import Console
from rich.table import Table

from api.app import create_app
from casework import seed
from casework.seed_points import seed_points
from casework.seed_villages import seed_villages
from cli.output import BAD, days, fail
from engine import wallclock
from engine.errors import XunzhenError
from tasks.demo_weeks import DemoWeeks
from tasks.runtime import Runtime, Settings, deploy, migrate, open_runtime, plain_logs

console = Console(stderr=True)


def prepare(runtime: Runtime, weeks: int = 0) -> None:
    """Bring database and deployments up to date; fill an empty demo database, which has then lived so many weeks."""
    with console.status("更新数据库结构……"):
        migrate(runtime)
    now = runtime.now()
    with runtime.db.reading() as tx:
        fresh = runtime.settings.demo and seed.unsettled(tx)
    past = DemoWeeks(runtime, now, weeks) if fresh and weeks else None
    with console.status("部署流程包……") as status, runtime.db.transaction() as tx:
        if runtime.settings.simulated and wallclock.now(tx) is None:
            wallclock.set_now(tx, now)
        at = past.begin if past else now
        new = deploy(tx, runtime.settings.processes, at, lambda line: status.update(f"部署流程包：{line}"))
        if fresh and past is None:
            seed.seed_demo(tx, now)
            seed_villages(tx, now)
            seed_points(tx, now)
    if past is not None:
        _live(past)
    console.print(f"流程包：{new} 个新版本" + ("；已装入演示区" if fresh else ""))


def _live(past: DemoWeeks) -> None:
    console.print("演示区首次装入：先办理前几周的事项，约半分钟（--weeks 0 不办理）……")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with days(console) as bar:
        line = bar.add_task("演示区的前几周", total=None, at="")

        def told(done: int, of: int) -> None:
            at = f"{past.now:%m月%d日} {past.result.leads} 条线索 {past.result.steps} 步"
            bar.update(line, total=of, completed=done, at=at)

        past.told = told
        past.run()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.NOTSET))


def serve(
    host: Annotated[str, typer.Option(help="监听地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="端口")] = 8000,
    demo: Annotated[bool, typer.Option(help="装入演示区并在登录页列出演示账号")] = True,
    weeks: Annotated[
        int, typer.Option(help="演示区首次装入时先办理前几周的事项；0：从空台账开始", min=0, max=26)
    ] = 8,
    simulated: Annotated[bool, typer.Option(help="模拟时钟：时间停住，由页面上的时钟推进")] = False,
) -> None:
    """启动服务：SQLite、内置后台线程、已构建的网页。(Serve everything on one machine.)"""
    plain_logs()
    runtime = open_runtime(Settings(demo=demo, simulated=simulated, host=host, port=port))
    try:
        prepare(runtime, weeks)
    except XunzhenError as error:
        fail(error, False, BAD)
    app = create_app(runtime, worker=not runtime.settings.broker)
    if demo:
        table = Table("用户名", "姓名", "岗位", "密码", title="演示账号")
        for account in seed.demo_accounts():
            table.add_row(account.username, account.name, account.label, account.password)
        console.print(table)
    console.print(f"巡诊已启动：[bold]http://{host}:{port}/[/bold]   （Ctrl+C 停止）")
    uvicorn.run(app, host=host, port=port, log_level="warning")


def migrate_command() -> None:
    """把数据库结构更新到最新。(Migrate the database.)"""
    migrate(open_runtime())
    typer.echo("数据库结构已是最新。")
