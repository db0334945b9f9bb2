package service

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

var testKeys = []Secret{bytes.Repeat([]byte("k"), minKeyLength)}

func testConfig() Config {
	return Config{
		TokenKeys: testKeys, Name: "service", ReadyTimeout: time.Second, RequestTimeout: time.Second,
		GraceTime: time.Second, MaxBody: 1024, MaxConnections: 16, RatePerSecond: 0.5, RateBurst: 3,
	}
}

func bearer(t *testing.T, scope string, valid time.Duration) string {
	t.Helper()
	token, err := NewSigner(testKeys, "service", time.Now).Sign("ada", []string{scope}, valid)
	if err != nil {
		t.Fatal(err)
	}
	return "Bearer " + token
}

// running is a service that really listens.
type running struct {
	t       *testing.T
	app     *App
	address string
}

func start(t *testing.T, config Config, checks map[string]Check) *running {
	t.Helper()
	logger := NewLogger(io.Discard, config.Name, LevelInfo)
	app := NewApp(config, logger, checks)
	server := httptest.NewUnstartedServer(nil)
	server.Config = NewServer(config, app, logger)
	server.Start()
	t.Cleanup(server.Close)
	return &running{t, app, server.Listener.Addr().String()}
}

type seen struct {
	status int
	header http.Header
	body   string
}

func (r *running) call(method, path, body string, headers ...string) seen {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), method, "http://"+r.address+path, bytes.NewBufferString(body))
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return seen{response.StatusCode, response.Header, string(content)}
}

func (r *running) greet(body string, headers ...string) seen {
	r.t.Helper()
	good := []string{"Authorization", bearer(r.t, greetingsScope, time.Minute)}
	return r.call(http.MethodPost, "/v1/greetings", body, append(good, headers...)...)
}

// raw sends bytes as they are, and returns all that comes back.
func (r *running) raw(text string) string {
	r.t.Helper()
	connection, err := net.DialTimeout("tcp", r.address, 5*time.Second)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	if err := connection.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		r.t.Fatal(err)
	}
	if _, err := fmt.Fprint(connection, text); err != nil {
		r.t.Fatal(err)
	}
	content, err := io.ReadAll(connection)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(content)
}

func want(t *testing.T, what string, got, expected any) {
	t.Helper()
	left, _ := json.Marshal(got)
	right, _ := json.Marshal(expected)
	if !bytes.Equal(left, right) {
		t.Errorf("%s: got %s, want %s", what, left, right)
	}
}
