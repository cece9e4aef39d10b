/** 台账: the district's ledgers with their fixed columns; every row opens its case, nothing is typed twice. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Select, Skeleton } from "antd";
import { get } from "../api/client";
import type { Value } from "../api/types";
import { href } from "../app/router";
import { AreaFilter } from "../cases/AreaFilter";
import { DataTable, type Column } from "../common/DataTable";
import { Nothing } from "../common/Nothing";
import { PageHead } from "../common/PageHead";
import { Pager } from "../common/Pager";
import { Problem } from "../common/Problem";
import { when } from "../common/time";
import { useWide } from "../app/useWide";
import { useAddress } from "../common/useAddress";
import { DateRange } from "./DateRange";
import { ExportButton } from "./ExportButton";
import { ExportList } from "./ExportList";
import type { Ledger, LedgerName, LedgerRow } from "./types";
import "./ledger.css";

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

/** The official columns; before them the line's number, which a card on a telephone does not need. */
function columnsOf(data: Ledger, wide: boolean): Column<LedgerRow>[] {
  const number: Column<LedgerRow> = { key: "line", label: "序号", align: "right", render: (row) => (data.page - 1) * data.size + data.items.indexOf(row) + 1 };
  const columns = data.columns.map((column, index): Column<LedgerRow> => ({
    key: column.key,
    label: column.label,
    render: (row) => {
      const text = cellText(row[column.key]);
      if (index === 0 && row.case_id) return <a className="row-link" href={href(`/cases/${row.case_id}`)}>{text || "查看"}</a>;
      return text ? <Cell text={text} /> : null;
    },
  }));
  return wide ? [number, ...columns] : columns;
}

const EXPORTS = "exports";

export function LedgerPage() {
  const address = useAddress();
  const wide = useWide();
  const { data: books } = useQuery({ queryKey: ["ledgers"], queryFn: ({ signal }) => get<LedgerName[]>("/ledgers", {}, signal), staleTime: 300_000 });
  const chosen = address.get("book") || books?.[0]?.key || "";
  const filters = { from: address.get("from"), to: address.get("to"), area: address.get("area") };
  const { data, error, isPlaceholderData, refetch } = useQuery({
    queryKey: ["ledger", chosen, filters, address.page],
    queryFn: ({ signal }) => get<Ledger>(`/ledgers/${chosen}`, { ...filters, page: address.page }, signal),
    placeholderData: (before, query) => (query?.queryKey[1] === chosen ? keepPreviousData(before) : undefined),
    enabled: chosen !== "" && chosen !== EXPORTS,
  });
  const options = [...(books ?? []).map((one) => ({ value: one.key, label: one.name })), { value: EXPORTS, label: "导出记录" }];
  const records = chosen === EXPORTS;
  return (
    <>
      <PageHead title={records ? "导出记录" : (data?.name ?? "台账")} hint={records ? "导出台账是一项权限，也是一件留痕的事" : data && `共 ${data.total} 条 · ${data.hint}，无需另行填报`}>
        {data && !records && <ExportButton book={chosen} filters={filters} disabled={data.total === 0} />}
      </PageHead>
      <div className="filters" role="search" aria-label="筛选台账">
        <Select aria-label="台账" value={chosen} options={options} onChange={(book) => address.set({ book })} popupMatchSelectWidth={false} />
        {!records && data?.dated && <DateRange label={data.dated} from={filters.from} to={filters.to} onChange={(from, to) => address.set({ from, to })} />}
        {!records && <AreaFilter value={filters.area} onChange={(area) => address.set({ area })} />}
      </div>
      {records && <ExportList />}
      {error && !records && <Problem error={error} retry={() => void refetch()} />}
      {!data && !error && !records && <div className="panel"><Skeleton active paragraph={{ rows: 6 }} /></div>}
      {data && !records && (
        <>
          {data.items.length === 0 && <Nothing title="这个范围内没有台账记录" hint="台账由办理记录自动登入；可放宽日期或辖区再查。" />}
          {data.items.length > 0 && (
            <div className="ledger" aria-busy={isPlaceholderData}>
              <DataTable stacked caption={data.name} columns={columnsOf(data, wide)} rows={data.items} rowKey={(row) => `${row.case_id ?? ""}/${data.items.indexOf(row)}`} />
            </div>
          )}
          <Pager total={data.total} page={address.page} size={data.size} onChange={(page) => address.set({ page })} />
        </>
      )}
    </>
  );
}
