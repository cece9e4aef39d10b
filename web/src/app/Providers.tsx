/** What every entry needs around it: Chinese antd with our theme, server-state cache, error boundary. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { App, ConfigProvider } from "antd";
import zhCN from "antd/locale/zh_CN";
import dayjs from "dayjs";
import "dayjs/locale/zh-cn";
import type { ReactNode } from "react";
import { ApiError } from "../api/client";
import { ErrorBoundary } from "./ErrorBoundary";
import { phoneTheme, theme } from "./theme";
import { useWide } from "./useWide";

dayjs.locale("zh-cn");

/** Refusals are answers, not accidents: only broken connections and server errors are asked again. */
function mayRetry(count: number, error: unknown): boolean {
  if (error instanceof ApiError) return count < 2 && (error.status === 0 || error.status >= 502);
  return false;
}

export const queryClient = new QueryClient({
  defaultOptions: {
    // "always": without a network a page shows what the device keeps, and a write says at once that it did not go out.
    queries: { retry: mayRetry, staleTime: 15_000, refetchOnWindowFocus: true, networkMode: "always" },
    mutations: { retry: false, networkMode: "always" },
  },
});

export function Providers({ children }: { children: ReactNode }) {
  return (
    <ConfigProvider locale={zhCN} theme={useWide() ? theme : phoneTheme} button={{ autoInsertSpace: false }}>
      <App message={{ maxCount: 3 }}>
        <QueryClientProvider client={queryClient}>
          <ErrorBoundary>{children}</ErrorBoundary>
        </QueryClientProvider>
      </App>
    </ConfigProvider>
  );
}
