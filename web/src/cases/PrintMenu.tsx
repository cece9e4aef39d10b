/** 打印: every paper there is of the case; one that the reader cannot print says why. */
import { PrinterOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Dropdown } from "antd";
import { get, url } from "../api/client";

interface Paper {
  key: string;
  name: string;
  detail: string;
  url: string;
  /** Why it cannot be printed now. */
  reason: string | null;
}

export function PrintMenu({ id }: { id: string }) {
  const { data } = useQuery({ queryKey: ["case", id, "papers"], queryFn: ({ signal }) => get<Paper[]>(`/cases/${id}/papers`, {}, signal), retry: false });
  if (!data || data.length === 0) return null;
  const items = data.map((paper) => ({
    key: paper.key,
    disabled: paper.reason !== null,
    label: paper.reason === null
      ? <a href={url(paper.url)} target="_blank" rel="noreferrer">{paper.name} <small className="muted">{paper.detail}</small></a>
      : <span className="print-refused">{paper.name} <small>{paper.reason}</small></span>,
  }));
  return (
    <Dropdown trigger={["click"]} menu={{ items }}>
      <Button icon={<PrinterOutlined />} aria-haspopup="menu">打印</Button>
    </Dropdown>
  );
}
