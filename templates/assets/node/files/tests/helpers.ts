/** What several tests need: a configuration, and a real server on a free port. */
import { createSecretKey } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { TestContext } from "node:test";
import { App, type Check } from "../src/app.js";
import type { Config } from "../src/config.js";
import { serverFor } from "../src/server.js";
import { logger } from "../src/telemetry.js";
import { Signer } from "../src/tokens.js";

export const KEYS = [createSecretKey("k".repeat(32), "latin1")];
export const CONFIG: Config = {
  tokenKeys: KEYS,
  name: "service",
  host: "127.0.0.1",
  port: 0,
  logLevel: "INFO",
  dependencies: [],
  readyTimeout: 1,
  requestTimeout: 1,
  drainSeconds: 0,
  graceSeconds: 1,
  maxBody: 1024,
  maxConnections: 16,
  ratePerSecond: 0.5,
  rateBurst: 3,
};

export function bearer(scope = "greetings:write", seconds = 60, subject = "ada"): string {
  return `Bearer ${new Signer(KEYS, "service").sign(subject, [scope], seconds)}`;
}

/** What a log has written. */
export class Journal {
  text = "";
  readonly log = logger("service", "INFO", (line) => {
    this.text += line;
  });

  /** The lines with this message. Every line must be JSON by itself. */
  lines(message: string): Record<string, unknown>[] {
    const lines = this.text.split("\n").filter(Boolean);
    return lines.map((line) => JSON.parse(line)).filter((line) => line.message === message);
  }
}

export interface Seen {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

export interface Running {
  app: App;
  port: number;
  journal: Journal;
  call: (
    method: string,
    path: string,
    headers?: Record<string, string>,
    body?: string | Buffer,
  ) => Promise<Seen>;
  greet: (body: string | Buffer, headers?: Record<string, string>) => Promise<Seen>;
  /** Sends `text` as it is; all that comes back until the service hangs up. */
  raw: (text: string) => Promise<string>;
}

/** Starts a server; it stops when the test ends. */
export async function start(
  t: TestContext,
  config: Partial<Config> = {},
  checks?: Record<string, Check>,
): Promise<Running> {
  const all = { ...CONFIG, ...config };
  const journal = new Journal();
  const { log } = journal;
  const app = checks ? new App(all, log, new Map(Object.entries(checks))) : new App(all, log);
  const server = serverFor(all, app, log);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const call: Running["call"] = (method, path, headers = {}, body) =>
    new Promise((resolve, reject) => {
      const sent = request({ port, method, path, headers, agent: false }, (answer) => {
        let text = "";
        answer.on("data", (chunk) => {
          text += chunk;
        });
        answer.on("end", () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }),
        );
      });
      sent.on("error", reject);
      sent.end(body);
    });
  return {
    app,
    port,
    journal,
    call,
    greet: (body, headers = {}) => {
      const good = { authorization: bearer(), "content-type": "application/json" };
      return call("POST", "/v1/greetings", { ...good, ...headers }, body);
    },
    raw: (text) =>
      new Promise((resolve, reject) => {
        let answer = "";
        const socket = connect(port, "127.0.0.1", () => socket.write(text));
        socket.setTimeout(10_000, () => socket.destroy(new Error("nobody hung up")));
        socket.on("data", (chunk) => {
          answer += chunk;
        });
        socket.on("error", reject);
        socket.on("close", () => resolve(answer));
      }),
  };
}
