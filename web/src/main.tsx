/** Entry of the staff application. */
import "antd/dist/reset.css";
import "./styles/base.css";
import "./styles/vendor-fixes.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Providers } from "./app/Providers";
import { SessionGate } from "./app/session";
import { Shell } from "./app/Shell";
import { openOffline } from "./offline/register";

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <Providers>
      <SessionGate>
        <Shell />
      </SessionGate>
    </Providers>
  </StrictMode>,
);
openOffline();
