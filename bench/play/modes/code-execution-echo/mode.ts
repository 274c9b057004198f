/** The control: the same programs, but everything that a tool returns is printed, so the saving on data must vanish. */
import { codeMode } from "../code-execution/mode.ts";

export const codeExecutionEcho = codeMode({
  id: "code-execution-echo",
  title: "Control: code execution that prints every tool result in full",
  control: true,
  echo: true,
});
