/** 打印: every paper that can be made of the case now. */
import { PrinterOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Dropdown } from "antd";
import { get, url } from "../api/client";

interface Paper {
  key: string;
  name: string;
  detail: string;
  url: string;
}

export function PrintMenu({ id }: { id: string }) {
  const { data } = useQuery({ queryKey: ["case", id, "papers"], queryFn: ({ signal }) => get<Paper[]>(`/cases/${id}/papers`, {}, signal), retry: false });
  if (!data || data.length === 0) return null;
  const items = data.map((paper) => ({
    key: paper.key,
    label: <a href={url(paper.url)} target="_blank" rel="noreferrer">{paper.name} <small className="muted">{paper.detail}</small></a>,
  }));
  return (
    <Dropdown trigger={["click"]} menu={{ items }}>
      <Button icon={<PrinterOutlined />} aria-haspopup="menu">打印</Button>
    </Dropdown>
  );
}
