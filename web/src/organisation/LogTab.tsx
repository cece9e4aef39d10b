/** 变更记录: who changed what in the organisation and in the register of households, and when. Lines are added and never changed. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Select, Skeleton } from "antd";
import { get } from "../api/client";
import { AreaFilter } from "../cases/AreaFilter";
import { DataTable } from "../common/DataTable";
import { Nothing } from "../common/Nothing";
import { Pager } from "../common/Pager";
import { Problem } from "../common/Problem";
import { when } from "../common/time";
import { useAddress } from "../common/useAddress";
import type { LogRow, Paged } from "./types";

const KINDS: [string, string][] = [
  ["appointed", "任职"], ["post_ended", "免职"], ["liaison_changed", "联络员交接"], ["substituted", "委托代理"], ["area_changed", "区划调整"],
  ["person_added", "新增人员"], ["person_disabled", "停用账号"], ["imported", "名册导入"], ["kin_declared", "近亲属备案"], ["duty_planned", "排班"], ["case_transferred", "属地移交"],
  ["home_added", "新增户"], ["home_changed", "户资料更正"], ["home_ended", "户迁出或注销"], ["home_reopened", "恢复户"], ["home_moved", "户迁往另一村（居）"], ["home_linked", "关联在享救助"], ["home_unlinked", "取消关联在享救助"], ["member_added", "新增成员"],
  ["member_changed", "成员资料更正"], ["member_left", "成员离开"], ["member_back", "成员回到本户"], ["list_entered", "列入重点类别"], ["list_struck", "移出重点类别"],
];

export function LogTab() {
  const address = useAddress();
  const [area, kind] = [address.get("area"), address.get("kind")];
  const { data, error, refetch } = useQuery({
    queryKey: ["organisation", "log", area, kind, address.page], placeholderData: keepPreviousData,
    queryFn: ({ signal }) => get<Paged<LogRow>>("/organisation/log", { area, kind, page: address.page }, signal),
  });
  return (
    <div className="stack">
      <div className="filters">
        <AreaFilter value={area} onChange={(next) => address.set({ area: next })} />
        <Select aria-label="类别" value={kind} onChange={(next) => address.set({ kind: next })} options={[{ value: "", label: "全部类别" }, ...KINDS.map(([value, label]) => ({ value, label }))]} />
      </div>
      {error && <Problem error={error} retry={() => void refetch()} />}
      {!data && !error && <div className="panel"><Skeleton active /></div>}
      {data?.items.length === 0 && <Nothing title="没有变更记录" hint="任职、代理、区划调整等每一次变更都会记在这里。" />}
      {data && data.items.length > 0 && (
        <DataTable
          caption="变更记录" rows={data.items} rowKey={(one) => String(one.id)}
          columns={[
            { key: "at", label: "时间", render: (one) => <span className="nowrap">{when(one.at)}</span> },
            { key: "kind", label: "类别", render: (one) => <span className="nowrap">{one.kind_text}</span> },
            { key: "text", label: "内容", render: (one) => <>{one.text}{one.details.length > 0 && <small className="muted log-more">{one.details.map((more) => `${more.label}：${more.value}`).join("；")}</small>}</> },
            { key: "place", label: "区域", render: (one) => one.place },
            { key: "by", label: "经办", render: (one) => <span className="nowrap">{one.by}</span> },
          ]}
        />
      )}
      {data && <Pager total={data.total} page={address.page} size={data.size} onChange={(page) => address.set({ page })} />}
    </div>
  );
}
