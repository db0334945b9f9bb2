/** The service as its callers and its operators see it: over a socket. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
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
  for (const scope of ["greetings:read", "greetings", "greetings:writer", ""]) {
    const answer = await service.greet(ADA, { authorization: bearer(scope) });
    assert.equal(answer.status, 403, scope);
  }
});

test("a token comes as a bearer's, and is for one service", async (t) => {
  const service = await start(t);
  const as = async (kind: string) =>
    (await service.greet(ADA, { authorization: bearer().replace("Bearer", kind) })).status;
  assert.deepEqual([await as("bearer"), await as("Basic")], [201, 401]);
  assert.equal((await (await start(t, { name: "other" })).greet(ADA)).status, 401);
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

test("callers do not share a rate", async (t) => {
  const service = await start(t, { rateBurst: 1 });
  for (const subject of ["ada", "grace"]) {
    const authorization = bearer("greetings:write", 60, subject);
    assert.equal((await service.greet(ADA, { authorization })).status, 201);
  }
});

test("a name may be any text", async (t) => {
  const service = await start(t);
  const type = { "content-type": "application/json; charset=utf-8" };
  const longest = "😀".repeat(64);
  assert.equal((await service.greet(JSON.stringify({ name: longest }), type)).status, 201);
  // Separators that look like nothing, and marks that turn around what is read.
  for (const mark of ["\u00a0", "\u2028"]) {
    assert.equal((await service.greet(JSON.stringify({ name: `A${mark}da` }))).status, 422);
  }
  const other = await start(t);
  assert.equal((await other.greet(JSON.stringify({ name: "A\u202eda" }))).status, 422);
});

test("every answer has its headers", async (t) => {
  const service = await start(t);
  for (const path of ["/healthz", "/no/such/path"]) {
    const { headers } = await service.call("GET", path);
    const names = ["content-type", "x-content-type-options", "cache-control"];
    const found = names.map((name) => headers[name]);
    assert.deepEqual(found, ["application/json", "nosniff", "no-store"], path);
  }
});

test("what goes wrong inside stays inside", async (t) => {
  const service = await start(t);
  service.app.metrics.render = () => {
    throw new Error("password=hunter2");
  };
  const { status, body } = await service.call("GET", "/metrics", { "x-request-id": "abc-1" });
  assert.deepEqual([status, JSON.parse(body)], [500, { error: "internal error" }]);
  const [line] = service.journal.lines("request failed");
  assert.deepEqual([line?.level, line?.request_id], ["error", "abc-1"]);
  assert.match(String(line?.cause), /hunter2/);
});

test("unknown paths and methods", async (t) => {
  const service = await start(t);
  assert.equal((await service.call("GET", "/")).status, 404);
  const { status, headers } = await service.call("DELETE", "/v1/greetings");
  assert.deepEqual([status, headers.allow], [405, "POST"]);
  const head = await service.call("HEAD", "/healthz");
  assert.deepEqual([head.status, head.body], [200, ""]);
  assert.equal((await service.call("HEAD", "/v1/greetings")).status, 405);
});

test("a request id is kept if it is harmless", async (t) => {
  const service = await start(t);
  const kept = await service.call("GET", "/healthz", { "x-request-id": "abc-1" });
  assert.equal(kept.headers["x-request-id"], "abc-1");
  const replaced = await service.call("GET", "/healthz", { "x-request-id": "a b" });
  assert.equal(String(replaced.headers["x-request-id"]).length, 36);
  const id = async (given: string) =>
    (await service.call("GET", "/healthz", { "x-request-id": given })).headers["x-request-id"];
  const longest = "a".repeat(64);
  assert.equal(await id(longest), longest);
  assert.equal(String(await id(`${longest}a`)).length, 36);
  assert.notEqual(await id(""), await id(""));
});

test("a request is logged, and no secret is", async (t) => {
  const { greet, call, journal } = await start(t);
  const authorization = bearer();
  await greet(ADA, { authorization, "x-request-id": "abc-1" });
  await call("GET", "/no/such/path?password=hunter2%0A%7B");
  const [first, second] = journal.lines("request");
  const { time, milliseconds, client, ...rest } = first ?? {};
  assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.equal(typeof milliseconds, "number");
  assert.match(String(client), /127\.0\.0\.1$/);
  assert.deepEqual(rest, {
    level: "info",
    service: "service",
    message: "request",
    method: "POST",
    route: "/v1/greetings",
    status: 201,
    subject: "ada",
    request_id: "abc-1",
  });
  assert.equal(second?.route, "unmatched");
  for (const secret of [authorization.slice("Bearer ".length), "hunter2", "/no/such"]) {
    assert.ok(!journal.text.includes(secret), secret);
  }
});

test("the log alone says why a token was refused", async (t) => {
  const { greet, journal } = await start(t);
  const authorization = bearer("greetings:write", -1);
  const { body } = await greet(ADA, { authorization, "x-request-id": "abc-1" });
  assert.ok(!body.includes("expired"));
  const [line] = journal.lines("unauthorised");
  const { level, cause, request_id } = line ?? {};
  assert.deepEqual([level, cause, request_id], ["warning", "expired", "abc-1"]);
});

test("callers cannot make labels", async (t) => {
  const { call } = await start(t);
  assert.equal((await call("PURGE", "/healthz")).status, 405);
  const { body, headers } = await call("GET", "/metrics");
  assert.equal(headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
  assert.ok(body.includes('{method="OTHER",route="/healthz",status="405"} 1\n'), body);
  assert.ok(!body.includes("PURGE"));
});

/** A greeting that announces `length` bytes, with or without a good token. */
function greeting(length: number, authorization = bearer()): string {
  return (
    `POST /v1/greetings HTTP/1.1\r\nHost: a\r\nAuthorization: ${authorization}\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`
  );
}

