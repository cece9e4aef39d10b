import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Space, Spin, message } from "antd";
import { useState } from "react";
import { get, post } from "../api/client";
import type { BundleRow, Draft } from "../api/types";
import { DataTable } from "../common/DataTable";
import { PageHead } from "../common/PageHead";
import { Problem } from "../common/Problem";
import { Editor } from "./Editor";
import "./designer.css";

/** 流程设计: the bundles, and the draft being edited. */
export function DesignerPage() {
  const client = useQueryClient();
  const [draft, setDraft] = useState<string>();
  const bundles = useQuery({ queryKey: ["bundles"], queryFn: () => get<BundleRow[]>("/bundles") });
  const open = async (row: BundleRow) => {
    try {
      const made = row.draft_id ?? (await post<Draft>("/drafts", { bundle: row.key, note: "" })).id;
      setDraft(made);
    } catch (error) {
      message.error((error as Error).message);
    }
  };
  if (bundles.error) return <Problem error={bundles.error} />;
  if (!bundles.data) return <Spin />;
  const close = () => {
    setDraft(undefined);
    void client.invalidateQueries({ queryKey: ["bundles"] });
  };
  return (
    <main className="design">
      {draft ? (
        <Editor id={draft} onClose={close} />
      ) : (
        <>
          <PageHead title="流程设计" hint="改动先成草稿，由另一人发布；新事项按新版本办理，在办事项不变">
            <a href="index.html">返回办理平台</a>
          </PageHead>
          <DataTable
            caption="流程包"
            rowKey={(row: BundleRow) => row.key}
            rows={bundles.data}
            columns={[
              { key: "name", label: "流程包", render: (row: BundleRow) => row.name },
              { key: "version", label: "现行版本", render: (row: BundleRow) => (row.version ? `第 ${row.version} 版` : "未发布") },
              {
                key: "draft",
                label: "草稿",
                render: (row: BundleRow) => (row.draft_id ? `${row.draft_by ?? ""} ${row.draft_state === "submitted" ? "待发布" : "编辑中"}` : "无"),
              },
              {
                key: "act",
                label: "操作",
                render: (row: BundleRow) => (
                  <Space>
                    <Button onClick={() => void open(row)}>{row.draft_id ? "打开草稿" : "新建草稿"}</Button>
                  </Space>
                ),
              },
            ]}
          />
        </>
      )}
    </main>
  );
}
