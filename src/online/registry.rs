//! Registries of container images: the distribution API, read-only and without credentials.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use ureq::Agent;
use ureq::http::Uri;
use ureq::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, LOCATION, WWW_AUTHENTICATE};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

use crate::catalogue::images::Reference;
use crate::error::{Error, Result};
use crate::repo::remote::Failed;
use crate::repo::surroundings;

/// How long one request may take, its answer included.
const TIMEOUT: Duration = Duration::from_secs(10);
/// No manifest is larger, in bytes: registries refuse larger ones, too.
const MAX_MANIFEST: u64 = 4 * 1024 * 1024;
/// No token is longer, in bytes.
const MAX_TOKEN: usize = 64 * 1024;
/// How often a registry may point elsewhere.
const MAX_REDIRECTS: usize = 5;

/// Where images live that name no registry.
const HUB: &str = "https://registry-1.docker.io";

/// What a tag may name: an index of images for several platforms first, because its digest fits all of them.
const MANIFESTS: [&str; 4] = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
];

/// Every registry there is.
pub(super) struct Registries {
    /// The base address of the one that images without a registry come from.
    hub: String,
    /// For HTTPS, through the proxies of the environment.
    far: Agent,
    /// For this machine, where plain HTTP is no risk and no proxy is wanted.
    near: Agent,
}

/// A tag in a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    base: String,
    name: String,
    tag: String,
}

impl Place {
    /// The base address of the registry.
    pub(super) fn server(&self) -> &str {
        &self.base
    }
}

/// What came back.
struct Answer {
    status: u16,
    challenge: String,
    digest: Option<String>,
    kind: String,
    body: Vec<u8>,
}

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

impl Registries {
    /// Images that name no registry come from `hub`, or from Docker Hub.
    pub(super) fn new(hub: Option<&str>) -> Result<Self> {
        let hub = hub.unwrap_or(HUB).trim_end_matches('/').to_owned();
        if !hub.parse::<Uri>().is_ok_and(|uri| uri.host().is_some() && may_be_asked(&uri)) {
            return Err(Error::usage(
                "ROADBED_REGISTRY_URL must start with https:// (or http://, on this machine alone)",
            )
            .hint("name the server that mirrors Docker Hub, such as https://registry.acme.example"));
        }
        let roots = roots()?;
        let agent = || {
            Agent::config_builder()
                .tls_config(TlsConfig::builder().root_certs(roots.clone()).build())
                .timeout_global(Some(TIMEOUT))
                .http_status_as_error(false)
                // Each step is looked at here, and a token goes to nobody else.
                .max_redirects(0)
                .max_redirects_will_error(false)
                .user_agent(concat!("roadbed/", env!("CARGO_PKG_VERSION")))
        };
        let far = agent().https_only(true).build().new_agent();
        let near = agent().proxy(None).build().new_agent();
        Ok(Registries { hub, far, near })
    }

