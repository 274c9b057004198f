/** @cloudflare/codemode as the worker sees it; the package's own types need those of the whole Workers platform. */
declare module "codemode.js" {
  interface Provider {
    readonly name: string;
    readonly fns: Readonly<Record<string, (input: unknown) => Promise<unknown>>>;
  }
  export class DynamicWorkerExecutor {
    constructor(options: { readonly loader: unknown; readonly timeout: number });
    execute(
      code: string,
      providers: readonly Provider[],
    ): Promise<{ readonly result?: unknown; readonly error?: string; readonly logs?: readonly string[] }>;
  }
}
