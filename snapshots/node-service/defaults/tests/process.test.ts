/** The service as the platform runs it: a process that is configured, watched and told to stop. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../src/main.js", import.meta.url));

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

test("it listens, answers and ends with 0", async (t) => {
  const child = run(t, { TOKEN_KEY_FILE: keyFile() });
  const ended = once(child, "close");
  const lines = createInterface({ input: child.stderr })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value ?? "");
  const listening = await next();
  assert.deepEqual([listening.message, listening.level], ["listening", "info"]);
  const [answer] = await once(
    get({ port: listening.port, path: "/healthz?a=%0A", agent: false }),
    "response",
  );
  answer.resume();
  assert.equal(answer.statusCode, 200);
  assert.equal((await next()).request_id, answer.headers["x-request-id"]);
  child.kill("SIGTERM");
  assert.deepEqual([(await next()).message, (await next()).message], ["draining", "stopped"]);
  assert.deepEqual(await ended, [0, null]);
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
