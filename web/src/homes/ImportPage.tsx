/** 户册导入: choose a workbook, see row by row what is wrong, say who is meant, then enter all of it or nothing. */
import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Radio } from "antd";
import { useState } from "react";
import { ApiError, post, url } from "../api/client";
import { href } from "../app/router";
import { DataTable, type Column } from "../common/DataTable";
import { PageHead } from "../common/PageHead";
import type { ImportFinding, ImportPreview } from "./types";
import "./homes.css";

const COLUMNS: Column<ImportFinding & { at: number }>[] = [
  { key: "row", label: "行", render: (one) => <span className="num">第 {one.row} 行</span>, width: 100 },
  { key: "level", label: "性质", render: (one) => (one.level === "error" ? <span className="hot">■ 须改正</span> : <span>△ 请核对</span>), width: 110 },
  { key: "message", label: "问题", render: (one) => one.message },
];
type Chosen = Record<string, string>;
/** Neither somebody new nor left out: one of those the register has had. */
const known = (value: string) => value !== "new" && value !== "skip";

/** For all that is still open the first choice of a kind. */
function all(open: ImportFinding[], fits: (value: string) => boolean): Chosen {
  const pairs = open.map((one) => [one.key, one.choices?.find((choice) => fits(choice.value))?.value]);
  return Object.fromEntries(pairs.filter(([, value]) => value));
}

/** Ended households and members who left that the list names again: a person says who is meant. */
function Asked({ asked, busy, choose }: { asked: ImportFinding[]; busy: boolean; choose: (chosen: Chosen) => void }) {
  const open = asked.filter((one) => one.chosen === null);
  return (
    <section aria-label="请确认是谁">
      <h3 className="import-asked-head">请确认：已注销的户、已离开的人又在名单中</h3>
      {open.length > 1 && (
        <div className="import-bar import-all">
          <span>未确认的 {open.length} 处：</span>
          <Button disabled={busy} onClick={() => choose(all(open, known))}>都恢复（回到本户）</Button>
          <Button disabled={busy} onClick={() => choose(all(open, (value) => value === "new"))}>都作为新户（新成员）</Button>
        </div>
      )}
      <ul className="import-asked">
        {asked.map((one) => (
          <li key={one.key}>
            <p id={`asked-${one.key}`}><span className="num">第 {one.row} 行</span>：{one.message}。</p>
            <Radio.Group
              aria-labelledby={`asked-${one.key}`} disabled={busy} value={one.chosen} options={one.choices ?? []} optionType="button" buttonStyle="solid"
              onChange={(event) => one.key && choose({ [one.key]: String(event.target.value) })}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Preview({ preview, busy, confirm, choose }: { preview: ImportPreview; busy: boolean; confirm: () => void; choose: (chosen: Chosen) => void }) {
  const wrong = preview.errors > 0;
  const asked = preview.findings.filter((one) => one.level === "choice");
  const said = preview.findings.filter((one) => one.level !== "choice").map((one, at) => ({ ...one, at }));
  const ready = !wrong && preview.undecided === 0;
  return (
    <section className="panel" aria-label="导入预览">
      <h2>{preview.name}</h2>
      <p>
        共 {preview.rows} 行、{preview.households} 户：新增 <strong>{preview.new}</strong> 户，与户册已有的 <strong>{preview.known}</strong> 户合并更新
        {preview.restored > 0 && <>，恢复 <strong>{preview.restored}</strong> 户</>}{preview.skipped > 0 && <>，不导入 <strong>{preview.skipped}</strong> 户</>}。
      </p>
      {wrong && <Alert type="error" showIcon role="alert" title={`有 ${preview.errors} 处须改正，改正后重新选择文件。现在什么都没有写入户册。`} />}
      {!wrong && preview.undecided > 0 && <Alert type="warning" showIcon title={`有 ${preview.undecided} 处须由您确认，确认之前不能导入。`} />}
      {ready && preview.warnings > 0 && <Alert type="warning" showIcon title={`有 ${preview.warnings} 处请核对，不影响导入。`} />}
      {ready && preview.warnings === 0 && <Alert type="success" showIcon title={asked.length > 0 ? "都已确认。" : "没有发现问题。"} />}
      {asked.length > 0 && <Asked asked={asked} busy={busy} choose={choose} />}
      {said.length > 0 && <div className="dialog-field"><DataTable caption="逐行问题" columns={COLUMNS} rows={said} rowKey={(one) => String(one.at)} /></div>}
      <div className="import-bar"><Button type="primary" size="large" disabled={!ready} loading={busy} onClick={confirm}>确认导入 {preview.households - preview.skipped} 户</Button></div>
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
  const look = async (id: string, choices: Chosen) => setPreview(await post<ImportPreview>(`/register/imports/${id}/choices`, { choices }));
  const decide = (chosen: Chosen) => preview && void run(() => look(preview.id, chosen));
  const confirm = () => void run(async () => {
    if (!preview) return;
    const answer = await post<{ message: string }>(`/register/imports/${preview.id}/confirm`).catch(async (refused: unknown) => {
      if (refused instanceof ApiError && ["import_changed", "undecided", "rows_wrong"].includes(refused.code)) await look(preview.id, {});
      throw refused;
    });
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
          <li>已注销的户、已离开的人又在名单中的，逐项确认是恢复还是新增。</li>
          <li>确认导入。再次导入同一名单只更新，不重复；预览之后户册有变化的，须再看一遍。</li>
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
      {preview && <Preview preview={preview} busy={busy} confirm={confirm} choose={decide} />}
    </div>
  );
}
