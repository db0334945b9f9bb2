// Package mylibrary limits how often each caller may do something.
//
// A [Limiter] holds one token bucket for each key: burst at once, rate a second after that. It
// counts within one process.
package mylibrary

import (
	"container/list"
	"errors"
	"math"
	"sync"
	"time"
)

// ErrInvalid is what [New] returns for limits that would admit nobody, or everybody.
var ErrInvalid = errors.New("mylibrary: rate, burst and capacity must be positive and finite")

const defaultCapacity = 10_000

// Limiter admits a burst of calls at once and a rate of them a second after that, for each key.
//
// It forgets the key that was quiet the longest once it holds too many, so that callers cannot
// fill the memory. All methods may be called by several goroutines at a time.
type Limiter struct {
	rate, burst float64
	capacity    int
	now         func() time.Time

	mutex   sync.Mutex
	buckets map[string]*list.Element
	recent  *list.List // of *bucket, the one used last in front
}

type bucket struct {
	key   string
	level float64
	since time.Time
}

// Option changes what [New] takes by default.
type Option func(*Limiter)

// WithCapacity sets how many keys are held at most; 10,000 unless it is said.
func WithCapacity(keys int) Option {
	return func(l *Limiter) { l.capacity = keys }
}

// WithClock sets where the time comes from; [time.Now] unless it is said.
func WithClock(now func() time.Time) Option {
	return func(l *Limiter) { l.now = now }
}

// New returns a limiter that admits burst calls at once and rate a second after that.
func New(rate float64, burst int, options ...Option) (*Limiter, error) {
	l := &Limiter{
		rate: rate, burst: float64(burst), capacity: defaultCapacity, now: time.Now,
		buckets: map[string]*list.Element{}, recent: list.New(),
	}
	for _, option := range options {
		option(l)
	}
	if math.IsNaN(rate) || math.IsInf(rate, 0) || rate <= 0 || burst < 1 || l.capacity < 1 || l.now == nil {
		return nil, ErrInvalid
	}
	return l, nil
}

// Take admits one call of key: it returns 0, or how long to wait if there is no room for it now.
func (l *Limiter) Take(key string) time.Duration {
	l.mutex.Lock()
	defer l.mutex.Unlock()

	now := l.now()
	b := l.bucket(key, now)
	// A clock that goes back must not empty the bucket.
	passed := math.Max(0, now.Sub(b.since).Seconds())
	b.level = math.Min(l.burst, b.level+passed*l.rate)
	b.since = now
	if b.level < 1 {
		return wait((1 - b.level) / l.rate)
	}
	b.level--
	return 0
}

// Len returns how many keys are held.
func (l *Limiter) Len() int {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.recent.Len()
}

// bucket finds or makes the bucket of key, and marks it as the one used last.
func (l *Limiter) bucket(key string, now time.Time) *bucket {
	if element, known := l.buckets[key]; known {
		l.recent.MoveToFront(element)
		return element.Value.(*bucket)
	}
	if l.recent.Len() >= l.capacity {
		oldest := l.recent.Remove(l.recent.Back()).(*bucket)
		delete(l.buckets, oldest.key)
	}
	b := &bucket{key: key, level: l.burst, since: now}
	l.buckets[key] = l.recent.PushFront(b)
	return b
}

// wait rounds up: who waits that long finds room, and no wait is 0. A very slow rate is as long as
// a [time.Duration] can be.
func wait(seconds float64) time.Duration {
	length := math.Ceil(seconds * float64(time.Second))
	if length >= math.MaxInt64 {
		return math.MaxInt64
	}
	return time.Duration(length)
}
