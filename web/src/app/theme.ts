/** Colours with at least 4.5:1 on white and on the grey page; sizes for fingers. Checked by axe in the browser tests. */
import type { ThemeConfig } from "antd";

/** Who asked the system for less motion gets none. */
const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

export const theme: ThemeConfig = {
  token: {
    motion: !calm,
    colorPrimary: "#0b5394",
    colorLink: "#0b5394",
    colorLinkHover: "#083d6b",
    colorLinkActive: "#083d6b",
    colorSuccess: "#237804",
    colorWarning: "#ad4e00",
    colorError: "#a8071a",
    colorInfo: "#0b5394",
    colorText: "#1f2329",
    colorTextSecondary: "#4a5058",
    colorTextTertiary: "#5c636d",
    colorTextDescription: "#555c66",
    colorTextPlaceholder: "#666d77",
    colorTextDisabled: "#6b7280",
    colorBorder: "#8c939d",
    colorBgLayout: "#f3f5f8",
    borderRadius: 6,
    fontSize: 15,
    controlHeight: 38,
    fontFamily: '-apple-system, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", "Segoe UI", sans-serif',
  },
  components: {
    Layout: { siderBg: "#ffffff", headerBg: "#0b5394", headerHeight: 56, headerPadding: "0 16px" },
    Menu: { itemHeight: 44, itemMarginInline: 8 },
    Table: { headerBg: "#eef1f5", headerColor: "#33383f", cellPaddingBlock: 12, cellPaddingInline: 12 },
    Tabs: { horizontalItemGutter: 24 },
  },
};

/** The same with controls of finger size. */
export const phoneTheme: ThemeConfig = {
  ...theme,
  token: { ...theme.token, controlHeight: 44, controlHeightSM: 40, controlHeightLG: 48 },
  components: { ...theme.components, DatePicker: { cellWidth: 46 } },
};
