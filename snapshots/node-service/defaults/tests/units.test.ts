/** Configuration, tokens, limits, logs and metrics, and above all what must not be accepted. */
import assert from "node:assert/strict";
import { createHmac, createSecretKey } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { inspect } from "node:util";
import { ConfigError, fromEnv } from "../src/config.js";
import { RateLimiter } from "../src/limits.js";
import { logger, Metrics } from "../src/telemetry.js";
import { Signer } from "../src/tokens.js";
import { Journal } from "./helpers.js";

function keyFile(content: string): string {
  const path = join(mkdtempSync(join(tmpdir(), "service-")), "keys");
  writeFileSync(path, content);
  return path;
}

const LONG = "n".repeat(32);

function problems(env: Record<string, string>): string[] {
  try {
    fromEnv(env);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems.map((problem) => problem.split(":")[0] ?? "");
  }
  return [];
}

test("configuration is read and never shows a key", () => {
  const config = fromEnv({
    TOKEN_KEY_FILE: keyFile(`${"n".repeat(32)}\n${"o".repeat(32)}\n`),
    PORT: "9000",
    DRAIN_SECONDS: "2.5",
    DEPENDENCIES: "db:5432, cache:6379",
  });
  assert.deepEqual([config.host, config.port, config.drainSeconds], ["127.0.0.1", 9000, 2.5]);
  assert.deepEqual(config.dependencies[1], { host: "cache", port: 6379 });
  assert.equal(config.tokenKeys.length, 2);
  assert.ok(!inspect(config).includes("nnnn"));
});

test("every problem is reported at once", () => {
  const env = { PORT: "99999", LOG_LEVEL: "loud", DEPENDENCIES: "db", MAX_BODY: "-1" };
  const named = ["PORT", "LOG_LEVEL", "DEPENDENCIES", "MAX_BODY", "TOKEN_KEY_FILE"];
  assert.deepEqual(problems(env), named);
});

test("every variable has its preset and its field", () => {
  const path = keyFile(LONG);
  const read = (env: Record<string, string>) => {
    const { tokenKeys, ...config } = fromEnv({ TOKEN_KEY_FILE: path, ...env });
    assert.equal(tokenKeys.length, 1);
    return config;
  };
  assert.deepEqual(read({}), {
    name: "service",
    host: "127.0.0.1",
    port: 8080,
    logLevel: "INFO",
    dependencies: [],
    readyTimeout: 1,
    requestTimeout: 10,
    drainSeconds: 0,
    graceSeconds: 20,
    maxBody: 65536,
    maxConnections: 128,
    ratePerSecond: 5,
    rateBurst: 20,
  });
  const env = {
    SERVICE_NAME: "ledger-2",
    HOST: "::1",
    PORT: "1",
    LOG_LEVEL: "DEBUG",
    DEPENDENCIES: "db:2",
    READY_TIMEOUT: "3",
    REQUEST_TIMEOUT: "4.5",
    DRAIN_SECONDS: "5",
    GRACE_SECONDS: "6",
    MAX_BODY: "7",
    MAX_CONNECTIONS: "8",
    RATE_PER_SECOND: "9.5",
    RATE_BURST: "10",
  };
  assert.deepEqual(read(env), {
    name: "ledger-2",
    host: "::1",
    port: 1,
    logLevel: "DEBUG",
    dependencies: [{ host: "db", port: 2 }],
    readyTimeout: 3,
    requestTimeout: 4.5,
    drainSeconds: 5,
    graceSeconds: 6,
    maxBody: 7,
    maxConnections: 8,
    ratePerSecond: 9.5,
    rateBurst: 10,
  });
});

test("every value has its bounds", () => {
  const path = keyFile(LONG);
  const bounds: [string, string, string][] = [
    // what may be, and what may not
    ["SERVICE_NAME", "a a-1", `1a -a a_b Ab ${"a".repeat(64)}`],
    ["PORT", "0 65535", "65536"],
    ["LOG_LEVEL", "DEBUG WARNING", "debug ERROR"],
    ["DEPENDENCIES", "a:1,b:65535", "a:0 a:65536 :1 a_b:1 a:1,"],
    ["READY_TIMEOUT", "0.1 30", "0.09 30.1"],
    ["REQUEST_TIMEOUT", "0.1 300", "0.09 300.1"],
    ["DRAIN_SECONDS", "0 300", "300.1"],
    ["GRACE_SECONDS", "0 300", "300.1"],
    ["MAX_BODY", "1 10485760", "0 10485761"],
    ["MAX_CONNECTIONS", "1 10000", "0 10001"],
    ["RATE_PER_SECOND", "0.01 10000", "0.009 10000.1"],
    ["RATE_BURST", "1 10000", "0 10001"],
  ];
  for (const [name, good, bad] of bounds) {
    const wrong = (text: string) => problems({ TOKEN_KEY_FILE: path, [name]: text });
    for (const text of good.split(" ")) assert.deepEqual(wrong(text), [], `${name}=${text}`);
    for (const text of bad.split(" ")) assert.deepEqual(wrong(text), [name], `${name}=${text}`);
  }
});

test("numbers are plain and finite", () => {
  const path = keyFile("n".repeat(32));
  for (const text of ["nan", "Infinity", "1e2", "-1", "٣", "0x10", "1_0", " 1"]) {
    const env = { TOKEN_KEY_FILE: path, GRACE_SECONDS: text, RATE_BURST: text };
    assert.equal(problems(env).length, 2, text);
  }
});

