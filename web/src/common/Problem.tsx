/** What went wrong, in words, with the way on. */
import { Alert, Button } from "antd";

export function Problem({ error, retry }: { error: Error; retry?: () => void }) {
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={error.message}
      action={retry && <Button size="small" onClick={retry}>重试</Button>}
    />
  );
}
