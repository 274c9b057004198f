/** What programs call, over a real proxy; that nothing else is reached is for the conformance checks, in boxes. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import type { EgressRequest } from "../../../contract/index.ts";
import { egressProxy } from "../../host/egress/proxy.ts";
import { egressSocket, guestFetch } from "./fetch.ts";

/** Of granted.test, made for this test alone; nobody trusts it elsewhere. */
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgueZAeFsWPzYCeeJJ
2IEgD5V+41oZ3RguzQLG6q6NHaKhRANCAARBEMXo7zhHLNMAW1r1k3ZExH3hoxi9
n6v0IAjuI2k0/1QFWK8pOm3L3/Gn17yMSDeGyvmRakw6dd+cITm8dAHh
-----END PRIVATE KEY-----`;
const cert = `-----BEGIN CERTIFICATE-----
MIIBnzCCAUSgAwIBAgIUY0tZgySkspblBnGYaeh2mZMQKQAwCgYIKoZIzj0EAwIw
FzEVMBMGA1UEAwwMZ3JhbnRlZC50ZXN0MCAXDTI2MTEyMjAwMDc1N1oYDzIxMjYx
MDI5MDAwNzU3WjAXMRUwEwYDVQQDDAxncmFudGVkLnRlc3QwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAARBEMXo7zhHLNMAW1r1k3ZExH3hoxi9n6v0IAjuI2k0/1QF
WK8pOm3L3/Gn17yMSDeGyvmRakw6dd+cITm8dAHho2wwajAdBgNVHQ4EFgQUS8jU
PvpCl5dIUUvMI9ne1Jaeuv4wHwYDVR0jBBgwFoAUS8jUPvpCl5dIUUvMI9ne1Jae
uv4wDwYDVR0TAQH/BAUwAwEB/zAXBgNVHREEEDAOggxncmFudGVkLnRlc3QwCgYI
KoZIzj0EAwIDSQAwRgIhAJh94fMUKxh84HA7IJZbNllMqhULqrhlRXM727arooyd
AiEAp7tU9KCWliIBc5GwfrfSPN/SR4zARww66l0NzdaWv5A=
-----END CERTIFICATE-----`;

test("https goes through a tunnel, and trusts only whom the certificate names", async () => {
  const trusted = getCACertificates();
  setDefaultCACertificates([...trusted, cert]);
  const server = createServer({ key, cert }, async (incoming, answer) => {
    let body = "";
    for await (const chunk of incoming) body += chunk;
    answer.setHeader("X-Mine", "yes").end(`${incoming.method} ${incoming.url} ${incoming.headers.host} ${body}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const log: EgressRequest[] = [];
  const place = { port, address: "127.0.0.1", methods: ["CONNECT"] };
  const allow = ["granted.test", "other.test"].map((host) => ({ host, ...place }));
  const proxy = egressProxy({ allow, log: (request) => log.push(request) });
  const folder = mkdtempSync(join(tmpdir(), "fetch-test-"));
  await proxy.listen(folder);
  onTestFinished(async () => {
    await proxy.close();
    server.close();
    setDefaultCACertificates(trusted);
    rmSync(folder, { recursive: true });
  });

  let settled = 0;
  const fetch = guestFetch(join(folder, egressSocket), () => settled++);
  const answer = await fetch(`https://granted.test:${port}/a?b=1`, { method: "POST", body: "text", headers: { "X-Own": "1" } });
  expect([answer.ok, answer.status, answer.headers.get("X-Mine"), await answer.text()]).toEqual([
    ...[true, 200, "yes", `POST /a?b=1 granted.test:${port} text`],
  ]);
  // It leads to the same server, which cannot show that it is the one.
  await expect(fetch(`https://other.test:${port}/`)).rejects.toThrow(new TypeError("fetch failed"));
  await expect(fetch("https://granted.test/")).rejects.toThrow(new TypeError("fetch failed: not granted"));
  await expect(fetch(`http://granted.test:${port}/`)).rejects.toThrow(new TypeError("fetch failed: not granted"));
  await expect(fetch("data:text/plain,x")).rejects.toThrow(TypeError);
  expect(settled).toBe(4);
  await expect.poll(() => log).toHaveLength(4);
  const asked = log.map(({ method, host, path, refused }) => `${method} ${host}${path} ${refused}`);
  expect(asked.toSorted()).toEqual([
    "CONNECT granted.test not granted",
    "CONNECT granted.test null",
    expect.stringMatching(/^CONNECT other\.test (null|failed)$/),
    "GET granted.test/ not granted",
  ]);
});
