/** The worker that workerd starts with: gives every request an isolate of its own, which is where a guest runs. */
import code from "isolate.json";

interface Loader {
  load(code: object): { getEntrypoint(): { fetch(request: Request): Promise<Response> } };
}

export default {
  fetch: (request: Request, { LOADER }: { readonly LOADER: Loader }): Promise<Response> =>
    LOADER.load({ ...code, env: {}, globalOutbound: null, allowExperimental: true })
      .getEntrypoint()
      .fetch(request),
};
