//! What the service does. `server` gives it a socket.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout_at;

use crate::config::Config;
use crate::limits::RateLimiter;
use crate::telemetry::{Logger, Metrics, now};
use crate::tokens::Signer;

pub const GREETINGS_SCOPE: &str = "greetings:write";
const MAX_NAME_LENGTH: usize = 64;
const MAX_CALLERS: usize = 10_000;

/// An answer: status, content type, body, and one more header.
pub struct Answer {
    pub status: u16,
    pub kind: &'static str,
    pub body: String,
    pub header: Option<(&'static str, String)>,
}

impl Answer {
    pub fn json(status: u16, content: &Value) -> Self {
        Answer { status, kind: "application/json", body: format!("{content}\n"), header: None }
    }

    /// A request that is answered with an error. `message` is shown to the caller.
    pub fn refuse(status: u16, message: &str) -> Self {
        Answer::json(status, &json!({"error": message}))
    }

    fn with(self, name: &'static str, value: &str) -> Self {
        Answer { header: Some((name, value.to_owned())), ..self }
    }
}

/// Routes, and what stands behind them.
pub struct App {
    pub config: Config,
    pub logger: Logger,
    pub metrics: Metrics,
    pub draining: AtomicBool,
    signer: Signer,
    limiter: RateLimiter,
}

impl App {
    pub fn new(config: Config) -> Self {
        App {
            logger: Logger { service: config.name.clone(), level: config.log_level },
            metrics: Metrics::default(),
            draining: AtomicBool::new(false),
            signer: Signer::new(config.token_keys.clone(), &config.name),
            limiter: RateLimiter::new(config.rate_per_second, config.rate_burst, MAX_CALLERS),
            config,
        }
    }

    /// The label of a path in metrics and logs.
    pub fn route(path: &str) -> &str {
        if matches!(path, "/healthz" | "/readyz" | "/metrics" | "/v1/greetings") { path } else { "unmatched" }
    }

    /// Answers what needs no body; `None`: the request is one for [`App::greet`].
    pub async fn handle(&self, method: &str, path: &str) -> Option<Answer> {
        let allowed = match App::route(path) {
            "unmatched" => return Some(Answer::refuse(404, "no such resource")),
            "/v1/greetings" => "POST",
            _ => "GET",
        };
        if method != allowed && (method, allowed) != ("HEAD", "GET") {
            return Some(Answer::refuse(405, "method not allowed").with("Allow", allowed));
        }
        match path {
            // Asks nobody else: a restart mends no dependency.
            "/healthz" => Some(Answer::json(200, &json!({"status": "ok"}))),
            "/readyz" => Some(self.ready().await),
            "/metrics" => {
                let kind = "text/plain; version=0.0.4; charset=utf-8";
                Some(Answer { status: 200, kind, body: self.metrics.render(), header: None })
            }
            _ => None,
        }
    }

    /// Who asks, if that is known, and a refusal unless the token is good, covers `scope`, and comes
    /// slowly enough. Only the log says why a token is not good.
    pub fn authorise(
        &self,
        header: Option<&str>,
        scope: &str,
        request_id: &str,
    ) -> (Option<String>, Result<(), Answer>) {
        let (kind, token) = header.and_then(|text| text.split_once(' ')).unwrap_or_default();
        let claims = if kind.eq_ignore_ascii_case("bearer") {
            self.signer.verify(token.trim(), now())
        } else {
            Err("no bearer token")
        };
        let claims = match claims {
            Ok(claims) => claims,
            Err(cause) => {
                self.logger.warning("unauthorised", json!({"cause": cause, "request_id": request_id}));
                return (None, Err(Answer::refuse(401, "unauthorised").with("WWW-Authenticate", "Bearer")));
            }
        };
        let allowed = claims.scopes.iter().any(|have| have == scope);
        let result = if allowed {
            self.admit(&claims.subject)
        } else {
            Err(Answer::refuse(403, &format!("the token lacks the scope {scope}")))
        };
        (Some(claims.subject), result)
    }

    fn admit(&self, subject: &str) -> Result<(), Answer> {
        let wait = self.limiter.wait(subject, Instant::now());
        if wait.is_zero() {
            return Ok(());
        }
        let after = wait.as_secs_f64().ceil().to_string();
        Err(Answer::refuse(429, "too many requests").with("Retry-After", &after))
    }

    /// Should traffic come here? One deadline covers all dependencies together.
    async fn ready(&self) -> Answer {
        if self.draining.load(Ordering::Relaxed) {
            return Answer::refuse(503, "draining");
        }
        let deadline = tokio::time::Instant::now() + self.config.ready_timeout;
        let asked = self.config.dependencies.iter().cloned();
        let asked = asked.map(|address| {
            tokio::spawn(async move {
                let open = matches!(timeout_at(deadline, TcpStream::connect(&*address)).await, Ok(Ok(_)));
                (address, open)
            })
        });
        let (mut states, mut ready) = (serde_json::Map::new(), true);
        for task in asked.collect::<Vec<_>>() {
            let Ok((address, open)) = task.await else { return Answer::refuse(500, "internal error") };
            if !open {
                self.logger.warning("dependency is not ready", json!({"dependency": address}));
            }
            ready &= open;
            states.insert(address, json!(if open { "ok" } else { "unavailable" }));
        }
        Answer::json(if ready { 200 } else { 503 }, &json!({"ready": ready, "dependencies": states}))
    }

    /// The sample: check what came in, then answer. Replace it with what you build.
    pub fn greet(body: &[u8]) -> Answer {
        let Ok(body) = serde_json::from_slice::<Value>(body) else {
            return Answer::refuse(400, "the body is not JSON");
        };
        let Some((1, Some(name))) = body.as_object().map(|members| (members.len(), members.get("name"))) else {
            return Answer::refuse(422, "the body must be an object with the one member name");
        };
        match name.as_str() {
            Some(name) if name.chars().count() > MAX_NAME_LENGTH => {
                Answer::refuse(422, &format!("name must have at most {MAX_NAME_LENGTH} characters"))
            }
            Some(name) if !name.trim().is_empty() && name.chars().all(printable) => {
                Answer::json(201, &json!({"message": format!("Hello, {}!", name.trim())}))
            }
            _ => Answer::refuse(422, "name must be printable text"),
        }
    }
}

/// No control character, no separator but the space, and no mark that hides or turns around what is read.
fn printable(c: char) -> bool {
    let hides = matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    c == ' ' || !(c.is_control() || c.is_whitespace() || hides)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_can_be_read() {
        for (text, good) in [("Ada Lovelace", true), ("Zoë 😀 李", true), ("A\u{a0}da", false), ("A\u{2028}da", false)]
        {
            assert_eq!(text.chars().all(printable), good, "{text:?}");
        }
        for mark in "\0\u{85}\u{200b}\u{202e}\u{2066}\u{feff}".chars() {
            assert!(!printable(mark), "{mark:?}");
        }
    }
}
