/** 导出 Excel: masked at once; with names only with a purpose and a second person's agreement. */
import { DownloadOutlined } from "@ant-design/icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Input, Modal, Radio } from "antd";
import { useState } from "react";
import { post, url } from "../api/client";
import { useRight } from "../app/session";
import type { ExportRow } from "./types";

interface Props {
  book: string;
  filters: { from: string; to: string; area: string };
  disabled: boolean;
}

const purposeOf = (text: string): string => text.trim();

export function ExportButton({ book, filters, disabled }: Props) {
  const may = useRight("export");
  const { message } = App.useApp();
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const [unmasked, setUnmasked] = useState(false);
  const [purpose, setPurpose] = useState("");
  const write = useMutation({
    mutationFn: () => post<ExportRow>(`/ledgers/${book}/exports`, {
      from: filters.from || null, to: filters.to || null, area: filters.area || null, unmasked, purpose: purposeOf(purpose),
    }),
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: ["exports"] });
      setOpen(false);
      if (made.state === "ready") {
        window.location.assign(url(`/exports/${made.id}.xlsx`));
        void message.success(`已导出 ${made.rows} 行，本次导出已记录`);
      } else {
        void message.info("已提交申请，另一人同意后可在「导出记录」下载");
      }
    },
  });
  if (!may) return null;
  const short = unmasked && purposeOf(purpose).length < 4;
  return (
    <>
      <Button icon={<DownloadOutlined />} disabled={disabled} onClick={() => { setUnmasked(false); setPurpose(""); write.reset(); setOpen(true); }}>导出 Excel</Button>
      <Modal
        open={open} title="导出台账" okText={unmasked ? "提交申请" : "导出"} okButtonProps={{ loading: write.isPending, disabled: short }}
        onOk={() => write.mutate()} onCancel={() => setOpen(false)} destroyOnHidden
      >
        {write.error && <Alert type="error" showIcon role="alert" title={write.error.message} className="dialog-field" />}
        <p className="muted">按当前筛选的日期和辖区导出，列的次序与台账一致。谁在何时导出了什么，会留下记录。</p>
        <Radio.Group
          className="dialog-field" value={unmasked} onChange={(event) => setUnmasked(event.target.value as boolean)}
          options={[{ value: false, label: "姓名、证件号脱敏" }, { value: true, label: "不脱敏（须另一人同意）" }]}
        />
        {unmasked && (
          <label className="dialog-field">
            用途
            <Input.TextArea value={purpose} onChange={(event) => setPurpose(event.target.value)} maxLength={500} rows={2} placeholder="例如：年度审计核对发放名单" />
          </label>
        )}
      </Modal>
    </>
  );
}
