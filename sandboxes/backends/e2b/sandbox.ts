/**
 * A microVM at E2B, or at a server of one's own that speaks its protocol, through E2B's SDK: one machine a session, without
 * the internet. Its template decides memory, processors and disk, so the backend declares no limit on them.
 */
import { pid } from "node:process";
import { BenchError, type Sandbox, type SandboxFactory } from "../../../contract/index.ts";
import { ownerIsGone, ownerOf } from "../../../machine/owner.ts";
import { nodeArguments, runnerEnvironment } from "../../host/runner/node-arguments.ts";
import { pythonArguments } from "../../host/runner/python-files.ts";
import { allFiles } from "../../host/runner/session.ts";
import { runnerSessions } from "../../host/runner/sessions.ts";
import { outsideTree } from "../../host/session/session-tree.ts";
import { lifeMs, type MachineRunner, machineBox } from "./machine-box.ts";
import { nodeRunner } from "./node-runner.ts";
import { becomeNobody, pythonMachineRunner } from "./python-runner.ts";
import { findService, type Service, type ServiceSettings, serviceKind } from "./service.ts";

const id = "e2b";
/** Marks of what this project made; the first value is the owner. */
const ownerKey = "mcp-code-bench.owner";
const backendKey = "mcp-code-bench.sandbox";
/** Named by E2B_TEMPLATE; it needs Node 24 or later for JavaScript, Python 3.11 or newer for Python. */
const defaultTemplate = "base";

/** What decides how a machine is shut off. */
const shutOff = { allowInternetAccess: false, network: { allowPublicTraffic: false } } as const;

/** For tests: with other settings than a user's. */
export const e2bWith =
  (settings: ServiceSettings): SandboxFactory =>
  (host): Sandbox => {
    const sessions = runnerSessions(id);
    const template = host.env.E2B_TEMPLATE || defaultTemplate;
    const kind = serviceKind(host.env);
    let found: ReturnType<typeof findService> | undefined;

    /** Asked once. A key that is set later is found by the next process. */
    const service = async (): Promise<Service> => {
      found ??= findService(host, settings);
      const answer = await found;
      if ("status" in answer)
        throw new BenchError("SANDBOX_UNAVAILABLE", { sandbox: id, reason: answer.reason, fix: answer.fix });
      return answer;
    };

    return {
      id,
      title: kind === "own" ? "E2B microVM at a server of one's own (E2B_API_URL)" : "E2B microVM (remote, by its SDK)",
      isolation: "remote",
      control: false,
      languages: ["javascript", "python"],
      enforces: ["wallTime", "output"],
      bridgeTransport: "JSON lines over the standard input and output of a process, carried by the SDK's Connect streams",
      persists: { files: true, globals: ["python"] },
      version: `Node and Python of the template ${template}`,
      // What the smallest plan may hold: https://e2b.dev/docs/sandbox/rate-limits.
      maxSessions: 20,
      emulates: kind === "double" ? "protocol double" : null,
      configuration: {
        service: kind,
        template,
        ...shutOff,
        lifeMs,
        arguments: nodeArguments(0),
        python: { arguments: [...pythonArguments], setpriv: [...becomeNobody] },
        env: Object.keys(runnerEnvironment),
      },
      async available() {
        found ??= findService(host, settings);
        const answer = await found;
        return "status" in answer ? answer : { status: "available" };
      },
      async open(options) {
        const isPython = options.language === "python";
        return sessions.open(options, isPython ? outsideTree(options.files) : await allFiles(options), async () => {
          const runner = isPython ? await pythonMachineRunner(options) : await nodeRunner(options.memoryBytes);
          const provider = await service();
          const machine = await startMachine(provider, template, runner);
          return machineBox({ sandbox: id, service: provider, machine, template, runner });
        });
      },
      async sweep() {
        const provider = await service().catch(() => undefined);
        if (provider !== undefined) await sweepMachines(provider);
      },
      dispose: sessions.dispose,
    };
  };

export const e2b: SandboxFactory = e2bWith({ requestMs: 60_000, acceptDouble: false });

/** A machine with the runner inside. Rejects with SANDBOX_UNAVAILABLE; what is left then lives at most `lifeMs`. */
async function startMachine({ sdk, connection, ask }: Service, template: string, runner: MachineRunner) {
  const metadata = { [ownerKey]: ownerOf(pid), [backendKey]: id };
  const machine = await ask(
    `no machine can be made from the template ${template}`,
    sdk.Sandbox.create(template, { ...connection, ...shutOff, timeoutMs: lifeMs, metadata }),
  );
  try {
    await ask("the runner cannot be put into its machine", runner.install(machine));
    return machine;
  } catch (error) {
    await ask("it does not end", machine.kill()).catch(() => undefined);
    throw error;
  }
}

/** Ends machines of this project whose harness has ended, and no others. Never rejects. */
async function sweepMachines({ sdk, connection, ask }: Service): Promise<void> {
  const list = sdk.Sandbox.list({ ...connection, query: { metadata: { [backendKey]: id } } });
  try {
    // All pages first: ending a machine may shift the next page.
    const listed = [];
    while (list.hasNext) listed.push(...(await ask("its server does not list sandboxes", list.nextItems())));
    const gone = listed.filter(({ metadata }) => ownerIsGone(metadata[ownerKey] ?? ""));
    await Promise.all(gone.map(({ sandboxId }) => ask("it does not end", sdk.Sandbox.kill(sandboxId, connection))));
  } catch {
    // What is left ends when its life is over.
  }
}
