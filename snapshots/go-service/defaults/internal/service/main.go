// Package service is a small HTTP service on the golden path. README.md says how it is run.
package service

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

// Exit codes of Main.
const (
	exitDone     = 0
	exitCutShort = 1
	exitConfig   = 2
)

// Main runs the command and returns its exit code: 0 done, 1 cut short, 2 wrong configuration.
func Main(args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	config, err := ConfigFromEnv(getenv)
	if err != nil {
		var wrong *ConfigError
		if errors.As(err, &wrong) {
			NewLogger(stderr, "service", LevelInfo).Error("configuration is wrong", Fields{"problems": wrong.Problems})
		}
		return exitConfig
	}
	logger := NewLogger(stderr, config.Name, config.LogLevel)
	switch {
	case len(args) == 0 || (len(args) == 1 && args[0] == "serve"):
		ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
		defer cancel()
		return serve(ctx, config, logger)
	case args[0] == "token":
		return mint(config, args[1:], stdout, stderr)
	}
	_, _ = fmt.Fprintln(stderr, "usage: service [serve | token [-subject S] [-scope S] [-seconds N]]")
	return exitConfig
}

func mint(config Config, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("token", flag.ContinueOnError)
	flags.SetOutput(stderr)
	subject := flags.String("subject", "developer", "who the token speaks for")
	scope := flags.String("scope", greetingsScope, "what it allows")
	seconds := flags.Int("seconds", 3600, "how long it is valid")
	if err := flags.Parse(args); err != nil {
		return exitConfig
	}
	signer := NewSigner(config.TokenKeys, config.Name, time.Now)
	token, err := signer.Sign(*subject, []string{*scope}, time.Duration(*seconds)*time.Second)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, err)
		return exitCutShort
	}
	_, _ = fmt.Fprintln(stdout, token)
	return exitDone
}

// serve answers until ctx ends, then finishes what is in flight.
func serve(ctx context.Context, config Config, logger *Logger) int {
	app := NewApp(config, logger, Connections(config.Dependencies))
	listener, err := net.Listen("tcp", net.JoinHostPort(config.Host, strconv.Itoa(config.Port)))
	if err != nil {
		logger.Error("cannot listen", Fields{"cause": err.Error()})
		return exitCutShort
	}
	server := NewServer(config, app, logger)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	logger.Info("listening", Fields{"address": listener.Addr().String()})

	select {
	case err := <-failed:
		logger.Error("serving ended", Fields{"cause": err.Error()})
		return exitCutShort
	case <-ctx.Done():
	}

	// Not ready first, closed second: load balancers need a moment to look elsewhere.
	app.Drain()
	logger.Info("draining", Fields{"seconds": config.DrainTime.Seconds()})
	time.Sleep(config.DrainTime)
	grace, cancel := context.WithTimeout(context.Background(), config.GraceTime)
	defer cancel()
	err = server.Shutdown(grace)
	logger.Info("stopped", Fields{"finished": err == nil})
	if err != nil {
		return exitCutShort
	}
	return exitDone
}
