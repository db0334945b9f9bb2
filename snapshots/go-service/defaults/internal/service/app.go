package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	greetingsScope = "greetings:write"
	maxNameLength  = 64
)

// Check returns nil if a dependency can be used, and an error as soon as ctx ends.
type Check func(ctx context.Context) error

// refusal is a request that is answered with an error. The message is shown to the caller.
type refusal struct {
	status  int
	message string
	headers map[string]string
}

func (r *refusal) Error() string { return r.message }

func refuse(status int, message string) error { return &refusal{status: status, message: message} }

// answer is what a handler wants said.
type answer struct {
	status      int
	contentType string
	body        []byte
}

func reply(status int, content any) (answer, error) {
	body, err := json.Marshal(content)
	return answer{status, "application/json", append(body, '\n')}, err
}

type route struct {
	method  string
	scope   string // what a caller's token must allow; empty: anybody may call it
	handler func(*http.Request) (answer, error)
}

// App is the routes and what stands behind them. NewServer gives it a socket.
type App struct {
	metrics  *Metrics
	config   Config
	logger   *Logger
	signer   *Signer
	limiter  *RateLimiter
	checks   map[string]Check
	routes   map[string]route
	draining atomic.Bool
}

// NewApp is ready to serve; it is ready for traffic when every check passes.
func NewApp(config Config, logger *Logger, checks map[string]Check) *App {
	app := &App{
		metrics: NewMetrics(),
		config:  config,
		logger:  logger,
		signer:  NewSigner(config.TokenKeys, config.Name, time.Now),
		limiter: NewRateLimiter(config.RatePerSecond, config.RateBurst, maxCallers, time.Now),
		checks:  checks,
	}
	app.routes = map[string]route{
		"/healthz":      {http.MethodGet, "", app.healthz},
		"/readyz":       {http.MethodGet, "", app.readyz},
		"/metrics":      {http.MethodGet, "", app.render},
		"/v1/greetings": {http.MethodPost, greetingsScope, app.greet},
	}
	return app
}

// Drain makes the service unready; it still serves.
func (a *App) Drain() { a.draining.Store(true) }

// handle answers one request, and says who asked, if that is known.
func (a *App) handle(r *http.Request) (answer, string, error) {
	found, known := a.routes[r.URL.Path]
	if !known {
		return answer{}, "", refuse(http.StatusNotFound, "no such resource")
	}
	if r.Method != found.method && (r.Method != http.MethodHead || found.method != http.MethodGet) {
		return answer{}, "", &refusal{http.StatusMethodNotAllowed, "method not allowed", map[string]string{"Allow": found.method}}
	}
	subject := ""
	if found.scope != "" {
		claims, err := a.authorise(r, found.scope)
		subject = claims.Subject
		if err != nil {
			return answer{}, subject, err
		}
	}
	reply, err := found.handler(r)
	return reply, subject, err
}

// authorise says who asks, if the token is good and covers scope. Only the log says why it is not.
func (a *App) authorise(r *http.Request, scope string) (Claims, error) {
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	err := errors.New("no bearer token")
	var claims Claims
	if strings.EqualFold(kind, "bearer") {
		claims, err = a.signer.Verify(strings.TrimSpace(token))
	}
	if err != nil {
		a.logger.Warning("unauthorised", Fields{"cause": err.Error(), "request_id": requestID(r)})
		return Claims{}, &refusal{http.StatusUnauthorized, "unauthorised", map[string]string{"WWW-Authenticate": "Bearer"}}
	}
	if !claims.Allows(scope) {
		return claims, refuse(http.StatusForbidden, "the token lacks the scope "+scope)
	}
	if wait := a.limiter.Wait(claims.Subject); wait > 0 {
		after := strconv.Itoa(int(math.Ceil(wait.Seconds())))
		return claims, &refusal{http.StatusTooManyRequests, "too many requests", map[string]string{"Retry-After": after}}
	}
	return claims, nil
}

// healthz: is the process alive? Asks nobody else: a restart mends no dependency.
func (a *App) healthz(*http.Request) (answer, error) {
	return reply(http.StatusOK, map[string]string{"status": "ok"})
}

// readyz: should traffic come here? One deadline covers all dependencies together.
func (a *App) readyz(r *http.Request) (answer, error) {
	if a.draining.Load() {
		return answer{}, refuse(http.StatusServiceUnavailable, "draining")
	}
	ctx, cancel := context.WithTimeout(r.Context(), a.config.ReadyTimeout)
	defer cancel()
	var mutex sync.Mutex
	var group sync.WaitGroup
	states, ready := map[string]string{}, true
	for name, check := range a.checks {
		group.Add(1)
		go func(name string, check Check) {
			defer group.Done()
			err := attempt(ctx, check)
			mutex.Lock()
			defer mutex.Unlock()
			states[name] = "ok"
			if err != nil {
				states[name], ready = "unavailable", false
				a.logger.Warning("dependency is not ready", Fields{"dependency": name, "cause": err.Error()})
			}
		}(name, check)
	}
	group.Wait()
	status := http.StatusOK
	if !ready {
		status = http.StatusServiceUnavailable
	}
	return reply(status, map[string]any{"ready": ready, "dependencies": states})
}

// attempt is what a check says. One that panics on a goroutine of its own would end the process.
func attempt(ctx context.Context, check Check) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	return check(ctx)
}

func (a *App) render(*http.Request) (answer, error) {
	return answer{http.StatusOK, "text/plain; version=0.0.4; charset=utf-8", []byte(a.metrics.Render())}, nil
}

// greet is the sample: check what came in, then answer. Replace it with what you build.
func (a *App) greet(r *http.Request) (answer, error) {
	name, err := nameIn(r)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusCreated, map[string]string{"message": "Hello, " + name + "!"})
}

// nameIn is strict about the body's shape, so that surprises end here and not in a backend.
func nameIn(r *http.Request) (string, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return "", refuse(http.StatusUnsupportedMediaType, "the body must be application/json")
	}
	body, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return "", refuse(http.StatusRequestEntityTooLarge, "the body is too large")
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "", refuse(http.StatusRequestTimeout, "the body took too long")
	case err != nil || !utf8.Valid(body) || !json.Valid(body):
		return "", refuse(http.StatusBadRequest, "the body is not JSON")
	}
	// A map, because a struct's fields match names of any case.
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil || len(members) != 1 || members["name"] == nil {
		return "", refuse(http.StatusUnprocessableEntity, "the body must be an object with the one member name")
	}
	var name *string
	if json.Unmarshal(members["name"], &name) != nil || name == nil ||
		strings.TrimSpace(*name) == "" || strings.IndexFunc(*name, isNotPrintable) >= 0 {
		return "", refuse(http.StatusUnprocessableEntity, "name must be printable text")
	}
	if utf8.RuneCountInString(*name) > maxNameLength {
		return "", refuse(http.StatusUnprocessableEntity, "name must have at most 64 characters")
	}
	return strings.TrimSpace(*name), nil
}

func isNotPrintable(r rune) bool { return !unicode.IsPrint(r) }

// Connections are the checks that each address accepts a connection.
func Connections(addresses []string) map[string]Check {
	checks := map[string]Check{}
	for _, address := range addresses {
		address := address
		checks[address] = func(ctx context.Context) error {
			connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
			if err != nil {
				return err
			}
			return connection.Close()
		}
	}
	return checks
}
