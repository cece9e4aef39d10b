import { Button, Result } from "antd";
import { href } from "./router";

export function NotFound() {
  return (
    <Result
      status="info"
      title={<h1>没有这个页面</h1>}
      subTitle="地址可能有误，或您的岗位没有这一栏目。"
      extra={<Button type="primary" href={href("/tasks")}>回到我的待办</Button>}
    />
  );
}
