//! What an image is pulled by: a name of a registry's, with a tag or a digest.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::ids::InvalidId;

/// One image of a registry, by the grammar of Docker's `distribution/reference`.
///
/// It always names exactly one image: without a tag and a digest it is `latest`, since an engine that is asked for a bare
/// name pulls every tag that there is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ImageReference {
    name: String,
    tag: Option<String>,
    digest: Option<String>,
}

/// The longest name, registry included.
const MAX_NAME: usize = 255;
/// The longest tag.
const MAX_TAG: usize = 128;

impl ImageReference {
    /// The repository with its registry, if one is named: `ghcr.io/acme/web`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The tag; absent only beside a digest.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest, such as `sha256:…`, which decides where it is given.
    #[must_use]
    pub fn digest(&self) -> Option<&str> {
        self.digest.as_deref()
    }
}

impl FromStr for ImageReference {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = InvalidId {
            what: "an image",
            rule: "[registry/]name[:tag][@digest], as in nginx:1.29 or ghcr.io/acme/web:2",
        };
        parse(text).ok_or(invalid)
    }
}

fn parse(text: &str) -> Option<ImageReference> {
    let (rest, digest) = match text.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (text, None),
    };
    // A colon before the last slash belongs to the registry's port.
    let path = rest.rfind('/').map_or(0, |slash| slash + 1);
    let (name, tag) = match rest[path..].split_once(':') {
        Some((last, tag)) => (&rest[..path + last.len()], Some(tag)),
        None => (rest, None),
    };
    let valid = is_name(name) && tag.is_none_or(is_tag) && digest.is_none_or(is_digest);
    let tag = tag.or_else(|| digest.is_none().then_some("latest"));
    valid.then(|| ImageReference {
        name: name.to_owned(),
        tag: tag.map(str::to_owned),
        digest: digest.map(str::to_owned),
    })
}

fn is_name(name: &str) -> bool {
    let path = match name.split_once('/') {
        // An engine would ask it, whatever it is called: it must not pass for a part of Docker Hub.
        Some((first, _)) if names_registry(first) && !is_registry(first) => return false,
        Some((first, path)) if names_registry(first) => path,
        _ => name,
    };
    // The engine reads 64 hexadecimal digits as an ID.
    let is_id = path.len() == 64 && path.bytes().all(|byte| byte.is_ascii_hexdigit());
    name.len() <= MAX_NAME && !is_id && path.split('/').all(is_component)
}

/// Docker's own rule of what makes a first part a registry and not the begin of a path.
pub(crate) fn names_registry(part: &str) -> bool {
    part == "localhost" || part.contains(['.', ':'])
}

/// Whether it is a registry's address.
pub(crate) fn is_registry(part: &str) -> bool {
    let (host, port) = part.split_once(':').map_or((part, None), |(host, port)| (host, Some(port)));
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    names_registry(part) && host.split('.').all(is_label) && port.is_none_or(is_port)
}

/// Lower-case letters and digits, joined by `.`, `_`, `__` or dashes.
fn is_component(part: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = part.as_bytes();
    let ends_well = bytes.first().copied().is_some_and(is_word) && bytes.last().copied().is_some_and(is_word);
    ends_well
        && bytes
            .split(|byte| is_word(*byte))
            .all(|joint| matches!(joint, b"" | b"." | b"_" | b"__") || joint.iter().all(|byte| *byte == b'-'))
}

fn is_tag(tag: &str) -> bool {
    (1..=MAX_TAG).contains(&tag.len())
        && !tag.starts_with(['.', '-'])
        && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
}

fn is_digest(digest: &str) -> bool {
    match digest.split_once(':') {
        Some(("sha256", hex)) if is_hex(hex) => hex.len() == 64,
        Some(("sha512", hex)) if is_hex(hex) => hex.len() == 128,
        _ => false,
    }
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

impl fmt::Display for ImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for ImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ImageReference({self})")
    }
}

impl TryFrom<String> for ImageReference {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<ImageReference> for String {
    fn from(reference: ImageReference) -> Self {
        reference.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_names_exactly_one_image() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        let at = |name: &str| format!("{name}@{digest}");
        for (text, whole) in [
            ("nginx", "nginx:latest".to_owned()),
            ("nginx:1.29", "nginx:1.29".to_owned()),
            ("acme/web", "acme/web:latest".to_owned()),
            ("localhost:5000/web", "localhost:5000/web:latest".to_owned()),
            ("127.0.0.1:5000/a/b_c__d--e.f:V1", "127.0.0.1:5000/a/b_c__d--e.f:V1".to_owned()),
            (at("ghcr.io/acme/web").as_str(), at("ghcr.io/acme/web")),
            (at("web:2").as_str(), at("web:2")),
        ] {
            let parsed: ImageReference = text.parse().expect(text);
            assert_eq!(parsed.to_string(), whole, "{text}");
        }
    }

    #[test]
    fn what_could_mean_something_else_is_refused() {
        let long = "a".repeat(256);
        let id = "ab".repeat(32);
        for bad in [
            "",
            ":",
            "/",
            "a/",
            "/a",
            "a//b",
            "Web",
            "a b",
            "..",
            "../a",
            "a/../b",
            "a%2Fb",
            "a:",
            "a:-b",
            "a:b:c",
            "a@sha256:00",
            "a@",
            "a@md5:00",
            "-a",
            "a-",
            "a___b",
            "a..b",
            "a?b=c",
            "a#b",
            "a&tag=b",
            "ä",
            "a\0",
            "a\n",
            "host.:5000/a",
            "host.x:99999/a",
            "host.x:+443/a",
            "host.x:/a",
            // Engines take the first part for a registry, and it is the name of none.
            "a_b.example.org/x",
            "a__b.example.org/x/y",
            "a..b/x",
            "a.-b/x",
            long.as_str(),
            id.as_str(),
        ] {
            assert!(bad.parse::<ImageReference>().is_err(), "{bad:?} was accepted");
        }
    }
}
