import { useRoute } from "../app/router";
import { ReferralListPage } from "./ReferralListPage";
import { ReferralPage } from "./ReferralPage";

export function ReferralsRoute() {
  const { parts } = useRoute();
  return parts[1] ? <ReferralPage key={parts[1]} reference={parts[1]} /> : <ReferralListPage />;
}
