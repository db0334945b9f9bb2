//! Which distributions and runtimes get no more security fixes.
//!
//! The dates are those that the projects publish; an entry is here once its date has passed.

use crate::catalogue::images::Reference;

/// Images whose releases up to this one are out of support, by the number that their tags start with.
const UP_TO: [(&str, &[u32]); 24] = [
    ("alpine", &[3, 21]),
    ("amazonlinux", &[2]),
    ("debian", &[11]),
    ("dotnet/aspnet", &[9]),
    ("dotnet/runtime", &[9]),
    ("dotnet/runtime-deps", &[9]),
    ("dotnet/sdk", &[9]),
    ("elixir", &[1, 14]),
    ("erlang", &[25]),
    ("fedora", &[42]),
    ("golang", &[1, 25]),
    ("mariadb", &[10, 5]),
    ("mongo", &[6]),
    ("mysql", &[8, 0]),
    ("node", &[20]),
    ("opensuse/leap", &[15, 5]),
    ("php", &[8, 1]),
    ("postgres", &[14]),
    ("python", &[3, 10]),
    ("redis", &[6]),
    ("ruby", &[3, 2]),
    ("tomcat", &[8]),
    ("ubuntu", &[20, 4]),
    ("oraclelinux", &[7]),
];

/// Releases that come out between the supported ones and have ended already.
const ALSO: [(&str, &[u32]); 5] =
    [("node", &[21]), ("node", &[23]), ("node", &[25]), ("ubuntu", &[24, 10]), ("ubuntu", &[25, 4])];

/// Images that their publishers have given up.
const WHOLE: [&str; 5] = ["centos", "openjdk", "java", "nodesource/node", "adoptopenjdk/openjdk"];

/// Names of suites, as tags use them.
const SUITES: [&str; 22] = [
    "wheezy", "jessie", "stretch", "buster", "bullseye", "precise", "trusty", "xenial", "artful", "bionic", "cosmic",
    "disco", "eoan", "focal", "groovy", "hirsute", "impish", "kinetic", "lunar", "mantic", "oracular", "plucky",
];

/// What of `image` is out of support, in words; none if nothing is known to be.
pub(super) fn ended(image: &Reference) -> Option<String> {
    let name = image.short_name();
    let name = name.strip_prefix("mcr.microsoft.com/").unwrap_or(name);
    if WHOLE.contains(&name) {
        return Some(format!("`{name}` is no longer published"));
    }
    let tag = image.tag.as_deref().unwrap_or_default();
    let number = numbers(tag);
    let known = UP_TO.iter().find(|(known, _)| *known == name);
    if let Some((_, last)) = known {
        let too_old =
            !number.is_empty() && number.iter().take(last.len()).cmp(last.iter()).is_le() && comparable(&number, last);
        if too_old || ALSO.iter().any(|(also, ended)| *also == name && number.starts_with(ended)) {
            return Some(format!("`{name}:{tag}`"));
        }
    }
    let words = || tag.split(|c: char| !c.is_ascii_alphanumeric() && c != '.');
    if let Some(suite) = words().find(|word| SUITES.contains(word)) {
        return Some(format!("`{suite}`, which `{name}:{tag}` is built on,"));
    }
    let alpine = words().find_map(|word| word.strip_prefix("alpine")).map(numbers).filter(|n| n.len() >= 2);
    if name != "alpine" && alpine.is_some_and(|number| number[..2].cmp(&[3, 21]).is_le()) {
        return Some(format!("the Alpine release that `{name}:{tag}` is built on"));
    }
    let distroless = name.starts_with("gcr.io/distroless/").then(|| name.rsplit_once("-debian")).flatten();
    let release = distroless.and_then(|(_, release)| release.parse::<u32>().ok());
    release.filter(|release| *release <= 11).map(|_| format!("the Debian release in `{name}`"))
}

/// A tag that only says `3` means the newest 3, which a last minor does not end.
fn comparable(number: &[u32], last: &[u32]) -> bool {
    number.len() >= last.len() || number.iter().cmp(last.iter().take(number.len())).is_lt()
}

/// The dotted numbers that a text starts with.
fn numbers(text: &str) -> Vec<u32> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    text[..digits].split('.').map_while(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_ended_is_known_by_number_and_by_name() {
        for (image, ended_already) in [
            ("node:20-alpine", true),
            ("node:22-slim", false),
            ("node:23.1", true),
            ("node:24-buster", true),
            ("node:lts", false),
            ("node", false),
            ("python:3.9-slim", true),
            ("python:3", false),
            ("python:2", true),
            ("python:3.14", false),
            ("python:2.7.18", true),
            ("alpine:3.18.4", true),
            ("alpine:3", false),
            ("alpine:3.24", false),
            ("python:3.14-alpine3.15", true),
            ("python:3.14-alpine", false),
            ("debian:10", true),
            ("debian:buster-slim", true),
            ("debian:bookworm", false),
            ("docker.io/library/ubuntu:18.04", true),
            ("ubuntu:24.04", false),
            ("ubuntu:24.10", true),
            ("centos:7", true),
            ("golang:1.26", false),
            ("golang:1.19.3", true),
            ("mcr.microsoft.com/dotnet/sdk:6.0", true),
            ("mcr.microsoft.com/dotnet/sdk:10.0", false),
            ("gcr.io/distroless/base-debian11", true),
            ("gcr.io/distroless/base-debian12", false),
            ("ghcr.io/acme/node:4", false),
        ] {
            assert_eq!(ended(&Reference::read(image)).is_some(), ended_already, "{image}");
        }
    }
}
