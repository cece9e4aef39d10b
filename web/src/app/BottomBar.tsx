/** Phone navigation: up to four pages, the rest under 更多. */
import { MoreOutlined } from "@ant-design/icons";
import { Drawer } from "antd";
import { useState } from "react";
import { DESIGNER, type PageEntry } from "./menu";
import { href } from "./router";

interface Props {
  pages: PageEntry[];
  current: string | undefined;
  /** By page: a number and what it says. */
  badges: Record<string, [number, string]>;
}

export function BottomBar({ pages, current, badges }: Props) {
  const [open, setOpen] = useState(false);
  const shown = pages.length > 5 ? pages.slice(0, 4) : pages;
  const rest = pages.slice(shown.length);
  return (
    <nav className="shell-bottom" aria-label="主菜单">
      {shown.map((page) => (
        <a key={page.key} href={href(`/${page.key}`)} aria-current={page.key === current ? "page" : undefined}>
          {page.icon}
          {page.short}
          {badges[page.key]?.[0] > 0 && <span className="bottom-red" aria-label={badges[page.key][1]}>{badges[page.key][0]}</span>}
        </a>
      ))}
      {rest.length > 0 && (
        <button
          type="button"
          aria-expanded={open}
          aria-current={rest.some((page) => page.key === current) ? "page" : undefined}
          onClick={() => setOpen(true)}
        >
          <MoreOutlined />
          更多
        </button>
      )}
      <Drawer title="更多栏目" placement="bottom" size="auto" open={open} onClose={() => setOpen(false)}>
        <ul className="plain-list bottom-more">
          {rest.map((page) => (
            <li key={page.key}>
              <a href={href(`/${page.key}`)} onClick={() => setOpen(false)}>
                {page.icon} {page.label}
                {badges[page.key]?.[0] > 0 && <span className="menu-red" aria-label={badges[page.key][1]}>{badges[page.key][0]}</span>}
              </a>
            </li>
          ))}
          <li className="muted">{DESIGNER.label}请在电脑上使用。</li>
        </ul>
      </Drawer>
    </nav>
  );
}
