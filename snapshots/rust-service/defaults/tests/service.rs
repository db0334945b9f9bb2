//! The service as the platform runs it and as its callers see it: a process, and a socket.

use std::io::ErrorKind::{TimedOut, WouldBlock};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

const ADA: &str = r#"{"name": "Ada"}"#;
const KEY: &str = "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk";

struct Service {
    child: Child,
    log: BufReader<ChildStderr>,
    port: u16,
    key_file: String,
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

fn command(env: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_service"));
    command.env_clear().env("PORT", "0").envs(env.iter().copied());
    command
}

impl Service {
    fn start(test: &str, env: &[(&str, &str)]) -> Service {
        let path = std::env::temp_dir().join(format!("service-{}-{test}", std::process::id()));
        std::fs::write(&path, KEY).unwrap();
        let key_file = path.to_string_lossy().into_owned();
        let mut command = command(env);
        command.env("TOKEN_KEY_FILE", &key_file).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let mut service = Service { child, log, port: 0, key_file };
        let line = service.line();
        assert_eq!((&line["message"], &line["level"]), (&"listening".into(), &"info".into()));
        service.port = u16::try_from(line["port"].as_u64().unwrap()).unwrap();
        service
    }

    fn line(&mut self) -> Value {
        let mut line = String::new();
        self.log.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// The next line with this message.
    fn next(&mut self, message: &str) -> Value {
        loop {
            let line = self.line();
            if line["message"] == message {
                return line;
            }
        }
    }

    fn signal(&self, name: &str) {
        assert!(Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap().success());
    }

    /// Tells it to stop. Its exit code, and the rest of its log.
    fn stop(&mut self) -> (Option<i32>, String) {
        self.signal("TERM");
        let mut log = String::new();
        self.log.read_to_string(&mut log).unwrap();
        (self.child.wait().unwrap().code(), log)
    }

    /// A request in flight: the service has said that the body may come.
    fn half(&self) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let (token, length) = (self.token("greetings:write"), ADA.len());
        write!(
            stream,
            "POST /v1/greetings HTTP/1.1\r\nHost: a\r\nAuthorization: {token}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\nExpect: 100-continue\r\n\r\n"
        )
        .unwrap();
        let mut answer = [0; 25];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"HTTP/1.1 100 Continue\r\n\r\n");
        stream
    }

    fn token(&self, scope: &str) -> String {
        let output = command(&[("TOKEN_KEY_FILE", &self.key_file)]).args(["token", scope]).output().unwrap();
        format!("Bearer {}", String::from_utf8(output.stdout).unwrap().trim())
    }

    /// Sends bytes as they are; returns all that comes back.
    fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        stream.write_all(bytes).unwrap();
        let mut answer = Vec::new();
        let ended = stream.read_to_end(&mut answer).map_err(|error| error.kind());
        assert!(!matches!(ended, Err(WouldBlock | TimedOut)), "nobody hung up");
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn call(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> (u16, String) {
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n"
        );
        let answer = self.raw(&[head.as_bytes(), body].concat());
        (answer.split(' ').nth(1).unwrap_or_default().parse().unwrap_or(0), answer)
    }

    fn greet(&self, token: &str, kind: &str, body: &[u8]) -> (u16, String) {
        self.call("POST", "/v1/greetings", &format!("Authorization: {token}\r\nContent-Type: {kind}\r\n"), body)
    }
}

/// A token that says `claims`, signed as the service signs.
fn signed(key: &str, claims: &Value) -> String {
    let head = BASE64.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let text = format!("{head}.{}", BASE64.encode(claims.to_string()));
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    format!("Bearer {text}.{}", BASE64.encode(mac.finalize().into_bytes()))
}

/// A port that takes no connection and refuses none: the kernel's queue of it is full.
fn deaf() -> (tokio::net::TcpListener, Vec<TcpStream>) {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
        waiting.push(stream);
    }
    (listener, waiting)
}

