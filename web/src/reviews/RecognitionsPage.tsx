/** 在享救助: what families receive, when each is reviewed, and taking down that something changed. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button, Select, Skeleton } from "antd";
import { useState } from "react";
import { get } from "../api/client";
import type { Page } from "../api/types";
import { useMe } from "../app/session";
import { useWide } from "../app/useWide";
import { AreaFilter } from "../cases/AreaFilter";
import { DataTable, type Column } from "../common/DataTable";
import { Nothing } from "../common/Nothing";
import { PageHead } from "../common/PageHead";
import { Pager } from "../common/Pager";
import { Problem } from "../common/Problem";
import { SearchBox } from "../common/SearchBox";
import { day } from "../common/time";
import { useAddress } from "../common/useAddress";
import { ChangeDialog } from "./ChangeDialog";
import { LinkDialog } from "./LinkDialog";
import { RecognitionDrawer } from "./RecognitionDrawer";
import { monthly, type RecognitionRow } from "./types";
import "./reviews.css";

const LINKS = [{ value: "", label: "全部户册" }, { value: "false", label: "未关联户册" }, { value: "true", label: "已关联户册" }];
const STATES = [{ value: "active", label: "在享" }, { value: "ended", label: "已终止" }, { value: "", label: "全部" }];

function Review({ row }: { row: RecognitionRow }) {
  if (row.state === "ended") return <span className="muted nowrap">{row.end_reason}，自 {day(row.ended_on)} 起</span>;
  if (row.open_review) return <a className="nowrap" href={`#/cases/${row.open_review}`}>正在复核</a>;
  if (!row.review_on) return <span className="muted">未排定</span>;
  return row.review_due ? <span className="review-due nowrap">已到期 {day(row.review_on)}</span> : <span className="nowrap">{day(row.review_on)}</span>;
}

/** On a phone each family is a card: a table would hide what one came for. */
function Card({ row, open, change, link }: { row: RecognitionRow; open: () => void; change?: () => void; link: () => void }) {
  return (
    <li className="panel recognition-card">
      <div className="row"><Button type="link" className="row-link" onClick={open}>{row.title}</Button><span>{row.programme_name}</span></div>
      <div className="muted">{row.place}，{row.persons} 人，{monthly(row.amount)}</div>
      <div className="row recognition-foot"><span>复核：<Review row={row} /></span>{change && row.state === "active" && <Button onClick={change}>登记变化</Button>}{row.may_link && !row.household && <Button onClick={link}>关联户册</Button>}</div>
    </li>
  );
}

export function RecognitionsPage() {
  const address = useAddress();
  const me = useMe();
  const wide = useWide();
  const [changing, setChanging] = useState<RecognitionRow | null>(null);
  const [linking, setLinking] = useState<RecognitionRow | null>(null);
  const filters = { q: address.get("q"), area: address.get("area"), state: address.get("state") || "active", linked: address.get("linked") };
  const shown = address.get("no");
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["recognitions", filters, address.page],
    queryFn: ({ signal }) => get<Page<RecognitionRow>>("/recognitions", { ...filters, state: filters.state === "all" ? "" : filters.state, page: address.page }, signal),
    placeholderData: keepPreviousData,
  });
  const may = me.rights.includes("report");
  const columns: Column<RecognitionRow>[] = [
    { key: "title", label: "户主", render: (row) => <Button type="link" className="row-link" onClick={() => address.set({ no: row.application_no, page: address.page })}>{row.title}</Button> },
    { key: "programme", label: "项目", render: (row) => <span className="nowrap">{row.programme_name}</span> },
    { key: "place", label: "村（居）", render: (row) => row.place },
    { key: "amount", label: "现在发放", align: "right", render: (row) => <span className="nowrap">{monthly(row.amount)}</span> },
    { key: "persons", label: "人数", align: "right", render: (row) => row.persons },
    { key: "valid", label: "有效期", render: (row) => <span className="nowrap">{row.valid_to ? `至 ${day(row.valid_to)}` : "至作出决定"}</span> },
    { key: "review", label: "复核", render: (row) => <Review row={row} /> },
    { key: "act", label: "操作", render: (row) => (
      <span className="row">
        {may && row.state === "active" && <Button size="small" onClick={() => setChanging(row)}>登记变化</Button>}
        {row.may_link && !row.household && <Button size="small" onClick={() => setLinking(row)}>关联户册</Button>}
      </span>
    ) },
  ];
  return (
    <>
      <PageHead title="在享救助" hint="家庭人员、收入、财产有变化的及时登记；复核作出决定以前照常发放。" />
      <div className="filters" role="search" aria-label="筛选在享救助">
        <SearchBox value={filters.q} label="户主姓名或文号" onChange={(q) => address.set({ q })} />
        <AreaFilter value={filters.area} onChange={(area) => address.set({ area })} />
        <Select aria-label="状态" value={filters.state === "all" ? "" : filters.state} options={STATES} onChange={(state) => address.set({ state: state || "all" })} />
        <Select aria-label="户册" value={filters.linked} options={LINKS} onChange={(linked) => address.set({ linked })} />
      </div>
      {error && <Problem error={error} retry={() => void refetch()} />}
      {isPending && !error && <div className="panel"><Skeleton active paragraph={{ rows: 6 }} /></div>}
      {data?.items.length === 0 && <Nothing title="没有符合条件的在享救助" hint="低保、特困、低保边缘、刚性支出困难家庭确认后自动列入。" />}
      {data && data.items.length > 0 && !wide && (
        <ul className="plain-list stack">
          {data.items.map((row) => <Card key={row.application_no} row={row} open={() => address.set({ no: row.application_no, page: address.page })} change={may ? () => setChanging(row) : undefined} link={() => setLinking(row)} />)}
        </ul>
      )}
      {data && data.items.length > 0 && wide && <DataTable caption="在享救助" columns={columns} rows={data.items} rowKey={(row) => row.application_no} />}
      {data && <Pager total={data.total} page={address.page} size={data.size} onChange={(page) => address.set({ page })} />}
      {shown && <RecognitionDrawer number={shown} close={() => address.set({ no: undefined, page: address.page })} change={may ? setChanging : undefined} link={setLinking} />}
      {linking && <LinkDialog row={linking} close={() => setLinking(null)} />}
      {changing && <ChangeDialog row={changing} close={() => setChanging(null)} />}
    </>
  );
}
