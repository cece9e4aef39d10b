import { UserOutlined } from "@ant-design/icons";
import { Dropdown } from "antd";
import { logout, useMe } from "./session";
import { useWide } from "./useWide";

export function UserMenu() {
  const me = useMe();
  const wide = useWide();
  const posts = me.posts.map((held) => `${held.area_name} ${held.label}${held.instead_of ? `（代${held.instead_of}）` : ""}`);
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        items: [
          { key: "who", disabled: true, label: <span className="muted"><strong>{me.name}</strong><br />{posts.join("，") || "没有任职"}</span> },
          { type: "divider" },
          { key: "out", label: "退出登录", onClick: () => void logout() },
        ],
      }}
    >
      <button type="button" className="shell-tool" aria-haspopup="menu">
        <UserOutlined aria-hidden />
        {wide ? <span style={{ textAlign: "left" }}>{me.name}<br /><small>{posts[0]}</small></span> : <span>{me.name}</span>}
      </button>
    </Dropdown>
  );
}
