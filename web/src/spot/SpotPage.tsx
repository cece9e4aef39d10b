/** One spot check: frame and digest, seed and who entered it, strata, sample with tickets, findings, rates with their interval. */
import { DownloadOutlined, PrinterOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Skeleton } from "antd";
import { get, url } from "../api/client";
import { href } from "../app/router";
import { DataTable, type Column } from "../common/DataTable";
import { PageHead } from "../common/PageHead";
import { Problem } from "../common/Problem";
import { Receipts } from "../common/Receipts";
import { when } from "../common/time";
import { quarterWords, type SpotCheck, type SpotItem } from "./types";
import "./spot.css";

const percent = (share: number): string => `${(share * 100).toFixed(1)}%`;

const LATER = "全部镇（街）入户完毕后公开";

function Draw({ check }: { check: SpotCheck }) {
  return (
    <section className="panel" aria-labelledby="spot-draw">
      <h2 id="spot-draw">抽样框与种子</h2>
      <dl className="spot-facts">
        <dt>抽样框</dt><dd>{check.frame_size} 户（件），{when(check.frozen_at)} 冻结</dd>
        <dt>摘要</dt><dd className="hash">{check.digest}</dd>
        <dt>种子</dt><dd>{check.seed ?? (check.seeded ? LATER : "尚未录入")}{check.seed_source && <span className="muted">（{check.seed_source}）</span>}</dd>
        <dt>封签</dt><dd className={check.salt ? "hash" : ""}>{check.salt ?? (check.seeded ? LATER : "冻结时已随机产生并计入摘要，录入种子后启封")}</dd>
        <dt>录入人</dt><dd>{check.seeded_by.join("、") || "—"}</dd>
      </dl>
      <p className="muted">票号 = SHA-256(种子|封签|编号)，每镇（街）每层取票号最小的若干个；没有见到的由同层下一票号替换。名单改动一个编号，摘要就不同。</p>
    </section>
  );
}

type Stratum = SpotCheck["strata"][number];
const STRATA: Column<Stratum>[] = [
  { key: "town", label: "镇（街）", render: (row) => row.town_name },
  { key: "stratum", label: "层", render: (row) => row.stratum },
  { key: "rule", label: "规则", render: (row) => row.rule },
  { key: "population", label: "框内", align: "right", render: (row) => row.population },
  { key: "drawn", label: "抽出", align: "right", render: (row) => row.drawn },
];

function Found({ item }: { item: SpotItem }) {
  const bad = item.result === "漏报" || item.result === "错报";
  return (
    <>
      <span className={bad ? "hot" : ""}>{bad ? "■ " : ""}{item.result}</span>
      {item.in_hardship && <div>确有困难</div>}
      {item.lead_no && <div className="muted">已成为线索 {item.lead_case ? <a href={href(`/cases/${item.lead_case}`)}>{item.lead_no}</a> : item.lead_no}</div>}
      {(item.replaced || item.note) && <div className="muted">{item.replaced ?? item.note}</div>}
    </>
  );
}

const ITEMS: Column<SpotItem>[] = [
  { key: "ticket", label: "票号", render: (item) => <span className="hash nowrap" title={item.ticket}>{item.ticket.slice(0, 12)}</span> },
  { key: "id", label: "编号", render: (item) => <span className="nowrap" title={`抽样编号 ${item.id}`}>{item.ref}</span> },
  { key: "name", label: "姓名", render: (item) => <>{item.name}<div className="muted">{item.place}</div></> },
  { key: "stratum", label: "层", render: (item) => item.stratum },
  { key: "result", label: "结果", render: (item) => <Found item={item} /> },
];

type Rate = SpotCheck["rates"][number];
const RATES: Column<Rate>[] = [
  { key: "town", label: "镇（街）", render: (rate) => rate.town_name },
  { key: "kind", label: "差错", render: (rate) => (rate.kind === "missed" ? "漏报" : "错报") },
  { key: "looked", label: "已查", align: "right", render: (rate) => rate.looked_at },
  { key: "errors", label: "差错数", align: "right", render: (rate) => rate.errors },
  { key: "share", label: "差错率", align: "right", render: (rate) => percent(rate.errors / rate.looked_at) },
  { key: "interval", label: "95% 区间", align: "right", render: (rate) => `${percent(rate.low)}–${percent(rate.high)}` },
];

function Towns({ check }: { check: SpotCheck }) {
  return (
    <section className="panel" aria-labelledby="spot-towns">
      <h2 id="spot-towns">各镇（街）核认与整改</h2>
      <ul className="plain-list spot-towns">
        {check.towns.map((town) => (
          <li key={town.area}>
            {town.case_id ? <a href={href(`/cases/${town.case_id}`)}>{town.name}</a> : town.name} <span className="muted">{town.status}</span>
            {town.receipts.length > 0 && <Receipts receipts={town.receipts} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

export function SpotPage({ number }: { number: string }) {
  const { data: check, error, refetch } = useQuery({ queryKey: ["spot-check", number], queryFn: ({ signal }) => get<SpotCheck>(`/spot-checks/${number}`, {}, signal) });
  if (error) return <Problem error={error} retry={() => void refetch()} />;
  if (!check) return <div className="panel"><Skeleton active paragraph={{ rows: 8 }} /></div>;
  const open = !check.sealed || check.items.length > 0;
  return (
    <div className="stack">
      <nav aria-label="所在位置" className="crumbs"><a href={href("/spot")}>随机抽查</a> / {quarterWords(check.quarter)}</nav>
      <PageHead title={`随机抽查 · ${quarterWords(check.quarter)}`} hint={`编号 ${check.number}`}>
        {check.case_id && <Button href={href(`/cases/${check.case_id}`)}>办理过程</Button>}
        {open && check.seeded && <Button icon={<DownloadOutlined />} href={url(`/spot-checks/${check.number}.txt`)}>抽样数据</Button>}
        {open && <Button icon={<PrinterOutlined />} href={url(`/spot-checks/${check.number}.pdf`)} target="_blank">打印抽样单</Button>}
      </PageHead>
      {check.sealed && <Alert type="info" showIcon title="样本在入户抽查完毕之前对镇（街）封存" description="摘要已公开：抽样框冻结之后没有人能改动。入户完毕后，本镇（街）的样本和票号在此公开；全部镇（街）入户完毕后，公开种子和整个抽样框。" />}
      {!check.sealed && check.seeded && !check.seed && <Alert type="info" showIcon title="其他镇（街）的样本仍然封存" description="这里是本镇（街）的抽样框、样本和票号，现在就能核对摘要；全部镇（街）入户完毕后，公开种子、封签和整个抽样框，任何人都能重算。" />}
      <Draw check={check} />
      {check.rates.length > 0 && <section><h2 className="spot-head">差错率</h2><DataTable caption="差错率" columns={RATES} rows={check.rates} rowKey={(rate) => `${rate.town_name}/${rate.kind}`} /></section>}
      {check.towns.length > 0 && <Towns check={check} />}
      {check.items.length > 0 && <section><h2 className="spot-head">样本（{check.items.length}）</h2><DataTable stacked caption="样本" columns={ITEMS} rows={check.items} rowKey={(item) => item.id} /></section>}
      {check.strata.length > 0 && <section><h2 className="spot-head">分层</h2><DataTable caption="分层" columns={STRATA} rows={check.strata} rowKey={(row) => `${row.town_name}/${row.stratum}`} /></section>}
    </div>
  );
}
