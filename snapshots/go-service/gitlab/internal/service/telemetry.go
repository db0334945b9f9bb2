package service

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Level is how much a log line matters.
type Level int

// The levels, least first.
const (
	LevelDebug Level = iota
	LevelInfo
	LevelWarning
	LevelError
)

// ParseLevel knows the levels that LOG_LEVEL may name.
func ParseLevel(text string) (Level, error) {
	level, known := map[string]Level{"DEBUG": LevelDebug, "INFO": LevelInfo, "WARNING": LevelWarning}[text]
	if !known {
		return 0, errors.New("must be one of DEBUG, INFO, WARNING")
	}
	return level, nil
}

// Fields are a log line's own members.
type Fields map[string]any

// Logger writes one JSON object a line. JSON escapes line breaks, so input cannot forge a line.
// It does what log/slog does, so that the Go of long-lived distributions builds the service too.
type Logger struct {
	mutex   sync.Mutex
	out     io.Writer
	service string
	level   Level
}

// NewLogger writes to out what is at least as important as level.
func NewLogger(out io.Writer, service string, level Level) *Logger {
	return &Logger{out: out, service: service, level: level}
}

// Info is for what went as planned.
func (l *Logger) Info(message string, fields Fields) { l.write(LevelInfo, message, fields) }

// Warning is for what somebody may want to look into.
func (l *Logger) Warning(message string, fields Fields) { l.write(LevelWarning, message, fields) }

// Error is for what somebody must look into.
func (l *Logger) Error(message string, fields Fields) { l.write(LevelError, message, fields) }

// Write takes what net/http itself reports.
func (l *Logger) Write(text []byte) (int, error) {
	l.Info("http", Fields{"detail": strings.TrimSpace(string(text))})
	return len(text), nil
}

func (l *Logger) write(level Level, message string, fields Fields) {
	if level < l.level {
		return
	}
	line := Fields{
		"time":    time.Now().UTC().Format("2006-01-02T15:04:05.000Z07:00"),
		"level":   [...]string{"debug", "info", "warning", "error"}[level],
		"service": l.service,
		"message": message,
	}
	for key, value := range fields {
		line[key] = value
	}
	text, err := json.Marshal(line)
	if err != nil {
		text, _ = json.Marshal(Fields{"level": "error", "message": "cannot log: " + err.Error()})
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	_, _ = l.out.Write(append(text, '\n')) // there is nowhere else to say that it failed
}

var bounds = [...]float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}

type requestKey struct {
	method, route string
	status        int
}

type histogram struct {
	counts [len(bounds) + 1]uint64
	sum    float64
}

// Metrics counts requests by method, route and status, and how long they took.
//
// Labels take few values by construction (a route's pattern, never its path), because each
// combination is a time series that somebody pays for.
type Metrics struct {
	mutex    sync.Mutex
	requests map[requestKey]uint64
	times    map[string]*histogram
}

// NewMetrics starts at zero.
func NewMetrics() *Metrics {
	return &Metrics{requests: map[requestKey]uint64{}, times: map[string]*histogram{}}
}

// Observe counts one request.
func (m *Metrics) Observe(method, route string, status int, took time.Duration) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.requests[requestKey{method, route, status}]++
	times := m.times[route]
	if times == nil {
		times = &histogram{}
		m.times[route] = times
	}
	times.counts[sort.SearchFloat64s(bounds[:], took.Seconds())]++
	times.sum += took.Seconds()
}

// Render is everything in Prometheus' text format 0.0.4.
func (m *Metrics) Render() string {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	var requests, times []string
	for key, count := range m.requests {
		requests = append(requests, fmt.Sprintf("http_requests_total{method=%q,route=%q,status=\"%d\"} %d\n",
			key.method, key.route, key.status, count))
	}
	for route, found := range m.times {
		times = append(times, found.render(route))
	}
	sort.Strings(requests)
	sort.Strings(times)
	return "# HELP http_requests_total Requests that were answered.\n" +
		"# TYPE http_requests_total counter\n" + strings.Join(requests, "") +
		"# HELP http_request_duration_seconds Time from request to answer.\n" +
		"# TYPE http_request_duration_seconds histogram\n" + strings.Join(times, "")
}

func (h *histogram) render(route string) string {
	const name = "http_request_duration_seconds"
	var text strings.Builder
	running := uint64(0)
	for index, count := range h.counts {
		bound := "+Inf"
		if index < len(bounds) {
			bound = strconv.FormatFloat(bounds[index], 'g', -1, 64)
		}
		running += count
		fmt.Fprintf(&text, "%s_bucket{route=%q,le=%q} %d\n", name, route, bound, running)
	}
	fmt.Fprintf(&text, "%s_sum{route=%q} %.6f\n%s_count{route=%q} %d\n", name, route, h.sum, name, route, running)
	return text.String()
}