    /// Where an image's tag is to be looked up.
    pub(super) fn place(&self, image: &Reference) -> Result<Place, Failed> {
        let refuse = || Failed::refused("this is no image's name and tag");
        let (first, rest) = image.name.split_once('/').unwrap_or(("", &image.name));
        let named = first.contains(['.', ':']) || first == "localhost";
        let (base, name) = match first {
            "docker.io" | "index.docker.io" => (self.hub.clone(), rest),
            host if named => {
                let scheme = if is_here(&format!("//{host}")) { "http" } else { "https" };
                (format!("{scheme}://{host}"), rest)
            }
            _ => (self.hub.clone(), image.name.as_str()),
        };
        let name = if base == self.hub && !name.contains('/') { format!("library/{name}") } else { name.to_owned() };
        let part = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
                && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c))
        };
        let tag = image.tag.as_deref().ok_or_else(refuse)?;
        let fit = tag.len() <= 128
            && tag.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
            && tag.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
        let server: Option<Uri> = base.parse().ok();
        if !fit || name.len() > 255 || !name.split('/').all(part) || server.is_none_or(|uri| uri.host().is_none()) {
            return Err(refuse());
        }
        Ok(Place { base, name, tag: tag.to_owned() })
    }

    /// The digest of what a tag names: that of the bytes that came, which must be the one that the registry says.
    pub(super) fn digest(&self, place: &Place) -> Result<String, Failed> {
        let url = format!("{}/v2/{}/manifests/{}", place.base, place.name, place.tag);
        let mut answer = self.get(&url, None)?;
        if answer.status == 401 {
            let token = self.token(&answer.challenge, place)?;
            answer = self.get(&url, Some(&token))?;
        }
        match answer.status {
            200 => {}
            401 | 403 => return Err(Failed::refused("there is no such image, or it asks for credentials")),
            404 => return Err(Failed::refused("the registry has no such tag")),
            429 => return Err(Failed::refused("the registry has had enough requests for now; try again later")),
            status => return Err(Failed::refused(format!("the registry answered with status {status}"))),
        }
        let kind = answer.kind.split(';').next().unwrap_or_default().trim();
        if !MANIFESTS.contains(&kind) {
            return Err(Failed::refused(format!("the registry sent `{kind}`, and no manifest that a digest can name")));
        }
        let digest = format!("sha256:{}", hex(&Sha256::digest(&answer.body)));
        match answer.digest {
            Some(said) if said != digest => {
                Err(Failed::refused(format!("the registry says {said}, and what it sent is {digest}")))
            }
            _ => Ok(digest),
        }
    }

    /// What lets anybody read: registries hand such tokens out to whoever asks.
    fn token(&self, challenge: &str, place: &Place) -> Result<String, Failed> {
        let refuse = || Failed::refused("the registry asks for credentials, and none are sent");
        let scheme = challenge.split(' ').next().unwrap_or_default();
        let realm =
            parameter(challenge, "realm").filter(|_| scheme.eq_ignore_ascii_case("bearer")).ok_or_else(refuse)?;
        let mark = if realm.contains('?') { '&' } else { '?' };
        let mut url = format!("{realm}{mark}scope={}", encoded(&format!("repository:{}:pull", place.name)));
        if let Some(service) = parameter(challenge, "service") {
            url = format!("{url}&service={}", encoded(&service));
        }
        let answer = self.get(&url, None)?;
        if answer.status != 200 || answer.body.len() > MAX_TOKEN {
            return Err(refuse());
        }
        let token: Token = serde_json::from_slice(&answer.body).map_err(|_| refuse())?;
        token
            .token
            .or(token.access_token)
            .filter(|token| token.bytes().all(|b| b.is_ascii_graphic()))
            .ok_or_else(refuse)
    }

    fn get(&self, url: &str, token: Option<&str>) -> Result<Answer, Failed> {
        let mut url = url.to_owned();
        let mut token = token.map(|token| format!("Bearer {token}"));
        let starts_here = is_here(&url);
        for _ in 0..=MAX_REDIRECTS {
            let uri: Uri = url.parse().map_err(|_| Failed::refused("the registry names an address that is none"))?;
            let here = is_here(&url);
            if !may_be_asked(&uri) || here && !starts_here {
                return Err(Failed::refused(format!("the registry points to `{url}`, which is not asked")));
            }
            let mut request = if here { self.near.get(&url) } else { self.far.get(&url) };
            request = request.header(ACCEPT, MANIFESTS.join(", "));
            if let Some(token) = &token {
                request = request.header(AUTHORIZATION, token);
            }
            let host = uri.authority().map(ToString::to_string).unwrap_or_default();
            let mut response = request.call().map_err(|error| failed(&host, &error))?;
            let header = |name| {
                let value = response.headers().get(name).and_then(|value| value.to_str().ok());
                value.map(str::to_owned)
            };
            let status = response.status().as_u16();
            if let Some(there) = header(LOCATION).filter(|_| matches!(status, 301 | 302 | 303 | 307 | 308)) {
                let origin = |url: &str| url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
                let next = if there.starts_with('/') { format!("{}{there}", origin(&url)) } else { there };
                if origin(&next) != origin(&url) {
                    token = None;
                }
                url = next;
                continue;
            }
            let (challenge, kind) =
                (header(WWW_AUTHENTICATE).unwrap_or_default(), header(CONTENT_TYPE).unwrap_or_default());
            let digest = response.headers().get("docker-content-digest").and_then(|value| value.to_str().ok());
            let digest = digest.map(str::to_owned);
            let body = response.body_mut().with_config().limit(MAX_MANIFEST).read_to_vec();
            let body = body.map_err(|error| failed(&host, &error))?;
            return Ok(Answer { status, challenge, digest, kind, body });
        }
        Err(Failed::refused("the registry points elsewhere again and again"))
    }
}

