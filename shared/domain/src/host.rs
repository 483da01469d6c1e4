//! A Docker host as plain data: who put it into the directory, under which address, with which labels.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::{HostId, InvalidId};

/// Who put a host into the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostOrigin {
    /// The process's own settings: it cannot be removed, and its address not be changed, while they name it.
    Settings,
    /// An administrator.
    #[default]
    Added,
}

impl HostOrigin {
    /// The word in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Added => "added",
        }
    }

    /// Reads [`Self::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Settings, Self::Added].into_iter().find(|origin| origin.as_str() == text)
    }
}

/// How the way to a host's engine is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HostSecurity {
    /// Not at all: a Unix socket, or plain TCP.
    None,
    /// TLS with certificates on both sides.
    Tls,
    /// SSH with a key.
    Ssh,
}

/// Credentials of one host, encrypted. Only a process that has the secret key can read them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sealed(pub Vec<u8>);

/// One host of the directory as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostRecord {
    /// Its ID.
    pub id: HostId,
    /// The engine's address in its text form. Never holds a password.
    pub address: String,
    /// Words of the administrators, to find and to group.
    pub labels: BTreeMap<String, String>,
    /// Whether it is used at all.
    pub enabled: bool,
    /// Who put it here.
    pub origin: HostOrigin,
    /// What its engine wants to see, encrypted; `None` when that is nothing.
    pub sealed: Option<Sealed>,
    /// Another one with every change of this host, and larger than every earlier one of any host: a host that was
    /// removed and added again under its old ID is not taken for the old one.
    pub revision: u64,
    /// Microseconds since 1970.
    pub created_at: i64,
    /// Microseconds since 1970.
    pub updated_at: i64,
}

impl HostRecord {
    /// How the way to its engine is secured; known without opening anything.
    #[must_use]
    pub fn security(&self) -> HostSecurity {
        match &self.sealed {
            None => HostSecurity::None,
            Some(_) if self.address.starts_with("ssh://") => HostSecurity::Ssh,
            Some(_) => HostSecurity::Tls,
        }
    }
}

/// Every host of an installation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostBook {
    /// Grows with every change of any host.
    pub revision: u64,
    /// The hosts by ID.
    pub hosts: Vec<HostRecord>,
}

impl HostBook {
    /// One host by its ID.
    #[must_use]
    pub fn get(&self, id: &HostId) -> Option<&HostRecord> {
        self.hosts.iter().find(|host| host.id == *id)
    }
}

/// The most labels of one host.
pub const MAX_LABELS: usize = 32;
/// The longest value of a label, in characters.
pub const MAX_LABEL_VALUE: usize = 128;

/// A label that cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLabel {
    /// There are too many.
    #[error("a host has at most {MAX_LABELS} labels")]
    TooMany,
    /// The part before the `=`.
    #[error(
        "`{0}` cannot be a label's name: it must be 1 to 63 lower-case letters, digits, '.', '_', '/' or '-', beginning with a letter or digit"
    )]
    Key(String),
    /// The part behind it.
    #[error(
        "the value of the label `{0}` must be at most {MAX_LABEL_VALUE} characters, without control characters"
    )]
    Value(String),
}

/// Looks whether a host can have these labels.
///
/// # Errors
/// The first label that it cannot have, by its name.
pub fn check_labels(labels: &BTreeMap<String, String>) -> Result<(), InvalidLabel> {
    if labels.len() > MAX_LABELS {
        return Err(InvalidLabel::TooMany);
    }
    for (key, value) in labels {
        if !is_label_key(key) {
            // What is shown of it can break no line, and is short.
            let shown: String = key.chars().filter(|c| !c.is_control()).take(63).collect();
            return Err(InvalidLabel::Key(shown));
        }
        if value.chars().count() > MAX_LABEL_VALUE || value.chars().any(char::is_control) {
            return Err(InvalidLabel::Value(key.clone()));
        }
    }
    Ok(())
}

fn is_label_key(key: &str) -> bool {
    let alphanumeric = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    (1..=63).contains(&key.len())
        && alphanumeric(key.as_bytes()[0])
        && key.bytes().all(|b| alphanumeric(b) || matches!(b, b'.' | b'_' | b'/' | b'-'))
}

/// Reads the ID of a host that is to be added. `test` is none: `/api/v1/hosts/test` is not a host.
///
/// # Errors
/// When the text is no [`HostId`], or that word.
pub fn new_host_id(text: &str) -> Result<HostId, InvalidId> {
    let id: HostId = text.parse()?;
    if id.as_str() == "test" {
        return Err(InvalidId {
            what: "a host id",
            rule: "another word than `test`, which is a path of the API",
        });
    }
    Ok(id)
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

impl TryFrom<String> for Sealed {
    type Error = hex::FromHexError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        hex::decode(text).map(Self)
    }
}

impl From<Sealed> for String {
    fn from(sealed: Sealed) -> Self {
        hex::encode(sealed.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn labels_follow_the_rule() {
        let long = "x".repeat(MAX_LABEL_VALUE);
        assert_eq!(
            check_labels(&labels(&[("env", "prod"), ("a.b/c_d-1", ""), ("9", "ü"), ("l", &long)])),
            Ok(())
        );
        for key in ["", "Env", "-a", "a b", "ä", "a\u{1b}[31m", &"k".repeat(64)] {
            let error = check_labels(&labels(&[(key, "x")])).expect_err(key);
            assert!(
                matches!(error, InvalidLabel::Key(_)) && !error.to_string().contains('\u{1b}'),
                "{error}"
            );
        }
        for value in ["a\nb", "\u{7f}", &"ü".repeat(MAX_LABEL_VALUE + 1)] {
            assert_eq!(check_labels(&labels(&[("env", value)])), Err(InvalidLabel::Value("env".to_owned())));
        }
        let many = (0..=MAX_LABELS).map(|n| (format!("k{n}"), String::new())).collect();
        assert_eq!(check_labels(&many), Err(InvalidLabel::TooMany));
    }

    #[test]
    fn one_word_is_no_host() {
        assert!(new_host_id("edge-1").is_ok());
        assert!(new_host_id("test").expect_err("a path").to_string().contains("`test`"));
        assert!(new_host_id("../x").is_err());
    }

    #[test]
    fn a_book_survives_its_journey_and_shows_no_sealed_bytes() {
        let record = HostRecord {
            id: "edge".parse().expect("an id"),
            address: "tcp://10.0.0.1:2376".to_owned(),
            labels: labels(&[("env", "prod")]),
            enabled: true,
            origin: HostOrigin::Added,
            sealed: Some(Sealed(vec![1, 0, 255])),
            revision: 7,
            created_at: 1,
            updated_at: 2,
        };
        assert_eq!(record.security(), HostSecurity::Tls);
        assert!(format!("{record:?}").contains("Sealed(3 bytes)"));
        let book = HostBook { revision: 7, hosts: vec![record] };
        let json = serde_json::to_string(&book).expect("JSON");
        assert!(json.contains("\"0100ff\""), "{json}");
        assert_eq!(serde_json::from_str::<HostBook>(&json).expect("a book"), book);
    }
}
