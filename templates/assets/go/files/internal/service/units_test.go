package service

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
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

func TestNumbersArePlainAndFinite(t *testing.T) {
	path := keyFile(t, strings.Repeat("n", 32))
	for _, text := range []string{"nan", "inf", "1e2", "-1", "٣", "0x10", "1_0", "+1"} {
		_, problems := readEnv(map[string]string{"TOKEN_KEY_FILE": path, "GRACE_SECONDS": text, "RATE_BURST": text})
		want(t, text, len(problems), 2)
	}
}

func TestAKeyFileMustHoldLongKeys(t *testing.T) {
	for _, content := range []string{"", "\n", "short\n"} {
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
	part := strings.Split(good, ".")
	segment := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	resigned := func(payload string) string {
		signed := tokenHeader + "." + segment(payload)
		return signed + "." + base64.RawURLEncoding.EncodeToString(mac(current, signed))
	}
	for token, reason := range map[string]error{
		foreign: ErrSignature,
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
	want(t, "memory is bounded", []int{len(limiter.buckets), limiter.recent.Len()}, []int{2, 2})
}
