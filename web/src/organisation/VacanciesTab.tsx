/** 空岗: who is missing where and for how many days; places nobody was ever appointed to come last. */
import { useQuery } from "@tanstack/react-query";
import { Skeleton } from "antd";
import { get } from "../api/client";
import { href } from "../app/router";
import { AreaFilter } from "../cases/AreaFilter";
import { DataTable } from "../common/DataTable";
import { Nothing } from "../common/Nothing";
import { Problem } from "../common/Problem";
import { day } from "../common/time";
import { useAddress } from "../common/useAddress";
import type { Vacancies } from "./types";

export function VacanciesTab() {
  const address = useAddress();
  const area = address.get("area");
  const { data, error, refetch } = useQuery({ queryKey: ["organisation", "vacancies", area], queryFn: ({ signal }) => get<Vacancies>("/organisation/vacancies", { area }, signal) });
  return (
    <div className="stack">
      <div className="filters"><AreaFilter value={area} onChange={(next) => address.set({ area: next })} /></div>
      {error && <Problem error={error} retry={() => void refetch()} />}
      {!data && !error && <div className="panel"><Skeleton active /></div>}
      {data && data.total === 0 && <Nothing title="没有空岗" hint="每个村（居）有联络员，每个网格和村（居）有责任人，镇（街）和区各岗位有人。" />}
      {data && data.total > 0 && (
        <>
          <ul className="plain-list row" aria-label="空岗分类">
            {Object.entries(data.by_kind).map(([label, n]) => <li key={label} className="count-chip">{label} <b>{n}</b></li>)}
          </ul>
          <DataTable
            caption="空岗" rows={data.items} rowKey={(one) => `${one.area} ${one.key}`}
            columns={[
              { key: "name", label: "单位", render: (one) => <a href={href("/organisation", { area: one.area })}>{one.name}</a> },
              { key: "label", label: "空缺", render: (one) => <span className="vacant">{one.label}</span> },
              { key: "days", label: "空缺天数", align: "right", render: (one) => (one.never ? "从未任命" : one.days) },
              { key: "since", label: "自", render: (one) => <span className="nowrap">{one.never ? "—" : day(one.since, { year: true })}</span> },
            ]}
          />
          {data.total > data.items.length && <p className="muted">另有 {data.total - data.items.length} 处，请按辖区筛选查看。</p>}
        </>
      )}
    </div>
  );
}
