//! Which actions of AWS can be limited to a resource.
//!
//! The list lies there as text, one line a service in the order of their names; only the lines of the services that a
//! policy names are read.

use memchr::memmem;

static ACTIONS: &str = include_str!("iam.txt");

/// Whether AWS can limit `service:Action` to a resource, or one of those that a pattern with `*` and `?` stands for.
/// What the list does not know, nothing is said of.
pub fn can_be_limited(action: &str) -> bool {
    let Some((service, verb)) = action.split_once(':') else { return false };
    let verb = verb.to_lowercase();
    line(service).is_some_and(|line| line.split_ascii_whitespace().any(|known| matches(&verb, &known.to_lowercase())))
}

/// The actions of a service, as they stand.
fn line(service: &str) -> Option<&'static str> {
    let head = format!("\n{}: ", service.to_lowercase());
    let start = memmem::find(ACTIONS.as_bytes(), head.as_bytes())? + head.len();
    ACTIONS.get(start..)?.lines().next()
}

/// Whether a pattern stands for a name. The first fit after a star is as good as any, so nothing is tried twice.
fn matches(pattern: &str, name: &str) -> bool {
    let fits = |part: &[u8], text: &[u8]| part.iter().zip(text).all(|(a, b)| a == b || *a == b'?');
    let mut parts = pattern.as_bytes().split(|byte| *byte == b'*');
    let first = parts.next().unwrap_or_default();
    let mut rest = name.as_bytes();
    if rest.len() < first.len() || !fits(first, rest) {
        return false;
    }
    rest = &rest[first.len()..];
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let at = (0..=rest.len().saturating_sub(part.len())).find(|at| fits(part, &rest[*at..]));
        let Some(at) = at.filter(|at| at + part.len() <= rest.len()) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.len() >= last.len() && fits(last, &rest[rest.len() - last.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_and_patterns_are_known() {
        for action in ["s3:ListBucket", "S3:listbucket", "s3:*", "s3:Get?bject", "s3:*et*bjec*", "ec2:*Instances"] {
            assert!(can_be_limited(action), "{action}");
        }
        for action in [
            "ses:GetSendQuota",
            "ecr:GetAuthorizationToken",
            "elasticloadbalancing:Describe*",
            "s3:*zet*",
            "s3:ListBucke",
            "ec2:Nothing",
            "nothing:Get",
            "nothing",
            "var.actions",
        ] {
            assert!(!can_be_limited(action), "{action}");
        }
    }

    #[test]
    fn every_line_is_a_service_and_its_actions_in_order() {
        let lines: Vec<&str> = ACTIONS.lines().skip(1).collect();
        assert!(lines.len() > 300 && lines.is_sorted_by_key(|line| line.split(':').next()));
        for line in lines {
            let (service, words) = line.split_once(": ").unwrap();
            assert!(service.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{service}");
            assert!(
                words
                    .split(' ')
                    .all(|word| word == "*" || word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')),
                "{service}"
            );
        }
    }
}
