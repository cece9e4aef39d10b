import "antd/dist/reset.css";
import "../styles/base.css";
import "../styles/vendor-fixes.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Providers } from "../app/Providers";
import { SessionGate } from "../app/session";
import { DesignerPage } from "./DesignerPage";

createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <Providers>
      <SessionGate>
        <DesignerPage />
      </SessionGate>
    </Providers>
  </StrictMode>,
);