#[test]
fn it_listens_answers_and_ends_with_0() {
    let mut service = Service::start("ends", &[]);
    let (status, answer) = service.call("GET", "/healthz?a=%0A", "X-Request-ID: abc-1\r\n", b"");
    assert_eq!(status, 200);
    assert!(answer.to_lowercase().contains("x-request-id: abc-1\r\n"), "{answer}");
    let line = service.line();
    assert_eq!(line["request_id"], "abc-1");
    // As RFC 3339 has it, in UTC: 2026-11-26T12:00:00.000Z.
    let time = line["time"].as_str().unwrap();
    assert!(time.len() == 24 && time.as_bytes()[10] == b'T' && time.ends_with('Z'), "{time}");
    service.signal("TERM");
    assert_eq!([&service.line()["message"], &service.line()["message"]], ["draining", "stopped"]);
    assert_eq!(service.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_wrong_configuration_ends_with_2_and_says_all() {
    let output = command(&[("RATE_BURST", "many")]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let line: Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(line["problems"].as_array().unwrap().len(), 2);
}

#[test]
fn tokens_must_be_there_hold_and_have_the_scope() {
    let service = Service::start("tokens", &[("RATE_PER_SECOND", "0.01"), ("RATE_BURST", "2")]);
    let good = service.token("greetings:write");
    for token in ["", "Basic abc", "Bearer", &good[..good.len() - 2]] {
        let (status, answer) = service.greet(token, "application/json", ADA.as_bytes());
        assert_eq!(status, 401, "{token}");
        assert!(answer.to_lowercase().contains("www-authenticate: bearer\r\n"), "{answer}");
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let claims = |audience: &str, expires: u64| json!({"sub": "eve", "aud": audience, "scope": "greetings:write", "exp": expires});
    for (what, token) in [
        ("expired", signed(KEY, &claims("service", now - 1))),
        ("for another service", signed(KEY, &claims("other", now + 60))),
        ("by another key", signed(&"o".repeat(32), &claims("service", now + 60))),
        ("without an end", signed(KEY, &json!({"sub": "eve", "aud": "service", "scope": "greetings:write"}))),
    ] {
        let (status, answer) = service.greet(&token, "application/json", ADA.as_bytes());
        assert_eq!(status, 401, "{what}");
        assert!(!answer.contains("expired") && !answer.contains("signature"), "only the log says why: {answer}");
    }
    assert_eq!(service.greet(&signed(KEY, &claims("service", now + 60)), "application/json", ADA.as_bytes()).0, 201);
    for scope in ["greetings:read", "greetings", "greetings:writer"] {
        let (status, answer) = service.greet(&service.token(scope), "application/json", ADA.as_bytes());
        assert!(status == 403 && answer.contains("greetings:write"), "{answer}");
    }
    assert_eq!(service.greet(&good.replace("Bearer", "Basic"), "application/json", ADA.as_bytes()).0, 401);
    let eve = signed(KEY, &claims("service", now + 60)).replace("Bearer", "bearer");
    for expected in [201, 201, 429] {
        let (status, answer) = service.greet(&good, "application/json", ADA.as_bytes());
        assert_eq!(status, expected);
        assert_eq!(answer.contains("Hello, Ada!"), status == 201);
        assert_eq!(answer.to_lowercase().contains("retry-after: "), status == 429);
    }
    // Others have a rate of their own, and make nobody's forgotten.
    assert_eq!(service.greet(&eve, "application/json", ADA.as_bytes()).0, 201);
    assert_eq!(service.greet(&good, "application/json", ADA.as_bytes()).0, 429);
}

#[test]
fn the_body_must_be_what_it_should() {
    let service = Service::start("body", &[("RATE_BURST", "100"), ("MAX_BODY", "1024")]);
    let good = service.token("greetings:write");
    let long = format!(r#"{{"name": "{}"}}"#, "a".repeat(65));
    let bodies: [(&[u8], u16); 12] = [
        (b"", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b"\"\xff\"", 400),
        (b"[]", 422),
        (b"{}", 422),
        (br#"{"NAME": "Ada"}"#, 422),
        (br#"{"name": "Ada", "admin": true}"#, 422),
        (br#"{"name": 1}"#, 422),
        (br#"{"name": "a\nb"}"#, 422),
        (long.as_bytes(), 422),
        (&[b'a'; 1025], 413),
    ];
    for (body, status) in bodies {
        assert_eq!(service.greet(&good, "application/json", body).0, status, "{body:?}");
    }
    assert_eq!(service.greet(&good, "text/plain", ADA.as_bytes()).0, 415);
    let untyped = format!("Authorization: {good}\r\n");
    assert_eq!(service.call("POST", "/v1/greetings", &untyped, ADA.as_bytes()).0, 415);
    assert!(service.greet(&good, "application/json", br#"{"name": " Ada "}"#).1.contains("Hello, Ada!"));
    let longest = format!(r#"{{"name": "{}"}}"#, "é".repeat(64));
    assert_eq!(service.greet(&good, "application/json; charset=utf-8", longest.as_bytes()).0, 201);
    assert_eq!(service.greet(&good, "application/json", format!("{ADA:1024}").as_bytes()).0, 201);
    for name in [" ", "A\u{202e}da"] {
        assert_eq!(service.greet(&good, "application/json", json!({"name": name}).to_string().as_bytes()).0, 422);
    }
}

#[test]
fn it_is_not_ready_once_told_to_stop_but_still_serves() {
    let mut service = Service::start("drain", &[("DRAIN_SECONDS", "300")]);
    assert_eq!(service.call("GET", "/readyz", "", b"").0, 200);
    service.signal("TERM");
    service.next("draining");
    assert_eq!([service.call("GET", "/readyz", "", b"").0, service.call("GET", "/healthz", "", b"").0], [503, 200]);
}

#[test]
fn what_is_in_flight_is_finished() {
    let mut service = Service::start("flight", &[("REQUEST_TIMEOUT", "60"), ("GRACE_SECONDS", "60")]);
    let mut stream = service.half();
    service.signal("TERM");
    service.next("draining");
    let end = Instant::now() + Duration::from_secs(10);
    while TcpStream::connect(("127.0.0.1", service.port)).is_ok() {
        assert!(Instant::now() < end, "it goes on listening");
        std::thread::sleep(Duration::from_millis(5));
    }
    stream.write_all(ADA.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 ") && answer.contains("Hello, Ada!"), "{answer}");
    assert_eq!(service.next("stopped")["finished"], true);
    assert_eq!(service.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_request_that_is_cut_off_is_exit_1() {
    let mut service = Service::start("cut", &[("REQUEST_TIMEOUT", "60"), ("GRACE_SECONDS", "0.1")]);
    let _stream = service.half();
    let (code, log) = service.stop();
    assert_eq!(code, Some(1));
    assert!(log.contains(r#""finished":false"#), "{log}");
}

#[test]
fn the_environment_reaches_the_service_and_an_interrupt_stops_it() {
    let mut service = Service::start("name", &[("SERVICE_NAME", "ledger")]);
    // The token's command has no such name, so this is another service's.
    assert_eq!(service.greet(&service.token("greetings:write"), "application/json", ADA.as_bytes()).0, 401);
    service.signal("INT");
    assert_eq!(service.next("stopped")["service"], "ledger");
    assert_eq!(service.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_token_for_trials_is_what_was_asked_for() {
    let service = Service::start("mint", &[]);
    let env = [("TOKEN_KEY_FILE", &*service.key_file), ("SERVICE_NAME", "ledger")];
    let output = command(&env).args(["token", "read"]).output().unwrap();
    let token = String::from_utf8(output.stdout).unwrap();
    let claims: Value = serde_json::from_slice(&BASE64.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let left = claims["exp"].as_u64().unwrap() - now;
    assert!((3500..=3600).contains(&left), "{claims}");
    assert_eq!([&claims["sub"], &claims["aud"], &claims["scope"]], ["developer", "ledger", "read"]);
    assert_eq!(command(&env).arg("dance").output().unwrap().status.code(), Some(2));
}

#[test]
fn a_port_that_is_taken_is_exit_1() {
    let service = Service::start("taken", &[]);
    let port = service.port.to_string();
    let output = command(&[("TOKEN_KEY_FILE", &service.key_file), ("PORT", &port)]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(serde_json::from_slice::<Value>(&output.stderr).unwrap()["message"], "cannot serve");
}

#[test]
fn requests_are_logged_and_no_secret_is() {
    let mut service = Service::start("log", &[("RATE_BURST", "1")]);
    let (good, reader) = (service.token("greetings:write"), service.token("greetings:read"));
    for token in [&good, &good, &reader, &good[..good.len() - 2]] {
        let headers = format!("Authorization: {token}\r\nContent-Type: application/json\r\nX-Request-ID: abc-1\r\n");
        service.call("POST", "/v1/greetings", &headers, ADA.as_bytes());
    }
    service.call("GET", "/no/such/path?password=hunter2%0A%7B", "", b"");
    let (_, log) = service.stop();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told = |line: &Value| {
        let names = ["level", "message", "method", "route", "status", "subject", "client", "request_id"];
        Value::from(names.map(|name| line[name].clone()).to_vec())
    };
    for (line, status) in lines.iter().zip([201, 429, 403]) {
        let client = "127.0.0.1";
        assert_eq!(
            told(line),
            json!(["info", "request", "POST", "/v1/greetings", status, "developer", client, "abc-1"])
        );
    }
    assert_eq!(
        [&lines[3]["level"], &lines[3]["message"], &lines[3]["request_id"]],
        ["warning", "unauthorised", "abc-1"]
    );
    assert!(lines[3]["cause"].is_string());
    assert_eq!([&lines[5]["route"], &lines[5]["status"]], [&json!("unmatched"), &json!(404)]);
    for secret in [&good["Bearer ".len()..], "hunter2", "/no/such"] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[test]
fn every_answer_has_its_headers() {
    let service = Service::start("headers", &[]);
    for (method, path, status) in [("GET", "/healthz", 200), ("GET", "/no/such", 404), ("POST", "/v1/greetings", 401)] {
        let (code, answer) = service.call(method, path, "", b"");
        assert_eq!(code, status);
        for header in ["content-type: application/json", "x-content-type-options: nosniff", "cache-control: no-store"] {
            assert!(answer.to_lowercase().contains(&format!("{header}\r\n")), "{answer}");
        }
    }
    let (code, answer) = service.call("HEAD", "/healthz", "", b"");
    assert!(code == 200 && answer.ends_with("\r\n\r\n"), "{answer}");
    assert_eq!(service.call("HEAD", "/v1/greetings", "", b"").0, 405);
}

#[test]
fn heads_must_be_short_and_come_in_time() {
    let service = Service::start("heads", &[("REQUEST_TIMEOUT", "0.3")]);
    let (status, answer) = service.call("GET", "/healthz", &format!("X-Long: {}\r\n", "a".repeat(32 * 1024)), b"");
    assert_eq!(status, 431, "{answer}");
    // `raw` fails if nobody hangs up.
    for head in ["", "GET /healthz HTTP/1.1\r\nHost: a\r\n", "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"] {
        let answer = service.raw(head.as_bytes());
        assert_eq!(answer.contains(" 200 "), head.ends_with("\r\n\r\n"), "{answer}");
    }
}

#[test]
fn too_many_connections_are_turned_away() {
    let mut service = Service::start("places", &[("MAX_CONNECTIONS", "1"), ("REQUEST_TIMEOUT", "60")]);
    // Connections are taken in turn: where the second is looked at, the first has the place.
    let first = TcpStream::connect(("127.0.0.1", service.port)).unwrap();
    let mut second = TcpStream::connect(("127.0.0.1", service.port)).unwrap();
    second.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    assert_eq!(second.read(&mut [0]).unwrap_or(0), 0);
    assert_eq!(service.next("too many connections")["level"], "warning");
    drop(first);
    let end = Instant::now() + Duration::from_secs(10);
    loop {
        // Until its place is free, the service hangs up, and may do so while the request is sent.
        let mut stream = TcpStream::connect(("127.0.0.1", service.port)).unwrap();
        let mut answer = String::new();
        let _ = stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let _ = stream.read_to_string(&mut answer);
        if answer.starts_with("HTTP/1.1 200 ") {
            break;
        }
        assert!(Instant::now() < end, "its place is not freed");
    }
}

#[test]
fn ready_while_every_dependency_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let service = Service::start("ready", &[("DEPENDENCIES", &address)]);
    assert_eq!(service.call("GET", "/readyz", "", b"").0, 200);
    // A port that was let go may soon be another's; nobody is given one of the first thousand.
    let service = Service::start("unready", &[("DEPENDENCIES", &format!("{address},127.0.0.1:1"))]);
    assert_eq!(service.call("GET", "/readyz", "", b"").0, 503);
    assert_eq!(service.call("GET", "/healthz", "", b"").0, 200);
}

/// On a runtime, because a listener with a short queue is tokio's alone to make.
#[tokio::test]
async fn slow_dependencies_share_one_deadline() {
    let deaf = [deaf(), deaf(), deaf()];
    let addresses = deaf.each_ref().map(|(listener, _)| listener.local_addr().unwrap().to_string());
    let service = Service::start("deaf", &[("DEPENDENCIES", &addresses.join(",")), ("READY_TIMEOUT", "0.5")]);
    let began = Instant::now();
    let (status, answer) = service.call("GET", "/readyz", "", b"");
    let took = began.elapsed();
    assert_eq!(status, 503);
    assert_eq!(answer.matches("unavailable").count(), 3, "{answer}");
    assert!(took < Duration::from_millis(1400), "the deadlines add up: {took:?}");
    // Whether a full queue drops or refuses is the system's; on Linux it drops.
    assert!(took >= Duration::from_millis(400) || !cfg!(target_os = "linux"), "nobody was waited for: {took:?}");
    assert_eq!(service.call("GET", "/healthz", "", b"").0, 200);
}

#[test]
fn request_ids_cannot_be_guessed() {
    let service = Service::start("ids", &[]);
    let id = |headers: &str| {
        let answer = service.call("GET", "/healthz", headers, b"").1.to_lowercase();
        answer.split("x-request-id: ").nth(1).unwrap().split("\r\n").next().unwrap().to_owned()
    };
    // What would forge a line of the log, or is too long to be an id, is replaced.
    for headers in ["", "X-Request-ID: a b\r\n", &format!("X-Request-ID: {}\r\n", "a".repeat(65))] {
        let (one, other) = (id(headers), id(headers));
        assert!(one.len() == 32 && one.bytes().all(|byte| byte.is_ascii_hexdigit()), "{one}");
        assert_ne!(one[..16], other[..16]);
        assert_ne!(one[16..], other[16..]);
    }
}

#[test]
fn request_ids_that_are_harmless_are_kept() {
    let service = Service::start("kept", &[]);
    let longest = "a".repeat(64);
    let answer = service.call("GET", "/healthz", &format!("X-Request-ID: {longest}\r\n"), b"").1;
    assert!(answer.to_lowercase().contains(&format!("x-request-id: {longest}\r\n")), "{answer}");
}

#[test]
fn the_rate_is_each_callers_own_and_comes_back() {
    let service = Service::start("rate", &[("RATE_PER_SECOND", "2"), ("RATE_BURST", "1")]);
    let end = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() + 60;
    let greet = |who: &str| {
        let claims = json!({"sub": who, "aud": "service", "scope": "greetings:write", "exp": end});
        service.greet(&signed(KEY, &claims), "application/json", ADA.as_bytes())
    };
    assert_eq!(greet("ada").0, 201);
    let (status, answer) = greet("ada");
    assert!(status == 429 && answer.to_lowercase().contains("retry-after: 1\r\n"), "{answer}");
    assert_eq!(greet("grace").0, 201);
    std::thread::sleep(Duration::from_millis(600));
    assert_eq!(greet("ada").0, 201);
}

#[test]
fn slow_requests_and_unknown_ones_are_refused_and_counted() {
    let service = Service::start("slow", &[("REQUEST_TIMEOUT", "0.3")]);
    assert_eq!(service.call("GET", "/no/such/path", "", b"").0, 404);
    let (status, answer) = service.call("DELETE", "/v1/greetings", "", b"");
    assert!(status == 405 && answer.to_lowercase().contains("allow: post\r\n"), "{answer}");
    let head = format!(
        "POST /v1/greetings HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: {}\r\n\
         Content-Type: application/json\r\nContent-Length: 5\r\n\r\n{{",
        service.token("greetings:write")
    );
    let began = Instant::now();
    assert!(service.raw(head.as_bytes()).contains(" 408 "));
    assert!(began.elapsed() < Duration::from_secs(3));
    assert_eq!(service.call("BREW", "/healthz", "", b"").0, 405);
    let (_, metrics) = service.call("GET", "/metrics", "", b"");
    assert!(
        metrics.contains("http_requests_total{method=\"OTHER\",route=\"/healthz\",status=\"405\"} 1\n"),
        "{metrics}"
    );
    assert!(metrics.to_lowercase().contains("content-type: text/plain; version=0.0.4; charset=utf-8\r\n"), "{metrics}");
    assert!(!metrics.contains("BREW"), "{metrics}");
    assert!(
        metrics.contains("http_requests_total{method=\"GET\",route=\"unmatched\",status=\"404\"} 1\n"),
        "{metrics}"
    );
    assert!(!metrics.contains("/no/such/path"));
}
