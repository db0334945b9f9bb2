package service

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
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
	want(t, "claims", []any{claims.Subject, claims.Scopes, err}, []any{"eve", []string{greetingsScope}, nil})

	stdout.Reset()
	args := []string{"token", "-scope", "read", "-seconds", "60"}
	want(t, "exit", Main(args, getenv, &stdout, &stderr), 0)
	minted := strings.TrimSpace(stdout.String())
	later := func(seconds int) func() time.Time {
		return func() time.Time { return time.Now().Add(time.Duration(seconds) * time.Second) }
	}
	claims, err = NewSigner(testKeys, "service", later(30)).Verify(minted)
	want(t, "claims", []any{claims.Subject, claims.Scopes, err}, []any{"developer", []string{"read"}, nil})
	_, err = NewSigner(testKeys, "service", later(61)).Verify(minted)
	want(t, "expired", errors.Is(err, ErrExpired), true)
	want(t, "usage", Main([]string{"dance"}, getenv, &stdout, &stderr), 2)
}

// started is `serve` on a free port, until it is told to stop.
type started struct {
	running
	stop  context.CancelFunc
	ended chan int
}

func serveFor(t *testing.T, config Config) *started {
	t.Helper()
	config.Host = "127.0.0.1"
	log := &journal{}
	ctx, stop := context.WithCancel(t.Context())
	service := &started{running{t: t, log: log}, stop, make(chan int, 1)}
	go func() { service.ended <- serve(ctx, config, NewLogger(log, config.Name, LevelInfo)) }()
	service.address = service.await("listening")["address"].(string)
	return service
}

// await returns the first line with this message, as soon as it is there.
func (s *started) await(message string) map[string]any {
	s.t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if strings.Contains(s.log.String(), `"message":"`+message+`"`) {
			return s.log.lines(s.t, message)[0]
		}
	}
	s.t.Fatalf("no line says %q: %s", message, s.log)
	return nil
}

// half sends a request but its last byte. It is in flight once it holds the only place.
func (s *started) half() net.Conn {
	s.t.Helper()
	connection := dial(s.t, s.address)
	send(s.t, connection, "POST /v1/greetings HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"+
		"Authorization: "+bearer(s.t, greetingsScope, time.Minute)+"\r\n"+
		"Content-Type: application/json\r\nContent-Length: 15\r\n\r\n"+ada[:14])
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if s.call(http.MethodGet, "/healthz", "").status == http.StatusServiceUnavailable {
			return connection
		}
	}
	s.t.Fatal("the request never arrived")
	return nil
}

func (s *started) exit() int {
	s.t.Helper()
	select {
	case code := <-s.ended:
		return code
	case <-time.After(10 * time.Second):
		s.t.Fatal("it does not end")
		return 0
	}
}

func TestNotReadyOnceToldToStop(t *testing.T) {
	config := testConfig()
	config.DrainTime = time.Hour // the end of the tests is the end of it
	service := serveFor(t, config)
	want(t, "before", service.call(http.MethodGet, "/readyz", "").status, 200)
	service.stop()
	service.await("draining")
	want(t, "readyz", service.call(http.MethodGet, "/readyz", "").status, 503)
	want(t, "healthz", service.call(http.MethodGet, "/healthz", "").status, 200)
}

func TestWhatIsInFlightIsFinished(t *testing.T) {
	config := testConfig()
	config.MaxConnections, config.RequestTimeout, config.GraceTime = 1, 30*time.Second, 30*time.Second
	service := serveFor(t, config)
	connection := service.half()
	service.stop()
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	for refused := false; !refused; time.Sleep(5 * time.Millisecond) {
		other, err := dialer.DialContext(t.Context(), "tcp", service.address)
		if refused = err != nil; !refused {
			_ = other.Close()
		}
	}
	send(t, connection, ada[14:])
	got := rest(t, connection)
	want(t, got, strings.HasPrefix(got, "HTTP/1.1 201 "), true)
	want(t, "exit", service.exit(), 0)
	want(t, "finished", service.await("stopped")["finished"], true)
}

func TestARequestThatIsCutOffIsExit1(t *testing.T) {
	config := testConfig()
	config.MaxConnections, config.RequestTimeout, config.GraceTime = 1, 30*time.Second, 50*time.Millisecond
	service := serveFor(t, config)
	service.half()
	service.stop()
	want(t, "exit", service.exit(), 1)
	want(t, "finished", service.await("stopped")["finished"], false)
}

func TestAPortThatIsTakenIsExit1(t *testing.T) {
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	log := &journal{}
	getenv := environment(map[string]string{
		"TOKEN_KEY_FILE": keyFile(t, strings.Repeat("k", 32)),
		"PORT":           strconv.Itoa(listener.Addr().(*net.TCPAddr).Port),
	})
	want(t, "exit", Main(nil, getenv, io.Discard, log), 1)
	want(t, "lines", len(log.lines(t, "cannot listen")), 1)
}

// The environment reaches what it is for, and an interrupt stops the service like SIGTERM.
func TestTheEnvironmentReachesTheService(t *testing.T) {
	log, ended := &journal{}, make(chan int, 1)
	getenv := environment(map[string]string{
		"TOKEN_KEY_FILE": keyFile(t, strings.Repeat("k", 32)), "PORT": "0", "SERVICE_NAME": "ledger",
		"DEPENDENCIES": "127.0.0.1:1",
	})
	go func() { ended <- Main([]string{"serve"}, getenv, io.Discard, log) }()
	service := &started{running: running{t: t, log: log}, ended: ended}
	listening := service.await("listening")
	want(t, "service", listening["service"], "ledger")
	service.address = listening["address"].(string)
	want(t, "readyz", service.call(http.MethodGet, "/readyz", "").status, 503)
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	want(t, "exit", service.exit(), 0)
}

func TestTheLogLevelReachesTheLog(t *testing.T) {
	// Before the service listens for it, an interrupt must not end the tests.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT)
	t.Cleanup(func() { signal.Stop(signals) })
	log, ended := &journal{}, make(chan int, 1)
	getenv := environment(map[string]string{
		"TOKEN_KEY_FILE": keyFile(t, strings.Repeat("k", 32)), "PORT": "0", "LOG_LEVEL": "WARNING",
	})
	go func() { ended <- Main(nil, getenv, io.Discard, log) }()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
		if err := syscall.Kill(syscall.Getpid(), syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		select {
		case code := <-ended:
			want(t, "exit", code, 0)
			want(t, "log", log.String(), "")
			return
		case <-time.After(5 * time.Millisecond):
		}
	}
	t.Fatal("it does not end")
}
