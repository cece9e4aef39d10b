import { Pagination } from "antd";

interface Props {
  total: number;
  page: number;
  size: number;
  onChange: (page: number) => void;
}

/** Nothing when one page holds everything. */
export function Pager({ total, page, size, onChange }: Props) {
  if (total <= size) return null;
  return (
    <nav className="pager no-print" aria-label="分页">
      <Pagination current={page} total={total} pageSize={size} onChange={onChange} showSizeChanger={false} showTotal={(n) => `共 ${n} 条`} responsive />
    </nav>
  );
}
