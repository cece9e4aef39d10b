/** 户册: the list, one household, the import. */
import { useRoute } from "../app/router";
import { HomeListPage } from "./HomeListPage";
import { HomePage } from "./HomePage";
import { ImportPage } from "./ImportPage";

export function HomesRoute() {
  const { parts } = useRoute();
  if (parts[1] === "import") return <ImportPage />;
  return parts[1] ? <HomePage key={parts[1]} id={parts[1]} /> : <HomeListPage />;
}
