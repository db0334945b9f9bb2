/**
 * Configuration from the environment, checked before anything starts. Every problem is reported
 * at once. Secrets come as files, because environments leak into logs and crash reports.
 */
import { createSecretKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";

const MIN_KEY_LENGTH = 32;

export type Level = "DEBUG" | "INFO" | "WARNING";

/** Times are in seconds, sizes in bytes. A `KeyObject` never prints its key. */
export interface Config {
  readonly tokenKeys: readonly KeyObject[];
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly logLevel: Level;
  readonly dependencies: readonly { host: string; port: number }[];
  readonly readyTimeout: number;
  readonly requestTimeout: number;
  readonly drainSeconds: number;
  readonly graceSeconds: number;
  readonly maxBody: number;
  readonly maxConnections: number;
  readonly ratePerSecond: number;
  readonly rateBurst: number;
}

/** The environment does not describe a service that could run. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join("; "));
  }
}

/** Reads `env`; throws a `ConfigError` with every problem that it has. */
export function fromEnv(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  function read<T>(name: string, preset: T, parse: (text: string) => T): T {
    const text = env[name];
    if (!text) return preset;
    try {
      return parse(text);
    } catch (error) {
      problems.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      return preset;
    }
  }

  const config: Config = {
    tokenKeys: read("TOKEN_KEY_FILE", [] as KeyObject[], keys),
    name: read("SERVICE_NAME", "service", serviceName),
    host: read("HOST", "127.0.0.1", (text) => text),
    port: read("PORT", 8080, integer(0, 65535)),
    logLevel: read<Level>("LOG_LEVEL", "INFO", level),
    dependencies: read("DEPENDENCIES", [] as { host: string; port: number }[], addresses),
    readyTimeout: read("READY_TIMEOUT", 1, number(0.1, 30)),
    requestTimeout: read("REQUEST_TIMEOUT", 10, number(0.1, 300)),
    drainSeconds: read("DRAIN_SECONDS", 0, number(0, 300)),
    graceSeconds: read("GRACE_SECONDS", 20, number(0, 300)),
    maxBody: read("MAX_BODY", 64 * 1024, integer(1, 10 * 1024 * 1024)),
    maxConnections: read("MAX_CONNECTIONS", 128, integer(1, 10_000)),
    ratePerSecond: read("RATE_PER_SECOND", 5, number(0.01, 10_000)),
    rateBurst: read("RATE_BURST", 20, integer(1, 10_000)),
  };
  if (!env.TOKEN_KEY_FILE) {
    problems.push("TOKEN_KEY_FILE: must name a file that holds the token keys");
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

/** One key a line, the signing key first; the older ones below it still verify. */
function keys(path: string): KeyObject[] {
  const found = readFileSync(path, "latin1").split(/\s+/).filter(Boolean);
  if (found.length === 0) throw new Error("must hold at least one key");
  if (found.some((key) => key.length < MIN_KEY_LENGTH)) {
    throw new Error(`every key must have at least ${MIN_KEY_LENGTH} characters`);
  }
  return found.map((key) => createSecretKey(key, "latin1"));
}

function serviceName(text: string): string {
  if (!/^[a-z][a-z0-9-]{0,62}$/.test(text)) {
    throw new Error("must be lower-case letters, digits and hyphens");
  }
  return text;
}

function level(text: string): Level {
  if (text !== "DEBUG" && text !== "INFO" && text !== "WARNING") {
    throw new Error("must be one of DEBUG, INFO, WARNING");
  }
  return text;
}

function addresses(text: string): { host: string; port: number }[] {
  return text.split(",").map((part) => {
    const match = /^(?<host>[A-Za-z0-9.-]+):(?<port>[0-9]{1,5})$/.exec(part.trim());
    if (!match?.groups?.host || !match.groups.port) {
      throw new Error("must be host:port, separated by commas");
    }
    return { host: match.groups.host, port: integer(1, 65535)(match.groups.port) };
  });
}

function integer(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^[0-9]{1,9}$/.test(text) || value < low || value > high) {
      throw new Error(`must be a whole number from ${low} to ${high}`);
    }
    return value;
  };
}

function number(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^[0-9]{1,9}(\.[0-9]{1,9})?$/.test(text) || value < low || value > high) {
      throw new Error(`must be a number from ${low} to ${high}`);
    }
    return value;
  };
}
