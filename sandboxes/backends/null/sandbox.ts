/**
 * Not a sandbox: it evaluates nothing, calls no tool and returns an empty text at once. With it the harness measures
 * itself. It is left out of every default selection and of the conformance checks, which it would fail.
 */
import { BenchError, type Outcome, type Sandbox, type SandboxFactory, type Session } from "../../../contract/index.ts";
import { refuseEgress } from "../../host/egress/session.ts";

const id = "null";

const nothing: Outcome = {
  status: "returned",
  text: "",
  activity: { filesReportedBy: "host", read: [], wrote: [], calls: 0, callWaves: 0, virtualWaitMs: 0 },
};

function nullSession(): Session {
  let closed = false;
  const checkOpen = () => {
    if (closed) throw new BenchError("SESSION_CLOSED", { sandbox: id });
  };
  return {
    async run() {
      checkOpen();
      return nothing;
    },
    async readFile(path) {
      checkOpen();
      throw new BenchError("FILE_NOT_FOUND", { path });
    },
    async writeFile() {
      checkOpen();
    },
    async listFiles() {
      checkOpen();
      return [];
    },
    async usage() {
      checkOpen();
      return { residentBytes: 0 };
    },
    async close() {
      closed = true;
    },
  };
}

/** Named so because `null` is a word of the language. */
export const nullSandbox: SandboxFactory = (): Sandbox => ({
  id,
  title: "Nothing: what the harness itself costs (control, runs no program)",
  isolation: "none",
  control: true,
  languages: ["javascript", "python"],
  enforces: [],
  bridgeTransport: "none",
  persists: { files: false, globals: [] },
  version: "none",
  maxSessions: 10_000,
  emulates: null,
  configuration: {},
  available: async () => ({ status: "available" }),
  async open(options) {
    refuseEgress(id, options);
    return nullSession();
  },
  // It keeps nothing anywhere.
  sweep: async () => undefined,
  dispose: async () => undefined,
});
