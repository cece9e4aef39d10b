/** The list comes with the first visit; the page of a step brings the form controls when it is opened. */
import { lazy } from "react";
import { useRoute } from "../app/router";
import { TaskListPage } from "./TaskListPage";

const TaskPage = lazy(async () => ({ default: (await import("./TaskPage")).TaskPage }));

export function TasksRoute() {
  const { parts } = useRoute();
  return parts[1] ? <TaskPage key={parts[1]} id={parts[1]} /> : <TaskListPage />;
}
