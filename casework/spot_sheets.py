"""The printed sheet of a spot check: everything the draw needs, and the sample it gave – anybody can compute it again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casework import papers, spot_checks
from engine.calendar import ZONE


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn line as people know it: masked name, village, number of the household or lead. `item`: the line of the draw."""

    item: Any
    name: str
    place: str
    ref: str


def pdf(
    row: Any,
    drawn: Sequence[Drawn],
    names: Mapping[str, str],
    people: Sequence[str],
    receipts: Sequence[papers.Receipt],
    towns: Container[str] | None = None,
) -> bytes:
    """Head, parts of the digest, strata, sample with tickets, the frame in small print. `names`: path → name of every town in it.

    `towns`: only their part, without the seed (None: the whole).
    """
    items = [one.item for one in drawn]
    seed, salt = row.seed or "尚未录入", row.salt if row.seed else None
    if towns is not None:
        seed = salt = "全部镇（街）入户完毕后公开"
    hashes = spot_checks.parts(row.frame, row.salt) if row.salt else {}
    counts = Counter(i["town"] for i in row.frame)
    return papers.sheet(
        f"随机抽查抽样单（{row.quarter[:4]}年第{row.quarter[-1]}季度）",
        above=[
            f"抽查编号 {row.number}　抽样框冻结 {row.frozen_at.astimezone(ZONE):%Y-%m-%d %H:%M}　共 {len(row.frame)} 户（件）",
            f"抽样框摘要（SHA-256）{row.digest}",
            f"种子 {seed}　产生方式 {(row.seed_source if towns is None else None) or '—'}　录入 {'、'.join(people) or '—'}",
            f"封签 {salt or '录入种子后公开'}（冻结时随机产生，已计入摘要）",
            "票号 = SHA-256(种子|封签|编号)；每镇（街）每层取票号最小的若干个；没有见到的由下一票号替换。",
        ],
        tables=[
            papers.Grid(
                "摘要的组成（每镇（街）的行和封签各取 SHA-256；“部分|SHA-256”各一行，按部分排序，再取 SHA-256 即为摘要）", ["部分", "镇（街）", "行数", "SHA-256"],
                [[key, names.get(key, "封签"), str(counts[key] or "—"), papers.breakable(value, 8)] for key, value in hashes.items()], [3, 2, 1, 8],
            ),
            papers.Grid(
                "分层", ["镇（街）", "层", "规则", "框内", "抽出"],
                [[t, s, r, str(p), str(d)] for t, s, r, p, d in strata(row, items, {t: n for t, n in names.items() if towns is None or t in towns})],
                [3, 4, 4, 1, 1],
            ),
            papers.Grid(
                "样本（编号是抽样用的代号，与抽样框一致；对象的姓名隐去名字）", ["对象", "户号或线索号", "层", "编号", "票号（前 16 位）", "替换原因", "漏报", "错报", "签名"],
                [
                    [f"{one.name}\n{one.place}", one.ref, spot_checks.STRATA[one.item.stratum], papers.breakable(one.item.id, 8), papers.breakable(one.item.ticket[:16], 8), one.item.replaced or "", "", "", ""]
                    for one in drawn
                ],
                [4, 4, 3, 3, 2, 2, 1, 1, 2],
            ),
        ],
        dense=spot_checks.lines(row, towns),
        dense_title="抽样框（编号|镇街|层，按编号排序）" if towns is None else "本镇（街）的抽样框（编号|镇街|层|票号，按编号排序；票号不计入摘要）",
        signatures=["抽取人", "抽取人", "监督人"],
        receipts=receipts,
        footer=row.number,
    )  # fmt: skip


def strata(row: Any, items: Sequence[Any], towns: Mapping[str, str]) -> list[tuple[str, str, str, int, int]]:
    """Of these towns: name, stratum, rule in words, how many in the frame, how many drawn (replacements not counted)."""
    population = Counter((i["town"], i["stratum"]) for i in row.frame if i["town"] in towns)
    replaced = Counter((i.town, i.stratum) for i in items if i.replaced)
    drawn = Counter((i.town, i.stratum) for i in items)
    order = list(spot_checks.STRATA)
    found = []
    for town, stratum in sorted(population, key=lambda key: (key[0], order.index(key[1]))):
        key = (town, stratum)
        first = drawn[key] - replaced[key] if drawn[key] > replaced[key] else drawn[key]
        found.append(
            (
                towns[town],
                spot_checks.STRATA[stratum],
                rule(row.sizes, stratum),
                population[key],
                first,
            )
        )
    return found


def rule(sizes: Mapping[str, Sequence[Any]] | None, stratum: str) -> str:
    """`全部`, `10%，不少于 5`, `10`."""
    if stratum in spot_checks.WHOLE:
        return "全部"
    if not sizes or stratum not in sizes:
        return "—"
    share, minimum = sizes[stratum]
    percent = float(share) * 100
    return f"{percent:g}%，不少于 {minimum}" if percent else f"{minimum} 户"
