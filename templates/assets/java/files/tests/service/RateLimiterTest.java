package service;

import static service.Tests.equal;
import static service.Tests.that;

import java.util.List;
import java.util.stream.IntStream;
import service.Tests.Test;

/** The rate limiter, with a clock that stands still. */
final class RateLimiterTest {
    private double now;
    private final RateLimiter limiter = new RateLimiter(2, 3, 2, () -> now);

    private List<Double> waits(int times) {
        return IntStream.range(0, times).mapToObj(i -> limiter.await("ada")).toList();
    }

    @Test
    void aBurstThenTheRate() {
        equal(waits(4), List.of(0.0, 0.0, 0.0, 0.5));
        now = 0.5;
        equal(waits(2), List.of(0.0, 0.5));
    }

    @Test
    void aRestSavesUpNoMoreThanABurst() {
        waits(1);
        now = 3600;
        equal(waits(4), List.of(0.0, 0.0, 0.0, 0.5));
    }

    @Test
    void callersDoNotShare() {
        waits(4);
        equal(limiter.await("grace"), 0.0);
    }

    @Test
    void memoryIsBoundedAndTheQuietestIsForgotten() {
        for (int number = 0; number < 100; number++) {
            limiter.await(Integer.toString(number));
            waits(1);
        }
        equal(limiter.size(), 2);
        equal(limiter.await("99") + limiter.await("99"), 0.0);
        that(limiter.await("99") > 0, "who has just come must not be forgotten");
        that(limiter.await("ada") > 0, "who calls all the time must not be forgotten");
    }
}
