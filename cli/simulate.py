"""`xunzhen simulate`: a district lives through a year; what was kept, where work waited, who was silent – and two versions on one year."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer
from rich.console import Console
from rich.table import Table

from cli import compared
from cli.output import BAD, MISSING, PROCESSES, days, fail, print_json
from engine import definitions, wallclock
from engine.calendar import midnight
from engine.db import Tx
from engine.errors import Invalid, XunzhenError
from tasks import comparison, settling, simulation, yearbook
from tasks.runtime import Runtime, Settings, deploy, migrate, open_runtime

console = Console(stderr=True)
TOP = 12


@dataclass
class Lived:
    """One year on one set of drawings."""

    folder: Path
    year: simulation.Year
    compliance: list[yearbook.Compliance]
    bottlenecks: list[yearbook.Bottleneck]
    standing: list[yearbook.Standing]
    reserves: list[yearbook.Reserve]
    forsaken: list[str]
    courses: dict[str, comparison.Course]
    words: compared.Labels


def simulate(
    district: Annotated[
        str, typer.Option(help="区的规模：small、medium、large（见 tasks/habits.toml）")
    ] = "small",
    year: Annotated[int, typer.Option(help="年份")] = 2026,
    seed: Annotated[int, typer.Option(help="随机种子：同一种子，同一年")] = 1,
    leads: Annotated[int | None, typer.Option(help="全年线索数（默认按规模）", min=1)] = None,
    data: Annotated[Path | None, typer.Option(help="数据库写到这个空文件夹，网页可以打开")] = None,
    processes: Annotated[Path, typer.Option(help="流程包所在文件夹")] = PROCESSES,
    against: Annotated[Path | None, typer.Option(help="另一套流程包：在同一年里比较两个版本")] = None,
    table: Annotated[
        Path | None, typer.Option(help="把比较的全部结果写到这个文件（.xlsx，或 .csv：每张表一个文件）")
    ] = None,
    until: Annotated[str | None, typer.Option(help="只模拟到这一天（不含），如 2026-04-01")] = None,
    everything: Annotated[bool, typer.Option("--all", help="列出全部时限和环节，不只前面的")] = False,
    json: Annotated[bool, typer.Option("--json", help="只输出一个 JSON")] = False,
) -> None:
    """模拟一年：真引擎、真数据库、模拟时钟，统计时限、瓶颈和沉默的村，并可比较两个版本。(A year in minutes.)"""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    try:
        size, end = _size(district, leads), _until(until, year)
        if table is not None:
            compared.checked(table, bool(against))
        with tempfile.TemporaryDirectory(prefix="xunzhen-year-") as spare:
            folder = _empty(data) if data else Path(spare) / "one"
            one = _live(folder, processes, size, year, seed, "这一年", end)
            two = Path(spare) / "two"
            other = _live(two, against, size, year, seed, "另一套流程", end) if against else None
    except XunzhenError as error:
        fail(error, json, MISSING)
    difference = None
    if other is not None:
        difference = comparison.compare(one.courses, other.courses, (one.year.load, other.year.load))
        if table is not None:
            compared.write(table, difference, one.words, midnight(date(year + 1, 1, 1)))
    if json:
        print_json(_document(district, year, seed, one, difference))
    else:
        _show(one, difference, data, None if everything else TOP, table)
    if one.year.stuck or one.forsaken:
        raise typer.Exit(BAD)


def _size(district: str, leads: int | None) -> settling.Size:
    known = settling.sizes()
    if district not in known:
        raise Invalid(
            f"没有规模 {district}；可选：{'、'.join(known)}。",
            f"unknown size {district}",
            code="unknown_size",
        )
    return replace(known[district], leads=leads) if leads else known[district]


def _empty(folder: Path) -> Path:
    if folder.exists() and any(folder.iterdir()):
        raise Invalid(
            f"{folder} 不是空文件夹：请换一个，免得盖掉已有的数据。",
            f"{folder} is not empty",
            code="not_empty",
        )
    return folder


def _until(text: str | None, year: int) -> datetime | None:
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or not date(year, 1, 1) < day <= date(year + 1, 1, 1):
        raise Invalid(
            f"--until 须是 {year} 年里的一天，写作 {year}-04-01。", "not a day of the year", code="bad_until"
        )
    return midnight(day)


def _live(
    folder: Path,
    processes: Path,
    size: settling.Size,
    year: int,
    seed: int,
    label: str,
    end: datetime | None = None,
) -> Lived:
    runtime = open_runtime(Settings(data=folder, processes=processes, simulated=True, demo=True, database=""))
    try:
        with days(console) as bar:
            line = bar.add_task(f"{label}：准备", total=None, at="")

            def told(done: int, of: int) -> None:
                at = f"{sim.now:%m月%d日} {sim.result.leads} 条线索 {sim.result.steps} 步"
                bar.update(line, description=label, total=of, completed=done, at=at)

            migrate(runtime)
            sim = simulation.Simulation(runtime, size, year, seed, told)
            sim.end = end or sim.end
            with runtime.db.transaction() as tx:
                wallclock.set_now(tx, sim.begin)
                deploy(tx, processes, sim.begin)
            sim.run()
        return _lived(runtime, folder, sim)
    finally:
        runtime.db.engine.dispose()


def _lived(runtime: Runtime, folder: Path, sim: simulation.Simulation) -> Lived:
    with runtime.db.reading() as tx:
        return Lived(
            folder,
            sim.result,
            yearbook.compliance(tx, sim.end),
            yearbook.bottlenecks(tx),
            yearbook.standing(tx, sim.end),
            yearbook.reserves(tx, sim.end),
            yearbook.forsaken(tx),
            comparison.courses(tx, sim.result.numbers, sim.end),
            compared.Labels(
                {key: str(post.get("label", key)) for key, post in runtime.db.world.posts.items()},
                _conclusions(tx, sim.end),
            ),
        )


def _conclusions(tx: Tx, now: datetime) -> dict[str, str]:
    """The words of conclusions in the code lists of the version that was lived."""
    common = definitions.in_force(tx, now)[definitions.COMMON]
    codes = definitions.bundle_of_deployment(tx, common).codes
    return {str(one["value"]): str(one["label"]) for one in codes.get("conclusion", [])}


def _document(
    district: str, year: int, seed: int, one: Lived, difference: comparison.Difference | None
) -> dict[str, Any]:
    ends: dict[str, int] = {}
    for course in (one.courses[lead] for lead in one.year.numbers):
        ends[course.conclusion] = ends.get(course.conclusion, 0) + 1
    return {
        "district": district,
        "year": year,
        "seed": seed,
        "leads": one.year.leads,
        "steps": one.year.steps,
        "conclusions": dict(sorted(ends.items())),
        "compliance": [asdict(c) | {"share": round(c.share, 4)} for c in one.compliance],
        "standing": [asdict(s) for s in one.standing],
        "bottlenecks": [asdict(b) for b in one.bottlenecks],
        "work": dict(sorted(one.year.work.items())),
        "reserves": [asdict(r) for r in one.reserves],
        "silent_villages": one.year.silent,
        "stuck": [asdict(s) for s in one.year.stuck],
        "forsaken": one.forsaken,
        "difference": comparison.document(difference) if difference else None,
    }


def _left_out(out: Console, listed: int, shown: int | None, what: str) -> None:
    if shown is not None and listed > shown:
        out.print(f"另有 {listed - shown} {what}未列出，--all 全部列出")


def _show(
    one: Lived,
    difference: comparison.Difference | None,
    data: Path | None,
    top: int | None,
    file: Path | None,
) -> None:
    out = Console()
    out.print(f"[bold]{one.year.leads} 条线索，{one.year.steps} 个人工环节[/bold]")
    table = Table("时限", "到期", "按时", "超期", "按时率", "最长超期", title="时限执行（按时率低的在前）")
    for c in one.compliance[:top]:
        longest = f"{c.worst:.0f} 小时" if c.late else ""
        table.add_row(c.name, str(c.total), str(c.on_time), str(c.late), f"{c.share:.0%}", longest)
    out.print(table)
    _left_out(out, len(one.compliance), top, "项时限")
    for s in one.standing:
        why = "、".join(s.reasons)
        out.print(
            f"[yellow]长期中止[/yellow] {s.name}：{s.clocks} 项，最久 {s.longest:.0f} 天（{why}）",
            highlight=False,
        )
    table = Table("环节", "层级", "办过", "等待（中位）", "最长", "未办", title="等得最久的环节")
    for b in one.bottlenecks[:top]:
        table.add_row(
            b.name, b.tier, str(b.taken), f"{b.waited:.1f} 小时", f"{b.longest:.0f} 小时", str(b.open)
        )
    out.print(table)
    _left_out(out, len(one.bottlenecks), top, "个环节")
    table = Table("岗位", "办理环节数", title="谁的工作量")
    for post, steps in one.year.work.most_common():
        table.add_row(one.words.post(post), str(steps))
    out.print(table)
    table = Table("镇（街）", "年初", "支出", "补充", "余额", "预警", "透支", title="备用金（元）")
    for r in one.reserves[:top]:
        sums = (f"{amount:.0f}" for amount in (r.opening, r.spent, r.filled, r.balance))
        table.add_row(r.town, *sums, str(r.low or ""), str(r.overdrawn or ""))
    out.print(table)
    _left_out(out, len(one.reserves), top, "个镇（街）")
    out.print(f"全年没有线索的村（居）：{'、'.join(one.year.silent) or '无'}")
    for stuck in one.year.stuck:
        out.print(f"[red]办不下去[/red] {stuck.case_number} {stuck.element}：{stuck.why}", highlight=False)
    for number in one.forsaken:
        out.print(f"[red]无人接续[/red] {number}：线索没有时限，也没有待办", highlight=False)
    if difference is not None:
        compared.show(out, difference, one.words, top, file)
    if data:
        out.print(
            f"数据库在 {data}；打开：XUNZHEN_DATA={data} ./dev serve --simulated",
            highlight=False,
            soft_wrap=True,
        )
