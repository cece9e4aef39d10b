import { useRoute } from "../app/router";
import { CaseListPage } from "./CaseListPage";
import { CasePage } from "./CasePage";

export function CasesRoute() {
  const { parts } = useRoute();
  return parts[1] ? <CasePage key={parts[1]} id={parts[1]} /> : <CaseListPage />;
}