test("a key file must hold long keys", () => {
  // A key of 31 characters is too short, also below one that is not.
  for (const content of ["", "\n", "short\n", LONG.slice(1), `${LONG}\n${LONG.slice(1)}`]) {
    assert.deepEqual(problems({ TOKEN_KEY_FILE: keyFile(content) }), ["TOKEN_KEY_FILE"]);
  }
  assert.deepEqual(problems({ TOKEN_KEY_FILE: "/does/not/exist" }), ["TOKEN_KEY_FILE"]);
});

test("tokens that must not be accepted", () => {
  let now = 1_000_000;
  const [old, current] = [
    createSecretKey("o".repeat(32), "latin1"),
    createSecretKey("n".repeat(32), "latin1"),
  ];
  const signer = new Signer([current], "service", () => now);
  const good = signer.sign("ada", ["read", "write"], 60);
  assert.deepEqual(signer.verify(good), { subject: "ada", scopes: new Set(["read", "write"]) });

  const foreign = new Signer([old], "service", () => now).sign("ada", [], 60);
  const both = new Signer([current, old], "service", () => now);
  assert.equal(both.verify(foreign).subject, "ada");
  assert.equal(signer.verify(both.sign("ada", [], 60)).subject, "ada", "the first key signs");

  const [header, payload, signature] = good.split(".");
  const segment = (content: unknown) => Buffer.from(JSON.stringify(content)).toString("base64url");
  const resigned = (claims: unknown) => {
    const signed = `${header}.${segment(claims)}`;
    return `${signed}.${createHmac("sha256", current).update(signed).digest("base64url")}`;
  };
  const refused: [string, RegExp][] = [
    [foreign, /does not match/],
    [new Signer([current], "other", () => now).sign("ada", [], 60), /another service/],
    [`${header}.${segment({ sub: "eve" })}.${signature}`, /does not match/],
    [`${segment({ alg: "none", typ: "JWT" })}.${payload}.`, /not a token/],
    [`${segment({ alg: "RS256", typ: "JWT" })}.${payload}.${signature}`, /not a token/],
    [resigned({ sub: "ada", aud: "service", scope: "read" }), /incomplete/],
    [resigned({ sub: "ada", aud: "service", scope: "read", exp: "never" }), /incomplete/],
    [resigned({ sub: "ada", aud: "service", scope: ["read"], exp: 2e9 }), /incomplete/],
    [resigned(null), /incomplete/],
    ["", /not a token/],
    ["..", /not a token/],
    [`${header}.${payload}`, /not a token/],
    [`${header}.${payload}.`, /does not match/],
    [`${header}.${payload}.é`, /does not match/],
    [`${good}=`, /does not match/],
    [`${good}.${signature}`, /not a token/],
    [good + "A".repeat(5000), /not a token/],
    [signer.sign("a".repeat(4096), [], 60), /not a token/],
  ];
  for (const [token, reason] of refused) assert.throws(() => signer.verify(token), reason);

  now += 59;
  signer.verify(good);
  now += 1;
  assert.throws(() => signer.verify(good), /expired/);
});

test("a burst, then the rate", () => {
  let now = 0;
  const limiter = new RateLimiter(2, 3, 2, () => now);
  const take = (key: string, times: number) =>
    Array.from({ length: times }, () => limiter.wait(key));
  assert.deepEqual(take("ada", 4), [0, 0, 0, 0.5]);
  assert.deepEqual(take("grace", 1), [0]);
  now = 0.5;
  assert.deepEqual(take("ada", 2), [0, 0.5]);
  now = 3600;
  assert.deepEqual(take("ada", 4), [0, 0, 0, 0.5]);
  for (let caller = 0; caller < 100; caller += 1) {
    limiter.wait(String(caller));
    limiter.wait("ada");
  }
  assert.equal(limiter.size, 2);
  assert.ok(limiter.wait("ada") > 0, "who calls all the time is not forgotten");
});

test("a line break forges no line", () => {
  const journal = new Journal();
  const cause = 'two\n{"message":"forged"}\r\u2028';
  journal.log("info", "one", { cause });
  assert.equal(journal.text.match(/\n/g)?.length, 1);
  assert.equal(journal.lines("one")[0]?.cause, cause);
});

test("the level is the least that is written", () => {
  let text = "";
  const log = logger("service", "WARNING", (line) => {
    text += line;
  });
  for (const level of ["debug", "info", "warning", "error"] as const) log(level, level);
  const levels = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).level);
  assert.deepEqual(levels, ["warning", "error"]);
});

test("the metrics are Prometheus' text", () => {
  const metrics = new Metrics();
  for (const seconds of [0.005, 0.006, 0.3, 20]) metrics.observe("GET", "/healthz", 200, seconds);
  metrics.observe("GET", "/healthz", 503, 0);
  const name = "http_request_duration_seconds";
  const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, "+Inf"];
  const counts = [2, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 5];
  assert.deepEqual(metrics.render().split("\n"), [
    "# HELP http_requests_total Requests that were answered.",
    "# TYPE http_requests_total counter",
    'http_requests_total{method="GET",route="/healthz",status="200"} 4',
    'http_requests_total{method="GET",route="/healthz",status="503"} 1',
    `# HELP ${name} Time from request to answer.`,
    `# TYPE ${name} histogram`,
    ...bounds.map((le, at) => `${name}_bucket{route="/healthz",le="${le}"} ${counts[at]}`),
    `${name}_sum{route="/healthz"} 20.311000`,
    `${name}_count{route="/healthz"} 5`,
    "",
  ]);
});
