package service;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * Allows {@code burst} requests at once and {@code rate} a second after that, for each key: one token
 * bucket a caller.
 *
 * <p>It holds at most {@code capacity} keys and forgets the one that was quiet the longest, so that
 * callers cannot fill the memory. It counts within this process: replicas each allow the full rate.
 */
final class RateLimiter {
    private record Bucket(double level, double since) {}

    private final double rate;
    private final double burst;
    private final int capacity;
    private final DoubleSupplier clock;
    // In the order of the last use, because every use puts its bucket back at the end.
    private final Map<String, Bucket> buckets = new LinkedHashMap<>();

    RateLimiter(double rate, int burst) {
        this(rate, burst, 10_000, () -> System.nanoTime() / 1e9);
    }

    RateLimiter(double rate, int burst, int capacity, DoubleSupplier clock) {
        this.rate = rate;
        this.burst = burst;
        this.capacity = capacity;
        this.clock = clock;
    }

    /** How many keys are remembered. */
    synchronized int size() {
        return buckets.size();
    }

    /** Take one from the bucket of {@code key}: 0 if there was one, else the seconds to wait. */
    synchronized double await(String key) {
        double now = clock.getAsDouble();
        Bucket bucket = buckets.remove(key);
        double level =
                bucket == null ? burst : Math.min(burst, bucket.level + (now - bucket.since) * rate);
        boolean allowed = level >= 1;
        buckets.put(key, new Bucket(allowed ? level - 1 : level, now));
        if (buckets.size() > capacity) {
            buckets.remove(buckets.keySet().iterator().next());
        }
        return allowed ? 0 : (1 - level) / rate;
    }
}
