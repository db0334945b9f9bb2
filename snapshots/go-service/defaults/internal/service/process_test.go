package service

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain lets the test binary be the service: what is tested is a process that is configured,
// watched and told to stop, as the platform does it.
func TestMain(m *testing.M) {
	if os.Getenv("BE_THE_SERVICE") == "yes" {
		os.Exit(Main(nil, os.Getenv, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

func process(t *testing.T, env ...string) *exec.Cmd {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0])
	command.Env = append(append(os.Environ(), "BE_THE_SERVICE=yes", "PORT=0"), env...)
	return command
}

func TestItListensAnswersAndEndsWith0(t *testing.T) {
	command := process(t, "TOKEN_KEY_FILE="+keyFile(t, strings.Repeat("k", 32)))
	stderr, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = command.Process.Kill() }()
	lines := bufio.NewScanner(stderr)
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
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	want(t, "then", []any{next()["message"], next()["message"]}, []any{"draining", "stopped"})
	if err := command.Wait(); err != nil {
		t.Error(err)
	}
}

func TestAWrongConfigurationEndsWith2AndSaysAll(t *testing.T) {
	command := process(t, "TOKEN_KEY_FILE=", "RATE_BURST=many")
	var stderr strings.Builder
	command.Stderr = &stderr
	_ = command.Run()
	want(t, "exit", command.ProcessState.ExitCode(), 2)
	var line struct{ Problems []string }
	if err := json.Unmarshal([]byte(stderr.String()), &line); err != nil {
		t.Fatal(err)
	}
	want(t, "problems", len(line.Problems), 2)
}

func TestATokenForTrialsVerifies(t *testing.T) {
	path := keyFile(t, strings.Repeat("k", 32))
	getenv := func(name string) string { return map[string]string{"TOKEN_KEY_FILE": path}[name] }
	var stdout, stderr strings.Builder
	want(t, "exit", Main([]string{"token", "-subject", "eve"}, getenv, &stdout, &stderr), 0)
	claims, err := NewSigner(testKeys, "service", time.Now).Verify(strings.TrimSpace(stdout.String()))
	want(t, "claims", []any{claims.Subject, err}, []any{"eve", nil})
	want(t, "usage", Main([]string{"dance"}, getenv, &stdout, &stderr), 2)
}
