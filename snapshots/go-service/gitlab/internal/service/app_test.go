package service

import (
	"context"
	"errors"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

const ada = `{"name": "Ada"}`

func TestHealthzAsksNoDependency(t *testing.T) {
	broken := func(context.Context) error { return errors.New("down") }
	service := start(t, testConfig(), map[string]Check{"db": broken})
	want(t, "healthz", service.call(http.MethodGet, "/healthz", "").status, 200)
	want(t, "readyz", service.call(http.MethodGet, "/readyz", "").status, 503)
}

func TestACheckThatPanicsEndsNothing(t *testing.T) {
	broken := func(context.Context) error { panic("broken") }
	service := start(t, testConfig(), map[string]Check{"db": broken})
	got := service.call(http.MethodGet, "/readyz", "")
	want(t, "status", got.status, 503)
	want(t, "body", got.body, `{"dependencies":{"db":"unavailable"},"ready":false}`+"\n")
}

func TestReadyWhileADependencyListens(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	service := start(t, testConfig(), Connections([]string{listener.Addr().String()}))
	want(t, "listening", service.call(http.MethodGet, "/readyz", "").status, 200)
	// A port that was let go may soon be another's; nobody is given one of the first thousand.
	service = start(t, testConfig(), Connections([]string{listener.Addr().String(), "127.0.0.1:1"}))
	want(t, "silent", service.call(http.MethodGet, "/readyz", "").status, 503)
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestSlowDependenciesShareOneDeadline(t *testing.T) {
	slow := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	config := testConfig()
	config.ReadyTimeout = 100 * time.Millisecond
	service := start(t, config, map[string]Check{"db": slow, "cache": slow, "queue": slow})
	began := time.Now()
	got := service.call(http.MethodGet, "/readyz", "")
	want(t, "status", got.status, 503)
	want(t, "states", strings.Count(got.body, "unavailable"), 3)
	if took := time.Since(began); took > time.Second {
		t.Errorf("took %v", took)
	}
}

func TestNotReadyWhileDrainingButStillServing(t *testing.T) {
	service := start(t, testConfig(), nil)
	service.app.Drain()
	want(t, "readyz", service.call(http.MethodGet, "/readyz", "").status, 503)
	want(t, "healthz", service.call(http.MethodGet, "/healthz", "").status, 200)
}

func TestMetricsCountByRouteAndNeverByPath(t *testing.T) {
	service := start(t, testConfig(), nil)
	service.call(http.MethodGet, "/healthz", "")
	service.call(http.MethodGet, "/no/such/path", "")
	text := service.call(http.MethodGet, "/metrics", "").body
	for _, line := range []string{
		`http_requests_total{method="GET",route="/healthz",status="200"} 1`,
		`http_requests_total{method="GET",route="unmatched",status="404"} 1`,
		`http_request_duration_seconds_bucket{route="/healthz",le="+Inf"} 1`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no %s in %s", line, text)
		}
	}
	want(t, "paths", strings.Contains(text, "/no/such/path"), false)
}

func TestGreets(t *testing.T) {
	got := start(t, testConfig(), nil).greet(`{"name": " Ada "}`)
	want(t, "status", got.status, 201)
	want(t, "body", got.body, `{"message":"Hello, Ada!"}`+"\n")
}

func TestATokenMustBeThereAndHold(t *testing.T) {
	service := start(t, testConfig(), nil)
	good := bearer(t, greetingsScope, time.Minute)
	for name, header := range map[string]string{
		"missing": "", "other scheme": "Basic abc", "empty": "Bearer", "cut": good[:len(good)-2],
		"expired": bearer(t, greetingsScope, -time.Second),
	} {
		got := service.call(http.MethodPost, "/v1/greetings", ada, "Authorization", header)
		want(t, name, got.status, 401)
		want(t, name, got.body, `{"error":"unauthorised"}`+"\n")
		want(t, name, got.header.Get("WWW-Authenticate"), "Bearer")
	}
}

func TestATokenMustHaveTheScope(t *testing.T) {
	header := bearer(t, "greetings:read", time.Minute)
	got := start(t, testConfig(), nil).call(http.MethodPost, "/v1/greetings", ada, "Authorization", header)
	want(t, "status", got.status, 403)
}

func TestTheBodyMustBeWhatItShould(t *testing.T) {
	config := testConfig()
	config.RateBurst = 100
	service := start(t, config, nil)
	for body, status := range map[string]int{
		"": 400, "{": 400, "\xff": 400, ada + "x": 400, `"` + "\xff" + `"`: 400,
		"[]": 422, "{}": 422, "null": 422, `{"NAME": "Ada"}`: 422, `{"name": "Ada", "admin": true}`: 422,
		`{"name": 1}`: 422, `{"name": null}`: 422, `{"name": " "}`: 422, `{"name": "a\nb"}`: 422,
		`{"name": "` + strings.Repeat("a", 65) + `"}`: 422,
		strings.Repeat("a", 1025):                     413,
	} {
		want(t, body, service.greet(body).status, status)
	}
	want(t, "content type", service.greet(ada, "Content-Type", "text/plain").status, 415)
}

func TestTheRateIsLimited(t *testing.T) {
	service := start(t, testConfig(), nil)
	var got seen
	for _, status := range []int{201, 201, 201, 429} {
		got = service.greet(ada)
		want(t, "status", got.status, status)
	}
	want(t, "Retry-After", got.header.Get("Retry-After"), "2")
}

func TestWhatGoesWrongInsideStaysInside(t *testing.T) {
	service := start(t, testConfig(), nil)
	for name, handler := range map[string]func(*http.Request) (answer, error){
		"error": func(*http.Request) (answer, error) { return answer{}, errors.New("no space left") },
		"panic": func(*http.Request) (answer, error) { panic("password=hunter2") },
	} {
		service.app.routes["/healthz"] = route{http.MethodGet, "", handler}
		got := service.call(http.MethodGet, "/healthz", "")
		want(t, name, got.status, 500)
		want(t, name, got.body, `{"error":"internal error"}`+"\n")
	}
}

func TestUnknownPathsAndMethods(t *testing.T) {
	service := start(t, testConfig(), nil)
	want(t, "path", service.call(http.MethodGet, "/", "").status, 404)
	got := service.call(http.MethodDelete, "/v1/greetings", "")
	want(t, "method", got.status, 405)
	want(t, "Allow", got.header.Get("Allow"), "POST")
	head := service.call(http.MethodHead, "/healthz", "")
	want(t, "HEAD", head.status, 200)
	want(t, "HEAD", head.body, "")
}

func TestARequestIDIsKeptIfItIsHarmless(t *testing.T) {
	service := start(t, testConfig(), nil)
	kept := service.call(http.MethodGet, "/healthz", "", "X-Request-ID", "abc-1")
	want(t, "kept", kept.header.Get("X-Request-ID"), "abc-1")
	replaced := service.call(http.MethodGet, "/healthz", "", "X-Request-ID", "a b")
	want(t, "replaced", len(replaced.header.Get("X-Request-ID")), 32)
}

func TestABodyThatNeverComesIsGivenUp(t *testing.T) {
	config := testConfig()
	config.RequestTimeout = 200 * time.Millisecond
	began := time.Now()
	got := start(t, config, nil).raw("POST /v1/greetings HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" +
		"Authorization: " + bearer(t, greetingsScope, time.Minute) + "\r\nContent-Length: 5\r\n\r\n{")
	want(t, got, strings.Contains(got, " 408 "), true)
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestTooManyRequestsAtATimeAreTurnedAway(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	hold := func(context.Context) error { close(entered); <-leave; return nil }
	config := testConfig()
	config.MaxConnections = 1
	service := start(t, config, map[string]Check{"db": hold})
	first := make(chan int)
	go func() { first <- service.call(http.MethodGet, "/readyz", "").status }()
	<-entered
	want(t, "second", service.call(http.MethodGet, "/healthz", "").status, 503)
	close(leave)
	want(t, "first", <-first, 200)
}

func TestTheLogSaysWhoAskedForWhatAndShowsNoSecret(t *testing.T) {
	service := start(t, testConfig(), nil)
	good := bearer(t, greetingsScope, time.Minute)
	service.greet(ada, "X-Request-ID", "abc-1", "Authorization", good)
	service.call(http.MethodGet, "/no/such/path?hunter2%0A%7B", "")

	lines := service.log.lines(t, "request")
	want(t, "requests", len(lines), 2)
	for name, value := range map[string]any{
		"level": "info", "service": "service", "method": "POST", "route": "/v1/greetings", "status": 201,
		"subject": "ada", "client": "127.0.0.1", "request_id": "abc-1",
	} {
		want(t, name, lines[0][name], value)
	}
	at := lines[0]["time"].(string)
	want(t, at, regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`).MatchString(at), true)
	want(t, "route", lines[1]["route"], "unmatched")
	for _, hidden := range []string{good[len("Bearer "):], "hunter2", "/no/such"} {
		want(t, hidden, strings.Contains(service.log.String(), hidden), false)
	}
}

func TestTheLogAloneSaysWhyATokenWasRefused(t *testing.T) {
	service := start(t, testConfig(), nil)
	got := service.greet(ada, "Authorization", bearer(t, greetingsScope, -time.Second), "X-Request-ID", "abc-1")
	want(t, "caller", strings.Contains(got.body, "expired"), false)
	lines := service.log.lines(t, "unauthorised")
	want(t, "lines", len(lines), 1)
	want(t, "line", []any{lines[0]["level"], lines[0]["cause"], lines[0]["request_id"]},
		[]any{"warning", "expired", "abc-1"})
}

func TestTheLogAloneSaysWhatWentWrongInside(t *testing.T) {
	service := start(t, testConfig(), nil)
	broken := func(*http.Request) (answer, error) { return answer{}, errors.New("no space left") }
	service.app.routes["/healthz"] = route{http.MethodGet, "", broken}
	service.call(http.MethodGet, "/healthz", "", "X-Request-ID", "abc-1")
	lines := service.log.lines(t, "request failed")
	want(t, "lines", len(lines), 1)
	want(t, "line", []any{lines[0]["level"], lines[0]["cause"], lines[0]["request_id"]},
		[]any{"error", "no space left", "abc-1"})
}

func TestMetricsKnowNoMethodOfACallers(t *testing.T) {
	service := start(t, testConfig(), nil)
	want(t, "status", service.call("BREW", "/healthz", "").status, 405)
	got := service.call(http.MethodGet, "/metrics", "")
	want(t, "type", got.header.Get("Content-Type"), "text/plain; version=0.0.4; charset=utf-8")
	want(t, got.body, strings.Contains(got.body, `{method="OTHER",route="/healthz",status="405"} 1`), true)
	want(t, got.body, strings.Contains(got.body, "BREW"), false)
}

func TestEveryAnswerHasItsHeaders(t *testing.T) {
	service := start(t, testConfig(), nil)
	for what, got := range map[string]seen{
		"good":    service.call(http.MethodGet, "/healthz", ""),
		"unknown": service.call(http.MethodGet, "/no/such/path", ""),
		"refused": service.call(http.MethodPost, "/v1/greetings", ada),
		"greeted": service.greet(ada),
	} {
		for name, value := range map[string]string{
			"Content-Type": "application/json", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
		} {
			want(t, what+" "+name, got.header.Get(name), value)
		}
	}
}

func TestARequestIDIsShortAndNoTwoAreTheSame(t *testing.T) {
	service := start(t, testConfig(), nil)
	id := func(given string) string {
		return service.call(http.MethodGet, "/healthz", "", "X-Request-ID", given).header.Get("X-Request-ID")
	}
	longest := strings.Repeat("a", 64)
	want(t, "longest", id(longest), longest)
	want(t, "too long", len(id(longest+"a")), 32)
	want(t, "again", id("") == id(""), false)
}

func TestABodyMayBeAsLongAsItMay(t *testing.T) {
	service := start(t, testConfig(), nil)
	longest := ada + strings.Repeat(" ", int(testConfig().MaxBody)-len(ada))
	want(t, "longest", service.greet(longest).status, 201)
	want(t, "longer", service.greet(longest+" ").status, 413)
}

func TestANameMayBeAnyText(t *testing.T) {
	service := start(t, testConfig(), nil)
	longest := strings.Repeat("é", 64)
	got := service.greet(`{"name": "`+longest+`"}`, "Content-Type", "application/json; charset=utf-8")
	want(t, "longest", got.status, 201)
	want(t, "longer", service.greet(`{"name": "`+longest+`é"}`).status, 422)
	// Separators that look like nothing, and marks that turn around what is read.
	service = start(t, testConfig(), nil)
	for _, name := range []string{"A\u00a0da", "A\u2028da", "\u202eAda"} {
		want(t, name, service.greet(`{"name": "`+name+`"}`).status, 422)
	}
}

func TestOnlyWhoMayGreetGreets(t *testing.T) {
	service := start(t, testConfig(), nil)
	good := bearer(t, greetingsScope, time.Minute)
	for header, status := range map[string]int{
		strings.Replace(good, "Bearer", "bearer", 1): 201,
		strings.Replace(good, "Bearer", "Basic", 1):  401,
		bearer(t, "greetings", time.Minute):          403,
		bearer(t, "greetings:writer", time.Minute):   403,
		bearer(t, "", time.Minute):                   403,
	} {
		want(t, header[:8], service.greet(ada, "Authorization", header).status, status)
	}
	want(t, "HEAD", service.call(http.MethodHead, "/v1/greetings", "").status, 405)
}

func TestATokenIsForOneService(t *testing.T) {
	config := testConfig()
	config.Name = "other"
	want(t, "status", start(t, config, nil).greet(ada).status, 401)
}

func TestCallersDoNotShareARate(t *testing.T) {
	config := testConfig()
	config.RateBurst = 1
	service := start(t, config, nil)
	for _, subject := range []string{"ada", "grace"} {
		token, err := NewSigner(testKeys, "service", time.Now).Sign(subject, []string{greetingsScope}, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		want(t, subject, service.greet(ada, "Authorization", "Bearer "+token).status, 201)
	}
}

func TestAHeadMustBeShort(t *testing.T) {
	service := start(t, testConfig(), nil)
	got := service.raw("GET /healthz HTTP/1.1\r\nHost: a\r\nX-Long: " + strings.Repeat("a", 32*1024) + "\r\n\r\n")
	want(t, got, strings.Contains(got, " 431 "), true)
}

// `raw` fails if nobody hangs up.
func TestHeadsThatNeverEndAndIdleConnectionsAreGivenUp(t *testing.T) {
	config := testConfig()
	config.RequestTimeout = 100 * time.Millisecond
	service := start(t, config, nil)
	service.raw("")
	service.raw("GET /healthz HTTP/1.1\r\nHost: a\r\n")
	got := service.raw("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
	want(t, "answers", strings.Count(got, "HTTP/1.1 200 "), 1)
}

func TestAnAnswerMustBeTakenInTime(t *testing.T) {
	config := testConfig()
	server := NewServer(config, NewApp(config, NewLogger(&journal{}, "service", LevelInfo), nil), nil)
	want(t, "write", server.WriteTimeout, config.RequestTimeout+config.ReadyTimeout)
}

func TestAPlaceIsFreedAgain(t *testing.T) {
	config := testConfig()
	config.MaxConnections = 1
	service := start(t, config, nil)
	for range 3 {
		want(t, "status", service.call(http.MethodGet, "/healthz", "").status, 200)
	}
}
