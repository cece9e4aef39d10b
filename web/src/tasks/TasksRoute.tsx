import { useRoute } from "../app/router";
import { TaskListPage } from "./TaskListPage";
import { TaskPage } from "./TaskPage";

export function TasksRoute() {
  const { parts } = useRoute();
  return parts[1] ? <TaskPage key={parts[1]} id={parts[1]} /> : <TaskListPage />;
}
