/** What a cell is played with. */
import type {
  Counter,
  Mode,
  ModelFactory,
  Registry,
  RunConfig,
  RunInfo,
  Sandbox,
  Scenario,
  ScenarioHost,
  ScriptedAgent,
  Serialisation,
} from "../../contract/index.ts";
import type { Connection } from "../servers/connection.ts";
import type { TransportChoice } from "../servers/transports.ts";

/** Everything that a cell is played with. The caller owns the sandbox and the extra connections. */
export interface CellSetting {
  readonly scenario: Scenario;
  readonly mode: Mode;
  readonly model: ModelFactory;
  /** How scripts play the modes. Asked by scripted models alone. */
  readonly agents: Pick<Registry<ScriptedAgent>, "load">;
  /** Present exactly when the mode uses one. */
  readonly sandbox?: Sandbox;
  /** The process has not opened this sandbox before. */
  readonly firstOpen: boolean;
  /** Servers beside the scenario's own: catalogue and synthetic ones, connected once a run. */
  readonly extraServers: readonly Connection[];
  /** At least one; the first is primary. */
  readonly counters: readonly Counter[];
  readonly serialisations: readonly Serialisation[];
  readonly profiles: RunInfo["profiles"];
  readonly limits: RunConfig["limits"];
  readonly enforceWindow: boolean;
  /** Id of this one. */
  readonly machine: string;
  readonly host: ScenarioHost;
  /** What the scenario's mock servers are played over; default memory. */
  readonly transport?: Omit<TransportChoice, "host">;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}
