//! Where the repository is kept: the address that git calls `origin`.

use super::observation::Observation;
use super::scene::Scene;

/// The forges whose files differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Forge {
    GitHub,
    GitLab,
    Gitea,
}

/// A repository's address, without scheme, user and password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) host: String,
    /// Everything before the last slash.
    pub(super) group: String,
    pub(super) repo: String,
    pub(super) forge: Option<Forge>,
}

pub(super) fn detect(scene: &Scene<'_>) -> Vec<Observation> {
    let Some(Address { host, group, repo, forge }) = address(scene) else { return Vec::new() };
    let by = format!("git's remote origin, {host}/{group}/{repo}");
    let mut seen = Vec::new();
    if let Some(forge) = forge {
        let word = match forge {
            Forge::GitHub => "github",
            Forge::GitLab => "gitlab",
            Forge::Gitea => "gitea",
        };
        seen.push(Observation::new("forge", word, by.clone()).answers("forge"));
        if word == "gitlab" {
            // Only where no pipeline says otherwise: the sorting by sureness sees to that.
            seen.push(Observation::new("ci", word, "the repository is kept there").likely().answers("ci"));
        }
    }
    seen.push(Observation::new("organisation", &group, by.clone()).answers("org"));
    seen.push(Observation::new("repository", &repo, by.clone()).answers("repo"));
    if scene.outside.is_root {
        seen.push(Observation::new("name", repo.to_lowercase().replace(['_', '.'], "-"), by).likely().answers("name"));
    }
    seen
}

/// The address of `origin`; none for a directory on disk.
pub(super) fn address(scene: &Scene<'_>) -> Option<Address> {
    parse(scene.outside.remote.as_deref()?)
}

fn parse(url: &str) -> Option<Address> {
    let (authority, path) = if let Some((scheme, rest)) = url.split_once("://") {
        if !matches!(scheme, "https" | "http" | "ssh" | "git") {
            return None;
        }
        rest.split_once('/')?
    } else {
        // git@host:group/repo; a drive or a directory on disk has no user before its colon.
        url.split_once(':').filter(|(host, _)| host.contains('@') && !host.contains('/'))?
    };
    let host = authority.rsplit('@').next().unwrap_or(authority);
    let host = host.split(':').next().unwrap_or(host).to_lowercase();
    let path = path.trim_matches('/');
    let (group, repo) = path.strip_suffix(".git").unwrap_or(path).rsplit_once('/')?;
    let forge = [
        ("github", Forge::GitHub),
        ("gitlab", Forge::GitLab),
        ("gitea", Forge::Gitea),
        ("forgejo", Forge::Gitea),
        ("codeberg", Forge::Gitea),
    ]
    .into_iter()
    .find(|(word, _)| host.contains(word));
    Some(Address { group: group.to_owned(), repo: repo.to_owned(), forge: forge.map(|(_, forge)| forge), host })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_without_their_secrets() {
        for (url, told) in [
            ("https://github.com/acme/payments.git", Some("github.com acme payments")),
            ("https://ada:secret@github.com/acme/payments", Some("github.com acme payments")),
            ("git@github.com:acme/payments.git", Some("github.com acme payments")),
            ("ssh://git@gitlab.acme.example:2222/a/b/c.git", Some("gitlab.acme.example a/b c")),
            ("/srv/git/payments.git", None),
            ("../payments", None),
            ("C:/git/payments", None),
            ("file:///srv/git/acme/payments", None),
            ("ext::sh -c x", None),
        ] {
            let address = parse(url).map(|a| format!("{} {} {}", a.host, a.group, a.repo));
            assert_eq!(address.as_deref(), told, "{url}");
        }
    }
}
