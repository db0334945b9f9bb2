package service

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const minKeyLength = 32

var (
	serviceName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}$`)
	hostName    = regexp.MustCompile(`^[A-Za-z0-9.-]+$`)
	wholeNumber = regexp.MustCompile(`^[0-9]{1,9}$`)
	anyNumber   = regexp.MustCompile(`^[0-9]{1,9}(\.[0-9]{1,9})?$`)
)

// Secret is a key that no log line shows.
type Secret []byte

// String hides the key.
func (Secret) String() string { return "[secret]" }

// GoString hides the key.
func (Secret) GoString() string { return "[secret]" }

// Config is what the service needs to know. Sizes are in bytes.
type Config struct {
	TokenKeys      []Secret
	Name           string
	Host           string
	Port           int
	LogLevel       Level
	Dependencies   []string // host:port
	ReadyTimeout   time.Duration
	RequestTimeout time.Duration
	DrainTime      time.Duration
	GraceTime      time.Duration
	MaxBody        int64
	MaxConnections int
	RatePerSecond  float64
	RateBurst      int
}

// ConfigError says all that is wrong with the environment: nobody should have to restart a
// container five times to learn five things.
type ConfigError struct{ Problems []string }

// Error is every problem in one line.
func (e *ConfigError) Error() string { return strings.Join(e.Problems, "; ") }

// ConfigFromEnv reads and checks the environment before anything starts. Its error is a
// *ConfigError. Secrets come as files, because environments leak into logs and crash reports.
func ConfigFromEnv(getenv func(string) string) (Config, error) {
	env := reader{getenv: getenv}
	config := Config{
		TokenKeys:      read(&env, "TOKEN_KEY_FILE", nil, keys),
		Name:           read(&env, "SERVICE_NAME", "service", name),
		Host:           read(&env, "HOST", "127.0.0.1", host),
		Port:           read(&env, "PORT", 8080, integer(0, 65535)),
		LogLevel:       read(&env, "LOG_LEVEL", LevelInfo, ParseLevel),
		Dependencies:   read(&env, "DEPENDENCIES", nil, addresses),
		ReadyTimeout:   read(&env, "READY_TIMEOUT", time.Second, seconds(0.1, 30)),
		RequestTimeout: read(&env, "REQUEST_TIMEOUT", 10*time.Second, seconds(0.1, 300)),
		DrainTime:      read(&env, "DRAIN_SECONDS", 0, seconds(0, 300)),
		GraceTime:      read(&env, "GRACE_SECONDS", 20*time.Second, seconds(0, 300)),
		MaxBody:        int64(read(&env, "MAX_BODY", 64*1024, integer(1, 10*1024*1024))),
		MaxConnections: read(&env, "MAX_CONNECTIONS", 128, integer(1, 10_000)),
		RatePerSecond:  read(&env, "RATE_PER_SECOND", 5, number(0.01, 10_000)),
		RateBurst:      read(&env, "RATE_BURST", 20, integer(1, 10_000)),
	}
	if getenv("TOKEN_KEY_FILE") == "" {
		env.problems = append(env.problems, "TOKEN_KEY_FILE: must name a file that holds the token keys")
	}
	if len(env.problems) > 0 {
		return Config{}, &ConfigError{env.problems}
	}
	return config, nil
}

type reader struct {
	getenv   func(string) string
	problems []string
}

func read[T any](env *reader, variable string, preset T, parse func(string) (T, error)) T {
	text := env.getenv(variable)
	if text == "" {
		return preset
	}
	value, err := parse(text)
	if err != nil {
		env.problems = append(env.problems, variable+": "+err.Error())
		return preset
	}
	return value
}

// keys reads one key a line, the signing key first; the older ones below it still verify.
func keys(path string) ([]Secret, error) {
	content, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return nil, err
	}
	var found []Secret
	for _, key := range bytes.Fields(content) {
		if len(key) < minKeyLength {
			return nil, fmt.Errorf("every key must have at least %d characters", minKeyLength)
		}
		found = append(found, Secret(key))
	}
	if len(found) == 0 {
		return nil, errors.New("must hold at least one key")
	}
	return found, nil
}

func name(text string) (string, error) {
	if !serviceName.MatchString(text) {
		return "", errors.New("must be lower-case letters, digits and hyphens")
	}
	return text, nil
}

func host(text string) (string, error) {
	if !hostName.MatchString(text) && net.ParseIP(text) == nil {
		return "", errors.New("must be a host name or an address")
	}
	return text, nil
}

func addresses(text string) ([]string, error) {
	var found []string
	for _, part := range strings.Split(text, ",") {
		name, port, err := net.SplitHostPort(strings.TrimSpace(part))
		if err != nil || !hostName.MatchString(name) {
			return nil, errors.New("must be host:port, separated by commas")
		}
		if _, err := integer(1, 65535)(port); err != nil {
			return nil, err
		}
		found = append(found, net.JoinHostPort(name, port))
	}
	return found, nil
}

func integer(low, high int) func(string) (int, error) {
	return func(text string) (int, error) {
		value, err := strconv.Atoi(text)
		if err != nil || !wholeNumber.MatchString(text) || value < low || value > high {
			return 0, fmt.Errorf("must be a whole number from %d to %d", low, high)
		}
		return value, nil
	}
}

func number(low, high float64) func(string) (float64, error) {
	return func(text string) (float64, error) {
		value, err := strconv.ParseFloat(text, 64)
		if err != nil || !anyNumber.MatchString(text) || value < low || value > high {
			return 0, fmt.Errorf("must be a number from %g to %g", low, high)
		}
		return value, nil
	}
}

func seconds(low, high float64) func(string) (time.Duration, error) {
	return func(text string) (time.Duration, error) {
		value, err := number(low, high)(text)
		return time.Duration(value * float64(time.Second)), err
	}
}
