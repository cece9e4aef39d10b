/** #/spot is the list of quarters, #/spot/<number> one check. */
import { useRoute } from "../app/router";
import { SpotListPage } from "./SpotListPage";
import { SpotPage } from "./SpotPage";

export function SpotRoute() {
  const { parts } = useRoute();
  return parts[1] ? <SpotPage key={parts[1]} number={parts[1]} /> : <SpotListPage />;
}
