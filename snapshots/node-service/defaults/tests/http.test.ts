/** The service as its callers and its operators see it: over a socket. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import type { Check } from "../src/app.js";
import { bearer, start } from "./helpers.js";

const ADA = '{"name": "Ada"}';

test("healthz asks no dependency", async (t) => {
  const service = await start(t, {}, { db: () => Promise.reject(new Error("down")) });
  assert.equal((await service.call("GET", "/healthz")).status, 200);
  assert.equal((await service.call("GET", "/readyz")).status, 503);
});

test("ready while a dependency listens", async (t) => {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  const service = await start(t, { dependencies: [{ host: "127.0.0.1", port }] });
  assert.equal((await service.call("GET", "/readyz")).status, 200);
  // A port that was let go may soon be another's; nobody is given one of the first thousand.
  const silent = { host: "127.0.0.1", port: 1 };
  const unready = await start(t, { dependencies: [{ host: "127.0.0.1", port }, silent] });
  assert.equal((await unready.call("GET", "/readyz")).status, 503);
  listener.close();
});

test("slow dependencies share one deadline", async (t) => {
  const slow: Check = (signal) =>
    new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  const service = await start(t, { readyTimeout: 0.1 }, { db: slow, cache: slow, queue: slow });
  const began = performance.now();
  const { status, body } = await service.call("GET", "/readyz");
  assert.equal(status, 503);
  assert.equal(body.match(/unavailable/g)?.length, 3);
  assert.ok(performance.now() - began < 1000);
});

test("not ready while draining, but still serving", async (t) => {
  const service = await start(t);
  service.app.draining = true;
  assert.equal((await service.call("GET", "/readyz")).status, 503);
  assert.equal((await service.call("GET", "/healthz")).status, 200);
});

test("metrics count by route and never by path", async (t) => {
  const service = await start(t);
  await service.call("GET", "/healthz");
  await service.call("GET", "/no/such/path");
  const { body } = await service.call("GET", "/metrics");
  for (const line of [
    'http_requests_total{method="GET",route="/healthz",status="200"} 1\n',
    'http_requests_total{method="GET",route="unmatched",status="404"} 1\n',
    'http_request_duration_seconds_bucket{route="/healthz",le="+Inf"} 1\n',
  ]) {
    assert.ok(body.includes(line), body);
  }
  assert.ok(!body.includes("/no/such/path"));
});

test("greets", async (t) => {
  const { status, body } = await (await start(t)).greet('{"name": " Ada "}');
  assert.deepEqual([status, JSON.parse(body)], [201, { message: "Hello, Ada!" }]);
});

test("a token must be there and hold", async (t) => {
  const service = await start(t);
  const good = bearer();
  const bad = ["", "Basic abc", "Bearer", good.slice(0, -2), bearer("greetings:write", -1)];
  for (const authorization of bad) {
    const { status, body, headers } = await service.greet(ADA, { authorization });
    assert.deepEqual([status, JSON.parse(body)], [401, { error: "unauthorised" }], authorization);
    assert.equal(headers["www-authenticate"], "Bearer");
  }
});

test("a token must have the scope", async (t) => {
  const service = await start(t);
  const answer = await service.greet(ADA, { authorization: bearer("greetings:read") });
  assert.equal(answer.status, 403);
});

test("the body must be what it should", async (t) => {
  const service = await start(t, { rateBurst: 100 });
  const bodies: [string | Buffer, number][] = [
    ["", 400],
    ["{", 400],
    [Buffer.from([0xff]), 400],
    [Buffer.from([0x22, 0xff, 0x22]), 400],
    ["[]", 422],
    ["{}", 422],
    ["null", 422],
    ['{"NAME": "Ada"}', 422],
    ['{"name": "Ada", "admin": true}', 422],
    ['{"name": 1}', 422],
    ['{"name": " "}', 422],
    ['{"name": "a\\nb"}', 422],
    [JSON.stringify({ name: "a".repeat(65) }), 422],
    ["a".repeat(1025), 413],
  ];
  for (const [body, status] of bodies) {
    assert.equal((await service.greet(body)).status, status, String(body).slice(0, 40));
  }
  assert.equal((await service.greet(ADA, { "content-type": "text/plain" })).status, 415);
});

test("the rate is limited", async (t) => {
  const service = await start(t);
  for (const _ of [1, 2, 3]) assert.equal((await service.greet(ADA)).status, 201);
  const last = await service.greet(ADA);
  assert.deepEqual([last.status, last.headers["retry-after"]], [429, "2"]);
});

test("what goes wrong inside stays inside", async (t) => {
  const service = await start(t);
  service.app.metrics.render = () => {
    throw new Error("password=hunter2");
  };
  const { status, body } = await service.call("GET", "/metrics");
  assert.deepEqual([status, JSON.parse(body)], [500, { error: "internal error" }]);
});

test("unknown paths and methods", async (t) => {
  const service = await start(t);
  assert.equal((await service.call("GET", "/")).status, 404);
  const { status, headers } = await service.call("DELETE", "/v1/greetings");
  assert.deepEqual([status, headers.allow], [405, "POST"]);
  const head = await service.call("HEAD", "/healthz");
  assert.deepEqual([head.status, head.body], [200, ""]);
});

test("a request id is kept if it is harmless", async (t) => {
  const service = await start(t);
  const kept = await service.call("GET", "/healthz", { "x-request-id": "abc-1" });
  assert.equal(kept.headers["x-request-id"], "abc-1");
  const replaced = await service.call("GET", "/healthz", { "x-request-id": "a b" });
  assert.equal(String(replaced.headers["x-request-id"]).length, 36);
});

test("a body that never comes is given up", async (t) => {
  const service = await start(t, { requestTimeout: 0.3 });
  const began = performance.now();
  const answer = await service.raw(
    `POST /v1/greetings HTTP/1.1\r\nHost: a\r\nAuthorization: ${bearer()}\r\n` +
      "Content-Type: application/json\r\nContent-Length: 5\r\n\r\n{",
  );
  assert.match(answer, / 408 /);
  assert.ok(performance.now() - began < 3000);
});
