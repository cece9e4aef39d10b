/** A table somebody brings (Excel or CSV): first every line with what it would do, then all of it or nothing. */
import { InboxOutlined } from "@ant-design/icons";
import { Alert, App, Button, Modal, Upload } from "antd";
import { useState } from "react";
import { DataTable } from "../common/DataTable";
import { useChange, Wrong } from "./dialogs";
import type { ImportLine, ImportPreview } from "./types";

const WORDS: Record<ImportLine["state"], string> = { new: "新增", known: "已有账号，新增任职", same: "没有变化", error: "有误" };

interface Props {
  title: string;
  /** Where the table goes: `${path}/import/preview`, then `${path}/import`. */
  path: string;
  columns: string;
  template?: string;
  close: () => void;
}

export function ImportDialog({ title, path, columns, template, close }: Props) {
  const { message } = App.useApp();
  const [seen, setSeen] = useState<ImportPreview | null>(null);
  const look = useChange<ImportPreview>(`${path}/import/preview`);
  const take = useChange(`${path}/import`);
  const read = (file: File) => {
    const form = new FormData();
    form.append("file", file);
    look.mutate(form, { onSuccess: setSeen });
  };
  const wrong = seen?.counts.error ?? 0;
  const send = () => seen && take.mutate({ rows: seen.rows }, { onSuccess: (done) => { void message.success(done.message, 8); close(); } });
  return (
    <Modal
      open title={title} width={860} okText={seen ? `导入 ${seen.lines.length} 行` : "导入"} onOk={send} onCancel={close} destroyOnHidden
      okButtonProps={{ disabled: !seen || wrong > 0 || seen.lines.length === 0, loading: take.isPending }}
    >
      <Wrong error={look.error ?? take.error} />
      <p className="muted">列名：{columns}。{template && <a href={template}>下载模板</a>}</p>
      <Upload.Dragger accept=".xlsx,.csv" multiple={false} showUploadList={false} beforeUpload={(file) => { read(file); return false; }} disabled={look.isPending}>
        <p><InboxOutlined aria-hidden /> {look.isPending ? "正在读取…" : seen ? "换一个文件" : "选择或拖入 Excel（.xlsx）或 CSV 文件"}</p>
      </Upload.Dragger>
      {seen && (
        <>
          <Alert
            className="import-sum" showIcon type={wrong ? "warning" : "success"}
            title={wrong ? `${wrong} 行有误，改好后重新选择文件；有误时一行也不会导入。` : "各行都没有问题，可以导入。"}
            description={Object.entries(seen.counts).map(([state, n]) => `${WORDS[state as ImportLine["state"]]} ${n} 行`).join("，")}
          />
          <div className="import-lines">
            <DataTable
              caption="逐行预览" rows={[...seen.lines].sort((a, b) => Number(b.state === "error") - Number(a.state === "error") || a.number - b.number)} rowKey={(line) => String(line.number)}
              columns={[
                { key: "number", label: "行", render: (line) => line.number },
                { key: "name", label: "姓名", render: (line) => line.name },
                { key: "what", label: line0(seen), render: (line) => [line.head, line.post, line.relation].filter(Boolean).join("，") || "—" },
                { key: "place", label: "区域", render: (line) => line.place ?? "—" },
                { key: "state", label: "结果", render: (line) => (line.state === "error" ? <span className="vacant">{line.notes.join("；")}</span> : WORDS[line.state]) },
              ]}
            />
          </div>
        </>
      )}
      {seen && <Button type="link" onClick={() => setSeen(null)}>清空</Button>}
    </Modal>
  );
}

const line0 = (seen: ImportPreview) => (seen.lines[0]?.head !== undefined ? "户主、关系" : "岗位");
