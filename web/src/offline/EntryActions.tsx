/** What can be done with an entry on the device: look, send now, take up again, delete. */
import { App, Button } from "antd";
import { href, navigate } from "../app/router";
import { discard, useQueue } from "./queue";
import { KIND_WORDS, type Entry } from "./types";
import { useSend } from "./useOutbox";

/** The page that takes a refused entry up again, with what was typed. */
export function againHref(entry: Entry): string {
  const [path, query] = entry.page.split("?");
  return href(path, { ...Object.fromEntries(new URLSearchParams(query)), entry: entry.key });
}

export function EntryActions({ entry, look = false }: { entry: Entry; look?: boolean }) {
  const { modal } = App.useApp();
  const { busy } = useQueue();
  const send = useSend();
  if (entry.state === "sent") return null;
  const about = `${KIND_WORDS[entry.kind]}${entry.title && ` ${entry.title}`}`;
  const remove = () => void modal.confirm({
    title: `删除“${about}”？`,
    content: "内容还没有上传，删除后无法找回。",
    okText: "删除", okButtonProps: { danger: true }, cancelText: "保留",
    onOk: async () => {
      await discard(entry.key);
      if (!look) navigate("/outbox", { replace: true });
    },
  });
  return (
    <span className="row">
      {entry.state === "refused" && <Button type="primary" href={againHref(entry)}>打开修改</Button>}
      {look && <Button href={href(`/outbox/${entry.key}`)}>查看</Button>}
      <Button loading={busy} onClick={() => void send(entry.key)}>{entry.state === "refused" ? "再次上传" : "立即上传"}</Button>
      <Button danger onClick={remove} aria-label={`删除 ${about}`}>删除</Button>
    </span>
  );
}
