/** 户册: every household of my area, found by name or number, filtered by list, aid and visit. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button, Select, Skeleton } from "antd";
import { useState } from "react";
import { get } from "../api/client";
import type { Page } from "../api/types";
import { href } from "../app/router";
import { useMe } from "../app/session";
import { useWide } from "../app/useWide";
import { AreaFilter } from "../cases/AreaFilter";
import { DataTable, type Column } from "../common/DataTable";
import { Nothing } from "../common/Nothing";
import { PageHead } from "../common/PageHead";
import { Pager } from "../common/Pager";
import { Problem } from "../common/Problem";
import { SearchBox } from "../common/SearchBox";
import { when } from "../common/time";
import { useAddress } from "../common/useAddress";
import { NewHome } from "./changing";
import { KEEPERS } from "./forms";
import { HomeCards, NextVisit, Tags } from "./parts";
import type { Coded, HomeRow } from "./types";
import "../common/lights.css";
import "../tasks/tasks.css";
import "./homes.css";

const PROGRAMMES = [
  { value: "DIBAO", label: "低保" }, { value: "DIBAO_EDGE", label: "低保边缘" }, { value: "TEKUN", label: "特困供养" }, { value: "RIGID_EXP", label: "刚性支出困难" },
];
const VISITS = [{ value: "overdue", label: "■ 走访超期" }, { value: "soon", label: "7 日内应走访" }];
const ALL = (label: string) => ({ value: "", label });

const COLUMNS: Column<HomeRow>[] = [
  {
    key: "head", label: "户主",
    render: (row) => <><a className="row-link" href={href(`/homes/${row.id}`)}>{row.head}</a> <span className="muted">{row.size} 人</span><div className="muted num">{row.number && `第 ${row.number} 户`}</div></>,
  },
  { key: "place", label: "住址", render: (row) => <>{row.place}<div className="muted">{row.address}</div></> },
  { key: "focus", label: "重点类别与在享救助", render: (row) => <span className="home-tags"><Tags items={row.focus} kind="focus" /><Tags items={row.programmes} kind="aid" /></span> },
  { key: "last", label: "上次走访", render: (row) => (row.last_visit_at ? when(row.last_visit_at) : "没有走访过") },
  { key: "next", label: "下次走访", render: (row) => <NextVisit row={row} /> },
];

export function HomeListPage() {
  const me = useMe();
  const wide = useWide();
  const address = useAddress();
  const filters = { q: address.get("q"), area: address.get("area"), category: address.get("category"), programme: address.get("programme"), due: address.get("due") };
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["register", filters, address.page],
    queryFn: ({ signal }) => get<Page<HomeRow>>("/register", { ...filters, page: address.page }, signal),
    placeholderData: keepPreviousData,
  });
  const { data: categories = [] } = useQuery({ queryKey: ["categories"], queryFn: () => get<Coded[]>("/register/categories"), staleTime: 600_000 });
  const [adding, setAdding] = useState(false);
  const filtered = Object.values(filters).some(Boolean);
  const keeps = me.posts.some((one) => KEEPERS.includes(one.post));
  return (
    <>
      <PageHead title="户册" hint={data && `共 ${data.total} 户`}>
        {keeps && <Button type="primary" onClick={() => setAdding(true)}>新增一户</Button>}
        {keeps && <Button href={href("/homes/import")}>从 Excel 导入</Button>}
      </PageHead>
      <div className="filters" role="search" aria-label="筛选户册">
        <SearchBox value={filters.q} label="姓名、户编号、完整证件号" onChange={(q) => address.set({ q })} />
        <AreaFilter value={filters.area} onChange={(area) => address.set({ area })} />
        <Select aria-label="重点类别" value={filters.category} onChange={(category) => address.set({ category })} options={[ALL("全部类别"), ...categories]} popupMatchSelectWidth={false} />
        <Select aria-label="在享救助" value={filters.programme} onChange={(programme) => address.set({ programme })} options={[ALL("全部救助"), ...PROGRAMMES]} />
        <Select aria-label="走访" value={filters.due} onChange={(due) => address.set({ due })} options={[ALL("不论走访"), ...VISITS]} />
      </div>
      {error && <Problem error={error} retry={() => void refetch()} />}
      {isPending && !error && <div className="panel"><Skeleton active paragraph={{ rows: 6 }} /></div>}
      {data?.items.length === 0 && <Nothing title={filtered ? "没有符合条件的户" : "户册还是空的"} hint={filtered ? "可减少筛选条件后再查。" : "可逐户新增，或用模板从 Excel 导入。"} />}
      {data && data.items.length > 0 && (wide
        ? <DataTable caption="户册" columns={COLUMNS} rows={data.items} rowKey={(row) => row.id} rowClass={(row) => (row.overdue ? "row-overdue" : "")} />
        : <HomeCards rows={data.items} visit />)}
      {data && <Pager total={data.total} page={address.page} size={data.size} onChange={(page) => address.set({ page })} />}
      {adding && <NewHome close={() => setAdding(false)} />}
    </>
  );
}
