/** What a `Limiter` is made from. */
export interface LimiterOptions {
  /** Calls a second, once the burst is used up: positive and finite. */
  readonly rate: number;
  /** Calls at once: a whole number, 1 at least. */
  readonly burst: number;
  /** How many keys are held at most; 10,000 unless it is said. */
  readonly capacity?: number;
  /** Where the time comes from, in seconds; `performance.now` unless it is said. */
  readonly clock?: () => number;
}

/**
 * Admits a burst of calls at once and a rate of them a second after that, for each key.
 *
 * It forgets the key that was quiet the longest once it holds too many, so that callers cannot
 * fill the memory.
 */
export class Limiter {
  readonly #rate: number;
  readonly #burst: number;
  readonly #capacity: number;
  readonly #clock: () => number;
  // A `Map` keeps the order of insertion: the first is the one that was quiet the longest.
  readonly #buckets = new Map<string, { level: number; since: number }>();

  /** @throws {RangeError} for what would admit nobody, or everybody. */
  constructor({ rate, burst, capacity = 10_000, clock = seconds }: LimiterOptions) {
    if (!Number.isFinite(rate) || rate <= 0) {
      throw new RangeError(`rate must be positive and finite, not ${rate}`);
    }
    if (!Number.isInteger(burst) || burst < 1) {
      throw new RangeError(`burst must be a whole number, 1 at least, not ${burst}`);
    }
    if (!Number.isInteger(capacity) || capacity < 1) {
      throw new RangeError(`capacity must be a whole number, 1 at least, not ${capacity}`);
    }
    this.#rate = rate;
    this.#burst = burst;
    this.#capacity = capacity;
    this.#clock = clock;
  }

  /** How many keys are held. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Admits one call of `key`: 0, or the seconds to wait if there is no room for it now. */
  take(key: string): number {
    const now = this.#clock();
    const { level: before, since } = this.#buckets.get(key) ?? { level: this.#burst, since: now };
    // A clock that goes back must not empty the bucket.
    const passed = Math.max(0, now - since);
    const level = Math.min(this.#burst, before + passed * this.#rate);
    const admitted = level >= 1;
    this.#buckets.delete(key);
    this.#buckets.set(key, { level: admitted ? level - 1 : level, since: now });
    for (const quietest of this.#buckets.keys()) {
      if (this.#buckets.size <= this.#capacity) break;
      this.#buckets.delete(quietest);
    }
    return admitted ? 0 : (1 - level) / this.#rate;
  }
}

function seconds(): number {
  return performance.now() / 1000;
}
