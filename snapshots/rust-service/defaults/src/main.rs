//! Command line: serve, or mint a token for trying the service out.

mod app;
mod config;
mod limits;
mod server;
mod telemetry;
mod tokens;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use app::App;
use config::Config;

/// Exit codes: 0 done, 1 cut short, 2 wrong configuration.
#[tokio::main]
async fn main() -> ExitCode {
    let config = match Config::from_env(|name| std::env::var(name).ok()) {
        Ok(config) => config,
        Err(problems) => {
            let logger = telemetry::Logger { service: "service".to_owned(), level: 1 };
            logger.error("configuration is wrong", json!({"problems": problems}));
            return ExitCode::from(2);
        }
    };
    let args: Vec<_> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] | ["serve"] => serve(config).await,
        ["token"] => mint(&config, app::GREETINGS_SCOPE),
        ["token", scope] => mint(&config, scope),
        _ => {
            eprintln!("usage: service [serve | token [SCOPE]]");
            ExitCode::from(2)
        }
    }
}

fn mint(config: &Config, scope: &str) -> ExitCode {
    let signer = tokens::Signer::new(config.token_keys.clone(), &config.name);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    match signer.sign("developer", scope, now + 3600) {
        Some(token) => {
            println!("{token}");
            ExitCode::SUCCESS
        }
        None => ExitCode::FAILURE,
    }
}

async fn serve(config: Config) -> ExitCode {
    let app = Arc::new(App::new(config));
    let witness = app.clone();
    // Where it happened and why, in the form of every other line. `server` says which request it was.
    std::panic::set_hook(Box::new(move |panic| {
        witness.logger.error("panicked", json!({"cause": panic.to_string()}));
    }));
    match listen(&app).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            app.logger.error("cannot serve", json!({"cause": error.to_string()}));
            ExitCode::FAILURE
        }
    }
}

async fn listen(app: &Arc<App>) -> std::io::Result<bool> {
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let listener = TcpListener::bind((&*app.config.host, app.config.port)).await?;
    app.logger.info("listening", json!({"host": app.config.host, "port": listener.local_addr()?.port()}));
    let stop = async {
        tokio::select! { _ = term.recv() => (), _ = int.recv() => () }
        // Not ready first, closed second: load balancers need a moment to look elsewhere.
        app.draining.store(true, Ordering::Relaxed);
        app.logger.info("draining", json!({"seconds": app.config.drain_time.as_secs_f64()}));
        tokio::time::sleep(app.config.drain_time).await;
    };
    let finished = server::serve(app.clone(), listener, stop).await;
    app.logger.info("stopped", json!({"finished": finished}));
    Ok(finished)
}
