/** 户册导入: choose a workbook, see row by row what is wrong, then enter all of it or nothing. */
import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { useState } from "react";
import { post, url } from "../api/client";
import { href } from "../app/router";
import { DataTable, type Column } from "../common/DataTable";
import { PageHead } from "../common/PageHead";
import type { ImportFinding, ImportPreview } from "./types";
import "./homes.css";

const COLUMNS: Column<ImportFinding & { key: number }>[] = [
  { key: "row", label: "行", render: (one) => <span className="num">第 {one.row} 行</span>, width: 100 },
  { key: "level", label: "性质", render: (one) => (one.level === "error" ? <span className="hot">■ 须改正</span> : <span>△ 请核对</span>), width: 110 },
  { key: "message", label: "问题", render: (one) => one.message },
];

function Preview({ preview, busy, confirm }: { preview: ImportPreview; busy: boolean; confirm: () => void }) {
  const wrong = preview.errors > 0;
  return (
    <section className="panel" aria-label="导入预览">
      <h2>{preview.name}</h2>
      <p>共 {preview.rows} 行、{preview.households} 户：新增 <strong>{preview.new}</strong> 户，与户册已有的 <strong>{preview.known}</strong> 户合并更新。</p>
      {wrong && <Alert type="error" showIcon role="alert" title={`有 ${preview.errors} 处须改正，改正后重新选择文件。现在什么都没有写入户册。`} />}
      {!wrong && preview.warnings > 0 && <Alert type="warning" showIcon title={`有 ${preview.warnings} 处请核对，不影响导入。`} />}
      {!wrong && preview.warnings === 0 && <Alert type="success" showIcon title="没有发现问题。" />}
      {preview.findings.length > 0 && <div className="dialog-field"><DataTable caption="逐行问题" columns={COLUMNS} rows={preview.findings.map((one, key) => ({ ...one, key }))} rowKey={(one) => String(one.key)} /></div>}
      <div className="import-bar"><Button type="primary" size="large" disabled={wrong} loading={busy} onClick={confirm}>确认导入 {preview.households} 户</Button></div>
    </section>
  );
}

export function ImportPage() {
  const client = useQueryClient();
  const [preview, setPreview] = useState<ImportPreview | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const run = async (what: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    try {
      await what();
    } catch (failed) {
      setError(failed instanceof Error ? failed.message : "没有成功");
    } finally {
      setBusy(false);
    }
  };
  const choose = (file: File | undefined) => file && void run(async () => {
    setDone(null);
    setPreview(null);
    const form = new FormData();
    form.append("file", file);
    setPreview(await post<ImportPreview>("/register/imports", form));
  });
  const confirm = () => void run(async () => {
    if (!preview) return;
    const answer = await post<{ message: string }>(`/register/imports/${preview.id}/confirm`);
    setPreview(null);
    setDone(answer.message);
    void client.invalidateQueries({ queryKey: ["register"] });
  });
  return (
    <div className="stack">
      <PageHead title="户册导入" hint="先看后写：逐行检查，确认前不写入户册"><Button href={href("/homes")}>回到户册</Button></PageHead>
      <section className="panel">
        <ol className="import-steps">
          <li>下载 <a href={url("/register/template.xlsx")} download>导入模板</a>，每人一行，按“填写说明”填好。</li>
          <li>选择文件，核对逐行问题。证件号校验不符只提示，不拦人。</li>
          <li>确认导入。再次导入同一名单只更新，不重复。</li>
        </ol>
        <div className="import-bar">
          <label className="file-pick">
            {busy ? "正在检查…" : "选择 Excel 文件"}
            <input type="file" accept=".xlsx" disabled={busy} onChange={(event) => { choose(event.target.files?.[0]); event.target.value = ""; }} />
          </label>
        </div>
      </section>
      {error && <Alert type="error" showIcon role="alert" title={error} />}
      {done && <Alert type="success" showIcon role="status" title={done} action={<Button href={href("/homes")}>查看户册</Button>} />}
      {preview && <Preview preview={preview} busy={busy} confirm={confirm} />}
    </div>
  );
}
