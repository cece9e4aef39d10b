/** 登记变化: the form of the process, filled in with the family itself or who helps it. */
import { useQuery } from "@tanstack/react-query";
import { get } from "../api/client";
import type { LeadForm } from "../api/types";
import { FormDialog } from "../forms/FormDialog";
import type { RecognitionRow } from "./types";

export function ChangeDialog({ row, close }: { row: RecognitionRow; close: () => void }) {
  const path = `/recognitions/${encodeURIComponent(row.application_no)}`;
  const { data } = useQuery({ queryKey: ["change-form", row.application_no], queryFn: () => get<LeadForm>(`${path}/change`), gcTime: 0 });
  return (
    <FormDialog
      key={data ? "form" : "waiting"} title={`登记变化：${row.title}（${row.programme_name}）`} ok="登记"
      hint={row.open_review ? "该户正在复核，这次报告会并入原件。" : "登记后开始复核；作出决定以前照常发放。"}
      schema={data?.form} values={data?.values ?? {}} path={`${path}/changes`} body={(values) => ({ values })} renew={["recognitions", "recognition"]} close={close}
    />
  );
}