/// Whom to believe: Mozilla's authorities, or those of the file that `SSL_CERT_FILE` names, as other programs have it.
fn roots() -> Result<RootCerts> {
    let Some(file) = surroundings::variable("SSL_CERT_FILE").filter(|file| !file.is_empty()) else {
        return Ok(RootCerts::WebPki);
    };
    let pem = surroundings::read_named(Path::new(&file))
        .map_err(|error| error.hint("SSL_CERT_FILE names it: a file of certificates in PEM, or unset it"))?;
    let certificates = parse_pem(&pem).filter_map(|item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    });
    Ok(RootCerts::new_with_certs(&certificates.collect::<Vec<_>>()))
}

/// Only HTTPS is asked; HTTP, too, where it does not leave this machine.
fn may_be_asked(uri: &Uri) -> bool {
    match uri.scheme_str() {
        Some("https") => true,
        Some("http") => is_here(&uri.to_string()),
        _ => false,
    }
}

/// Whether an address is this machine.
fn is_here(url: &str) -> bool {
    let authority = url.split("//").nth(1).unwrap_or_default().split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => authority,
    };
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

/// Why a request failed.
fn failed(host: &str, error: &ureq::Error) -> Failed {
    use ureq::Error as Why;
    match error {
        Why::Timeout(_) => Failed::unreachable(format!("{host} did not answer within {} seconds", TIMEOUT.as_secs())),
        Why::HostNotFound | Why::ConnectionFailed | Why::Io(_) => {
            Failed::unreachable(format!("{host} cannot be reached: {error}"))
        }
        Why::BodyExceedsLimit(most) => Failed::refused(format!("{host} sent more than {most} bytes")),
        _ => Failed::refused(format!("{host} cannot be asked: {error}")),
    }
}

/// A parameter of a challenge: `Bearer realm="…",service="…"`.
fn parameter(challenge: &str, name: &str) -> Option<String> {
    let mut rest = challenge.split_once(' ')?.1;
    loop {
        let (key, value) = rest.split_once('=')?;
        let (value, after) = match value.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => value.split_at(value.find(',').unwrap_or(value.len())),
        };
        if key.trim().trim_start_matches(',').trim().eq_ignore_ascii_case(name) {
            return Some(value.to_owned());
        }
        rest = after;
    }
}

/// A text in the query of an address.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push_str(&hex(&[byte]).to_uppercase());
        }
    }
    encoded
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_looked_up_where_docker_pulls_them_from() {
        let registries = Registries::new(None).unwrap();
        let place = |text: &str| registries.place(&Reference::read(text)).map(|place| (place.base, place.name));
        let at = |base: &str, name: &str| Ok((base.to_owned(), name.to_owned()));
        assert_eq!(place("alpine:3"), at(HUB, "library/alpine"));
        assert_eq!(place("docker.io/alpine:3"), at(HUB, "library/alpine"));
        assert_eq!(place("acme/app:3"), at(HUB, "acme/app"));
        assert_eq!(place("ghcr.io/acme/app:3"), at("https://ghcr.io", "acme/app"));
        assert_eq!(place("host:5000/app:3"), at("https://host:5000", "app"));
        assert_eq!(place("localhost:5000/app:3"), at("http://localhost:5000", "app"));
        for none in ["alpine", "Alpine:3", "a/../b:3", "ghcr.io/a:x/y", "a.b@c/x:1", "acme/app:-x"] {
            assert!(place(none).is_err(), "{none}");
        }
    }

    #[test]
    fn only_this_machine_is_asked_without_encryption() {
        for (url, fit) in [
            ("https://registry.acme.example", true),
            ("http://127.0.0.1:5000", true),
            ("http://localhost", true),
            ("http://localhost.acme.example", false),
            ("http://registry.acme.example", false),
            ("http://localhost@acme.example", false),
            ("ftp://localhost", false),
            ("registry", false),
        ] {
            assert_eq!(Registries::new(Some(url)).is_ok(), fit, "{url}");
        }
    }

    #[test]
    fn challenges_come_apart() {
        let text = r#"Bearer realm="https://auth.example/token?a=1",service=reg, scope="repository:a,b:pull""#;
        assert_eq!(parameter(text, "realm").as_deref(), Some("https://auth.example/token?a=1"));
        assert_eq!(parameter(text, "service").as_deref(), Some("reg"));
        assert_eq!(parameter(text, "scope").as_deref(), Some("repository:a,b:pull"));
        assert_eq!(parameter(text, "nothing"), None);
        assert_eq!(parameter("Basic", "realm"), None);
        assert_eq!(encoded("a b:é"), "a%20b%3A%C3%A9");
    }
}
