package service

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func keyFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func readEnv(env map[string]string) (Config, []string) {
	config, err := ConfigFromEnv(func(name string) string { return env[name] })
	var wrong *ConfigError
	if errors.As(err, &wrong) {
		return config, wrong.Problems
	}
	return config, nil
}

func TestConfigIsReadAndNeverShowsAKey(t *testing.T) {
	path := keyFile(t, strings.Repeat("n", 32)+"\n"+strings.Repeat("o", 32)+"\n")
	config, problems := readEnv(map[string]string{
		"TOKEN_KEY_FILE": path, "PORT": "9000", "DRAIN_SECONDS": "2.5", "DEPENDENCIES": "db:5432, cache:6379",
	})
	want(t, "problems", problems, []string(nil))
	want(t, "values", []any{config.Host, config.Port, config.DrainTime.Seconds(), len(config.TokenKeys)},
		[]any{"127.0.0.1", 9000, 2.5, 2})
	want(t, "dependencies", config.Dependencies, []string{"db:5432", "cache:6379"})
	want(t, "keys", string(config.TokenKeys[0])+string(config.TokenKeys[1]), strings.Repeat("n", 32)+strings.Repeat("o", 32))
	for _, shown := range []string{fmt.Sprintf("%v", config), fmt.Sprintf("%#v", config)} {
		want(t, shown, strings.Contains(shown, "[secret]") && !strings.Contains(shown, "nnnn"), true)
	}
}

func TestEveryProblemIsReportedAtOnce(t *testing.T) {
	_, problems := readEnv(map[string]string{
		"PORT": "99999", "LOG_LEVEL": "loud", "DEPENDENCIES": "db", "MAX_BODY": "-1", "SERVICE_NAME": "A",
	})
	var named []string
	for _, problem := range problems {
		named = append(named, strings.SplitN(problem, ":", 2)[0])
	}
	want(t, "problems", named, []string{"SERVICE_NAME", "PORT", "LOG_LEVEL", "DEPENDENCIES", "MAX_BODY", "TOKEN_KEY_FILE"})
}

func TestEveryVariableHasItsPresetAndItsField(t *testing.T) {
	config, problems := readEnv(map[string]string{"TOKEN_KEY_FILE": keyFile(t, strings.Repeat("n", 32))})
	want(t, "problems", problems, []string(nil))
	config.TokenKeys = nil
	want(t, "presets", config, Config{
		Name: "service", Host: "127.0.0.1", Port: 8080, LogLevel: LevelInfo, ReadyTimeout: time.Second,
		RequestTimeout: 10 * time.Second, GraceTime: 20 * time.Second, MaxBody: 65536, MaxConnections: 128,
		RatePerSecond: 5, RateBurst: 20,
	})
	config, problems = readEnv(map[string]string{
		"TOKEN_KEY_FILE": keyFile(t, strings.Repeat("n", 32)), "SERVICE_NAME": "ledger-2", "HOST": "::1",
		"PORT": "1", "LOG_LEVEL": "DEBUG", "DEPENDENCIES": "db:2", "READY_TIMEOUT": "3", "REQUEST_TIMEOUT": "4.5",
		"DRAIN_SECONDS": "5", "GRACE_SECONDS": "6", "MAX_BODY": "7", "MAX_CONNECTIONS": "8",
		"RATE_PER_SECOND": "9.5", "RATE_BURST": "10",
	})
	want(t, "problems", problems, []string(nil))
	config.TokenKeys = nil
	want(t, "fields", config, Config{
		Name: "ledger-2", Host: "::1", Port: 1, LogLevel: LevelDebug, Dependencies: []string{"db:2"},
		ReadyTimeout: 3 * time.Second, RequestTimeout: 4500 * time.Millisecond, DrainTime: 5 * time.Second,
		GraceTime: 6 * time.Second, MaxBody: 7, MaxConnections: 8, RatePerSecond: 9.5, RateBurst: 10,
	})
}

