//! Where something is in a container's file system.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::ids::InvalidId;

/// The longest path that Linux takes, in bytes.
const MAX_LENGTH: usize = 4_096;

/// An absolute path in a container, in its one form: no empty part, no `.`, no slash at the end.
///
/// A part `..` is refused: behind a link it would mean another folder than it says.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ContainerPath(String);

impl ContainerPath {
    /// The top of the file system.
    #[must_use]
    pub fn root() -> Self {
        Self("/".to_owned())
    }

    /// The path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folder around it and its name there; `None` for the top.
    #[must_use]
    pub fn split(&self) -> Option<(Self, &str)> {
        let (folder, name) = self.0.rsplit_once('/').filter(|(_, name)| !name.is_empty())?;
        Some((if folder.is_empty() { Self::root() } else { Self(folder.to_owned()) }, name))
    }

    /// What this folder has under a relative path.
    ///
    /// # Errors
    /// [`InvalidId`] when the whole is no path.
    pub fn join(&self, relative: &str) -> Result<Self, InvalidId> {
        format!("{}/{relative}", self.0).parse()
    }

    /// Whether it is `folder` itself or below it.
    #[must_use]
    pub fn is_within(&self, folder: &Self) -> bool {
        folder.0 == "/"
            || self.0.strip_prefix(&folder.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl FromStr for ContainerPath {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let parts: Vec<&str> = text.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
        let valid = text.starts_with('/')
            && text.len() <= MAX_LENGTH
            && !text.contains('\0')
            && !parts.contains(&"..");
        if valid {
            Ok(Self(format!("/{}", parts.join("/"))))
        } else {
            Err(InvalidId { what: "a path", rule: "absolute, without `..` and at most 4096 bytes long" })
        }
    }
}

impl TryFrom<String> for ContainerPath {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<ContainerPath> for String {
    fn from(path: ContainerPath) -> Self {
        path.0
    }
}

impl fmt::Display for ContainerPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ContainerPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContainerPath({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> ContainerPath {
        text.parse().expect(text)
    }

    #[test]
    fn a_path_has_one_form() {
        for (text, form) in
            [("/", "/"), ("//", "/"), ("/a/", "/a"), ("/a//b/./c", "/a/b/c"), ("/..a", "/..a")]
        {
            assert_eq!(path(text).as_str(), form);
        }
        let long = format!("/{}", "a".repeat(4_096));
        for bad in ["", "a", "./a", "/..", "/a/../b", "/a\0", long.as_str()] {
            assert!(bad.parse::<ContainerPath>().is_err(), "{bad:?} was accepted");
        }
    }

    #[test]
    fn parts() {
        assert_eq!(path("/a/b").split(), Some((path("/a"), "b")));
        assert_eq!(path("/a").split(), Some((path("/"), "a")));
        assert_eq!(path("/").split(), None);
        assert_eq!(path("/").join("a").as_ref().map(ContainerPath::as_str), Ok("/a"));
        assert_eq!(path("/a").join("./b").as_ref().map(ContainerPath::as_str), Ok("/a/b"));
        assert!(path("/a").join("../b").is_err());
    }

    #[test]
    fn within_goes_by_parts() {
        assert!(path("/a/b").is_within(&path("/a")));
        assert!(path("/a").is_within(&path("/a")));
        assert!(path("/a").is_within(&path("/")));
        assert!(!path("/ab").is_within(&path("/a")));
        assert!(!path("/").is_within(&path("/a")));
    }
}
