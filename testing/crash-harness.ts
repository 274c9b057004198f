/** A harness that is to be killed: `crash-harness.ts <backend> <folder>`. Prints `busy` when there is something to leave. */
import { argv, env, execPath, platform, stdout } from "node:process";
import { makeRunTemp } from "../machine/run-temp.ts";
import { sandboxRegistry } from "../sandboxes/registry.ts";

const [, , id = "", folder = ""] = argv;
const tmpDir = await makeRunTemp(folder);
const sandbox = (await sandboxRegistry.load(id))({ env, platform, now: () => performance.now(), tmpDir, nodePath: execPath });
const [language = "javascript"] = sandbox.languages;
const open = () => sandbox.open({ language, files: new Map([["servers/lab/x.ts", "export {};\n"]]), memoryBytes: 2 ** 28 });
const program =
  language === "python"
    ? { file: "program.py", source: 'await call_tool("lab", "x", {})\nwhile True:\n    pass' }
    : { file: "program.ts", source: 'await callTool("lab", "x", {});\nfor (;;);' };
const bridge = {
  async call() {
    stdout.write("busy\n");
    return { status: "ok", text: "" } as const;
  },
};
await open();
await (await open()).run(program, { bridge, wallTimeMs: 600_000, outputBytes: 1_000, virtualTime: false });
