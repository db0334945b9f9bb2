package mylibrary;

import static mylibrary.Tests.equal;
import static mylibrary.Tests.fails;

import mylibrary.Tests.Test;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/** What users may rely on, with a clock that moves when a test says so. */
final class LimiterTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration HALF = Duration.ofMillis(500);

    // Near its end, as it may be: the origin of System.nanoTime() is anywhere.
    private long now = Long.MAX_VALUE - 1000;

    private Limiter limiter(double rate, int burst) {
        return new Limiter(rate, burst, 2, () -> now);
    }

    private static List<Duration> waits(Limiter limiter, int times) {
        return IntStream.range(0, times).mapToObj(i -> limiter.take("ada")).toList();
    }

    @Test
    void aBurstThenTheRate() {
        Limiter limiter = limiter(2, 3);
        equal(waits(limiter, 4), List.of(Duration.ZERO, Duration.ZERO, Duration.ZERO, HALF));
        now += HALF.toNanos();
        equal(waits(limiter, 2), List.of(Duration.ZERO, HALF));
    }

    @Test
    void keysDoNotShare() {
        Limiter limiter = limiter(1, 1);
        equal(limiter.size(), 0);
        equal(limiter.take("ada"), Duration.ZERO);
        equal(limiter.take("grace"), Duration.ZERO);
        equal(limiter.take("ada"), SECOND);
    }

    @Test
    void restFillsNoMoreThanTheBurst() {
        Limiter limiter = limiter(1, 2);
        equal(waits(limiter, 1), List.of(Duration.ZERO));
        now += Duration.ofDays(1).toNanos();
        equal(waits(limiter, 3), List.of(Duration.ZERO, Duration.ZERO, SECOND));
    }

    @Test
    void aTimeThatGoesBackTakesNothing() {
        Limiter limiter = limiter(1, 2);
        equal(limiter.take("ada"), Duration.ZERO);
        now -= Duration.ofHours(1).toNanos();
        equal(waits(limiter, 2), List.of(Duration.ZERO, SECOND));
    }

    @Test
    void memoryIsBoundedAndTheQuietestIsForgotten() {
        Limiter limiter = limiter(1, 1);
        equal(limiter.take("ada"), Duration.ZERO);
        equal(limiter.take("grace"), Duration.ZERO);
        equal(limiter.take("ada"), SECOND);
        equal(limiter.take("edsger"), Duration.ZERO); // takes the place of grace
        equal(limiter.take("ada"), SECOND);
        for (int caller = 0; caller < 100; caller++) {
            equal(limiter.take(Integer.toString(caller)), Duration.ZERO);
        }
        equal(limiter.size(), 2);
    }

    @Test
    void theWaitOfAVerySlowRateDoesNotOverflow() {
        Limiter limiter = limiter(1e-300, 1);
        equal(waits(limiter, 2), List.of(Duration.ZERO, Duration.ofNanos(Long.MAX_VALUE)));
    }

    @Test
    void invalidLimitsAreRefused() {
        for (double rate : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            fails(IllegalArgumentException.class, () -> new Limiter(rate, 1));
        }
        fails(IllegalArgumentException.class, () -> new Limiter(1, 0));
        fails(IllegalArgumentException.class, () -> new Limiter(1, 1, 0, System::nanoTime));
        fails(NullPointerException.class, () -> new Limiter(1, 1, 1, null));
        fails(NullPointerException.class, () -> limiter(1, 1).take(null));
    }

    @Test
    void severalThreadsTakeNoMoreThanTheBurst() throws Exception {
        Limiter limiter = limiter(1, 50);
        Callable<Long> takes = () -> waits(limiter, 25).stream().filter(Duration::isZero).count();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<Long>> counts = new ArrayList<>(threads.invokeAll(List.of(takes, takes, takes, takes)));
            long admitted = 0;
            for (Future<Long> count : counts) {
                admitted += count.get();
            }
            equal(admitted, 50L);
        } finally {
            threads.shutdownNow();
        }
    }
}
