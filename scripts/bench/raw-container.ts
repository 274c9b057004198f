/** dockerode by hand, for the floors of the backends whose guest is in a container. */
import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { type ContainerRuntime, containerOptions } from "../../sandboxes/backends/docker/container-box.ts";
import { preparedImage } from "../../sandboxes/backends/docker/container-sandbox.ts";
import { findEngine } from "../../sandboxes/backends/docker/engine.ts";
import { becomeNobody } from "../../sandboxes/host/runner/box-limits.ts";
import { echoSource, helloSource, socketChannel, untilFigure, untilHello, withSocketGuest } from "./by-hand.ts";
import type { RawFloor } from "./floors/raw.ts";

const memoryBytes = 256 * 2 ** 20;

export const rawContainer = (id: string, runtime: ContainerRuntime): RawFloor => ({
  id,
  note: `dockerode, the same image and the same options for ${runtime.name}; a Node program that connects to the socket in the mount.`,
  async prepare(host) {
    const found = await findEngine(host);
    if (!("engine" in found)) throw new Error(`${found.reason}. ${found.fix}`);
    const { engine } = found;
    const image = await preparedImage(engine, host.nodePath, "javascript");
    const tree = mkdtempSync(join(host.tmpDir, "tree-"));
    mkdirSync(join(tree, "servers"));
    const start = (source: string) => async (channel: string) => {
      const options = containerOptions({ image, runtime, labels: {}, tree, data: [], memoryBytes }, channel);
      const container = await engine.createContainer({ ...options, Cmd: [...becomeNobody, "node", "-e", source] });
      await container.start();
      return () => container.remove({ force: true });
    };
    return {
      cold() {
        const since = performance.now();
        return withSocketGuest(host.tmpDir, start(helloSource(socketChannel)), (input) => untilHello(input, since));
      },
      roundTrip: (calls) => withSocketGuest(host.tmpDir, start(echoSource(socketChannel, calls)), untilFigure),
      dispose: async () => undefined,
    };
  },
});
