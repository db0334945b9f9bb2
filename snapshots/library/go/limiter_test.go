package mylibrary_test

import (
	"errors"
	"math"
	"strconv"
	"sync"
	"testing"
	"time"

	mylibrary "github.com/acme/my-library"
)

// clock stands still until a test moves it.
type clock struct{ time.Time }

func (c *clock) now() time.Time { return c.Time }

func (c *clock) sleep(d time.Duration) { c.Time = c.Add(d) }

func limiter(t *testing.T, rate float64, burst int, options ...mylibrary.Option) (*mylibrary.Limiter, *clock) {
	t.Helper()
	c := &clock{time.Unix(1_000_000_000, 0)}
	l, err := mylibrary.New(rate, burst, append(options, mylibrary.WithClock(c.now))...)
	if err != nil {
		t.Fatal(err)
	}
	return l, c
}

func expect(t *testing.T, l *mylibrary.Limiter, key string, want time.Duration) {
	t.Helper()
	if got := l.Take(key); got != want {
		t.Errorf("Take(%q) = %v, want %v", key, got, want)
	}
}

func TestBurstThenRate(t *testing.T) {
	l, c := limiter(t, 2, 3)
	for range [3]int{} {
		expect(t, l, "ada", 0)
	}
	expect(t, l, "ada", 500*time.Millisecond)
	c.sleep(500 * time.Millisecond)
	expect(t, l, "ada", 0)
	expect(t, l, "ada", 500*time.Millisecond)
}

func TestKeysDoNotShare(t *testing.T) {
	l, _ := limiter(t, 1, 1)
	expect(t, l, "ada", 0)
	expect(t, l, "grace", 0)
	expect(t, l, "ada", time.Second)
}

func TestRestFillsNoMoreThanTheBurst(t *testing.T) {
	l, c := limiter(t, 1, 2)
	c.sleep(24 * time.Hour)
	expect(t, l, "ada", 0)
	c.sleep(24 * time.Hour)
	expect(t, l, "ada", 0)
	expect(t, l, "ada", 0)
	expect(t, l, "ada", time.Second)
}

func TestClockThatGoesBackTakesNothing(t *testing.T) {
	l, c := limiter(t, 1, 2)
	expect(t, l, "ada", 0)
	c.sleep(-time.Hour)
	expect(t, l, "ada", 0)
	expect(t, l, "ada", time.Second)
}

func TestMemoryIsBounded(t *testing.T) {
	l, _ := limiter(t, 1, 1, mylibrary.WithCapacity(2))
	expect(t, l, "ada", 0)
	expect(t, l, "grace", 0)
	expect(t, l, "ada", time.Second) // used last: the next newcomer takes the place of grace
	expect(t, l, "edsger", 0)
	expect(t, l, "ada", time.Second)
	for caller := 0; caller < 100; caller++ {
		l.Take(strconv.Itoa(caller))
	}
	if got := l.Len(); got != 2 {
		t.Errorf("Len() = %d, want 2", got)
	}
}

func TestWaitOfAVerySlowRateDoesNotOverflow(t *testing.T) {
	l, _ := limiter(t, 1e-300, 1)
	expect(t, l, "ada", 0)
	expect(t, l, "ada", math.MaxInt64)
}

func TestInvalidLimitsAreRefused(t *testing.T) {
	for name, test := range map[string]struct {
		rate            float64
		burst, capacity int
	}{
		"no rate":       {0, 1, 1},
		"negative rate": {-1, 1, 1},
		"not a number":  {math.NaN(), 1, 1},
		"infinite rate": {math.Inf(1), 1, 1},
		"no burst":      {1, 0, 1},
		"no capacity":   {1, 1, 0},
	} {
		l, err := mylibrary.New(test.rate, test.burst, mylibrary.WithCapacity(test.capacity))
		if l != nil || !errors.Is(err, mylibrary.ErrInvalid) {
			t.Errorf("%s: New() = %v, %v, want ErrInvalid", name, l, err)
		}
	}
}

func TestSeveralGoroutinesTakeNoMoreThanTheBurst(t *testing.T) {
	l, _ := limiter(t, 1, 50)
	var admitted int
	var mutex sync.Mutex
	var group sync.WaitGroup
	for caller := 0; caller < 100; caller++ {
		group.Add(1)
		go func() {
			defer group.Done()
			if l.Take("ada") == 0 {
				mutex.Lock()
				admitted++
				mutex.Unlock()
			}
		}()
	}
	group.Wait()
	if admitted != 50 {
		t.Errorf("%d were admitted, want 50", admitted)
	}
}
