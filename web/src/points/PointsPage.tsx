/** 服务点: window, policy board and hotline of every town and village; what is missing or wrong stands on top. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button, Select, Skeleton } from "antd";
import { useState } from "react";
import { get } from "../api/client";
import { AreaFilter } from "../cases/AreaFilter";
import { Nothing } from "../common/Nothing";
import { PageHead } from "../common/PageHead";
import { Pager } from "../common/Pager";
import { Problem } from "../common/Problem";
import { SearchBox } from "../common/SearchBox";
import { day } from "../common/time";
import { useAddress } from "../common/useAddress";
import { useMe } from "../app/session";
import { FormDialog } from "../forms/FormDialog";
import { PointDrawer } from "./PointDrawer";
import { newPoint, TEXT } from "./schemas";
import { ALARMS, KINDS, type PlacePage, type PlaceRow, type PointRow } from "./types";
import "./points.css";

const FILTERS = [{ value: "", label: "全部地方" }, { value: "any", label: "有报警的" }, ...Object.entries(ALARMS).map(([value, label]) => ({ value, label }))];
const empty = (values: Record<string, unknown>) => Object.fromEntries(Object.entries(values).map(([key, value]) => [key, value === "" ? null : value]));

function Cell({ point, version }: { point: PointRow; version: string | null }) {
  const old = point.kind === "policy_board" && version !== null && point.policy_version !== version;
  const wrong = point.state === "faulty" ? point.note || "有问题" : old ? `文本 ${point.policy_version ?? "未写明"}，现行 ${version}` : null;
  return (
    <a className={`point ${wrong ? "point-bad" : ""}`} href={`#/points?point=${point.id}`}>
      <span className="point-kind">{point.kind_name}</span>
      <strong>{point.kind === "hotline" ? point.phone : point.name}</strong>
      <span className={wrong ? "point-wrong" : "muted"}>{wrong ?? (point.checked_on ? `核验于 ${day(point.checked_on)}` : "还没有核验过")}</span>
    </a>
  );
}

function Place({ row, version, add }: { row: PlaceRow; version: string | null; add?: (row: PlaceRow) => void }) {
  return (
    <section className="panel place" aria-label={row.name}>
      <div className="place-head">
        <h2>{row.name}</h2>
        {row.alarms.filter((one) => one !== "missing").map((one) => <span key={one} className="place-alarm">{ALARMS[one]}</span>)}
        <span className="place-acts no-print">
          {row.open_case && <a href={`#/cases/${row.open_case}`}>正在核验</a>}
          {add && <Button size="small" onClick={() => add(row)}>登记服务点</Button>}
        </span>
      </div>
      <div className="points">
        {row.points.map((point) => <Cell key={point.id} point={point} version={version} />)}
        {row.lacks.map((kind) => <div key={kind} className="point point-lacks"><span className="point-kind">{KINDS[kind]}</span><strong>空缺</strong><span>还没有登记</span></div>)}
      </div>
    </section>
  );
}

export function PointsPage() {
  const address = useAddress();
  const me = useMe();
  const [adding, setAdding] = useState<PlaceRow | null>(null);
  const [publishing, setPublishing] = useState(false);
  const filters = { q: address.get("q"), area: address.get("area"), alarm: address.get("alarm") };
  const point = address.get("point");
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["points", filters, address.page],
    queryFn: ({ signal }) => get<PlacePage>("/service-points", { ...filters, page: address.page, size: 10 }, signal),
    placeholderData: keepPreviousData,
  });
  const may = me.rights.includes("work");
  const district = me.posts.some((post) => post.tier === "district") && me.rights.includes("supervise");
  return (
    <>
      <PageHead title="服务点" hint={data && `现行政策文本：${data.version ?? "还没有登记"}；${data.alarmed === 0 ? "各处都正常" : `${data.alarmed} 处有报警`}。每季核验一次，换文本时旧公示牌立即报警。`}>
        {district && <Button onClick={() => setPublishing(true)}>登记新政策文本</Button>}
      </PageHead>
      <div className="filters" role="search" aria-label="筛选服务点">
        <SearchBox value={filters.q} label="镇（街）、村（居）名称" onChange={(q) => address.set({ q })} />
        <AreaFilter value={filters.area} onChange={(area) => address.set({ area })} />
        <Select aria-label="报警" value={filters.alarm} options={FILTERS} onChange={(alarm) => address.set({ alarm })} />
      </div>
      {error && <Problem error={error} retry={() => void refetch()} />}
      {isPending && !error && <div className="panel"><Skeleton active paragraph={{ rows: 6 }} /></div>}
      {data?.items.length === 0 && <Nothing title="没有符合条件的地方" hint="可放宽辖区或报警再查。" />}
      <div className="stack">{data?.items.map((row) => <Place key={row.area} row={row} version={data.version} add={may ? setAdding : undefined} />)}</div>
      {data && <Pager total={data.total} page={address.page} size={data.size} onChange={(page) => address.set({ page })} />}
      {point && <PointDrawer id={point} may={may} close={() => address.set({ point: undefined, page: address.page })} />}
      {adding && (
        <FormDialog
          title={`登记服务点：${adding.name}`} ok="登记" schema={newPoint(KINDS)} values={{ kind: adding.lacks[0] ?? "window" }} path="/service-points" renew={["points"]}
          body={(values) => ({ ...empty(values), photo: values.photo ?? [], area: adding.area })} close={() => setAdding(null)}
        />
      )}
      {publishing && (
        <FormDialog
          title="登记新政策文本" ok="登记并通知更换" hint="登记后，公示牌还是旧文本的地方各开出一件整改，三个工作日内更换。" schema={TEXT} values={{}} path="/policy-texts"
          renew={["points"]} body={(values) => values} close={() => setPublishing(false)}
        />
      )}
    </>
  );
}
