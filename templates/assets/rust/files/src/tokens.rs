//! Bearer tokens: JSON Web Tokens signed with HMAC-SHA256, and nothing else. One header, compared
//! before anything is decoded, leaves no room for `alg: none`. Several keys verify: one can be
//! replaced without an outage.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::config::Secret;

const MAX_TOKEN_LENGTH: usize = 4096;
const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// What a valid token says.
#[derive(Debug)]
pub struct Claims {
    pub subject: String,
    pub scopes: Vec<String>,
}

/// Signs with the first of its keys, and verifies with any.
pub struct Signer {
    keys: Vec<Secret>,
    audience: String,
}

impl Signer {
    pub fn new(keys: Vec<Secret>, audience: &str) -> Self {
        Signer { keys, audience: audience.to_owned() }
    }

    /// A token for `subject` that ends at `expires`, in seconds since 1970.
    pub fn sign(&self, subject: &str, scope: &str, expires: u64) -> Option<String> {
        let claims = json!({"sub": subject, "aud": self.audience, "scope": scope, "exp": expires});
        let signed = format!("{}.{}", BASE64.encode(HEADER), BASE64.encode(claims.to_string()));
        let mac = mac(self.keys.first()?, &signed)?.finalize().into_bytes();
        Some(format!("{signed}.{}", BASE64.encode(mac)))
    }

    /// The claims, if every one of them holds at `now`. The error is for the log, never for the caller.
    pub fn verify(&self, token: &str, now: f64) -> Result<Claims, &'static str> {
        let parts: Vec<_> = token.split('.').collect();
        let [header, payload, signature] = parts[..] else { return Err("not a token of ours") };
        if token.len() > MAX_TOKEN_LENGTH || header != BASE64.encode(HEADER) {
            return Err("not a token of ours");
        }
        let signature = BASE64.decode(signature).map_err(|_| "signature is not base64")?;
        let signed = format!("{header}.{payload}");
        // All keys are tried before one is looked at: the time taken must not tell which matched.
        let good = self.keys.iter().fold(false, |found, key| {
            mac(key, &signed).is_some_and(|mac| mac.verify_slice(&signature).is_ok()) | found
        });
        if !good {
            return Err("signature does not match");
        }
        let claims = BASE64.decode(payload).map_err(|_| "claims are incomplete")?;
        let claims: Value = serde_json::from_slice(&claims).map_err(|_| "claims are incomplete")?;
        let (Some(subject), Some(scope), Some(expires)) =
            (claims["sub"].as_str(), claims["scope"].as_str(), claims["exp"].as_f64())
        else {
            return Err("claims are incomplete");
        };
        if now >= expires {
            return Err("expired");
        }
        if claims["aud"] != self.audience {
            return Err("made for another service");
        }
        let scopes = scope.split_whitespace().map(str::to_owned).collect();
        Ok(Claims { subject: subject.to_owned(), scopes })
    }
}

fn mac(key: &Secret, text: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&key.0).ok()?;
    mac.update(text.as_bytes());
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(keys: &[u8], audience: &str) -> Signer {
        Signer::new(keys.iter().map(|byte| Secret(vec![*byte; 32])).collect(), audience)
    }

    #[test]
    fn only_what_holds_is_accepted() {
        let ours = signer(b"n", "service");
        let good = ours.sign("ada", "read write", 1060).unwrap();
        assert_eq!(ours.verify(&good, 1059.9).unwrap().scopes, ["read", "write"]);
        assert_eq!(ours.verify(&good, 1060.0).unwrap_err(), "expired");
        let foreign = signer(b"o", "service").sign("ada", "", 2000).unwrap();
        assert_eq!(signer(b"no", "service").verify(&foreign, 0.0).unwrap().subject, "ada");
        let rotated = signer(b"no", "service").sign("ada", "", 2000).unwrap();
        assert_eq!(ours.verify(&rotated, 0.0).unwrap().subject, "ada", "the first key signs");
        // The last character holds two bits of nothing: the letter after it reads the same.
        let (start, last) = good.split_at(good.len() - 1);
        let respelled = format!("{start}{}", char::from(last.as_bytes()[0] + 1));
        let (header, rest) = good.split_once('.').unwrap();
        let (payload, signature) = rest.split_once('.').unwrap();
        let forged =
            |header: &str, claims: &str| format!("{}.{}.{signature}", BASE64.encode(header), BASE64.encode(claims));
        let resigned = |claims: &str| {
            let signed = format!("{header}.{}", BASE64.encode(claims));
            let mac = mac(&ours.keys[0], &signed).unwrap().finalize().into_bytes();
            format!("{signed}.{}", BASE64.encode(mac))
        };
        for (token, reason) in [
            (foreign, "signature does not match"),
            (respelled, "signature is not base64"),
            (ours.sign(&"a".repeat(4096), "", 2000).unwrap(), "not a token of ours"),
            (signer(b"n", "other").sign("ada", "", 2000).unwrap(), "made for another service"),
            (forged(HEADER, r#"{"sub":"eve"}"#), "signature does not match"),
            (forged(r#"{"alg":"none","typ":"JWT"}"#, "{}"), "not a token of ours"),
            (resigned(r#"{"sub":"ada","aud":"service","scope":"read"}"#), "claims are incomplete"),
            (resigned(r#"{"sub":"ada","aud":"service","scope":"","exp":"never"}"#), "claims are incomplete"),
            (resigned("[]"), "claims are incomplete"),
            (String::new(), "not a token of ours"),
            (format!("{header}.{payload}"), "not a token of ours"),
            (format!("{header}.{payload}."), "signature does not match"),
            (format!("{header}.{payload}.é"), "signature is not base64"),
            (format!("{good}{}", "A".repeat(5000)), "not a token of ours"),
        ] {
            assert_eq!(ours.verify(&token, 0.0).unwrap_err(), reason, "{token:.80}");
        }
    }
}
