//! Configuration from the environment, checked before anything starts. Every problem is reported
//! at once. Secrets come as files, because environments leak into logs and crash reports.

use std::fmt;
use std::time::Duration;

const MIN_KEY_LENGTH: usize = 32;

/// A key that no log line shows.
#[derive(Clone)]
pub struct Secret(pub Vec<u8>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// What the service needs to know. Sizes are in bytes.
#[derive(Clone, Debug)]
pub struct Config {
    pub token_keys: Vec<Secret>,
    pub name: String,
    pub host: String,
    pub port: u16,
    pub log_level: u8,
    pub dependencies: Vec<String>,
    pub ready_timeout: Duration,
    pub request_timeout: Duration,
    pub drain_time: Duration,
    pub grace_time: Duration,
    pub max_body: usize,
    pub max_connections: usize,
    pub rate_per_second: f64,
    pub rate_burst: u32,
}

impl Config {
    /// Reads the environment through `get`, or says every problem that it has.
    pub fn from_env(get: impl Fn(&str) -> Option<String>) -> Result<Config, Vec<String>> {
        let mut env = Reader { get, problems: Vec::new() };
        let seconds = |low, high| move |text: &str| number(low, high)(text).map(Duration::from_secs_f64);
        let config = Config {
            token_keys: env.read("TOKEN_KEY_FILE", Vec::new(), keys),
            name: env.read("SERVICE_NAME", "service".to_owned(), name),
            host: env.read("HOST", "127.0.0.1".to_owned(), |text| Ok(text.to_owned())),
            port: env.read("PORT", 8080, integer(0, 65_535)),
            log_level: env.read("LOG_LEVEL", 1, level),
            dependencies: env.read("DEPENDENCIES", Vec::new(), addresses),
            ready_timeout: env.read("READY_TIMEOUT", Duration::from_secs(1), seconds(0.1, 30.0)),
            request_timeout: env.read("REQUEST_TIMEOUT", Duration::from_secs(10), seconds(0.1, 300.0)),
            drain_time: env.read("DRAIN_SECONDS", Duration::ZERO, seconds(0.0, 300.0)),
            grace_time: env.read("GRACE_SECONDS", Duration::from_secs(20), seconds(0.0, 300.0)),
            max_body: env.read("MAX_BODY", 64 * 1024, integer(1, 10 * 1024 * 1024)),
            max_connections: env.read("MAX_CONNECTIONS", 128, integer(1, 10_000)),
            rate_per_second: env.read("RATE_PER_SECOND", 5.0, number(0.01, 10_000.0)),
            rate_burst: env.read("RATE_BURST", 20, integer(1, 10_000)),
        };
        if (env.get)("TOKEN_KEY_FILE").is_none_or(|path| path.is_empty()) {
            env.problems.push("TOKEN_KEY_FILE: must name a file that holds the token keys".to_owned());
        }
        if env.problems.is_empty() { Ok(config) } else { Err(env.problems) }
    }
}

struct Reader<G> {
    get: G,
    problems: Vec<String>,
}

impl<G: Fn(&str) -> Option<String>> Reader<G> {
    fn read<T>(&mut self, name: &str, preset: T, parse: impl Fn(&str) -> Result<T, String>) -> T {
        let Some(text) = (self.get)(name).filter(|text| !text.is_empty()) else { return preset };
        parse(&text).unwrap_or_else(|problem| {
            self.problems.push(format!("{name}: {problem}"));
            preset
        })
    }
}

/// One key a line, the signing key first; the older ones below it still verify.
fn keys(path: &str) -> Result<Vec<Secret>, String> {
    let content = std::fs::read(path).map_err(|error| error.to_string())?;
    let lines = content.split(u8::is_ascii_whitespace).filter(|key| !key.is_empty());
    let found: Vec<_> = lines.map(|key| Secret(key.to_vec())).collect();
    if found.is_empty() {
        return Err("must hold at least one key".to_owned());
    }
    if found.iter().any(|key| key.0.len() < MIN_KEY_LENGTH) {
        return Err(format!("every key must have at least {MIN_KEY_LENGTH} characters"));
    }
    Ok(found)
}

fn name(text: &str) -> Result<String, String> {
    let plain = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if plain && text.len() <= 63 && text.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Ok(text.to_owned());
    }
    Err("must be lower-case letters, digits and hyphens".to_owned())
}

