/** 查阅记录: who read sensitive fields of a household or a case, why, or for which step. Lines are added and never changed. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Skeleton } from "antd";
import { get } from "../api/client";
import { href } from "../app/router";
import { DataTable } from "../common/DataTable";
import { Nothing } from "../common/Nothing";
import { Pager } from "../common/Pager";
import { Problem } from "../common/Problem";
import { when } from "../common/time";
import { useAddress } from "../common/useAddress";
import type { Reveal } from "../homes/types";
import type { Paged } from "./types";

const about = (one: Reveal) => (one.case_id ? href(`/cases/${one.case_id}`) : href(`/homes/${one.household}`));

export function RevealsTab() {
  const address = useAddress();
  const { data, error, refetch } = useQuery({
    queryKey: ["reveals", address.page], placeholderData: keepPreviousData,
    queryFn: ({ signal }) => get<Paged<Reveal>>("/register/reveals", { page: address.page }, signal),
  });
  return (
    <div className="stack">
      {error && <Problem error={error} retry={() => void refetch()} />}
      {!data && !error && <div className="panel"><Skeleton active /></div>}
      {data?.items.length === 0 && <Nothing title="没有查阅记录" hint="谁为办理哪个环节、或因何事由查阅了敏感信息，都会记在这里。" />}
      {data && data.items.length > 0 && (
        <DataTable
          stacked caption="查阅记录" rows={data.items} rowKey={(one) => one.at + one.who + one.head + one.reason}
          columns={[
            { key: "at", label: "时间", render: (one) => <span className="nowrap">{when(one.at)}</span> },
            { key: "who", label: "查阅人", render: (one) => <span className="nowrap">{one.who}</span> },
            { key: "about", label: "对象", render: (one) => <a href={about(one)}>{one.head}<small className="muted num log-more">{one.number ?? "户册"}</small></a> },
            { key: "why", label: "目的", render: (one) => <>{one.until ? "说明事由：" : "办理环节："}{one.reason}</> },
            { key: "until", label: "有效至", render: (one) => one.until && <span className="nowrap">{when(one.until)}</span> },
            { key: "place", label: "区域", render: (one) => one.place },
          ]}
        />
      )}
      {data && <Pager total={data.total} page={address.page} size={data.size} onChange={(page) => address.set({ page })} />}
    </div>
  );
}
