/** The cross that empties a list or a search: a screen reader calls it 清除, not by the library's English word. */
import { CloseCircleFilled } from "@ant-design/icons";

export const CLEAR = { clearIcon: <CloseCircleFilled aria-hidden />, label: "清除" };
/** The same for a text, whose cross takes its name from the icon. */
export const CLEAR_TEXT = { clearIcon: <CloseCircleFilled aria-label="清除" /> };
