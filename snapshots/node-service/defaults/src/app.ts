/** What the service does. Nothing here knows sockets of callers: `server.ts` does. */
import { connect } from "node:net";
import type { Config } from "./config.js";
import { RateLimiter } from "./limits.js";
import { type Log, Metrics } from "./telemetry.js";
import { Signer, TokenError } from "./tokens.js";

export const GREETINGS_SCOPE = "greetings:write";
const MAX_NAME_LENGTH = 64;

/** Resolves if a dependency can be used; `signal` ends the wait. */
export type Check = (signal: AbortSignal) => Promise<void>;

/** A request as the server hands it in. Header names are in lower case. */
export interface Request {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The body; rejects with a `Refusal` if it is too large or too late. */
  readonly body: () => Promise<Buffer>;
}

/** An answer. `route` is the label for metrics and logs, `subject` who asked, if known. */
export interface Response {
  readonly status: number;
  readonly body: string;
  readonly type: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly route: string;
  readonly subject?: string;
}

/** A request that is answered with an error. The message is shown to the caller. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly type: string;
}

interface Route {
  readonly method: "GET" | "POST";
  /** What a caller's token must allow; without it anybody may call. */
  readonly scope?: string;
  readonly handler: (request: Request) => Promise<Answer> | Answer;
}

function reply(status: number, content: unknown): Answer {
  return { status, body: `${JSON.stringify(content)}\n`, type: "application/json" };
}

/** Routes, and what stands behind them. */
export class App {
  readonly metrics = new Metrics();
  draining = false;
  private readonly signer: Signer;
  private readonly limiter: RateLimiter;
  private readonly routes: ReadonlyMap<string, Route>;

  constructor(
    private readonly config: Config,
    private readonly log: Log,
    private readonly checks: ReadonlyMap<string, Check> = connections(config),
  ) {
    this.signer = new Signer(config.tokenKeys, config.name);
    this.limiter = new RateLimiter(config.ratePerSecond, config.rateBurst);
    this.routes = new Map<string, Route>([
      ["/healthz", { method: "GET", handler: () => reply(200, { status: "ok" }) }],
      ["/readyz", { method: "GET", handler: () => this.ready() }],
      ["/metrics", { method: "GET", handler: () => this.render() }],
      ["/v1/greetings", { method: "POST", scope: GREETINGS_SCOPE, handler: greet }],
    ]);
  }

  /** Answers `request`. Never rejects: what goes wrong in here is a 500 and a log entry. */
  async handle(request: Request): Promise<Response> {
    const label = this.routes.has(request.path) ? request.path : "unmatched";
    const who: { subject?: string } = {};
    let answer: Answer;
    let headers: Readonly<Record<string, string>> = {};
    try {
      answer = await this.answer(request, who);
    } catch (error) {
      if (error instanceof Refusal) {
        answer = reply(error.status, { error: error.message });
        headers = error.headers;
      } else {
        const cause = error instanceof Error ? error.stack : String(error);
        this.log("error", "request failed", { path: request.path, request_id: request.id, cause });
        answer = reply(500, { error: "internal error" });
      }
    }
    return { ...answer, headers, route: label, ...who };
  }

  private answer(request: Request, who: { subject?: string }): Promise<Answer> | Answer {
    const route = this.routes.get(request.path);
    if (route === undefined) throw new Refusal(404, "no such resource");
    if ((request.method === "HEAD" ? "GET" : request.method) !== route.method) {
      throw new Refusal(405, "method not allowed", { Allow: route.method });
    }
    if (route.scope !== undefined) this.authorise(request, route.scope, who);
    return route.handler(request);
  }

  /** Who asks, if the token is good and covers `scope`. Only the log says why it is not. */
  private authorise(request: Request, scope: string, who: { subject?: string }): void {
    try {
      const match = /^bearer +(\S+)$/i.exec(String(request.headers.authorization ?? ""));
      if (match?.[1] === undefined) throw new TokenError("no bearer token");
      const claims = this.signer.verify(match[1]);
      who.subject = claims.subject;
      if (!claims.scopes.has(scope)) throw new Refusal(403, `the token lacks the scope ${scope}`);
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      this.log("warning", "unauthorised", { cause: error.message, request_id: request.id });
      throw new Refusal(401, "unauthorised", { "WWW-Authenticate": "Bearer" });
    }
    const wait = this.limiter.wait(who.subject);
    if (wait > 0) {
      throw new Refusal(429, "too many requests", { "Retry-After": String(Math.ceil(wait)) });
    }
  }

  /** Should traffic come here? One deadline covers all dependencies together. */
  private async ready(): Promise<Answer> {
    if (this.draining) throw new Refusal(503, "draining");
    const signal = AbortSignal.timeout(this.config.readyTimeout * 1000);
    const states = await Promise.all(
      [...this.checks].map(async ([dependency, check]) => {
        try {
          await check(signal);
          return [dependency, "ok"] as const;
        } catch (error) {
          this.log("warning", "dependency is not ready", { dependency, cause: String(error) });
          return [dependency, "unavailable"] as const;
        }
      }),
    );
    const ready = states.every(([, state]) => state === "ok");
    return reply(ready ? 200 : 503, { ready, dependencies: Object.fromEntries(states) });
  }

  private render(): Answer {
    const type = "text/plain; version=0.0.4; charset=utf-8";
    return { status: 200, body: this.metrics.render(), type };
  }
}

/** The sample: check what came in, then answer. Replace it with what you build. */
async function greet(request: Request): Promise<Answer> {
  return reply(201, { message: `Hello, ${await nameIn(request)}!` });
}

/** Strict about the body's shape, so that surprises end here and not in a backend. */
async function nameIn(request: Request): Promise<string> {
  const type = String(request.headers["content-type"] ?? "")
    .split(";")[0]
    ?.trim();
  if (type !== "application/json") throw new Refusal(415, "the body must be application/json");
  const bytes = await request.body();
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new Refusal(400, "the body is not JSON");
  }
  if (typeof body !== "object" || body === null || Object.keys(body).join() !== "name") {
    throw new Refusal(422, "the body must be an object with the one member name");
  }
  const { name } = body as { name: unknown };
  if (typeof name !== "string" || name.trim() === "" || /(?! )[\p{C}\p{Z}]/u.test(name)) {
    throw new Refusal(422, "name must be printable text");
  }
  if ([...name].length > MAX_NAME_LENGTH) {
    throw new Refusal(422, `name must have at most ${MAX_NAME_LENGTH} characters`);
  }
  return name.trim();
}

/** A dependency counts as usable when it accepts a connection. */
function connections(config: Config): ReadonlyMap<string, Check> {
  return new Map(
    config.dependencies.map(({ host, port }) => [
      `${host}:${port}`,
      (signal) =>
        new Promise<void>((resolve, reject) => {
          const socket = connect({ host, port, signal });
          socket.once("error", reject);
          socket.once("connect", () => {
            socket.destroy();
            resolve();
          });
        }),
    ]),
  );
}
