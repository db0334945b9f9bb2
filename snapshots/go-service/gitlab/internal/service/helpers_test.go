package service

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
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

// journal is a log that tests read while the service writes to it.
type journal struct {
	mutex sync.Mutex
	text  strings.Builder
}

func (j *journal) Write(text []byte) (int, error) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	return j.text.Write(text)
}

func (j *journal) String() string {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	return j.text.String()
}

// lines are those with the message given. A line that is not JSON by itself fails the test.
func (j *journal) lines(t *testing.T, message string) (found []map[string]any) {
	t.Helper()
	for _, text := range strings.Split(strings.TrimSpace(j.String()), "\n") {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if line["message"] == message {
			found = append(found, line)
		}
	}
	return found
}

// running is a service that really listens.
type running struct {
	t       *testing.T
	app     *App
	address string
	log     *journal
}

func start(t *testing.T, config Config, checks map[string]Check) *running {
	t.Helper()
	log := &journal{}
	logger := NewLogger(log, config.Name, LevelInfo)
	app := NewApp(config, logger, checks)
	server := httptest.NewUnstartedServer(nil)
	server.Config = NewServer(config, app, logger)
	server.Start()
	t.Cleanup(server.Close)
	return &running{t, app, server.Listener.Addr().String(), log}
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

// raw sends bytes as they are, and returns all that comes back until the service hangs up.
func (r *running) raw(text string) string {
	r.t.Helper()
	connection := dial(r.t, r.address)
	send(r.t, connection, text)
	return rest(r.t, connection)
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	connection, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	if err := connection.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return connection
}

func send(t *testing.T, connection net.Conn, text string) {
	t.Helper()
	if _, err := fmt.Fprint(connection, text); err != nil {
		t.Fatal(err)
	}
}

func rest(t *testing.T, connection net.Conn) string {
	t.Helper()
	content, err := io.ReadAll(connection)
	if err != nil {
		t.Fatal(err)
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
