/**
 * Fills in what some engines' `URL` lacks: `searchParams`, and `URLSearchParams` from records and pairs. Where the
 * engine has them, nothing is touched.
 */

type ParamsInit = string | Iterable<readonly [unknown, unknown]> | Readonly<Record<string, unknown>> | undefined;

export function completeUrl(): void {
  if ("searchParams" in URL.prototype) return;
  const NativeParams = URLSearchParams;
  const owners = new WeakMap<object, URL>();

  class Params extends NativeParams {
    constructor(init?: ParamsInit) {
      super(typeof init === "object" && init !== null ? "" : String(init ?? ""));
      if (typeof init !== "object" || init === null) return;
      const pairs = Symbol.iterator in init ? (init as Iterable<readonly [unknown, unknown]>) : Object.entries(init);
      for (const [name, value] of pairs) super.append(String(name), String(value));
    }
    override append(name: string, value: string): void {
      super.append(name, value);
      updateOwner(this);
    }
    override delete(name: string): void {
      super.delete(name);
      updateOwner(this);
    }
    override set(name: string, value: string): void {
      super.set(name, value);
      updateOwner(this);
    }
    override sort(): void {
      super.sort();
      updateOwner(this);
    }
  }
  function updateOwner(params: Params): void {
    const owner = owners.get(params);
    if (owner !== undefined) owner.search = params.toString();
  }

  Object.defineProperty(Params, "name", { value: "URLSearchParams" });
  Object.defineProperty(globalThis, "URLSearchParams", { value: Params, writable: true, configurable: true });
  Object.defineProperty(URL.prototype, "searchParams", {
    configurable: true,
    get(this: URL) {
      const params = new Params(this.search);
      owners.set(params, this);
      return params;
    },
  });
}
