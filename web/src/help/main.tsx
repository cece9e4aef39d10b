/** Entry of the public page: tell of a hardship, ask what became of it; small, without a login, for any telephone. */
import "../scan/scan.css";
import "./help.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { HelpPage } from "./HelpPage";

createRoot(document.getElementById("root")!).render(<StrictMode><HelpPage /></StrictMode>);
