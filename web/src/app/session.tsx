/** Who is logged in. Inside `<SessionGate>` `useMe()` always answers a person. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Modal, Result, Spin } from "antd";
import { createContext, useContext, useEffect, type ReactNode } from "react";
import { ApiError, get, onLoggedOut, post } from "../api/client";
import type { Me } from "../api/types";
import { LoginForm, LoginPage } from "../login/LoginPage";
import { forget, lastReader, readsAs } from "../offline/kept";
import { unreachable } from "../offline/outbox";
import { dropSent } from "../offline/shelf";

const MeContext = createContext<Me | null>(null);

export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error("useMe outside SessionGate");
  return me;
}

export const useRight = (right: string): boolean => useMe().rights.includes(right);

const OWED = "xunzhen-logout";

/** What was read leaves the device; without a network the server is told when it is heard of again, before anything else. */
export async function logout(me: Me): Promise<void> {
  await forget();
  await dropSent(me.id).catch(() => undefined);
  await post("/logout").catch((error: unknown) => {
    if (unreachable(error)) window.localStorage.setItem(OWED, "1");
  });
  window.location.hash = "";
  window.location.reload();
}

async function payLogout(): Promise<void> {
  if (window.localStorage.getItem(OWED) === null) return;
  await post("/logout");
  window.localStorage.removeItem(OWED);
}

/** Who is logged in; without a network, who was logged in on this device last. */
async function whoAmI(): Promise<Me> {
  try {
    await payLogout();
    const { me } = await get<{ me: Me | null }>("/session");
    if (!me) throw new ApiError(401, "not_logged_in", "请先登录。");
    await readsAs(me);
    return me;
  } catch (error) {
    const known = unreachable(error) ? await lastReader() : null;
    if (known) return known;
    throw error;
  }
}

/** Login when nobody is known; when a session ends in the middle of work, login above the page, which stays. */
export function SessionGate({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["me"],
    queryFn: whoAmI,
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
      void readsAs(me);
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
