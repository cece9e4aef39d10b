import { Pagination } from "antd";
import { useWide } from "../app/useWide";

interface Props {
  total: number;
  page: number;
  size: number;
  onChange: (page: number) => void;
}

/** Nothing when one page holds everything; a telephone has room for the page and its number only. */
export function Pager({ total, page, size, onChange }: Props) {
  const wide = useWide();
  if (total <= size) return null;
  return (
    <nav className="pager no-print" aria-label="分页">
      <Pagination current={page} total={total} pageSize={size} onChange={onChange} showSizeChanger={false} simple={wide ? false : { readOnly: true }} showTotal={wide ? (n) => `共 ${n} 条` : undefined} />
    </nav>
  );
}
