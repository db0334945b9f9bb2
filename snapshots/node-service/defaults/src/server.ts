/**
 * HTTP/1.1 on the standard library: bounded in size, time and number. Put a proxy that speaks TLS
 * in front of it, as the platform's ingress does.
 */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type App, Refusal } from "./app.js";
import type { Config } from "./config.js";
import type { Log } from "./telemetry.js";

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** A server for `app` that does not listen yet. */
export function serverFor(config: Config, app: App, log: Log): Server {
  const limit = config.requestTimeout * 1000;
  const options = {
    requestTimeout: limit,
    headersTimeout: limit,
    keepAliveTimeout: 5000,
    connectionsCheckingInterval: Math.min(1000, limit / 2),
    maxHeaderSize: 16 * 1024,
  };
  const server = createServer(options, (request, response) => {
    serve(config, app, log, request, response).catch((error: unknown) => {
      log("error", "connection failed", { cause: String(error) });
      response.destroy();
    });
  });
  server.maxConnections = config.maxConnections;
  server.on("drop", () => log("warning", "too many connections"));
  return server;
}

async function serve(
  config: Config,
  app: App,
  log: Log,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const started = performance.now();
  const given = request.headers["x-request-id"];
  const id = typeof given === "string" && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID();
  const method = METHODS.has(request.method ?? "") ? (request.method ?? "OTHER") : "OTHER";
  const answer = await app.handle({
    id,
    method,
    path: (request.url ?? "").split("?")[0] ?? "",
    headers: request.headers,
    body: () => bodyOf(request, config),
  });

  const seconds = (performance.now() - started) / 1000;
  app.metrics.observe(method, answer.route, answer.status, seconds);
  log("info", "request", {
    method,
    route: answer.route,
    status: answer.status,
    milliseconds: Math.round(seconds * 10_000) / 10,
    client: request.socket.remoteAddress,
    subject: answer.subject,
    request_id: id,
  });
  // A body that nobody has read would be taken for the next request. And a connection that is kept
  // would hold up the end, or carry requests past it.
  const keep = request.complete && !app.draining;
  const close: Record<string, string> = keep ? {} : { Connection: "close" };
  response.writeHead(answer.status, {
    "Content-Type": answer.type,
    "Content-Length": Buffer.byteLength(answer.body),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Request-ID": id,
    ...answer.headers,
    ...close,
  });
  response.end(answer.body);
}

/** The body, if it is as short and as quick as it has to be. */
function bodyOf(request: IncomingMessage, config: Config): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const late = setTimeout(
      () => reject(new Refusal(408, "the body took too long")),
      config.requestTimeout * 1000 * 0.9, // before the server itself hangs up without a word of ours
    );
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > config.maxBody) reject(new Refusal(413, "the body is too large"));
      else chunks.push(chunk);
    });
    request.on("end", () => resolve(Buffer.concat(chunks)));
    request.on("error", () => reject(new Refusal(400, "the body is incomplete")));
    request.on("close", () => clearTimeout(late));
  });
}
