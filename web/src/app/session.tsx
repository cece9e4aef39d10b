/** Who is logged in. Inside `<SessionGate>` `useMe()` always answers a person. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Modal, Result, Spin } from "antd";
import { createContext, useContext, useEffect, type ReactNode } from "react";
import { ApiError, get, onLoggedOut, post } from "../api/client";
import type { Me } from "../api/types";
import { LoginForm, LoginPage } from "../login/LoginPage";

const MeContext = createContext<Me | null>(null);

export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error("useMe outside SessionGate");
  return me;
}

export const useRight = (right: string): boolean => useMe().rights.includes(right);

export async function logout(): Promise<void> {
  await post("/logout").catch(() => undefined);
  window.location.hash = "";
  window.location.reload();
}

/** Login when nobody is known; when a session ends in the middle of work, login above the page, which stays. */
export function SessionGate({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["me"],
    queryFn: async () => {
      const { me } = await get<{ me: Me | null }>("/session");
      if (!me) throw new ApiError(401, "not_logged_in", "请先登录。");
      return me;
    },
    retry: false,
    staleTime: 5 * 60_000,
  });
  useEffect(() => onLoggedOut(() => void client.invalidateQueries({ queryKey: ["me"] })), [client]);

  const refused = error instanceof ApiError && error.status === 401;
  const enter = (me: Me) => {
    if (data && data.id !== me.id) {
      window.location.hash = "";
      window.location.reload();
    } else {
      client.setQueryData(["me"], me);
      if (data) void client.invalidateQueries();
    }
  };
  if (isPending) return <Spin fullscreen description="正在打开…" />;
  if (!data && refused) return <LoginPage onDone={enter} />;
  if (!data) {
    return (
      <Result
        status="warning"
        title="连不上服务器"
        subTitle={error?.message}
        extra={<Button type="primary" onClick={() => void refetch()}>重试</Button>}
      />
    );
  }
  return (
    <MeContext.Provider value={data}>
      {children}
      <Modal open={refused} title="登录已失效，请重新登录" footer={null} closable={false} destroyOnHidden>
        <p>页面上已填写的内容仍然保留，登录后可继续。</p>
        <LoginForm onDone={enter} username={data.username} />
      </Modal>
    </MeContext.Provider>
  );
}
