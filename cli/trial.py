"""`xunzhen try`: run a model in memory and print what it did."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.output import BAD, MISSING, PROCESSES, fail, print_json, read_json
from engine.calendar import ZONE, load_calendar
from engine.errors import Invalid, ModelRefused, XunzhenError
from engine.hosting import LegalHost
from engine.terms_file import load_terms
from engine.trial import Trial, refused
from engine.trial_model import load
from engine.trial_steps import Step, later, parse

WORDS = {
    "activated": "进入",
    "completed": "完成",
    "terminated": "终止",
    "taken": "经过",
    "thrown": "发出",
    "caught": "收到",
    "incident": "异常",
}
ENDS = {"completed": "已结束", "waiting": "在等待", "refused": "不能执行", "incident": "发生异常"}


def try_model(
    model: Annotated[Path, typer.Argument(help="BPMN 文件，或流程包文件夹", exists=True)],
    process: Annotated[str | None, typer.Option(help="要运行的流程 id；默认文件中的第一个")] = None,
    also: Annotated[list[str] | None, typer.Option(help="同时启动的其他流程 id，可重复")] = None,
    data: Annotated[str | None, typer.Option(help="初始变量：JSON 或 @文件")] = None,
    now: Annotated[str | None, typer.Option(help="开始的时刻 ISO 8601；默认现在")] = None,
    until: Annotated[str | None, typer.Option(help="时间走到这个时刻，或再走这么久（PT5M、P3D）")] = None,
    steps: Annotated[
        Path | None,
        typer.Option(help="步骤文件（JSON 列表）；没有则人员和任务立即以空内容完成", dir_okay=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="只输出一个 JSON 文档")] = False,
) -> None:
    """试运行一个流程：真的引擎，内存里运行，不用数据库。(Run a model in memory.)

    步骤文件的例子：[{"complete": "verify", "data": {"true": true}}, {"advance": "P3D"},
    {"message": "paid", "key": "k1"}, {"signal": "halt"}, {"error": "pay", "code": "refused"},
    {"fail": "pay", "message": "连接失败"}]

    退出码：0 完成或在等待；1 模型不能执行或发生异常；2 用法有误或缺少文件。
    """
    try:
        report = _report(model, process, also or [], data, now, until, steps)
    except typer.BadParameter as wrong:
        if not as_json:
            raise
        fail(Invalid(wrong.format_message(), code="usage"), as_json, MISSING)
    except XunzhenError as error:
        step = {"step": error.data["step"]} if "step" in error.data else {}
        fail(error, as_json, BAD if error.code == "endless_trial" else MISSING, **step)
    if as_json:
        print_json(report)
    else:
        _show(report)
    raise typer.Exit(0 if report["status"] in ("completed", "waiting") else BAD)


def _report(
    model: Path,
    process: str | None,
    also: list[str],
    data: str | None,
    now: str | None,
    until: str | None,
    steps: Path | None,
) -> dict[str, Any]:
    begun = datetime.now(ZONE).replace(microsecond=0)
    if now is not None:
        begun = _instant(now)
    script = _script(steps) if steps is not None else None
    variables = _read("--data", data)
    try:
        chosen = load(model, process, also)
    except ModelRefused as error:
        return refused(error.refusals)
    terms, calendar = load_terms(PROCESSES / "terms.toml"), load_calendar(PROCESSES / "calendars")

    def host(at: datetime) -> LegalHost:
        return LegalHost(
            terms, calendar, now=at, terms_on=begun.astimezone(ZONE).date(), decisions=chosen.decide
        )

    return Trial(chosen, begun, host).run(variables, script, until)


def _instant(text: str) -> datetime:
    if text.startswith(("P", "-P")):
        raise typer.BadParameter(f"不是时刻：{text}", param_hint="--now")
    return later(datetime.now(ZONE), text, "--now").astimezone(ZONE)


def _read(option: str, text: str | None) -> dict[str, Any]:
    try:
        return read_json(text)
    except OSError as error:
        raise typer.BadParameter(f"读不到文件：{error.filename}", param_hint=option) from None
    except UnicodeDecodeError:
        raise typer.BadParameter("文件须是 UTF-8", param_hint=option) from None


def _script(path: Path) -> list[Step]:
    try:
        raw = json.loads(path.read_text("utf-8"), parse_float=Decimal)
    except OSError:
        raise typer.BadParameter(f"读不到文件：{path}", param_hint="--steps") from None
    except UnicodeDecodeError:
        raise typer.BadParameter(f"{path} 须是 UTF-8", param_hint="--steps") from None
    except json.JSONDecodeError as error:
        raise typer.BadParameter(
            f"{path} 第 {error.lineno} 行不是合法的 JSON：{error.msg}", param_hint="--steps"
        ) from None
    return parse(raw)


# ------------------------------------------------------------------------------------------ for people
def _show(report: Mapping[str, Any]) -> None:
    several = len(report["cases"]) > 1
    for line in report["trace"]:
        where = f"{line['case']}  " if several else ""
        what = f"  {_brief(line['what'])}" if "what" in line else ""
        typer.secho(
            f"{line['at']}  {where}{WORDS[line['event']]}  {line['name'] or ''}（{line['element']}）{what}",
            fg="red" if line["event"] == "incident" else None,
            dim=line["event"] == "taken",
        )
    for r in report["refusals"]:
        at = f"{r['file'] or ''}:{r['line'] or ''} {r['name'] or ''}（{r['element']}）"
        typer.secho(f"{at}  {r['message']}  → {r['remedy']}", fg="red")
    for i in report["incidents"]:
        typer.secho(f"异常  {i['case']}  {i['name'] or ''}（{i['element']}）  {i['message']}", fg="red")
    for w in report["waiting"]:
        until = f"  到 {w['due']}" if "due" in w else ""
        typer.echo(f"等待  {w['case']}  {w['name'] or ''}（{w['element']}）{until}")
    if report["data"]:
        typer.echo("变量：", nl=False)
        print_json(report["data"])
    typer.echo(ENDS[report["status"]])


def _brief(what: Mapping[str, Any]) -> str:
    return "，".join(
        str(what[key]) for key in ("kind", "name", "code", "message", "decision", "value") if key in what
    )
