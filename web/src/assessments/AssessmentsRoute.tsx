import { useRoute } from "../app/router";
import { AssessmentListPage } from "./AssessmentListPage";
import { SheetPage } from "./SheetPage";

export function AssessmentsRoute() {
  const { parts } = useRoute();
  return parts[1] ? <SheetPage key={parts[1]} number={parts[1]} /> : <AssessmentListPage />;
}
