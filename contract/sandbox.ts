import type { GuestBridge } from "./bridge.ts";
import type { Egress } from "./egress.ts";
import type { JsonObject } from "./json.ts";

export const languages = ["javascript", "python"] as const;
export type Language = (typeof languages)[number];

/** What stands between the guest and the host. `none` marks a control, never a recommendation. */
export type Isolation =
  | "none"
  | "interpreter"
  | "isolate"
  | "process"
  | "container"
  | "user-space-kernel"
  | "virtual-machine"
  | "remote";

/** Limits that end a run. */
export const limitNames = ["wallTime", "memory", "output"] as const;
export type LimitName = (typeof limitNames)[number];

/** What a backend may declare to enforce. `processes` and `disk` make the guest's own calls fail and end nothing. */
export type EnforcedLimit = LimitName | "processes" | "disk";

/** A folder of the host that a session sees, read-only, as `/workspace/data/<name>`. */
export interface DataFolder {
  /** One path segment of letters, digits, `-` and `_`. */
  readonly name: string;
  /**
   * Absolute path of an existing folder of plain files. Every user of the host must be able to read it: where it is
   * mounted, the guest runs as nobody. Links that lead out of it are not followed.
   */
  readonly path: string;
}

export type Availability =
  | { readonly status: "available" }
  | { readonly status: "unavailable"; readonly reason: string; readonly fix: string };

/** What a backend is given; it reads nothing else of the machine. */
export interface SandboxHost {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** An existing folder under which the backend may make its own. Its maker removes it, after a crash too. */
  readonly tmpDir: string;
  /** Absolute path of the Node binary, for backends that start Node processes. */
  readonly nodePath: string;
}

export interface OpenOptions {
  readonly language: Language;
  /** Path below `/workspace`, e.g. `servers/slack/post_message.ts`, to text. Everything below `servers/` is read-only to the guest. Not changed while the backend lives: it may keep what it was given. */
  readonly files: ReadonlyMap<string, string>;
  /** Read-only to the guest. */
  readonly data?: readonly DataFolder[];
  /** Set at open and enforced by the backend where it declares so. */
  readonly memoryBytes: number;
  /** Absent: the guest reaches no network. */
  readonly egress?: Egress;
  readonly signal?: AbortSignal;
}

/** One program: the bytes that the model wrote. `file` is how frames and imports name it, e.g. `program.ts`, in `/workspace`. */
export interface Program {
  readonly file: string;
  readonly source: string;
}

export interface RunOptions {
  readonly bridge: GuestBridge;
  /** Milliseconds of wall time, tool calls included; virtual waits are not. */
  readonly wallTimeMs: number;
  /** UTF-8 bytes of output kept. More is cut; past `hardOutputBytes` the run ends as limit-exceeded "output". */
  readonly outputBytes: number;
  /** Timers complete at once when the guest is otherwise idle, and add to `virtualWaitMs`. */
  readonly virtualTime: boolean;
  /** Ends the run as if by Ctrl-C; the outcome is limit-exceeded "aborted". */
  readonly signal?: AbortSignal;
}

/** What a run did. Calls and waits are the host's own count. */
export interface Activity {
  /**
   * Who says what was read and written: the host's own code apart from the guest, or code that shares its process with
   * the guest, which may say anything. So these lists may decide which cause a cost has, and never how much it is.
   */
  readonly filesReportedBy: "host" | "guest";
  /** Paths that were read or listed, relative to `/workspace`, deduplicated, in first-use order. */
  readonly read: readonly string[];
  /** Paths that were written or created, in the same form. */
  readonly wrote: readonly string[];
  /** Tool calls that the program issued. */
  readonly calls: number;
  /** Times that calls arrived while none was without an answer: calls that a program issues before it yields count once. */
  readonly callWaves: number;
  /** Milliseconds of virtual time that the host let pass. */
  readonly virtualWaitMs: number;
}

