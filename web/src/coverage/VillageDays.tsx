/** One village day by day: what was said and by whom, and what the town found out about its silence. */
import { useQuery } from "@tanstack/react-query";
import { Button, Skeleton } from "antd";
import { get } from "../api/client";
import { href } from "../app/router";
import { Nothing } from "../common/Nothing";
import { PageHead } from "../common/PageHead";
import { Problem } from "../common/Problem";
import { day } from "../common/time";
import { useAddress } from "../common/useAddress";
import { chainTo, useAreas } from "../forms/fields/AreaControl";
import { StateTag } from "./StateTag";
import type { CoverDay } from "./types";

export function VillageDays({ area }: { area: string }) {
  const address = useAddress();
  const { data: areas = [] } = useAreas();
  const span = { from: address.get("from"), to: address.get("to") };
  const { data, error } = useQuery({ queryKey: ["coverage", "days", area, span], queryFn: ({ signal }) => get<CoverDay[]>("/coverage/days", { area, ...span }, signal) });
  const chain = chainTo(areas, area).slice(-2);
  const only = address.get("only");
  const shown = (data ?? []).filter((one) => !only || one.state === only);
  return (
    <div className="stack">
      <PageHead title={chain.map((one) => one.name).join("")} hint={span.from ? `${day(span.from)} 至 ${day(span.to)}` : "近 30 日逐日情况"}>
        <Button href={href("/rounds", { tab: "all", area, ...span })}>走访记录</Button>
        <Button href={href("/homes", { area, due: "overdue" })}>走访超期的户</Button>
        <Button href={href("/coverage")}>回到覆盖表</Button>
      </PageHead>
      {error && <Problem error={error} />}
      {!data && !error && <Skeleton active />}
      {data && shown.length === 0 && <Nothing title="没有这样的日子" />}
      {only && <p><a href={href("/coverage", { village: area, ...span })}>显示全部日子</a></p>}
      {shown.length > 0 && (
        <section className="panel">
          <ul className="plain-list cover-days">
            {shown.map((one) => (
              <li key={one.day}>
                <span className="num">{day(one.day, { weekday: true })}</span>
                <StateTag state={one.state} label={one.label} />
                {one.said_by && <span>{one.said_by}：{one.done.join("、") || "今日无新情况"}</span>}
                {one.reason && <span className="muted">{one.reason}</span>}
                {one.answer && <span>镇（街）了解：{one.answer}</span>}
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}
