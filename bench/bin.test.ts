import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const bin = fileURLToPath(new URL("bin.mjs", import.meta.url));

test("the command starts, and its exit code is the command line's", () => {
  expect(spawnSync(process.execPath, [bin, "--help"], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
  expect(spawnSync(process.execPath, [bin, "rn"], { encoding: "utf8" })).toMatchObject({
    status: 2,
    stdout: "",
    stderr: "error: Unknown command rn. Did you mean mcp-code-bench run?\n",
  });
});

test("a closed pipe is a quiet end", async () => {
  const child = spawn(process.execPath, [bin, "list", "modes"], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const [code] = await once(child, "close");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});

test("the help of run loads neither a schema nor what plays", () => {
  const hook = `import { registerHooks } from "node:module";
    registerHooks({ load: (url, context, next) => { process.stderr.write(url + "\\n"); return next(url, context); } });`;
  const flags = ["--import", `data:text/javascript,${encodeURIComponent(hook)}`];
  const { stdout, stderr } = spawnSync(process.execPath, [...flags, bin, "run", "--help"], { encoding: "utf8" });
  expect(stdout).toContain("Usage:");
  const loaded = stderr.split("\n");
  expect(loaded.filter((url) => url.endsWith("/bench/cli/commands/run.ts"))).toHaveLength(1);
  expect(
    loaded.filter((url) => /\/zod\/|\/@modelcontextprotocol\/|\/bench\/(play|records\/read|servers)|run-asked/.test(url)),
  ).toEqual([]);
});
