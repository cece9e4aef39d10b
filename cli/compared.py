"""How two versions of the drawings differ on one year: the first of each list for a person, all of it as a file."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from casework.workbooks import Sheet, Value, workbook
from engine.errors import Invalid
from tasks.comparison import MET, MISSED, STATES, Changed, Difference, Due, Moved, minute
from tasks.yearbook import TIERS

ONLY = {"old": "只在原版本中", "new": "只在新版本中"}
OPEN = {"active": "未办结", "completed": "已结束", "terminated": "已终止"}
"""What a case without a conclusion is."""


@dataclass(frozen=True, slots=True)
class Labels:
    """The words of posts and of conclusions."""

    posts: Mapping[str, str]
    ends: Mapping[str, str]

    def end(self, code: str | None) -> str:
        return self.ends.get(code or "", OPEN.get(code or "", code or ""))

    def post(self, code: str) -> str:
        return self.posts.get(code, code)


def checked(file: Path, compared: bool) -> None:
    """A file that cannot be written is refused before a year has been lived."""
    if not compared:
        raise Invalid(
            "--table 写的是两个版本的比较：请同时给出 --against。",
            "--table needs --against",
            code="no_against",
        )
    if file.suffix not in (".xlsx", ".csv"):
        raise Invalid(f"{file.name} 须以 .xlsx 或 .csv 结尾。", "not .xlsx or .csv", code="bad_table")
    if not file.absolute().parent.is_dir():
        raise Invalid(f"没有文件夹 {file.absolute().parent}。", "no such folder", code="no_folder")


def _ends(one: Changed, words: Labels) -> str:
    old, new = map(words.end, one.end)
    return ONLY[one.only] if one.only else old if old == new else f"{old} → {new}"


def _steps(found: Mapping[str, int]) -> str:
    return "、".join(name if n == 1 else f"{name}×{n}" for name, n in found.items())


def _day(due: Due | None) -> str:
    return minute(due.due) if due else "无"


def _kept(due: Due | None) -> str:
    return STATES[due.kept] if due else "无"


def _way(one: Changed, words: Labels) -> list[str]:
    come = _steps(one.come) + ("顺序不同" if one.order else "")
    return [one.case, one.title, _steps(one.gone), come, _ends(one, words)]


# ------------------------------------------------------------------------------------------ all of it
def sheets(found: Difference, words: Labels) -> list[Sheet]:
    """Every case that differs, every date, every week's load."""
    ways = [_way(one, words) for one in found.changed if one.other_way or one.other_end]
    dates = [
        [one.case, one.title, due.name, _day(due.old), _day(due.new), _kept(due.old), _kept(due.new), "；".join(due.why)]
        for one, due in found.moved()
    ]  # fmt: skip
    work: list[list[Value]] = [
        [TIERS.get(t, t), words.post(p), old, new, new - old] for (t, p), (old, new) in found.work.items()
    ]
    load: list[list[Value]] = [
        [TIERS.get(t, t), words.post(p), week, old, new, new - old]
        for (t, p, week), (old, new) in found.load.items()
    ]
    return [
        Sheet("走法和结果", ["办件", "名称", "少了的环节", "多了的环节", "结果"], ways),
        Sheet("期限", ["办件", "名称", "时限", "原来到期", "现在到期", "原来", "现在", "原因"], dates),
        Sheet("工作量", ["层级", "岗位", "原来", "现在", "变化"], work),
        Sheet("每周工作量", ["层级", "岗位", "周一", "原来", "现在", "变化"], load),
    ]


def write(file: Path, found: Difference, words: Labels, at: datetime) -> None:
    """One workbook, or one file of comma-separated lines for each of its sheets: `NAME-期限.csv`."""
    made = sheets(found, words)
    if file.suffix == ".xlsx":
        file.write_bytes(workbook(made, at))
        return
    for one in made:
        out = io.StringIO()
        csv.writer(out).writerows([one.header, *one.rows])
        file.with_name(f"{file.stem}-{one.name}.csv").write_text(
            out.getvalue(), encoding="utf-8-sig", newline=""
        )


