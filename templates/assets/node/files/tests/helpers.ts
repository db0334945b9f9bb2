/** What several tests need: a configuration, and a real server on a free port. */
import { createSecretKey } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { TestContext } from "node:test";
import { App, type Check } from "../src/app.js";
import type { Config } from "../src/config.js";
import { serverFor } from "../src/server.js";
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

export function bearer(scope = "greetings:write", seconds = 60): string {
  return `Bearer ${new Signer(KEYS, "service").sign("ada", [scope], seconds)}`;
}

export interface Seen {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

export interface Running {
  app: App;
  port: number;
  call: (
    method: string,
    path: string,
    headers?: Record<string, string>,
    body?: string | Buffer,
  ) => Promise<Seen>;
  greet: (body: string | Buffer, headers?: Record<string, string>) => Promise<Seen>;
  raw: (text: string) => Promise<string>;
}

/** Starts a server; it stops when the test ends. */
export async function start(
  t: TestContext,
  config: Partial<Config> = {},
  checks?: Record<string, Check>,
): Promise<Running> {
  const all = { ...CONFIG, ...config };
  const silent = () => {};
  const app = checks ? new App(all, silent, new Map(Object.entries(checks))) : new App(all, silent);
  const server = serverFor(all, app, silent);
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
    call,
    greet: (body, headers = {}) => {
      const good = { authorization: bearer(), "content-type": "application/json" };
      return call("POST", "/v1/greetings", { ...good, ...headers }, body);
    },
    raw: (text) =>
      new Promise((resolve, reject) => {
        let answer = "";
        const socket = connect(port, "127.0.0.1", () => socket.write(text));
        socket.on("data", (chunk) => {
          answer += chunk;
        });
        socket.on("error", reject);
        socket.on("close", () => resolve(answer));
      }),
  };
}
