/** 发起: processes one may start by hand – by itself, or about a case from its page. */
import { useQuery } from "@tanstack/react-query";
import { Button, Drawer, Dropdown, Skeleton } from "antd";
import { lazy, Suspense, useState } from "react";
import { get } from "../api/client";
import { useWide } from "../app/useWide";

// The form controls come only when something is started.
const StartEntry = lazy(async () => ({ default: (await import("./StartEntry")).StartEntry }));

export interface StartOffer {
  process: string;
  event: string;
  name: string;
  process_name: string;
  hint: string | null;
}

export function StartMenu({ caseId, label = "发起" }: { caseId?: string; label?: string }) {
  const [open, setOpen] = useState<StartOffer | null>(null);
  const wide = useWide();
  const { data = [] } = useQuery({
    queryKey: ["starts", caseId ?? ""], queryFn: ({ signal }) => get<StartOffer[]>("/starts", { case_id: caseId }, signal), staleTime: 300_000,
  });
  if (data.length === 0) return null;
  const key = (one: StartOffer) => `${one.process}/${one.event}`;
  return (
    <>
      <Dropdown
        trigger={["click"]}
        menu={{ items: data.map((one) => ({ key: key(one), label: one.process_name })), onClick: (info) => setOpen(data.find((one) => key(one) === info.key) ?? null) }}
      >
        <Button type={caseId ? "default" : "primary"} aria-haspopup="menu">{label}</Button>
      </Dropdown>
      <Drawer title={open?.process_name} open={open !== null} onClose={() => setOpen(null)} placement={wide ? "right" : "bottom"} size={wide ? 620 : "92vh"} destroyOnHidden>
        <Suspense fallback={<Skeleton active />}>
          {open && <StartEntry offer={open} caseId={caseId} done={() => setOpen(null)} />}
        </Suspense>
      </Drawer>
    </>
  );
}
