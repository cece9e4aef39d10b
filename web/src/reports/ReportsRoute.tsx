/** #/reports is the month of all towns, #/reports/<number> one report, #/reports/draft?area=… the month counted now. */
import { useRoute } from "../app/router";
import { ReportPage } from "./ReportPage";
import { ReportsPage } from "./ReportsPage";

export function ReportsRoute() {
  const { parts } = useRoute();
  return parts[1] ? <ReportPage key={parts[1]} number={parts[1]} /> : <ReportsPage />;
}
