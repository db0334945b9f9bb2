package mylibrary;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * Admits a burst of calls at once and a rate of them a second after that, for each key.
 *
 * <p>It forgets the key that was quiet the longest once it holds too many, so that callers cannot fill
 * the memory. Threads may share it.
 */
public final class Limiter {
    private static final int CAPACITY = 10_000;
    private static final double NANOS = 1e9;

    private record Bucket(double level, long since) {}

    private final double rate;
    private final double burst;
    private final int capacity;
    private final LongSupplier nanoTime;
    // In the order of the last use, because every use puts its bucket back at the end.
    private final Map<String, Bucket> buckets = new LinkedHashMap<>();

    /**
     * Admits {@code burst} calls at once and {@code rate} a second after that, and holds 10,000 keys at
     * most.
     *
     * @param rate calls a second
     * @param burst calls at once
     * @throws IllegalArgumentException if the rate is not positive and finite, or the burst is not
     *     positive
     */
    public Limiter(double rate, int burst) {
        this(rate, burst, CAPACITY, System::nanoTime);
    }

    /**
     * As {@link #Limiter(double, int)}, but holds as many keys and reads the time from where the caller
     * says.
     *
     * @param rate calls a second
     * @param burst calls at once
     * @param capacity keys that are held at most
     * @param nanoTime a time in nanoseconds from any origin, as {@link System#nanoTime()}
     * @throws IllegalArgumentException as {@link #Limiter(double, int)}, or if the capacity is not
     *     positive
     */
    public Limiter(double rate, int burst, int capacity, LongSupplier nanoTime) {
        if (!Double.isFinite(rate) || rate <= 0 || burst < 1 || capacity < 1) {
            throw new IllegalArgumentException("rate, burst and capacity must be positive and finite");
        }
        this.rate = rate;
        this.burst = burst;
        this.capacity = capacity;
        this.nanoTime = Objects.requireNonNull(nanoTime, "nanoTime");
    }

    /**
     * Admits one call of {@code key}.
     *
     * @param key who calls
     * @return zero, or how long to wait if there is no room for it now
     */
    public synchronized Duration take(String key) {
        long now = nanoTime.getAsLong();
        Bucket bucket = buckets.remove(Objects.requireNonNull(key, "key"));
        double level = burst;
        if (bucket == null) {
            forget();
        } else {
            // A clock that goes back must not empty the bucket.
            double passed = Math.max(0, now - bucket.since) / NANOS;
            level = Math.min(burst, bucket.level + passed * rate);
        }
        boolean admitted = level >= 1;
        buckets.put(key, new Bucket(admitted ? level - 1 : level, now));
        return admitted ? Duration.ZERO : wait((1 - level) / rate);
    }

    /**
     * How many keys are held.
     *
     * @return their number, at most the capacity
     */
    public synchronized int size() {
        return buckets.size();
    }

    /** Makes room for one key. */
    private void forget() {
        if (buckets.size() >= capacity) {
            buckets.remove(buckets.keySet().iterator().next());
        }
    }

    /** Rounds up: who waits that long finds room, and no wait is zero. A very slow rate is ages, not an overflow. */
    private static Duration wait(double seconds) {
        return Duration.ofNanos((long) Math.ceil(seconds * NANOS));
    }
}
