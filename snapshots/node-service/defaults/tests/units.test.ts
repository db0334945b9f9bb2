/** Configuration, tokens and limits, and above all what must not be accepted. */
import assert from "node:assert/strict";
import { createHmac, createSecretKey } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { inspect } from "node:util";
import { ConfigError, fromEnv } from "../src/config.js";
import { RateLimiter } from "../src/limits.js";
import { Signer } from "../src/tokens.js";

function keyFile(content: string): string {
  const path = join(mkdtempSync(join(tmpdir(), "service-")), "keys");
  writeFileSync(path, content);
  return path;
}

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

test("numbers are plain and finite", () => {
  const path = keyFile("n".repeat(32));
  for (const text of ["nan", "Infinity", "1e2", "-1", "٣", "0x10", "1_0", " 1"]) {
    const env = { TOKEN_KEY_FILE: path, GRACE_SECONDS: text, RATE_BURST: text };
    assert.equal(problems(env).length, 2, text);
  }
});

test("a key file must hold long keys", () => {
  for (const content of ["", "\n", "short\n"]) {
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
  assert.equal(new Signer([current, old], "service", () => now).verify(foreign).subject, "ada");

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
  for (let caller = 0; caller < 100; caller += 1) limiter.wait(String(caller));
  assert.equal(limiter.size, 2);
});
