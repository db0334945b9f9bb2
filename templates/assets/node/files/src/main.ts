/** Command line: serve, or mint a token for trying the service out. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { App, GREETINGS_SCOPE } from "./app.js";
import { type Config, ConfigError, fromEnv } from "./config.js";
import { serverFor } from "./server.js";
import { logger } from "./telemetry.js";
import { Signer } from "./tokens.js";

/** Serves until SIGTERM or SIGINT, then finishes what is in flight. 0: done, 1: not, or cut short. */
async function serve(config: Config): Promise<number> {
  const log = logger(config.name, config.logLevel);
  const stop = new Promise<void>((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
  });
  const app = new App(config, log);
  const server = serverFor(config, app, log);
  server.listen(config.port, config.host);
  try {
    await once(server, "listening");
  } catch (error) {
    log("error", "cannot listen", { cause: String(error) });
    return 1;
  }
  log("info", "listening", { host: config.host, port: (server.address() as AddressInfo).port });
  await stop;

  // Not ready first, closed second: load balancers need a moment to look elsewhere.
  app.draining = true;
  log("info", "draining", { seconds: config.drainSeconds });
  await sleep(config.drainSeconds * 1000);
  const closed = new Promise<boolean>((resolve) => server.close(() => resolve(true)));
  const finished = await Promise.race([closed, sleep(config.graceSeconds * 1000, false)]);
  log("info", "stopped", { finished });
  return finished ? 0 : 1;
}

function usage(): number {
  process.stderr.write("usage: main.js [serve | token [--subject S] [--scope S] [--seconds N]]\n");
  return 2;
}

function mint(config: Config, args: string[]): number {
  const options = {
    subject: { type: "string", default: "developer" },
    scope: { type: "string", default: GREETINGS_SCOPE },
    seconds: { type: "string", default: "3600" },
  } as const;
  let values: { subject: string; scope: string; seconds: string };
  try {
    ({ values } = parseArgs({ args, options }));
  } catch {
    return usage();
  }
  if (!/^[0-9]{1,9}$/.test(values.seconds)) return usage();
  const signer = new Signer(config.tokenKeys, config.name);
  process.stdout.write(`${signer.sign(values.subject, [values.scope], Number(values.seconds))}\n`);
  return 0;
}

async function main([command = "serve", ...args]: string[]): Promise<number> {
  let config: Config;
  try {
    config = fromEnv(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    logger("service", "INFO")("error", "configuration is wrong", { problems: error.problems });
    return 2;
  }
  if (command === "serve" && args.length === 0) return serve(config);
  return command === "token" ? mint(config, args) : usage();
}

process.exit(await main(process.argv.slice(2)));
