package service

import (
	"container/list"
	"math"
	"sync"
	"time"
)

const maxCallers = 10_000

// RateLimiter allows burst requests at once and rate a second after that, for each key.
//
// It forgets the key that was quiet the longest once it holds too many, so that callers cannot
// fill the memory. It counts within this process: replicas each allow the full rate.
type RateLimiter struct {
	rate, burst float64
	capacity    int
	now         func() time.Time
	mutex       sync.Mutex
	buckets     map[string]*list.Element
	recent      *list.List // of *bucket, the one used last in front
}

type bucket struct {
	key   string
	level float64
	since time.Time
}

// NewRateLimiter holds at most capacity keys.
func NewRateLimiter(rate float64, burst, capacity int, now func() time.Time) *RateLimiter {
	return &RateLimiter{
		rate: rate, burst: float64(burst), capacity: capacity, now: now,
		buckets: map[string]*list.Element{}, recent: list.New(),
	}
}

// Wait takes one from the bucket of key: 0 if there was one, else the time to wait.
func (l *RateLimiter) Wait(key string) time.Duration {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	now := l.now()
	element, known := l.buckets[key]
	if !known {
		element = l.recent.PushFront(&bucket{key, l.burst, now})
		l.buckets[key] = element
		if l.recent.Len() > l.capacity {
			oldest := l.recent.Remove(l.recent.Back()).(*bucket)
			delete(l.buckets, oldest.key)
		}
	}
	l.recent.MoveToFront(element)
	b := element.Value.(*bucket)
	b.level = math.Min(l.burst, b.level+now.Sub(b.since).Seconds()*l.rate)
	b.since = now
	if b.level >= 1 {
		b.level--
		return 0
	}
	return time.Duration((1 - b.level) / l.rate * float64(time.Second))
}
