#!/usr/bin/env node
// Plain JavaScript, for two reasons: a Node that is too old for the rest can still parse it and say what to do, and the
// compile cache has to be on before the first TypeScript file is loaded (stripping its types takes longer than all else).
import module from "node:module";

if (Number(process.versions.node.split(".")[0]) < 24) {
  process.stderr.write(
    "mcp-code-bench needs Node 24 or newer, and this is " +
      process.version +
      ". Run: npx --yes --package node@24 -- node " +
      process.argv[1] +
      " " +
      process.argv.slice(2).join(" ") +
      "\n",
  );
  process.exit(2);
}
module.enableCompileCache();
await import("./main.ts");
