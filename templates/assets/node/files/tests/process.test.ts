/** The service as the platform runs it: a process that is configured, watched and told to stop. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createSecretKey } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Signer } from "../src/tokens.js";
import { bearer } from "./helpers.js";

const MAIN = fileURLToPath(new URL("../src/main.js", import.meta.url));
const ADA = '{"name": "Ada"}';

function run(t: TestContext, env: Record<string, string>, ...args: string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  t.after(() => child.kill("SIGKILL"));
  return child;
}

function keyFile(): string {
  const path = join(mkdtempSync(join(tmpdir(), "service-")), "keys");
  writeFileSync(path, "k".repeat(32));
  return path;
}

/** Starts to serve. `line` waits for the next line of the log with this message. */
async function serve(t: TestContext, env: Record<string, string> = {}) {
  const child = run(t, { TOKEN_KEY_FILE: keyFile(), ...env });
  const ended = once(child, "close");
  const lines = createInterface({ input: child.stderr })[Symbol.asyncIterator]();
  const line = async (message: string) => {
    for (;;) {
      const next = await lines.next();
      assert.ok(!next.done, `no line says ${message}`);
      const found = JSON.parse(next.value);
      if (found.message === message) return found;
    }
  };
  const listening = await line("listening");
  const port: number = listening.port;
  const call = async (path: string): Promise<IncomingMessage> => {
    const [answer] = await once(get({ port, path, agent: false }), "response");
    return answer.resume();
  };
  const status = async (path: string) => (await call(path)).statusCode;
  return { child, ended, line, listening, port, call, status };
}

/** A request in flight: the service has said that the body may come. */
async function half(t: TestContext, port: number) {
  const socket = connect(port, "127.0.0.1");
  t.after(() => socket.destroy());
  socket.write(
    `POST /v1/greetings HTTP/1.1\r\nHost: a\r\nAuthorization: ${bearer()}\r\n` +
      "Content-Type: application/json\r\nContent-Length: 15\r\nExpect: 100-continue\r\n\r\n",
  );
  const [answer] = await once(socket, "data");
  assert.match(String(answer), /^HTTP\/1\.1 100 /);
  return socket;
}

/** Waits until nobody listens there any more. */
async function refused(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
    } catch {
      return;
    }
    socket.destroy();
    await sleep(5);
  }
}

test("it listens, answers and ends with 0", async (t) => {
  const { child, ended, line, listening, call } = await serve(t);
  assert.equal(listening.level, "info");
  const answer = await call("/healthz?a=%0A");
  assert.equal(answer.statusCode, 200);
  assert.equal((await line("request")).request_id, answer.headers["x-request-id"]);
  child.kill("SIGTERM");
  await line("draining");
  assert.equal((await line("stopped")).finished, true);
  assert.deepEqual(await ended, [0, null]);
});

test("it is not ready once told to stop, but still serves", async (t) => {
  const { child, line, status } = await serve(t, { DRAIN_SECONDS: "300" });
  assert.equal(await status("/readyz"), 200);
  child.kill("SIGTERM");
  await line("draining");
  assert.deepEqual([await status("/readyz"), await status("/healthz")], [503, 200]);
});

test("what is in flight is finished", { timeout: 30_000 }, async (t) => {
  const { child, ended, line, port } = await serve(t, {
    GRACE_SECONDS: "60",
    REQUEST_TIMEOUT: "60",
  });
  const socket = await half(t, port);
  child.kill("SIGTERM");
  await refused(port);
  socket.write(ADA);
  const [answer] = await once(socket, "data");
  assert.match(String(answer), /^HTTP\/1\.1 201 .*\r\nConnection: close\r\n/is);
  assert.equal((await line("stopped")).finished, true);
  assert.deepEqual(await ended, [0, null]);
});

test("a request that is cut off is exit 1", { timeout: 30_000 }, async (t) => {
  const limits = { GRACE_SECONDS: "0.1", REQUEST_TIMEOUT: "60" };
  const { child, ended, line, port } = await serve(t, limits);
  await half(t, port);
  child.kill("SIGTERM");
  assert.equal((await line("stopped")).finished, false);
  assert.deepEqual(await ended, [1, null]);
});

test("the environment reaches the service, and an interrupt stops it", async (t) => {
  const env = { SERVICE_NAME: "ledger", DEPENDENCIES: "127.0.0.1:1" };
  const { child, ended, listening, status } = await serve(t, env);
  assert.equal(listening.service, "ledger");
  assert.equal(await status("/readyz"), 503);
  child.kill("SIGINT");
  assert.deepEqual(await ended, [0, null]);
});

test("a token for trials is what was asked for", async (t) => {
  const env = { TOKEN_KEY_FILE: keyFile(), SERVICE_NAME: "ledger" };
  const mint = async (...args: string[]): Promise<[number | null, string]> => {
    const child = run(t, env, "token", ...args);
    let text = "";
    child.stdout.on("data", (chunk) => {
      text += chunk;
    });
    const [code] = await once(child, "close");
    return [code, text.trim()];
  };
  const [code, token] = await mint("--subject", "eve", "--scope", "read", "--seconds", "60");
  assert.equal(code, 0);
  const later = (seconds: number) => () => Date.now() / 1000 + seconds;
  const keys = [createSecretKey("k".repeat(32), "latin1")];
  const claims = new Signer(keys, "ledger", later(30)).verify(token);
  assert.deepEqual(claims, { subject: "eve", scopes: new Set(["read"]) });
  assert.throws(() => new Signer(keys, "ledger", later(61)).verify(token), /expired/);
  for (const wrong of [["--seconds", "soon"], ["--colour", "red"], ["more"]]) {
    assert.deepEqual(await mint(...wrong), [2, ""], String(wrong));
  }
});

test("a port that is taken is a line of the log and exit 1", async (t) => {
  const { port } = await serve(t);
  const child = run(t, { TOKEN_KEY_FILE: keyFile(), PORT: String(port) });
  let text = "";
  child.stderr.on("data", (chunk) => {
    text += chunk;
  });
  assert.deepEqual(await once(child, "close"), [1, null]);
  assert.equal(JSON.parse(text).message, "cannot listen");
});

test("a wrong configuration ends with 2 and says all", async (t) => {
  const child = run(t, { RATE_BURST: "many" });
  let text = "";
  child.stderr.on("data", (chunk) => {
    text += chunk;
  });
  assert.deepEqual(await once(child, "close"), [2, null]);
  assert.equal(JSON.parse(text).problems.length, 2);
});
