/** 台账: the fixed columns of the register, filtered, and the same as an Excel file. */
import { DownloadOutlined } from "@ant-design/icons";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button, Skeleton } from "antd";
import { get, url } from "../api/client";
import type { Value } from "../api/types";
import { AreaFilter } from "../cases/AreaFilter";
import { DataTable, type Column } from "../common/DataTable";
import { Nothing } from "../common/Nothing";
import { PageHead } from "../common/PageHead";
import { Pager } from "../common/Pager";
import { Problem } from "../common/Problem";
import { when } from "../common/time";
import { useAddress } from "../common/useAddress";
import { DateRange } from "./DateRange";
import "./ledger.css";

type Row = Record<string, Value>;

interface Ledger {
  columns: { key: string; label: string }[];
  items: Row[];
  total: number;
  page?: number;
  size?: number;
}

/** A cell as printed: instants as Shanghai time, truth as 是/否, lists joined. */
export function cellText(value: Value): string {
  if (value === null || value === undefined || value === "") return "";
  if (typeof value === "boolean") return value ? "是" : "否";
  if (Array.isArray(value)) return value.map(cellText).join("、");
  if (typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value)) return when(value);
  return String(value);
}

/** Short cells stay on one line, so that numbers and names are not torn apart. */
const Cell = ({ text }: { text: string }) => <span className={text.length > 26 ? "cell-long" : "nowrap"}>{text}</span>;

export function LedgerPage() {
  const address = useAddress();
  const filters = { from: address.get("from"), to: address.get("to"), area: address.get("area") };
  const { data, error, isPending, isPlaceholderData, refetch } = useQuery({
    queryKey: ["ledger", filters, address.page],
    queryFn: ({ signal }) => get<Ledger>("/ledger", { ...filters, page: address.page }, signal),
    placeholderData: keepPreviousData,
  });
  const columns: Column<Row>[] = (data?.columns ?? []).map((column) => ({ key: column.key, label: column.label, render: (row) => <Cell text={cellText(row[column.key])} /> }));
  return (
    <>
      <PageHead title="主动发现救助台账" hint={data && `共 ${data.total} 条，由办理记录自动生成，无需另行填报`}>
        <Button icon={<DownloadOutlined />} href={url("/ledger.xlsx", filters)} disabled={!data || data.total === 0}>导出 Excel</Button>
      </PageHead>
      <div className="filters" role="search" aria-label="筛选台账">
        <DateRange from={filters.from} to={filters.to} onChange={(from, to) => address.set({ from, to })} />
        <AreaFilter value={filters.area} onChange={(area) => address.set({ area })} />
      </div>
      {error && <Problem error={error} retry={() => void refetch()} />}
      {isPending && !error && <div className="panel"><Skeleton active paragraph={{ rows: 6 }} /></div>}
      {data?.items.length === 0 && <Nothing title="这个范围内没有台账记录" hint="线索受理后自动登入台账；可放宽日期或辖区再查。" />}
      {data && data.items.length > 0 && (
        <div className="ledger" aria-busy={isPlaceholderData}>
          <DataTable caption="主动发现救助台账" columns={columns} rows={data.items} rowKey={(row) => String(row.id ?? row.lead_no ?? row.case_id ?? data.items.indexOf(row))} />
        </div>
      )}
      {data && <Pager total={data.total} page={address.page} size={data.size ?? 20} onChange={(page) => address.set({ page })} />}
    </>
  );
}
