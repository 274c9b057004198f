/** Whole processes, timed from outside: wall time until they are gone, and the processor time that they say they took. */
import { spawn } from "node:child_process";

/** Node and its arguments; every file that it loads is served from the same compile cache on both sides. */
export interface Child {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface ChildRun {
  readonly wallMs: number;
  /** User and system time of the process and its threads; not that of its own children. */
  readonly cpuMs: number | undefined;
  readonly stdout: string;
}

const sayCpu = `data:text/javascript,${encodeURIComponent(
  'import{writeSync}from"node:fs";process.on("exit",()=>{const{user,system}=process.cpuUsage();writeSync(3,String((user+system)/1000))})',
)}`;

/** Rejects with the end of its stderr when the process fails. `measureCpu` costs it some milliseconds of start-up. */
export function runChild({ args, env = {} }: Child, { measureCpu }: { readonly measureCpu: boolean }): Promise<ChildRun> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(process.execPath, [...(measureCpu ? ["--import", sayCpu] : []), ...args], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe", measureCpu ? "pipe" : "ignore"],
    });
    const texts = { stdout: "", stderr: "", cpu: "" };
    const gather = (name: keyof typeof texts, stream: unknown) => {
      (stream as NodeJS.ReadableStream | null)?.setEncoding("utf8").on("data", (text: string) => {
        texts[name] += text;
      });
    };
    gather("stdout", child.stdout);
    gather("stderr", child.stderr);
    gather("cpu", child.stdio[3]);
    let wallMs = 0;
    child.on("error", reject);
    child.on("exit", () => {
      wallMs = performance.now() - start;
    });
    child.on("close", (code, signal) => {
      if (code !== 0)
        reject(
          new Error(`node ${args.join(" ")} ended with ${code ?? signal}:\n${(texts.stderr || texts.stdout).slice(-4_000)}`),
        );
      else resolve({ wallMs, cpuMs: texts.cpu === "" ? undefined : Number(texts.cpu), stdout: texts.stdout });
    });
  });
}

/** A file of this folder or the project, as a path for `args`. */
export const fileOf = (path: string) => new URL(path, import.meta.url).pathname;
