//! Stacks: projects of Docker Compose.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::ids::{InvalidId, text_id};

text_id!(
    /// A stack's name under Compose's own rule for projects, with a length limit of ours.
    ///
    /// `validate` is none: it is a path of the API's, where names stand.
    StackName,
    "a stack's name",
    "1 to 128 lower-case letters, digits, '_' or '-', beginning with a letter or digit; `validate` is taken",
    |text| {
        (1..=128).contains(&text.len())
            && text != "validate"
            && !text.starts_with(['_', '-'])
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-'))
    }
);

text_id!(
    /// A variable that a Compose file may name.
    ///
    /// The plugin is given variables as its environment, where some names mean something to it, to its language's runtime
    /// or to the system's loader. Those are none.
    VariableName,
    "a variable's name",
    "1 to 128 letters, digits or '_', not beginning with a digit; names that the Compose plugin itself or the system reads are taken",
    |text| {
        (1..=128).contains(&text.len())
            && !text.starts_with(|c: char| c.is_ascii_digit())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && !is_taken(text)
    }
);

/// What a form of a stack's Compose file was saved for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SavedFor {
    /// The stack was made.
    Deploy,
    /// It was changed.
    Update,
    /// It went back to an older form.
    Rollback,
    /// It was made elsewhere.
    Adopt,
}

impl SavedFor {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Deploy, Self::Update, Self::Rollback, Self::Adopt];

    /// The name in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deploy => "deploy",
            Self::Update => "update",
            Self::Rollback => "rollback",
            Self::Adopt => "adopt",
        }
    }

    /// What has this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

/// What begins so means something to the plugin, to what it is made of, or to the loader.
const TAKEN: [&str; 15] = [
    "BUILDKIT_",
    "BUILDX_",
    "COMPOSE_",
    "DOCKER_",
    "DOCKLINE_",
    "GIT_",
    "GLIBC_",
    "LD_",
    "MALLOC_",
    "MIMALLOC_",
    "OTEL_",
    "RUST_",
    "SSH_",
    "SSL_CERT_",
    "XDG_",
];
const TAKEN_WHOLE: [&str; 8] =
    ["GODEBUG", "GOGC", "GOMAXPROCS", "GOMEMLIMIT", "GOTRACEBACK", "HOME", "PATH", "TMPDIR"];

fn is_taken(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    TAKEN.iter().any(|prefix| name.starts_with(prefix)) || TAKEN_WHOLE.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_composes_rule() {
        for good in ["shop", "0", "a_b-c", "validated"] {
            assert!(good.parse::<StackName>().is_ok(), "{good}");
        }
        for bad in ["", "Shop", "-a", "_a", "a.b", "a/b", "..", "a%2fb", "a b", "validate", &"a".repeat(129)]
        {
            assert!(bad.parse::<StackName>().is_err(), "{bad:?} was accepted");
        }
    }

    #[test]
    fn no_variable_speaks_to_the_plugin_or_the_loader() {
        for good in ["TAG", "_x", "tz", "TZ", "DB_PASSWORD", "HOME_PAGE", "GO"] {
            assert!(good.parse::<VariableName>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "1A",
            "A-B",
            "A B",
            "Ä",
            "A=B",
            "LD_PRELOAD",
            "docker_host",
            "COMPOSE_FILE",
            "Home",
            "PATH",
            "GODEBUG",
        ] {
            assert!(bad.parse::<VariableName>().is_err(), "{bad:?} was accepted");
        }
    }
}
