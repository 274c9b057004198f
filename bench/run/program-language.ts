/** Holds sandboxes to the language of the modes' programs, so that no program is sent to a backend that cannot read it. */
import {
  type Availability,
  BenchError,
  type Mode,
  type Registry,
  type Sandbox,
  type SandboxFactory,
  type SandboxHost,
} from "../../contract/index.ts";

/** The first mode whose programs `sandbox` does not run. `undefined`: it runs them all, or none at all and says so itself. */
export function modeBeyond({ languages }: Sandbox, modes: readonly Mode[]): Mode | undefined {
  if (languages.length === 0) return undefined;
  return modes.find((mode) => !isRunBy(languages, mode));
}

function isRunBy(languages: Sandbox["languages"], { sandbox }: Mode): boolean {
  return sandbox === null || sandbox.languages.some((language) => languages.includes(language));
}

const languagesOf = ({ sandbox }: Mode): string => sandbox?.languages.join(" or ") ?? "";

/** Why `sandbox` is left out of a run of `mode`, where it was not asked for itself. */
export function unreadable(sandbox: Sandbox, mode: Mode): Extract<Availability, { status: "unavailable" }> {
  return {
    status: "unavailable",
    reason: reasonOf(sandbox, mode),
    fix: `Measure it with mcp-code-bench sandboxes --sandbox ${sandbox.id}.`,
  };
}

/** The refusal of a `sandbox` that was asked for: it names the backends that run the programs of `mode`, controls left out. */
export async function languageError(
  sandbox: Sandbox,
  mode: Mode,
  sandboxes: Registry<SandboxFactory>,
  host: SandboxHost,
): Promise<BenchError> {
  const fitting = await Promise.all(
    sandboxes.ids.map(async (id) => {
      const other = (await sandboxes.load(id))(host);
      await other.dispose();
      return other.control || !isRunBy(other.languages, mode) ? [] : [id];
    }),
  );
  return new BenchError("USAGE", {
    problem: `Sandbox "${sandbox.id}" cannot play this run: ${reasonOf(sandbox, mode)}.`,
    fix: `Name one that runs ${languagesOf(mode)}: ${fitting.flat().join(", ")}.`,
  });
}

function reasonOf(sandbox: Sandbox, mode: Mode): string {
  return `it runs ${sandbox.languages.join(" and ")}, and the programs of ${mode.id} are ${languagesOf(mode)}`;
}
