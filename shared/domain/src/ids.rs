//! Identifiers, parsed once at the edge: inside the product the type is the proof.
//!
//! Docker's API takes names inside its URLs. A value that could change such a path (`../`, `%2F`,
//! NUL, a space) never becomes one of these types, so it can never reach an engine.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Why a text is not an identifier of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} must be {rule}")]
pub struct InvalidId {
    /// The kind of identifier, as a person would call it.
    pub what: &'static str,
    /// The rule that the text breaks.
    pub rule: &'static str,
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $rule:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(InvalidId { what: $what, rule: $rule })
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    };
}

pub(crate) use text_id;

pub(crate) fn is_lower_hex(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

text_id!(
    /// A Docker host as Dockline knows it; `local` in standalone.
    HostId,
    "a host id",
    "1 to 63 lower-case letters, digits or dashes, beginning with a letter or digit",
    |text| {
        (1..=63).contains(&text.len())
            && !text.starts_with('-')
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    }
);

text_id!(
    /// An engine's full container ID: 64 lower-case hexadecimal digits.
    ContainerId,
    "a container id",
    "64 lower-case hexadecimal digits",
    |text| text.len() == 64 && is_lower_hex(text)
);

text_id!(
    /// What a caller may use to point at a container: its full ID or a prefix of at least 12 digits.
    ContainerRef,
    "a container id",
    "64 lower-case hexadecimal digits, or a prefix of at least 12",
    |text| (12..=64).contains(&text.len()) && is_lower_hex(text)
);

text_id!(
    /// A container's name under Docker's own rule (`RestrictedNamePattern`), with a length limit of ours.
    ContainerName,
    "a container name",
    "2 to 128 letters, digits, '_', '.' or '-', beginning with a letter or digit",
    |text| {
        (2..=128).contains(&text.len())
            && text.as_bytes()[0].is_ascii_alphanumeric()
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
    }
);

text_id!(
    /// The name a person signs in with. Lower case only, so that two accounts cannot look alike.
    Username,
    "a username",
    "2 to 64 lower-case letters, digits, '.', '_', '-' or '@', beginning with a letter or digit",
    |text| {
        (2..=64).contains(&text.len())
            && text.as_bytes()[0].is_ascii_alphanumeric()
            && text.bytes().all(|b| {
                b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-' | b'@')
            })
    }
);

text_id!(
    /// Who a program in a container runs as: a user, or a user and a group, by name or number.
    ContainerUser,
    "a user",
    "a name or number, or two of them with `:` between, of at most 128 letters, digits, '_', '.', '-', '@' or '$'",
    |text| {
        let valid = |name: &str| {
            !name.is_empty()
                && name.bytes().all(|b| {
                    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'@' | b'$')
                })
        };
        let (user, group) = text.split_once(':').unwrap_or((text, "0"));
        text.len() <= 128 && valid(user) && valid(group)
    }
);

impl ContainerRef {
    /// Whether `id` is the container, or one of the containers, that this reference names.
    #[must_use]
    pub fn matches(&self, id: &ContainerId) -> bool {
        id.as_str().starts_with(self.as_str())
    }
}

impl ContainerId {
    /// The 12 digits that the docker CLI shows.
    #[must_use]
    pub fn short(&self) -> &str {
        &self.0[..12]
    }
}

impl From<ContainerId> for ContainerRef {
    fn from(id: ContainerId) -> Self {
        Self(id.0)
    }
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub uuid::Uuid);

        impl $name {
            /// A new identifier; version 7, so that it sorts by its time of birth.
            #[must_use]
            pub fn generate() -> Self {
                Self(uuid::Uuid::now_v7())
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                uuid::Uuid::try_parse(text)
                    .map(Self)
                    .map_err(|_| InvalidId { what: $what, rule: "a UUID" })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    };
}

pub(crate) use uuid_id;

uuid_id!(
    /// An account.
    UserId,
    "a user id"
);
uuid_id!(
    /// One sign-in of one account; lives through every refresh, ends at sign-out.
    SessionId,
    "a session id"
);
uuid_id!(
    /// A program that somebody runs in a container, with a terminal or without one.
    ExecId,
    "an exec id"
);
uuid_id!(
    /// A background job.
    JobId,
    "a job id"
);
uuid_id!(
    /// What has a job done at certain times.
    ScheduleId,
    "a schedule id"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_container_references_are_refused() {
        let long = "a".repeat(10_240);
        for bad in [
            "",
            "abc",
            "..%2Fversion",
            "../../version",
            "abcdefabcde\0",
            "ABCDEFABCDEF",
            "abcdefabcdeg",
            "żółć-żółć-żółć",
            "abcdefabcdef/json",
            "abcdefabcdef?x=1",
            " abcdefabcdef",
            long.as_str(),
        ] {
            assert!(bad.parse::<ContainerRef>().is_err(), "{bad:?} was accepted");
        }
        assert!("abcdefabcdef".parse::<ContainerRef>().is_ok());
        assert!("a".repeat(64).parse::<ContainerId>().is_ok());
        assert!("a".repeat(65).parse::<ContainerRef>().is_err());
    }

    #[test]
    fn names_follow_dockers_rule() {
        for good in ["web", "web-1", "a.b_c-D9"] {
            assert!(good.parse::<ContainerName>().is_ok(), "{good:?} was refused");
        }
        for bad in ["-web", ".web", "w", "a/b", "a b", "a%2Fb", "ü1", ""] {
            assert!(bad.parse::<ContainerName>().is_err(), "{bad:?} was accepted");
        }
    }

    #[test]
    fn users_of_containers() {
        for good in ["root", "0", "1000:1000", "www-data:adm", "a.b@c$"] {
            assert!(good.parse::<ContainerUser>().is_ok(), "{good:?} was refused");
        }
        for bad in ["", ":", "a:", ":0", "a:b:c", "a b", "a\n", "../x", "ü"] {
            assert!(bad.parse::<ContainerUser>().is_err(), "{bad:?} was accepted");
        }
    }

    #[test]
    fn a_prefix_matches_only_its_own() {
        let id: ContainerId = "ab".repeat(32).parse().expect("valid");
        let yes: ContainerRef = "abababababab".parse().expect("valid");
        let no: ContainerRef = "abababababac".parse().expect("valid");
        assert!(yes.matches(&id));
        assert!(!no.matches(&id));
    }

    #[test]
    fn serde_goes_through_the_same_parser() {
        assert!(serde_json::from_str::<HostId>("\"local\"").is_ok());
        assert!(serde_json::from_str::<HostId>("\"../x\"").is_err());
    }
}
