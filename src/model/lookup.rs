//! What the catalogue does not know, and a forge or a registry may.

/// One thing to look up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lookup {
    /// The commit that a tag of an action names.
    Tag {
        /// `owner/name`, as written.
        action: String,
        /// What stands behind the `@`.
        tag: String,
    },
    /// Whether a commit belongs to an action.
    Commit {
        /// `owner/name`, as written.
        action: String,
        /// Forty digits.
        commit: String,
    },
    /// The newest release of a repository.
    Release {
        /// `owner/name`.
        action: String,
    },
    /// The digest that a tag of an image names.
    Image {
        /// Registry and name, as written.
        name: String,
        /// The tag.
        tag: String,
        /// The digest that stands there already, and is to be confirmed.
        digest: Option<String>,
    },
}

impl Lookup {
    /// The tag of an action.
    pub fn tag(action: &str, tag: &str) -> Self {
        Lookup::Tag { action: action.to_owned(), tag: tag.to_owned() }
    }

    /// A commit of an action.
    pub fn commit(action: &str, commit: &str) -> Self {
        Lookup::Commit { action: action.to_owned(), commit: commit.to_owned() }
    }

    /// The newest release of a repository.
    pub fn release(action: &str) -> Self {
        Lookup::Release { action: action.to_owned() }
    }

    /// Whether it is about what a file pins already, and not about what a pin would be.
    pub fn confirms(&self) -> bool {
        matches!(self, Lookup::Commit { .. } | Lookup::Image { digest: Some(_), .. })
    }
}