# ------------------------------------------------------------------------------------------ for a person
def show(out: Console, found: Difference, words: Labels, top: int | None, file: Path | None) -> None:
    """What matters first: limits that are now missed, dates by term, other ways, whose work it is."""
    if found.nothing:
        out.print("[bold]两个版本、同一年[/bold]：没有差别，走法、期限、结果和工作量都一样。")
        return
    ways = [one for one in found.changed if one.other_way or one.other_end]
    moved = list(found.moved())
    out.print(
        f"[bold]两个版本、同一年[/bold]：{found.cases} 件中 {sum(one.other_way for one in ways)} 件走法不同，"
        f"{sum(one.other_end for one in ways)} 件结果不同；期限变化 {sum(due.date_moved for _, due in moved)} 项",
        highlight=False,
    )
    _turned(out, [(one, due) for one, due in moved if due.turned], top)
    _dates(out, [due for _, due in moved if due.date_moved], moved, top)
    _ways(out, ways, words, top)
    _work(out, found, words)
    out.print(
        f"全部结果在 {file}" if file else "--table 文件.xlsx 写出全部办件、期限和每周工作量", highlight=False
    )


def _more(out: Console, listed: int, top: int | None, what: str) -> None:
    if top is not None and listed > top:
        out.print(f"另有 {listed - top} {what}未列出")


def _turned(out: Console, found: Sequence[tuple[Changed, Moved]], top: int | None) -> None:
    """Limits kept in one version and missed in the other, the new misses first."""
    if not found:
        return
    ordered = sorted(found, key=lambda pair: pair[1].new is not None and pair[1].new.kept == MET)
    table = Table("办件", "时限", "原来到期", "现在到期", "执行", "原因", title="按时和超期之间的变化")
    for one, due in ordered[:top]:
        worse = due.new is not None and due.new.kept == MISSED
        said = f"{_kept(due.old)} → {_kept(due.new)}"
        table.add_row(
            one.case, due.name, _day(due.old), _day(due.new), f"[red]{said}[/red]" if worse else said, "；".join(due.why)
        )  # fmt: skip
    out.print(table)
    _more(out, len(ordered), top, "项")


def _dates(
    out: Console, found: Sequence[Moved], listed: Sequence[tuple[Changed, Moved]], top: int | None
) -> None:
    """By term: how many came earlier or later, with one of them as an example."""
    if not found:
        return
    by_term: dict[str, list[tuple[Changed, Moved]]] = defaultdict(list)
    for one, due in listed:
        if due.date_moved:
            by_term[due.name].append((one, due))
    table = Table("时限", "提前", "推后", "新增", "取消", "例", "原因", title="到期日的变化（多的在前）")
    ordered = sorted(by_term.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    for name, dues in ordered[:top]:
        how = Counter(_how(due) for _, due in dues)
        one, due = next((pair for pair in dues if pair[1].old and pair[1].new), dues[0])
        (why, _n), *_ = Counter("；".join(due.why) for _, due in dues).most_common(1) or [("", 0)]
        example = f"{one.case}：{_day(due.old)} → {_day(due.new)}"
        table.add_row(
            name, *(str(how[key] or "") for key in ("earlier", "later", "come", "gone")), example, why
        )
    out.print(table)
    _more(out, len(ordered), top, "项时限")


def _how(due: Moved) -> str:
    if due.old is None or due.new is None:
        return "come" if due.old is None else "gone"
    return "earlier" if due.new.due < due.old.due else "later"


def _ways(out: Console, found: Sequence[Changed], words: Labels, top: int | None) -> None:
    if not found:
        return
    table = Table("办件", "名称", "少了的环节", "多了的环节", "结果", title="走法或结果不同的办件")
    for one in found[:top]:
        table.add_row(*_way(one, words))
    out.print(table)
    _more(out, len(found), top, "件")


def _work(out: Console, found: Difference, words: Labels) -> None:
    """Steps over the year, and the week that changed most."""
    table = Table("层级", "岗位", "原来", "现在", "变化", "变化最大的一周", title="各岗位工作量（环节数）")
    for (tier, post), (old, new) in found.work.items():
        weeks = {w: pair for (t, p, w), pair in found.load.items() if (t, p) == (tier, post)}
        most = max(weeks, key=lambda w: abs(weeks[w][1] - weeks[w][0]), default=None)
        said = f"{most} 起：{weeks[most][0]} → {weeks[most][1]}" if most else ""
        table.add_row(
            TIERS.get(tier, tier),
            words.post(post),
            str(old),
            str(new),
            f"{new - old:+d}" if new != old else "0",
            said,
        )
    out.print(table)
