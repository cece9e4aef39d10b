import { UserOutlined } from "@ant-design/icons";
import { App, Dropdown } from "antd";
import { useWaiting } from "../offline/queue";
import { navigate } from "./router";
import { logout, useMe } from "./session";
import { useWide } from "./useWide";

export function UserMenu() {
  const me = useMe();
  const wide = useWide();
  const waiting = useWaiting();
  const { modal } = App.useApp();
  const posts = me.posts.map((held) => `${held.area_name} ${held.label}${held.instead_of ? `（代${held.instead_of}）` : ""}`);
  const leave = () => {
    if (waiting === 0) return void logout(me);
    void modal.confirm({
      title: `本机还有 ${waiting} 条没有上传`,
      content: "退出后仍存在本机，只有您再次在这台设备登录后才会上传。别人看不到，也不能代为上传。",
      okText: "仍要退出", cancelText: "先不退出", onOk: () => logout(me),
    });
  };
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        items: [
          { key: "who", disabled: true, label: <span className="muted"><strong>{me.name}</strong><br />{posts.join("，") || "没有任职"}</span> },
          { type: "divider" },
          { key: "password", label: "修改密码", onClick: () => navigate("/password") },
          { key: "out", label: "退出登录", onClick: leave },
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
