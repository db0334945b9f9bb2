//! HTTP/1.1 on hyper: bounded in size, time and number. Put a proxy that speaks TLS in front of it,
//! as the platform's ingress does.

use std::convert::Infallible;
use std::future::poll_fn;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Instant;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderMap, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::app::{Answer, App, GREETINGS_SCOPE};

/// Serves until `stop` ends, then finishes what is in flight. False: some requests were cut off.
pub async fn serve(app: Arc<App>, listener: TcpListener, stop: impl Future<Output = ()>) -> bool {
    let places = Arc::new(Semaphore::new(app.config.max_connections));
    let graceful = GracefulShutdown::new();
    tokio::pin!(stop);
    loop {
        let (stream, client) = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, address)) => (stream, address.ip()),
                Err(error) => {
                    app.logger.error("cannot accept", json!({"cause": error.to_string()}));
                    // Out of file handles, for one: to ask again at once would only heat the machine.
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        // Turned away at once: a queue would only hide the overload.
        let Ok(place) = places.clone().try_acquire_owned() else {
            app.logger.warning("too many connections", json!({}));
            continue;
        };
        let mut http = hyper::server::conn::http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(app.config.request_timeout).max_buf_size(16 * 1024);
        let shared = app.clone();
        let service = service_fn(move |request| {
            let app = shared.clone();
            async move { Ok::<_, Infallible>(answer(&app, client, request).await) }
        });
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            // A client that hangs up is no fault of ours, and the request itself is logged.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    timeout(app.config.grace_time, graceful.shutdown()).await.is_ok()
}

async fn answer(app: &App, client: IpAddr, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let head = Request::from_parts(head, ());
    let id = request_id(head.headers());
    observe(app, client, &head, &id, decide(app, &head, &id, body)).await
}

/// The answer, and who asked, if that is known.
async fn decide(app: &App, head: &Request<()>, id: &str, body: Incoming) -> (Answer, Option<String>) {
    if let Some(answer) = app.handle(head.method().as_str(), head.uri().path()).await {
        return (answer, None);
    }
    let (subject, allowed) = app.authorise(text(head.headers(), "authorization"), GREETINGS_SCOPE, id);
    let answer = match allowed {
        Ok(()) => content(app, head.headers(), body).await.map_or_else(|refusal| refusal, |body| App::greet(&body)),
        Err(refusal) => refusal,
    };
    (answer, subject)
}

/// Puts around a request what all of them need: an answer even if deciding panics, metrics, a log line.
async fn observe(
    app: &App,
    client: IpAddr,
    head: &Request<()>,
    id: &str,
    deciding: impl Future<Output = (Answer, Option<String>)>,
) -> Response<Full<Bytes>> {
    let started = Instant::now();
    let route = App::route(head.uri().path());
    let (result, subject) = caught(deciding).await.unwrap_or_else(|| {
        app.logger.error("request failed", json!({"route": route, "request_id": id}));
        (Answer::refuse(500, "internal error"), None)
    });
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let method = Some(head.method().as_str()).filter(|method| known.contains(method)).unwrap_or("OTHER");
    app.metrics.observe(method, route, result.status, started.elapsed());
    let millis = started.elapsed().as_secs_f64() * 1000.0;
    app.logger.info(
        "request",
        json!({"method": method, "route": route, "status": result.status, "subject": subject,
               "client": client.to_string(), "milliseconds": millis, "request_id": id}),
    );
    respond(result, id)
}

/// What `future` comes to, or nothing if it panics: that is the end of one request, not of its connection.
async fn caught<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(state) => state.map(Some),
        Err(_) => Poll::Ready(None),
    })
    .await
}

fn respond(result: Answer, id: &str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(result.body));
    *response.status_mut() = StatusCode::from_u16(result.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let more = result.header.iter().map(|(name, value)| (*name, &**value));
    let always = [("Content-Type", result.kind), ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")];
    for (name, value) in always.into_iter().chain([("X-Request-ID", id)]).chain(more) {
        if let (Ok(name), Ok(value)) = (name.parse::<hyper::header::HeaderName>(), HeaderValue::from_str(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// The body, if it is JSON by its own account, and as short and as quick as it has to be.
async fn content(app: &App, headers: &HeaderMap, body: Incoming) -> Result<Bytes, Answer> {
    let kind = text(headers, "content-type").and_then(|kind| kind.split(';').next());
    if kind.map(str::trim) != Some("application/json") {
        return Err(Answer::refuse(415, "the body must be application/json"));
    }
    match timeout(app.config.request_timeout, Limited::new(body, app.config.max_body).collect()).await {
        Err(_) => Err(Answer::refuse(408, "the body took too long")),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            Err(Answer::refuse(413, "the body is too large"))
        }
        Ok(Err(_)) => Err(Answer::refuse(400, "the body is incomplete")),
        Ok(Ok(body)) => Ok(body.to_bytes()),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The one that the caller sent, if it is harmless, or a new one.
fn request_id(headers: &HeaderMap) -> String {
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    match text(headers, "x-request-id") {
        Some(id) if (1..=64).contains(&id.len()) && id.bytes().all(harmless) => id.to_owned(),
        // Random: who knows one cannot guess another, nor how many there were.
        _ => format!("{:016x}{:016x}", random(), random()),
    }
}

/// 64 bits of the operating system's randomness. Without any, a zero: an id is no reason to refuse a request.
fn random() -> u64 {
    getrandom::u64().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[tokio::test]
    async fn a_panic_is_answered_and_counted_and_tells_the_caller_nothing() {
        let key = std::env::temp_dir().join(format!("service-{}-panic", std::process::id()));
        std::fs::write(&key, "k".repeat(32)).unwrap();
        let config = Config::from_env(|name| (name == "TOKEN_KEY_FILE").then(|| key.to_string_lossy().into_owned()));
        let app = App::new(config.unwrap());
        let head = Request::get("/healthz").body(()).unwrap();
        let client = IpAddr::from([127, 0, 0, 1]);
        let response = observe(&app, client, &head, "abc-1", async { panic!("on purpose") }).await;
        assert_eq!((response.status().as_u16(), &response.headers()["x-request-id"]), (500, &"abc-1".parse().unwrap()));
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, "{\"error\":\"internal error\"}\n");
        assert!(app.metrics.render().contains(r#"{method="GET",route="/healthz",status="500"} 1"#));
    }
}
