//! The service as the platform runs it and as its callers see it: a process, and a socket.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

const ADA: &str = r#"{"name": "Ada"}"#;

struct Service {
    child: Child,
    log: BufReader<ChildStderr>,
    port: u64,
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
        std::fs::write(&path, "k".repeat(32)).unwrap();
        let key_file = path.to_string_lossy().into_owned();
        let mut command = command(env);
        command.env("TOKEN_KEY_FILE", &key_file).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let mut service = Service { child, log, port: 0, key_file };
        let line = service.line();
        assert_eq!((&line["message"], &line["level"]), (&"listening".into(), &"info".into()));
        service.port = line["port"].as_u64().unwrap();
        service
    }

    fn line(&mut self) -> Value {
        let mut line = String::new();
        self.log.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    fn token(&self, scope: &str) -> String {
        let output = command(&[("TOKEN_KEY_FILE", &self.key_file)]).args(["token", scope]).output().unwrap();
        format!("Bearer {}", String::from_utf8(output.stdout).unwrap().trim())
    }

    /// Sends bytes as they are; returns all that comes back.
    fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port as u16)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        stream.write_all(bytes).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
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

#[test]
fn it_listens_answers_and_ends_with_0() {
    let mut service = Service::start("ends", &[]);
    let (status, answer) = service.call("GET", "/healthz?a=%0A", "X-Request-ID: abc-1\r\n", b"");
    assert_eq!(status, 200);
    assert!(answer.to_lowercase().contains("x-request-id: abc-1\r\n"), "{answer}");
    assert_eq!(service.line()["request_id"], "abc-1");
    Command::new("kill").arg(service.child.id().to_string()).status().unwrap();
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
    let reader = service.token("greetings:read");
    assert_eq!(service.greet(&reader, "application/json", ADA.as_bytes()).0, 403);
    for expected in [201, 201, 429] {
        let (status, answer) = service.greet(&good, "application/json", ADA.as_bytes());
        assert_eq!(status, expected);
        assert_eq!(answer.contains("Hello, Ada!"), status == 201);
        assert_eq!(answer.to_lowercase().contains("retry-after: "), status == 429);
    }
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
}

#[test]
fn ready_while_every_dependency_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let service = Service::start("ready", &[("DEPENDENCIES", &address)]);
    assert_eq!(service.call("GET", "/readyz", "", b"").0, 200);
    drop(listener);
    assert_eq!(service.call("GET", "/readyz", "", b"").0, 503);
    assert_eq!(service.call("GET", "/healthz", "", b"").0, 200);
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
    let (_, metrics) = service.call("GET", "/metrics", "", b"");
    assert!(
        metrics.contains("http_requests_total{method=\"GET\",route=\"unmatched\",status=\"404\"} 1\n"),
        "{metrics}"
    );
    assert!(!metrics.contains("/no/such/path"));
}
