package service

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The service as the platform runs it: configured by its environment, watched by its log, told to stop by a
// signal. The tests' own process is the service, so that no test has to start a command.

func environment(variables map[string]string) func(string) string {
	return func(name string) string { return variables[name] }
}

func TestItListensAnswersAndEndsWith0(t *testing.T) {
	log, stderr, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = log.Close(), stderr.Close() })
	if err := log.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	getenv := environment(map[string]string{"TOKEN_KEY_FILE": keyFile(t, strings.Repeat("k", 32)), "PORT": "0"})
	ended := make(chan int, 1)
	go func() { ended <- Main(nil, getenv, io.Discard, stderr) }()
	lines := bufio.NewScanner(log)
	next := func() (line map[string]any) {
		if !lines.Scan() {
			t.Fatal("the log has ended")
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		return line
	}
	listening := next()
	want(t, "first", []any{listening["message"], listening["level"]}, []any{"listening", "info"})
	url := "http://" + listening["address"].(string) + "/healthz?a=%0A"
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "status", response.StatusCode, 200)
	if err := response.Body.Close(); err != nil {
		t.Fatal(err)
	}
	want(t, "request", next()["request_id"], response.Header.Get("X-Request-ID"))
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := self.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	want(t, "then", []any{next()["message"], next()["message"]}, []any{"draining", "stopped"})
	want(t, "exit", <-ended, 0)
}

func TestAWrongConfigurationEndsWith2AndSaysAll(t *testing.T) {
	var stderr strings.Builder
	getenv := environment(map[string]string{"RATE_BURST": "many"})
	want(t, "exit", Main(nil, getenv, io.Discard, &stderr), 2)
	var line struct{ Problems []string }
	if err := json.Unmarshal([]byte(stderr.String()), &line); err != nil {
		t.Fatal(err)
	}
	want(t, "problems", len(line.Problems), 2)
}

func TestATokenForTrialsVerifies(t *testing.T) {
	getenv := environment(map[string]string{"TOKEN_KEY_FILE": keyFile(t, strings.Repeat("k", 32))})
	var stdout, stderr strings.Builder
	want(t, "exit", Main([]string{"token", "-subject", "eve"}, getenv, &stdout, &stderr), 0)
	claims, err := NewSigner(testKeys, "service", time.Now).Verify(strings.TrimSpace(stdout.String()))
	want(t, "claims", []any{claims.Subject, err}, []any{"eve", nil})
	want(t, "usage", Main([]string{"dance"}, getenv, &stdout, &stderr), 2)
}
