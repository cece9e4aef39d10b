/** Frame of every page: skip link, header, menu (side on desktop, bottom on a phone), the page itself. */
import { Layout, Menu, Spin } from "antd";
import { Suspense, useEffect, useRef } from "react";
import { ClockControl } from "../clock/ClockControl";
import { Bell } from "../messages/Bell";
import { BottomBar } from "./BottomBar";
import { ErrorBoundary } from "./ErrorBoundary";
import { OutboxChip } from "../offline/OutboxChip";
import { useProvision } from "../offline/provision";
import { useQueue, useWaiting } from "../offline/queue";
import { useOutbox } from "../offline/useOutbox";
import { DESIGNER, GROUPS, OWN, pagesOf } from "./menu";
import { NotFound } from "./NotFound";
import { href, navigate, useRoute } from "./router";
import { useMe } from "./session";
import { UserMenu } from "./UserMenu";
import { useHeartbeat } from "./useHeartbeat";
import { useRedCount } from "./useRedCount";
import { useWide } from "./useWide";
import "./shell.css";

function useLanding(): void {
  const me = useMe();
  const { path } = useRoute();
  useEffect(() => {
    if (path !== "/") return;
    if (me.home.startsWith("/designer")) window.location.replace(DESIGNER.href);
    else navigate(me.home, { replace: true });
  }, [path, me.home]);
}

/** A new page moves keyboard and screen reader to its beginning and names the window. */
function usePageChange(key: string, label: string | undefined) {
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    document.title = label ? `${label} · 巡诊` : "巡诊 · 困难群众主动发现";
    if (first.current) {
      first.current = false;
      return;
    }
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [key, label]);
  return main;
}

export function Shell() {
  const me = useMe();
  const wide = useWide();
  const { path, parts } = useRoute();
  const pages = pagesOf(me);
  const red = useRedCount();
  useLanding();
  useOutbox(me.id);
  const waiting = useWaiting();
  const { ready } = useQueue();
  const goesRound = me.posts.some((one) => one.tier === "village" || one.tier === "grid");
  useHeartbeat(goesRound && ready, waiting);
  useProvision(goesRound);
  const badges: Record<string, [number, string]> = { tasks: [red, `其中超期 ${red} 件`], outbox: [waiting, `${waiting} 条`] };
  const page = [...pages, ...OWN].find((one) => one.key === parts[0]);
  // A step being worked on brings its own bar to the bottom of a phone.
  const focused = parts[0] === "tasks" && parts.length > 1;
  const main = usePageChange(path, page?.label);
  const Content = page?.page ?? NotFound;

  const entries = [
    ...pages.map((one) => ({
      key: one.key,
      icon: one.icon,
      label: (
        <a href={href(`/${one.key}`)}>
          {one.label}
          {badges[one.key]?.[0] > 0 && <span className="menu-red" aria-label={badges[one.key][1]}>{badges[one.key][0]}</span>}
        </a>
      ),
    })),
    ...(me.rights.includes(DESIGNER.right)
      ? [{ key: "designer", icon: DESIGNER.icon, label: <a href={DESIGNER.href}>{DESIGNER.label}</a> }]
      : []),
  ];
  const items = GROUPS.map(({ label, keys }) => ({
    type: "group" as const,
    key: `group-${label}`,
    label,
    children: keys.flatMap((key) => entries.filter((one) => one.key === key)),
  })).filter((group) => group.children.length > 0);

  return (
    <Layout className="shell">
      <a className="skip-link" href="#main" onClick={(event) => { event.preventDefault(); main.current?.focus(); }}>
        跳到主要内容
      </a>
      <Layout.Header className="shell-head">
        <a className="shell-brand" href={href(me.home.startsWith("/designer") ? "/tasks" : me.home)} >
          <img src="/icon.svg" alt="" width={30} height={30} />
          <strong>巡诊</strong>
          {wide && <span>困难群众主动发现与救助</span>}
          <span className="sr-only">，回到首页</span>
        </a>
        <div className="shell-tools">
          {wide && <OutboxChip />}
          <ClockControl />
          <Bell />
          <UserMenu />
        </div>
      </Layout.Header>
      {!wide && <OutboxChip />}
      <Layout>
        {wide && (
          <Layout.Sider className="shell-side" width={184} theme="light">
            <nav aria-label="主菜单">
              <Menu mode="inline" selectedKeys={page ? [page.key] : []} items={items} />
            </nav>
          </Layout.Sider>
        )}
        <main id="main" ref={main} tabIndex={-1} className="shell-main">
          <ErrorBoundary resetKey={path}>
            <Suspense fallback={<div className="shell-wait"><Spin description="正在打开…" size="large"><span /></Spin></div>}>
              {path === "/" ? null : <Content />}
            </Suspense>
          </ErrorBoundary>
        </main>
      </Layout>
      {!wide && !focused && <BottomBar pages={pages} current={page?.key} badges={badges} />}
    </Layout>
  );
}