fn level(text: &str) -> Result<u8, String> {
    let known = ["DEBUG", "INFO", "WARNING"].iter().zip(0..).find(|(name, _)| **name == text);
    known.map(|(_, level)| level).ok_or_else(|| "must be one of DEBUG, INFO, WARNING".to_owned())
}

fn addresses(text: &str) -> Result<Vec<String>, String> {
    text.split(',')
        .map(|part| {
            let wrong = || "must be host:port, separated by commas".to_owned();
            let (host, port) = part.trim().split_once(':').ok_or_else(wrong)?;
            let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'.' || b == b'-';
            if host.is_empty() || !host.bytes().all(plain) {
                return Err(wrong());
            }
            let port: u16 = integer(1, 65_535)(port)?;
            Ok(format!("{host}:{port}"))
        })
        .collect()
}

fn integer<T: TryFrom<u32>>(low: u32, high: u32) -> impl Fn(&str) -> Result<T, String> {
    move |text| {
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        let value = text.parse().ok().filter(|value| digits && (low..=high).contains(value));
        let value = value.and_then(|value| T::try_from(value).ok());
        value.ok_or_else(|| format!("must be a whole number from {low} to {high}"))
    }
}

fn number(low: f64, high: f64) -> impl Fn(&str) -> Result<f64, String> {
    move |text| {
        let whole = |c: char| c.is_ascii_digit();
        let plain = text.starts_with(whole) && text.ends_with(whole) && text.chars().all(|c| whole(c) || c == '.');
        let value = text.parse().ok().filter(|value| plain && (low..=high).contains(value));
        value.ok_or_else(|| format!("must be a number from {low} to {high}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_file(name: &str, content: &str) -> String {
        let path = std::env::temp_dir().join(format!("service-{}-{name}", std::process::id()));
        std::fs::write(&path, content).unwrap();
        path.to_string_lossy().into_owned()
    }

    fn read(env: &[(&str, &str)]) -> Result<Config, Vec<String>> {
        Config::from_env(|name| env.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn values_are_read_and_keys_never_shown() {
        let path = key_file("good", &format!("{}\n{}\n", "n".repeat(32), "o".repeat(32)));
        let env = [("TOKEN_KEY_FILE", &*path), ("PORT", "9000"), ("DEPENDENCIES", "db:5432, cache:6379")];
        let config = read(&env).unwrap();
        assert_eq!((config.port, config.token_keys.len(), &*config.host), (9000, 2, "127.0.0.1"));
        assert_eq!(config.dependencies, ["db:5432", "cache:6379"]);
        assert!(!format!("{config:?}").contains("nnnn"));
    }

    #[test]
    fn every_variable_has_its_preset_and_its_field() {
        let path = key_file("presets", &"n".repeat(32));
        let shown = |env: &[(&str, &str)]| format!("{:?}", read(env).unwrap());
        assert_eq!(
            shown(&[("TOKEN_KEY_FILE", &path)]),
            "Config { token_keys: [[secret]], name: \"service\", host: \"127.0.0.1\", port: 8080, log_level: 1, \
             dependencies: [], ready_timeout: 1s, request_timeout: 10s, drain_time: 0ns, grace_time: 20s, \
             max_body: 65536, max_connections: 128, rate_per_second: 5.0, rate_burst: 20 }"
        );
        let env = [
            ("TOKEN_KEY_FILE", &*path),
            ("SERVICE_NAME", "ledger-2"),
            ("HOST", "::1"),
            ("PORT", "1"),
            ("LOG_LEVEL", "WARNING"),
            ("DEPENDENCIES", "db:2"),
            ("READY_TIMEOUT", "3"),
            ("REQUEST_TIMEOUT", "4.5"),
            ("DRAIN_SECONDS", "5"),
            ("GRACE_SECONDS", "6"),
            ("MAX_BODY", "7"),
            ("MAX_CONNECTIONS", "8"),
            ("RATE_PER_SECOND", "9.5"),
            ("RATE_BURST", "10"),
        ];
        assert_eq!(
            shown(&env),
            "Config { token_keys: [[secret]], name: \"ledger-2\", host: \"::1\", port: 1, log_level: 2, \
             dependencies: [\"db:2\"], ready_timeout: 3s, request_timeout: 4.5s, drain_time: 5s, grace_time: 6s, \
             max_body: 7, max_connections: 8, rate_per_second: 9.5, rate_burst: 10 }"
        );
        // The log is that of the configuration.
        let logger = crate::app::App::new(read(&env).unwrap()).logger;
        assert_eq!((&*logger.service, logger.level), ("ledger-2", 2));
    }

    #[test]
    fn every_value_has_its_bounds() {
        let path = key_file("bounds", &"n".repeat(32));
        let names = format!("1a -a a_b Ab {}", "a".repeat(64));
        // What may be, and what may not.
        for (variable, good, bad) in [
            ("SERVICE_NAME", "a a-1", &*names),
            ("PORT", "0 65535", "65536"),
            ("LOG_LEVEL", "DEBUG WARNING", "debug ERROR"),
            ("DEPENDENCIES", "a:1,b:65535", "a:0 a:65536 :1 a_b:1 a:1,"),
            ("READY_TIMEOUT", "0.1 30", "0.09 30.1"),
            ("REQUEST_TIMEOUT", "0.1 300", "0.09 300.1"),
            ("DRAIN_SECONDS", "0 300", "300.1"),
            ("GRACE_SECONDS", "0 300", "300.1"),
            ("MAX_BODY", "1 10485760", "0 10485761"),
            ("MAX_CONNECTIONS", "1 10000", "0 10001"),
            ("RATE_PER_SECOND", "0.01 10000", "0.009 10000.1"),
            ("RATE_BURST", "1 10000", "0 10001"),
        ] {
            let read = |text| read(&[("TOKEN_KEY_FILE", &*path), (variable, text)]);
            for text in good.split(' ') {
                assert!(read(text).is_ok(), "{variable}={text}");
            }
            for text in bad.split(' ') {
                assert_eq!(read(text).unwrap_err().len(), 1, "{variable}={text}");
            }
        }
    }

    #[test]
    fn what_is_empty_is_not_there() {
        let path = key_file("empty", &"n".repeat(32));
        assert_eq!(read(&[("TOKEN_KEY_FILE", &*path), ("PORT", ""), ("DEPENDENCIES", "")]).unwrap().port, 8080);
        assert_eq!(read(&[("TOKEN_KEY_FILE", "")]).unwrap_err().len(), 1);
    }

    #[test]
    fn every_problem_is_reported_at_once() {
        let env = [("PORT", "99999"), ("LOG_LEVEL", "loud"), ("DEPENDENCIES", "db"), ("MAX_BODY", "-1")];
        let problems = read(&env).unwrap_err();
        let named: Vec<_> = problems.iter().filter_map(|problem| problem.split(':').next()).collect();
        assert_eq!(named, ["PORT", "LOG_LEVEL", "DEPENDENCIES", "MAX_BODY", "TOKEN_KEY_FILE"]);
    }

    #[test]
    fn numbers_are_plain_and_finite() {
        let path = key_file("numbers", &"n".repeat(32));
        for text in ["nan", "inf", "1e2", "-1", "+1", "٣", "0x10", "1_0", "1.", ".5", "."] {
            let env = [("TOKEN_KEY_FILE", &*path), ("GRACE_SECONDS", text), ("RATE_BURST", text)];
            assert_eq!(read(&env).unwrap_err().len(), 2, "{text}");
        }
    }

    #[test]
    fn a_key_file_must_hold_long_keys() {
        // A key of 31 characters is too short, also below one that is not.
        let (short, below) = ("n".repeat(31), format!("{}\n{}\n", "n".repeat(32), "o".repeat(31)));
        for (index, content) in ["", "\n", "short\n", &short, &below].iter().enumerate() {
            let path = key_file(&format!("bad-{index}"), content);
            assert_eq!(read(&[("TOKEN_KEY_FILE", &*path)]).unwrap_err().len(), 1, "{content:?}");
        }
        assert_eq!(read(&[("TOKEN_KEY_FILE", "/does/not/exist")]).unwrap_err().len(), 1);
    }
}