async function dial(t: TestContext, port: number) {
  const socket = connect(port, "127.0.0.1");
  t.after(() => socket.destroy());
  await once(socket, "connect");
  return socket;
}

function version(status: string): string {
  return `HTTP/1.1 ${status}`;
}

test("a body may be as long as it may", async (t) => {
  const service = await start(t);
  assert.equal((await service.greet(ADA.padEnd(1024))).status, 201);
  assert.equal((await service.greet(ADA.padEnd(1025))).status, 413);
});

test("a head must be short", async (t) => {
  const service = await start(t);
  const long = "a".repeat(20 * 1024);
  assert.match(
    await service.raw(`GET /healthz HTTP/1.1\r\nHost: a\r\nX: ${long}\r\n\r\n`),
    / 431 /,
  );
});

test("a head that never ends is given up", async (t) => {
  const service = await start(t, { requestTimeout: 0.2 });
  assert.match(await service.raw("GET /healthz HTTP/1.1\r\nHost: a\r\n"), / 408 /);
});

test("a body that comes late is refused in our words, and counted", async (t) => {
  const service = await start(t);
  const answer = await service.raw(`${greeting(5)}{`);
  assert.match(answer, /^HTTP\/1\.1 408 /);
  assert.match(answer, /\r\nConnection: close\r\n/i);
  assert.match(answer, /{"error":"the body took too long"}\n$/);
  assert.deepEqual(service.journal.lines("request").at(-1)?.status, 408);
  const { body } = await service.call("GET", "/metrics");
  assert.match(body, /{method="POST",route="\/v1\/greetings",status="408"} 1\n/);
});

test("a caller who leaves within a body is no request that waits", async (t) => {
  const service = await start(t, { requestTimeout: 60 });
  const socket = await dial(t, service.port);
  socket.write(`${greeting(5)}{`);
  socket.end();
  for (let waited = 0; service.journal.lines("request").length === 0; waited += 5) {
    assert.ok(waited < 10_000, "it waits for the rest");
    await sleep(5);
  }
  assert.equal(service.journal.lines("request")[0]?.status, 400);
});

test("a connection is kept, unless a body was not read", async (t) => {
  const service = await start(t);
  const next = "GET /healthz HTTP/1.1\r\nHost: a\r\n";
  const last = `${next}Connection: close\r\n\r\n`;
  const kept = await service.raw(`${greeting(ADA.length)}${ADA}${next}\r\n${last}`);
  assert.deepEqual(kept.match(/HTTP\/1\.1 \d+/g), ["201", "200", "200"].map(version));
  assert.equal(kept.match(/\r\nConnection: close\r\n/gi)?.length, 1);
  // What would be the next request is in the place of a body that the answer did not wait for.
  for (const [head, status] of [
    [greeting(1000, "none"), "401"],
    [greeting(1000).replace("greetings", "nowhere"), "404"],
  ]) {
    const closed = await service.raw(`${head}${last}`);
    assert.deepEqual(closed.match(/HTTP\/1\.1 \d+/g), [`HTTP/1.1 ${status}`]);
    assert.match(closed, /\r\nConnection: close\r\n/i);
  }
});

test("a connection is not kept while draining", async (t) => {
  const service = await start(t);
  service.app.draining = true;
  const answer = await service.raw("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
  assert.match(answer, /^HTTP\/1\.1 200 .*\r\nConnection: close\r\n/is);
});

test("too many connections are turned away", async (t) => {
  const service = await start(t, { maxConnections: 1 });
  const first = await dial(t, service.port);
  // Connections are taken in turn: where this one is looked at, the first has the place.
  const second = await dial(t, service.port);
  second.on("error", () => {});
  second.on("data", (chunk) => assert.fail(`it is answered: ${chunk}`));
  second.write("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
  await once(second, "close");
  assert.equal(service.journal.lines("too many connections")[0]?.level, "warning");

  first.write("GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const [answer] = await once(first, "data");
  assert.match(String(answer), / 200 /);
  await once(first, "close");
  assert.equal((await service.call("GET", "/healthz")).status, 200);
});
