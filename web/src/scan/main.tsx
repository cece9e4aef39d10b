/** Entry of the page behind the code on a posted notice: small, without a login, for any telephone. */
import "./scan.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { NoticePage } from "./NoticePage";

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <NoticePage token={decodeURIComponent(window.location.pathname.split("/").filter(Boolean).at(-1) ?? "")} />
  </StrictMode>,
);