func TestEveryValueHasItsBounds(t *testing.T) {
	path := keyFile(t, strings.Repeat("n", 32))
	for variable, values := range map[string][2][]string{ // what may be, and what may not
		"SERVICE_NAME":    {{"a", "a-1"}, {"1a", "-a", "a_b", "Ab", strings.Repeat("a", 64)}},
		"HOST":            {{"0.0.0.0", "::", "db.internal"}, {"a b", "http://a"}},
		"PORT":            {{"0", "65535"}, {"65536"}},
		"LOG_LEVEL":       {{"DEBUG", "WARNING"}, {"debug", "ERROR"}},
		"DEPENDENCIES":    {{"a:1,b:65535"}, {"a:0", "a:65536", ":1", "a b:1", "a:1,"}},
		"READY_TIMEOUT":   {{"0.1", "30"}, {"0.09", "30.1"}},
		"REQUEST_TIMEOUT": {{"0.1", "300"}, {"0.09", "300.1"}},
		"DRAIN_SECONDS":   {{"0", "300"}, {"300.1"}},
		"GRACE_SECONDS":   {{"0", "300"}, {"300.1"}},
		"MAX_BODY":        {{"1", "10485760"}, {"0", "10485761"}},
		"MAX_CONNECTIONS": {{"1", "10000"}, {"0", "10001"}},
		"RATE_PER_SECOND": {{"0.01", "10000"}, {"0.009", "10000.1"}},
		"RATE_BURST":      {{"1", "10000"}, {"0", "10001"}},
	} {
		for wrong, texts := range values {
			for _, text := range texts {
				_, problems := readEnv(map[string]string{"TOKEN_KEY_FILE": path, variable: text})
				want(t, variable+"="+text, len(problems), wrong)
			}
		}
	}
}

func TestNumbersArePlainAndFinite(t *testing.T) {
	path := keyFile(t, strings.Repeat("n", 32))
	for _, text := range []string{"nan", "inf", "1e2", "-1", "٣", "0x10", "1_0", "+1"} {
		_, problems := readEnv(map[string]string{"TOKEN_KEY_FILE": path, "GRACE_SECONDS": text, "RATE_BURST": text})
		want(t, text, len(problems), 2)
	}
}

func TestAKeyFileMustHoldLongKeys(t *testing.T) {
	long := strings.Repeat("n", 32)
	for _, content := range []string{"", "\n", "short\n", long[1:], long + "\n" + long[1:]} {
		_, problems := readEnv(map[string]string{"TOKEN_KEY_FILE": keyFile(t, content)})
		want(t, content, len(problems), 1)
	}
	_, problems := readEnv(map[string]string{"TOKEN_KEY_FILE": filepath.Join(t.TempDir(), "missing")})
	want(t, "missing", len(problems), 1)
}

