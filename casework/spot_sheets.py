"""The printed sheet of a spot check: everything the draw needs, and the sample it gave – anybody can compute it again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from casework import papers, spot_checks
from engine.calendar import ZONE


def pdf(
    row: Any,
    items: Sequence[Any],
    towns: Mapping[str, str],
    people: Sequence[str],
    receipts: Sequence[papers.Receipt],
) -> bytes:
    """Head, strata, sample with tickets, the whole frame in small print. `towns`: path → name."""
    return papers.sheet(
        f"随机抽查抽样单（{row.quarter[:4]}年第{row.quarter[-1]}季度）",
        above=[
            f"抽查编号 {row.number}　抽样框冻结 {row.frozen_at.astimezone(ZONE):%Y-%m-%d %H:%M}　共 {len(row.frame)} 户（件）",
            f"抽样框摘要（SHA-256）{row.digest}",
            f"种子 {row.seed or '尚未录入'}　产生方式 {row.seed_source or '—'}　录入 {'、'.join(people) or '—'}",
            "票号 = SHA-256(种子|编号)；每镇（街）每层取票号最小的若干个；没有见到的由下一票号替换。",
        ],
        tables=[
            papers.Grid(
                "分层", ["镇（街）", "层", "规则", "框内", "抽出"],
                [[t, s, r, str(p), str(d)] for t, s, r, p, d in strata(row, items, towns)], [3, 4, 4, 1, 1],
            ),
            papers.Grid(
                "样本", ["编号", "票号（前 16 位）", "镇（街）", "层", "替换原因", "漏报", "错报", "签名"],
                [
                    [i.id, i.ticket[:16], towns.get(i.town, i.town), spot_checks.STRATA[i.stratum], i.replaced or "", "", "", ""]
                    for i in items
                ],
                [4, 3, 2, 3, 2, 1, 1, 2],
            ),
        ],
        dense=[f"{i['id']}|{i['town']}|{i['stratum']}" for i in row.frame],
        dense_title="抽样框（编号|镇街|层，按编号排序；全部行用换行符连接后取 SHA-256 即为摘要）",
        signatures=["抽取人", "抽取人", "监督人"],
        receipts=receipts,
        footer=row.number,
    )  # fmt: skip


def strata(row: Any, items: Sequence[Any], towns: Mapping[str, str]) -> list[tuple[str, str, str, int, int]]:
    """Town, stratum, rule in words, how many in the frame, how many drawn (replacements not counted)."""
    population = Counter((i["town"], i["stratum"]) for i in row.frame)
    replaced = Counter((i.town, i.stratum) for i in items if i.replaced)
    drawn = Counter((i.town, i.stratum) for i in items)
    order = list(spot_checks.STRATA)
    found = []
    for town, stratum in sorted(population, key=lambda key: (key[0], order.index(key[1]))):
        key = (town, stratum)
        first = drawn[key] - replaced[key] if drawn[key] > replaced[key] else drawn[key]
        found.append(
            (
                towns.get(town, town),
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