/** A frame of the program's own code. */
export interface Frame {
  readonly file: string;
  readonly line: number;
}

interface OutcomeBase {
  /** What the model is shown: the output, then the error if one was thrown, cut at the limit. Same bytes on every JavaScript backend. */
  readonly text: string;
  readonly activity: Activity;
}

export type Outcome =
  | (OutcomeBase & { readonly status: "returned" })
  | (OutcomeBase & {
      readonly status: "threw";
      readonly error: { readonly name: string; readonly message: string; readonly frames: readonly Frame[] };
    })
  | (OutcomeBase & { readonly status: "limit-exceeded"; readonly limit: LimitName | "aborted" });

/**
 * One live instance with a workspace of its own. Runs are serial: a second `run` before the first settles throws
 * SESSION_BUSY, and any use after `close` throws SESSION_CLOSED. After a limit the session is closed.
 */
export interface Session {
  /** Rejects with SANDBOX_UNAVAILABLE when the backend died; a failing program is an Outcome. */
  run(program: Program, options: RunOptions): Promise<Outcome>;
  /** Path relative to `/workspace`. Rejects with FILE_NOT_FOUND. */
  readFile(path: string): Promise<Uint8Array>;
  /** Rejects with PATH_OUTSIDE_WORKSPACE for a path that leaves `/workspace`. */
  writeFile(path: string, bytes: Uint8Array): Promise<void>;
  /** Every file, relative to `/workspace`, sorted; the read-only tree included. */
  listFiles(): Promise<string[]>;
  /** Resident bytes of this session alone; `null` where they cannot be measured. */
  usage(): Promise<{ readonly residentBytes: number | null }>;
  /** Ends the session and everything it started. Idempotent; never rejects. */
  close(): Promise<void>;
}

/** A sandbox backend. One folder each under `sandboxes/backends/`, one line in the registry. */
export interface Sandbox {
  readonly id: string;
  readonly title: string;
  readonly isolation: Isolation;
  /** A control exists to be compared with and is never the default. */
  readonly control: boolean;
  readonly languages: readonly Language[];
  /** The limits that the host enforces on a guest that does not cooperate. */
  readonly enforces: readonly EnforcedLimit[];
  readonly bridgeTransport: string;
  /** What a program finds of the one before it in its session. `globals`: the languages whose programs find theirs. */
  readonly persists: { readonly files: boolean; readonly globals: readonly Language[] };
  /** Names and versions of what isolates and what runs programs, e.g. `quickjs-wasi 3.6.2`. Complete after `available()` was called. */
  readonly version: string;
  /** Sessions that it is made to hold at once on a machine of ordinary size. */
  readonly maxSessions: number;
  /**
   * Its guests compute on the thread of the host's own event loop: while one does, the host does nothing else, so that no
   * deadline of the host's own, no Ctrl-C and no other session gets its turn. Absent: they do not.
   */
  readonly sharesHostLoop?: boolean;
  /** What stands in for hardware or a kernel that is not there, e.g. `CPU emulated by QEMU TCG`; `null`: nothing. */
  readonly emulates: string | null;
  /** `true`: it holds a session to the egress that it was opened with. Absent: such an `open` rejects with NO_EGRESS. */
  readonly egress?: boolean;
  /** Everything that decides how it isolates: flags, limits, mounts. Its hash goes beside every figure. */
  readonly configuration: JsonObject;
  available(): Promise<Availability>;
  /** Rejects with SANDBOX_UNAVAILABLE when the backend cannot start, and with NO_EGRESS (`egress`). */
  open(options: OpenOptions): Promise<Session>;
  /** Removes what crashed harnesses left outside their `tmpDir`, e.g. containers. What a living one owns stays (`ownerIsGone`). Never rejects. */
  sweep(): Promise<void>;
  /** Ends what the backend itself keeps between sessions (worker threads, pools). Idempotent. */
  dispose(): Promise<void>;
}
