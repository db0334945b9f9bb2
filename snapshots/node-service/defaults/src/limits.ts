/**
 * Rate limiting, one token bucket a caller: `burst` requests at once, `rate` a second after that.
 *
 * It forgets the caller that was quiet the longest once it knows too many, so that callers cannot
 * fill the memory. It counts within this process: replicas each allow the full rate.
 */
export class RateLimiter {
  // A `Map` keeps the order of insertion: the first is the one that was quiet the longest.
  private readonly buckets = new Map<string, { level: number; since: number }>();

  /** `now` is in seconds. */
  constructor(
    private readonly rate: number,
    private readonly burst: number,
    private readonly capacity = 10_000,
    private readonly now: () => number = () => performance.now() / 1000,
  ) {}

  /** How many callers it remembers. */
  get size(): number {
    return this.buckets.size;
  }

  /** Takes one from the bucket of `key`: 0 if there was one, else the seconds to wait. */
  wait(key: string): number {
    const now = this.now();
    const bucket = this.buckets.get(key) ?? { level: this.burst, since: now };
    const level = Math.min(this.burst, bucket.level + (now - bucket.since) * this.rate);
    const allowed = level >= 1;
    this.buckets.delete(key);
    this.buckets.set(key, { level: allowed ? level - 1 : level, since: now });
    for (const oldest of this.buckets.keys()) {
      if (this.buckets.size <= this.capacity) break;
      this.buckets.delete(oldest);
    }
    return allowed ? 0 : (1 - level) / this.rate;
  }
}
