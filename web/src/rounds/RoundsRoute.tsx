/** 今日走访, and the form of one visit. */
import { useRoute } from "../app/router";
import { TodayPage } from "./TodayPage";
import { VisitPage } from "./VisitPage";

export function RoundsRoute() {
  const { parts } = useRoute();
  return parts[1] === "visit" ? <VisitPage /> : <TodayPage />;
}
