/**
 * Where the sandboxes are: E2B's service, or a server of one's own that speaks its protocol, as the environment says. The
 * key stays in here and in the SDK: it is in no configuration and no message.
 */
import { type Availability, BenchError, isBenchError, type SandboxHost } from "../../../contract/index.ts";
import { boxFailure } from "../../host/runner/box.ts";

type E2bSdk = Pick<typeof import("e2b"), "Sandbox" | "AuthenticationError" | "CommandExitError">;

export interface ServiceSettings {
  /** Milliseconds for a request that makes, starts or ends something. */
  readonly requestMs: number;
  /** A server on this machine's loopback is the project's own test code; only its tests accept it. */
  readonly acceptDouble: boolean;
}

/** What every call of the SDK is given, so that it looks nothing up by itself. */
interface Connection {
  readonly apiKey: string;
  readonly domain: string;
  readonly apiUrl: string;
  readonly sandboxUrl?: string;
  readonly debug: false;
  readonly requestTimeoutMs: number;
}

export interface Service {
  readonly sdk: E2bSdk;
  readonly connection: Connection;
  /**
   * An answer of the SDK, or SANDBOX_UNAVAILABLE that begins with `what`, after `timeoutMs` (`requestMs`) too: the SDK has deadlines,
   * but its signals may be collected as garbage before they fire. What comes later is dropped.
   */
  ask<T>(what: string, answer: Promise<T>, timeoutMs?: number): Promise<T>;
  /** SANDBOX_UNAVAILABLE for what the SDK threw, without the key and without the SDK's error, which may hold it. */
  failure(what: string, error: unknown): BenchError<"SANDBOX_UNAVAILABLE">;
}

type Unavailable = Extract<Availability, { status: "unavailable" }>;

const id = "e2b";
/** Milliseconds for a request that does no work. */
const answerMs = 10_000;
const defaultDomain = "e2b.app";
/** A server of one's own may need no key, but the SDK sends nothing without one. */
const noKey = `e2b_${"0".repeat(40)}`;
const keyPage = "https://e2b.dev/dashboard?tab=keys";

const unavailable = (reason: string, fix: string): Unavailable => ({ status: "unavailable", reason, fix });

/** `provider`: E2B itself. `own`: a server somewhere else. `double`: on this machine's loopback. */
export function serviceKind({ E2B_API_URL: url, E2B_DOMAIN: domain }: SandboxHost["env"]): "provider" | "own" | "double" {
  if (isSet(url)) return isLoopback(url) ? "double" : "own";
  return isSet(domain) && domain !== defaultDomain ? "own" : "provider";
}

/** A server that answered and took the key, or why there is no server. Never rejects. */
export async function findService({ env }: SandboxHost, settings: ServiceSettings): Promise<Service | Unavailable> {
  const { E2B_API_KEY: key, E2B_API_URL: apiUrl, E2B_SANDBOX_URL: sandboxUrl } = env;
  const domain = isSet(env.E2B_DOMAIN) ? env.E2B_DOMAIN : defaultDomain;
  if (!isSet(key) && !isSet(apiUrl)) {
    return unavailable(
      "it runs at a provider, and neither E2B_API_KEY nor E2B_API_URL is set",
      `Set E2B_API_KEY to a key from ${keyPage}, or E2B_API_URL and E2B_SANDBOX_URL to a server of your own.`,
    );
  }
  for (const [name, url] of Object.entries({ E2B_API_URL: apiUrl, E2B_SANDBOX_URL: sandboxUrl })) {
    if (isSet(url) && !URL.canParse(url)) return unavailable(`${name} is not a URL`, `Set ${name} to a URL, or unset it.`);
  }
  if (isSet(apiUrl) && !isSet(sandboxUrl)) {
    return unavailable(
      "E2B_API_URL is set without E2B_SANDBOX_URL, and guests would go to another server than their requests",
      "Set both, or neither.",
    );
  }
  if (serviceKind(env) === "double" && !settings.acceptDouble) {
    return unavailable(
      "E2B_API_URL names this machine, where only a test double listens, whose times mean nothing",
      "Unset E2B_API_URL and set E2B_API_KEY, or name a server that is not on the loopback interface.",
    );
  }
  // An optional peer.
  const sdk = await import("e2b").catch(() => undefined);
  if (sdk === undefined) return unavailable("the package e2b is not installed", "Run npm install e2b.");

  const connection: Connection = {
    apiKey: isSet(key) ? key : noKey,
    domain,
    apiUrl: isSet(apiUrl) ? apiUrl : `https://api.${domain}`,
    ...(isSet(sandboxUrl) ? { sandboxUrl } : {}),
    debug: false,
    requestTimeoutMs: settings.requestMs,
  };
  const failure: Service["failure"] = (what, error) => {
    const reason = `${what}: ${messageOf(error).replaceAll(connection.apiKey, "[key]")}`;
    if (!(error instanceof sdk.AuthenticationError)) return boxFailure(id, reason);
    return new BenchError("SANDBOX_UNAVAILABLE", { sandbox: id, reason, fix: `Set E2B_API_KEY to a key from ${keyPage}.` });
  };
  const ask: Service["ask"] = async (what, answer, timeoutMs = settings.requestMs) => {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
    try {
      return await Promise.race([answer, late.promise]);
    } catch (error) {
      throw failure(what, error);
    } finally {
      clearTimeout(timer);
    }
  };
  try {
    await ask("its server does not list sandboxes", sdk.Sandbox.list({ ...connection, limit: 1 }).nextItems(), answerMs);
    return { sdk, connection, ask, failure };
  } catch (error) {
    if (!isBenchError(error, "SANDBOX_UNAVAILABLE")) throw error;
    return unavailable(error.details.reason, error.details.fix);
  }
}

const isSet = (value: string | undefined): value is string => value !== undefined && value !== "";

function isLoopback(url: string): boolean {
  if (!URL.canParse(url)) return false;
  return /^(localhost|.*\.localhost|127\.[\d.]+|0\.0\.0\.0|\[::1?\]|\[::ffff:7f.*\])$/.test(new URL(url).hostname);
}

/** With what a failed connection says, which `fetch` keeps as the cause. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
