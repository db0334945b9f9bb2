package service

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"regexp"
	"runtime/debug"
	"strconv"
	"time"
)

var harmlessID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

var methods = map[string]bool{
	http.MethodGet: true, http.MethodHead: true, http.MethodPost: true, http.MethodPut: true,
	http.MethodPatch: true, http.MethodDelete: true, http.MethodOptions: true,
}

type idKey struct{}

// requestID is the one that the caller sent, if it is harmless, or a new one.
func requestID(r *http.Request) string {
	id, _ := r.Context().Value(idKey{}).(string)
	return id
}

// NewServer serves app, bounded in size, time and number. Put a proxy that speaks TLS in front of
// it, as the platform's ingress does.
func NewServer(config Config, app *App, logger *Logger) *http.Server {
	return &http.Server{
		Handler:        &handler{app, config, logger, make(chan struct{}, config.MaxConnections)},
		ReadTimeout:    config.RequestTimeout,
		WriteTimeout:   config.RequestTimeout + config.ReadyTimeout,
		IdleTimeout:    config.RequestTimeout,
		MaxHeaderBytes: 16 * 1024,
		ErrorLog:       log.New(logger, "", 0),
	}
}

// handler puts around every request what all of them need: an id, limits, metrics, a log line.
type handler struct {
	app    *App
	config Config
	logger *Logger
	places chan struct{}
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	id := r.Header.Get("X-Request-ID")
	if !harmlessID.MatchString(id) {
		id = newID()
	}
	r = r.WithContext(context.WithValue(r.Context(), idKey{}, id))
	r.Body = http.MaxBytesReader(w, r.Body, h.config.MaxBody)

	result, subject, err := h.answer(r)
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		result, _ = reply(refused.status, map[string]string{"error": refused.message})
		for name, value := range refused.headers {
			w.Header().Set(name, value)
		}
	case err != nil:
		h.logger.Error("request failed", Fields{"path": r.URL.Path, "request_id": id, "cause": err.Error()})
		result, _ = reply(http.StatusInternalServerError, map[string]string{"error": "internal error"})
	}
	h.record(r, result.status, subject, time.Since(started))

	header := w.Header()
	header.Set("Content-Type", result.contentType)
	header.Set("Content-Length", strconv.Itoa(len(result.body)))
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Request-ID", id)
	w.WriteHeader(result.status)
	if _, err := w.Write(result.body); err != nil && r.Method != http.MethodHead {
		h.logger.Info("client left", Fields{"request_id": id})
	}
}

// answer turns a request away at once if all places are taken: a queue would only hide the overload.
func (h *handler) answer(r *http.Request) (result answer, subject string, err error) {
	select {
	case h.places <- struct{}{}:
		defer func() { <-h.places }()
	default:
		return answer{}, "", refuse(http.StatusServiceUnavailable, "too many requests at a time")
	}
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	return h.app.handle(r)
}

func (h *handler) record(r *http.Request, status int, subject string, took time.Duration) {
	method, pattern := "OTHER", "unmatched"
	if methods[r.Method] {
		method = r.Method
	}
	if _, known := h.app.routes[r.URL.Path]; known {
		pattern = r.URL.Path
	}
	h.app.metrics.Observe(method, pattern, status, took)
	client, _, _ := net.SplitHostPort(r.RemoteAddr)
	h.logger.Info("request", Fields{
		"method": method, "route": pattern, "status": status, "subject": subject, "client": client,
		"milliseconds": took.Milliseconds(), "request_id": requestID(r),
	})
}

func newID() string {
	var id [16]byte
	if _, err := rand.Read(id[:]); err != nil {
		return "none" // an id is a convenience; the request is not
	}
	return hex.EncodeToString(id[:])
}
