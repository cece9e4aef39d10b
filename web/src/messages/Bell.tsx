import { BellOutlined } from "@ant-design/icons";
import { href } from "../app/router";
import { useNotifications } from "./queries";

export function Bell() {
  const { data } = useNotifications();
  const unread = data?.items.filter((one) => !one.read).length ?? 0;
  return (
    <a className="shell-tool bell" href={href("/messages")} aria-label={unread ? `消息，${unread} 条未读` : "消息"}>
      <BellOutlined aria-hidden />
      {unread > 0 && <span className="bell-count" aria-hidden="true">{unread > 99 ? "99+" : unread}</span>}
    </a>
  );
}
