/**
 * QuickJS by hand: the least host with which the scenarios' programs run. It is the floor that the quickjs sandbox is
 * held against, so it has no thread, no limits, no deadline and no error texts: on this thread, one fresh machine for
 * each program, the engine and its extensions compiled once, `callTool` awaiting the SDK client, files from a map.
 */
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { EvalFlags, QuickJS } from "quickjs-wasi";

export interface FloorHost {
  callTool(server: string, tool: string, inputJson: string): Promise<string>;
  readFile(path: string): string;
  readdir(path: string): readonly string[];
}

/** Waits pass at once, as in the run: a program of the scenarios never has two at a time. */
const prelude = `
globalThis.console = { log: (...values) => print(values.map((v) => (typeof v === "string" ? v : JSON.stringify(v))).join(" ")) };
globalThis.setTimeout = (callback) => void Promise.resolve().then(callback);
globalThis.callTool = (server, tool, input) => startCall(server, tool, JSON.stringify(input)).then(JSON.parse);
`;
const filesModule = `
export const readFile = async (path) => readText(path);
export const readdir = async (path) => JSON.parse(listNames(path));
`;

/** Returns what the program printed. Rejects if it throws. */
export type RunProgram = (source: string, host: FloorHost) => Promise<string>;

export async function floorEngine(): Promise<RunProgram> {
  const compile = (file: string) => WebAssembly.compile(readFileSync(new URL(import.meta.resolve(`quickjs-wasi/${file}`))));
  const wasm = await compile("quickjs.wasm");
  const extensions = await Promise.all(
    ["url", "encoding", "structured-clone"].map(async (file) => ({
      name: file.replace("-", "_"),
      wasm: await compile(`${file}.so`),
    })),
  );
  const stripped = new Map<string, string>();
  const strip = (source: string) => {
    const js = stripped.get(source) ?? stripTypeScriptTypes(source);
    stripped.set(source, js);
    return js;
  };

  return async (source, host) => {
    using vm = await QuickJS.create({
      wasm,
      extensions,
      timezoneOffset: 0,
      moduleLoader: {
        normalize: (_importer, specifier) => specifier.replace(/^\.\//, ""),
        load: (name) => (name === "node:fs/promises" ? filesModule : strip(host.readFile(name))),
      },
    });
    const lines: string[] = [];
    const define = (name: string, call: Parameters<typeof vm.newFunction>[1]) => {
      vm.newFunction(name, call).consume((handle) => vm.setProp(vm.global, name, handle));
    };
    define("print", (line) => {
      lines.push(line?.toString() ?? "");
      return vm.undefined;
    });
    define("readText", (path) => vm.newString(host.readFile(path?.toString() ?? "")));
    define("listNames", (path) => vm.newString(JSON.stringify(host.readdir(path?.toString() ?? ""))));
    define("startCall", (server, tool, input) => {
      const answer = vm.newPromise();
      host.callTool(server?.toString() ?? "", tool?.toString() ?? "", input?.toString() ?? "").then(
        (json) => {
          vm.newString(json).consume((handle) => answer.resolve(handle));
          vm.executePendingJobs();
        },
        (error: unknown) => {
          vm.newError(error instanceof Error ? error : String(error)).consume((handle) => answer.reject(handle));
          vm.executePendingJobs();
        },
      );
      return answer.handle;
    });
    vm.evalCode(prelude, "prelude").dispose();
    using evaluation = vm.evalCode(strip(source), "program.ts", EvalFlags.TYPE_MODULE);
    vm.executePendingJobs();
    const settled = await vm.resolvePromise(evaluation);
    if ("error" in settled)
      throw new Error(`A program failed on the floor: ${settled.error.consume((error) => error.toString())}`);
    settled.value.dispose();
    return lines.join("\n");
  };
}
