/** 待上传: the list, and one entry looked at. */
import { useRoute } from "../app/router";
import { EntryPage } from "./EntryPage";
import { OutboxPage } from "./OutboxPage";

export function OutboxRoute() {
  const { parts } = useRoute();
  return parts[1] ? <EntryPage id={parts[1]} /> : <OutboxPage />;
}