func TestTokensThatMustNotBeAccepted(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	clock := func() time.Time { return now }
	old, current := Secret(bytes.Repeat([]byte("o"), 32)), Secret(bytes.Repeat([]byte("n"), 32))
	signer := NewSigner([]Secret{current}, "service", clock)
	sign := func(s *Signer) string {
		token, err := s.Sign("ada", []string{"read", "write"}, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	good := sign(signer)
	claims, err := signer.Verify(good)
	want(t, "claims", []any{claims.Subject, claims.Allows("write"), claims.Allows("admin"), err}, []any{"ada", true, false, nil})

	foreign := sign(NewSigner([]Secret{old}, "service", clock))
	if _, err := NewSigner([]Secret{current, old}, "service", clock).Verify(foreign); err != nil {
		t.Errorf("keys are replaced without an outage: %v", err)
	}
	if _, err := signer.Verify(sign(NewSigner([]Secret{current, old}, "service", clock))); err != nil {
		t.Errorf("the first key signs: %v", err)
	}
	// The last character holds two bits of nothing: the letter after it reads the same.
	end := len(good) - 1
	respelled := good[:end] + string(good[end]+1)
	part := strings.Split(good, ".")
	segment := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	resigned := func(payload string) string {
		signed := tokenHeader + "." + segment(payload)
		return signed + "." + base64.RawURLEncoding.EncodeToString(mac(current, signed))
	}
	for token, reason := range map[string]error{
		foreign: ErrSignature, respelled: ErrSignature,
		sign(NewSigner([]Secret{current}, "other", clock)):                       ErrOtherAudience,
		part[0] + "." + segment(`{"sub":"eve","scope":"admin"}`) + "." + part[2]: ErrSignature,
		segment(`{"alg":"none","typ":"JWT"}`) + "." + part[1] + ".":              ErrNotAToken,
		segment(`{"alg":"RS256","typ":"JWT"}`) + "." + part[1] + "." + part[2]:   ErrNotAToken,
		resigned(`{"sub":"ada","aud":"service","scope":"read"}`):                 ErrClaims,
		resigned(`{"sub":"ada","aud":"service","scope":"read","exp":"never"}`):   ErrClaims,
		resigned(`{"sub":"ada","aud":"service","scope":["read"],"exp":2000000}`): ErrClaims,
		"": ErrNotAToken, "..": ErrNotAToken, "a.b.c": ErrNotAToken, part[0] + ".": ErrNotAToken,
		part[0] + "." + part[1] + ".": ErrSignature, part[0] + "." + part[1] + ".é": ErrSignature,
		good + strings.Repeat("A", 5000): ErrNotAToken,
	} {
		if _, err := signer.Verify(token); !errors.Is(err, reason) {
			t.Errorf("%.60s: got %v, want %v", token, err, reason)
		}
	}
	now = now.Add(59 * time.Second)
	if _, err := signer.Verify(good); err != nil {
		t.Error(err)
	}
	now = now.Add(time.Second)
	if _, err := signer.Verify(good); !errors.Is(err, ErrExpired) {
		t.Errorf("a token ends at its second: %v", err)
	}
}

func TestABurstThenTheRate(t *testing.T) {
	now := time.Unix(0, 0)
	limiter := NewRateLimiter(2, 3, 2, func() time.Time { return now })
	take := func(key string, times int) (waits []float64) {
		for i := 0; i < times; i++ {
			waits = append(waits, limiter.Wait(key).Seconds())
		}
		return waits
	}
	want(t, "burst", take("ada", 4), []float64{0, 0, 0, 0.5})
	want(t, "callers do not share", take("grace", 1), []float64{0})
	now = now.Add(500 * time.Millisecond)
	want(t, "rate", take("ada", 2), []float64{0, 0.5})
	now = now.Add(time.Hour)
	want(t, "a rest saves up no more than a burst", take("ada", 4), []float64{0, 0, 0, 0.5})
	for i := 0; i < 100; i++ {
		limiter.Wait(fmt.Sprint(i))
	}
	limiter.Wait("98")
	limiter.Wait("new")
	want(t, "the quietest is forgotten", []bool{limiter.buckets["98"] != nil, limiter.buckets["99"] == nil}, []bool{true, true})
	want(t, "memory is bounded", []int{len(limiter.buckets), limiter.recent.Len()}, []int{2, 2})
}

func TestALineBreakForgesNoLine(t *testing.T) {
	log := &journal{}
	NewLogger(log, "service", LevelInfo).Info("one", Fields{"cause": "two\n{\"message\":\"forged\"}\r\u2028"})
	want(t, "lines", strings.Count(log.String(), "\n"), 1)
	want(t, "one", log.lines(t, "one")[0]["cause"], "two\n{\"message\":\"forged\"}\r\u2028")
}

func TestTheLevelIsTheLeastThatIsWritten(t *testing.T) {
	log := &journal{}
	logger := NewLogger(log, "service", LevelWarning)
	logger.Info("one", nil)
	logger.Warning("two", nil)
	logger.Error("three", nil)
	want(t, "lines", []int{strings.Count(log.String(), "\n"), len(log.lines(t, "one"))}, []int{2, 0})
}

func TestTheMetricsArePrometheusText(t *testing.T) {
	metrics := NewMetrics()
	for _, took := range []time.Duration{5, 6, 300, 20_000} {
		metrics.Observe(http.MethodGet, "/healthz", 200, took*time.Millisecond)
	}
	metrics.Observe(http.MethodGet, "/healthz", 503, 0)
	want(t, "text", strings.Split(metrics.Render(), "\n"), strings.Split(`# HELP http_requests_total Requests that were answered.
# TYPE http_requests_total counter
http_requests_total{method="GET",route="/healthz",status="200"} 4
http_requests_total{method="GET",route="/healthz",status="503"} 1
# HELP http_request_duration_seconds Time from request to answer.
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{route="/healthz",le="0.005"} 2
http_request_duration_seconds_bucket{route="/healthz",le="0.01"} 3
http_request_duration_seconds_bucket{route="/healthz",le="0.025"} 3
http_request_duration_seconds_bucket{route="/healthz",le="0.05"} 3
http_request_duration_seconds_bucket{route="/healthz",le="0.1"} 3
http_request_duration_seconds_bucket{route="/healthz",le="0.25"} 3
http_request_duration_seconds_bucket{route="/healthz",le="0.5"} 4
http_request_duration_seconds_bucket{route="/healthz",le="1"} 4
http_request_duration_seconds_bucket{route="/healthz",le="2.5"} 4
http_request_duration_seconds_bucket{route="/healthz",le="5"} 4
http_request_duration_seconds_bucket{route="/healthz",le="10"} 4
http_request_duration_seconds_bucket{route="/healthz",le="+Inf"} 5
http_request_duration_seconds_sum{route="/healthz"} 20.311000
http_request_duration_seconds_count{route="/healthz"} 5
`, "\n"))
}
