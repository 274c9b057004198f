/**
 * A real MCP server as a child process that speaks over stdin and stdout. The SDK's own stdio transport ends only the
 * child; this one ends every process that the server started, and says what a broken server did.
 */
import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { serializeMessage, type Transport } from "@modelcontextprotocol/client";
import { getDefaultEnvironment } from "@modelcontextprotocol/client/stdio";
import { BenchError, type WorldServer } from "../../contract/index.ts";
import { type ProcessGroup, spawnGroup } from "../../machine/process-group.ts";
import { messageLines } from "./message-lines.ts";
import { printable, redactor, secretArguments } from "./redact.ts";
import { requestState } from "./state-channel.ts";
import { type StderrTail, stderrTail } from "./stderr-tail.ts";

/** A line without an end past this many bytes is a flood. */
const defaultMaxLineBytes = 64 * 1024 * 1024;
/** A server that has printed this many lines without a message is not an MCP server. */
const maxRubbishLines = 20;
const shownRubbishCharacters = 120;
/** Time for the last output after a server's exit. Without a limit, a process that left the group could hold the pipe for ever. */
const lastOutputMs = 2_000;
/** Time for a process that no longer reads or writes to be reported as ended. Most have ended; some live on. */
const exitMs = 5_000;

export interface StdioServerOptions {
  readonly name: string;
  readonly command: string;
  readonly args?: readonly string[];
  /** Added to the few variables that MCP clients hand on (PATH, HOME, ...). Values are kept out of error messages. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The server is this program's own `serve`, and gives its state over Node's IPC channel. Absent: its state cannot be read. */
  readonly stateChannel?: true;
  /** Bytes of one stdout line; default 64 MiB. */
  readonly maxLineBytes?: number;
}

/**
 * The server starts at `connect`, in a process group of its own; a second `connect` ends the first process. `close`
 * ends stdin, waits half a second, then SIGTERM and SIGKILL to the group and to what left it, and always resolves.
 */
export function stdioServer(options: StdioServerOptions): WorldServer {
  const { name, command, args = [], env = {}, cwd, maxLineBytes = defaultMaxLineBytes, stateChannel = false } = options;
  const redact = redactor([...Object.values(env), ...secretArguments(args)]);
  let tail = stderrTail(redact);
  let starting: Promise<ProcessGroup> | undefined;
  let closed = false;

  async function stop(): Promise<void> {
    const group = await starting?.catch(() => undefined);
    await group?.stop();
  }

  return {
    name,
    transport: "stdio",
    async connect() {
      await stop();
      // Closed while it was starting (a time-out, Ctrl-C): nobody would end a process that started now.
      if (closed) throw new BenchError("ABORTED");
      tail = stderrTail(redact);
      starting = spawnGroup({ command, args, cwd, env: { ...getDefaultEnvironment(), ...env }, ipc: stateChannel });
      const group = await starting.catch((error: unknown) => {
        throw new BenchError("SERVER_START", { server: name, ...spawnProblem(error, command, cwd) }, { cause: error });
      });
      return groupTransport({ group, tail, maxLineBytes, show: (line) => quote(redact(printable(line))) });
    },
    async snapshot() {
      const group = stateChannel ? await starting : undefined;
      if (group === undefined) return null;
      return requestState(group.child).catch((cause: Error) => {
        const fix = "Play the cell again; if it happens again, its stderr says why.";
        throw new BenchError("SERVER_START", { server: name, problem: cause.message, fix, stderr: tail.text() }, { cause });
      });
    },
    redact,
    stderr: () => tail.text(),
    async close() {
      closed = true;
      await stop();
    },
  };
}

interface GroupTransportOptions {
  readonly group: ProcessGroup;
  readonly tail: StderrTail;
  readonly maxLineBytes: number;
  readonly show: (line: string) => string;
}

/** `onerror` gets what went wrong as the rest of a sentence about the server: "exited with code 3". */
function groupTransport({ group, tail, maxLineBytes, show }: GroupTransportOptions): Transport & { pid: number; stderr: null } {
  const { child } = group;
  let closed = false;
  const ended = Promise.withResolvers<void>();
  let messages = 0;
  let rubbishLines = 0;
  let firstRubbish = "";

  child.stderr.setEncoding("utf8").on("data", (text: string) => tail.append(text));
  child.stdout.on("error", () => undefined);

  function end(problem?: string): void {
    if (closed) return;
    closed = true;
    ended.resolve();
    if (problem !== undefined) transport.onerror?.(new Error(problem));
    transport.onclose?.();
  }

  function flood(problem: string): void {
    end(problem);
    group.killNow();
  }

  const lines = messageLines({
    maxLineBytes,
    onMessage(message) {
      messages += 1;
      if (!closed) transport.onmessage?.(message);
    },
    onRubbish(line) {
      rubbishLines += 1;
      if (rubbishLines === 1) firstRubbish = show(line.slice(0, 4 * shownRubbishCharacters));
      const problem = `printed ${rubbishLines} ${rubbishLines === 1 ? "line that is no MCP message" : "lines that are no MCP messages"}, the first was: ${firstRubbish}`;
      if (messages === 0 && rubbishLines >= maxRubbishLines) flood(problem);
      else if (!closed) transport.onerror?.(new Error(problem));
    },
    onOverflow: () => flood(`printed more than ${maxLineBytes} bytes without the end of a line`),
  });

  const transport: Transport & { pid: number; stderr: null } = {
    // The SDK takes a transport with these two for stdio: it then treats a silent server as an older one, not as dead.
    pid: child.pid ?? -1,
    stderr: null,
    async start() {
      const outputEnded = new Promise<void>((resolve) => child.stdout.once("close", resolve));
      child.stdout.on("data", (chunk: Buffer) => lines.append(chunk));
      void group.exited.then(async (how) => {
        const timer = setTimeout(() => end(how), lastOutputMs);
        await outputEnded;
        clearTimeout(timer);
        end(how);
      });
      // A process may close its stdout and live on: then no answer can come.
      void outputEnded.then(() => setTimeout(() => end("closed its stdout"), exitMs).unref());
    },
    send(message) {
      return new Promise((resolve, reject) => {
        if (closed) reject(new Error("the server is gone"));
        else {
          child.stdin.write(serializeMessage(message), (error) => {
            if (error == null) resolve();
            // How the process ended says more than a broken pipe, but may be known only later.
            else void Promise.race([ended.promise, delay(exitMs, undefined, { ref: false })]).then(() => reject(error));
          });
        }
      });
    },
    async close() {
      end();
      await group.stop();
    },
  };
  return transport;
}

function spawnProblem(error: unknown, command: string, cwd: string | undefined): { problem: string; fix: string } {
  if (cwd !== undefined && !existsSync(cwd)) {
    return { problem: `its folder "${cwd}" does not exist`, fix: "Correct its cwd." };
  }
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") {
    return { problem: `the command "${command}" was not found`, fix: "Install it, or correct the command." };
  }
  if (code === "EACCES") {
    return {
      problem: `the command "${command}" may not be executed`,
      fix: "Make it executable, or correct the command.",
    };
  }
  const said = error instanceof Error ? error.message : String(error);
  return { problem: `the command "${command}" did not start (${said})`, fix: "Correct the command." };
}

function quote(line: string): string {
  return JSON.stringify(line.length > shownRubbishCharacters ? `${line.slice(0, shownRubbishCharacters)}...` : line);
}
