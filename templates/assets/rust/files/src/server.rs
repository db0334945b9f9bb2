//! HTTP/1.1 on hyper: bounded in size, time and number. Put a proxy that speaks TLS in front of it,
//! as the platform's ingress does.

use std::convert::Infallible;
use std::sync::Arc;
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
        let stream = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
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
            async move { Ok::<_, Infallible>(answer(&app, request).await) }
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

async fn answer(app: &App, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let started = Instant::now();
    let (head, body) = request.into_parts();
    let id = request_id(&head.headers);
    let (path, method) = (head.uri.path(), head.method.as_str());
    let mut subject = None;
    let result = if let Some(answer) = app.handle(method, path).await {
        answer
    } else {
        let (who, allowed) = app.authorise(text(&head.headers, "authorization"), GREETINGS_SCOPE, &id);
        subject = who;
        match allowed {
            Ok(()) => match content(app, &head.headers, body).await {
                Ok(body) => app.greet(&body),
                Err(refusal) => refusal,
            },
            Err(refusal) => refusal,
        }
    };
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let method = if known.contains(&method) { method } else { "OTHER" };
    app.metrics.observe(method, App::route(path), result.status, started.elapsed());
    let millis = started.elapsed().as_secs_f64() * 1000.0;
    app.logger.info(
        "request",
        json!({"method": method, "route": App::route(path), "status": result.status, "subject": subject,
               "milliseconds": millis, "request_id": id}),
    );
    respond(result, &id)
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
