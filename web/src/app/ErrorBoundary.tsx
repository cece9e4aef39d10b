/** A page that fails says so, in words, and offers the way back; the rest of the shell stays usable. */
import { Button, Result } from "antd";
import { Component, type ReactNode } from "react";
import { isDown } from "../offline/connection";

interface Props {
  children: ReactNode;
  /** A change of this key (the address) gives the page another chance. */
  resetKey?: string;
}

export class ErrorBoundary extends Component<Props, { error: Error | null }> {
  state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  componentDidUpdate(before: Props) {
    if (before.resetKey !== this.props.resetKey && this.state.error) this.setState({ error: null });
  }

  render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    const unloaded = /dynamically imported module|Importing a module|preload CSS/i.test(error.message);
    const offline = unloaded && isDown();
    const outdated = unloaded && !offline;
    return (
      <Result
        status="warning"
        title={offline ? "没有网络，这一页要联网才能打开" : outdated ? "系统刚刚更新，请重新载入页面" : "这个页面没能显示出来"}
        subTitle={offline ? "没有网络时可以打开今日走访、入户登记、上报线索和待上传。" : outdated ? undefined : "已填写并自动保存的草稿不会丢失。重新载入后仍出现，请把本页截图交给系统管理员。"}
        extra={
          <Button type="primary" onClick={() => window.location.reload()}>
            重新载入
          </Button>
        }
      />
    );
  }
}
