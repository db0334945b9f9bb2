/** What the service tells its operators: JSON logs on stderr, Prometheus metrics. */
import type { Level } from "./config.js";

const WEIGHT = { debug: 0, info: 1, warning: 2, error: 3 } as const;
const THRESHOLD: Record<Level, number> = { DEBUG: 0, INFO: 1, WARNING: 2 };
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export type Fields = Readonly<Record<string, unknown>>;
export type Log = (level: keyof typeof WEIGHT, message: string, fields?: Fields) => void;

/** Writes one JSON object a line. JSON escapes line breaks, so input cannot forge a line. */
export function logger(
  service: string,
  threshold: Level,
  write: (line: string) => void = (line) => process.stderr.write(line),
): Log {
  return (level, message, fields) => {
    if (WEIGHT[level] < THRESHOLD[threshold]) return;
    const time = new Date().toISOString();
    write(`${JSON.stringify({ time, level, service, message, ...fields })}\n`);
  };
}

/**
 * Requests, by method, route and status, and how long they took. Labels take few values by
 * construction (a route's pattern, never its path): each combination is a time series.
 */
export class Metrics {
  private readonly requests = new Map<string, number>();
  private readonly times = new Map<string, { counts: number[]; sum: number }>();

  /** Counts one request. */
  observe(method: string, route: string, status: number, seconds: number): void {
    const labels = `method="${method}",route="${route}",status="${status}"`;
    this.requests.set(labels, (this.requests.get(labels) ?? 0) + 1);
    const times = this.times.get(route) ?? { counts: [...BOUNDS, 0].map(() => 0), sum: 0 };
    const slot = BOUNDS.filter((bound) => bound < seconds).length;
    times.counts[slot] = (times.counts[slot] ?? 0) + 1;
    times.sum += seconds;
    this.times.set(route, times);
  }

  /** Everything in Prometheus' text format 0.0.4. */
  render(): string {
    const name = "http_request_duration_seconds";
    const lines = [
      "# HELP http_requests_total Requests that were answered.",
      "# TYPE http_requests_total counter",
      ...[...this.requests].sort().map(([labels, n]) => `http_requests_total{${labels}} ${n}`),
      `# HELP ${name} Time from request to answer.`,
      `# TYPE ${name} histogram`,
    ];
    for (const [route, { counts, sum }] of [...this.times].sort()) {
      let running = 0;
      for (const [slot, count] of counts.entries()) {
        running += count;
        lines.push(`${name}_bucket{route="${route}",le="${BOUNDS[slot] ?? "+Inf"}"} ${running}`);
      }
      lines.push(`${name}_sum{route="${route}"} ${sum.toFixed(6)}`);
      lines.push(`${name}_count{route="${route}"} ${running}`);
    }
    return `${lines.join("\n")}\n`;
  }
}
