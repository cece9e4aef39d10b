/** #/meetings is the list, #/meetings/<number> one meeting. */
import { useRoute } from "../app/router";
import { MeetingListPage } from "./MeetingListPage";
import { MeetingPage } from "./MeetingPage";

export function MeetingsRoute() {
  const { parts } = useRoute();
  return parts[1] ? <MeetingPage key={parts[1]} number={parts[1]} /> : <MeetingListPage />;
}
