//! An image on a host, by its content. A name can point elsewhere tomorrow; this cannot.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::ids::{InvalidId, is_lower_hex, text_id};

text_id!(
    /// An engine's full image ID.
    ImageId,
    "an image id",
    "`sha256:` and 64 lower-case hexadecimal digits",
    |text| text.strip_prefix("sha256:").is_some_and(|hex| hex.len() == 64 && is_lower_hex(hex))
);

text_id!(
    /// What a caller may use to point at an image of a host: its ID or a prefix of at least 12 digits, with or without
    /// `sha256:`.
    ImageRef,
    "an image id",
    "`sha256:` and 64 lower-case hexadecimal digits, or at least the first 12 of them",
    |text| {
        let hex = text.strip_prefix("sha256:").unwrap_or(text);
        (12..=64).contains(&hex.len()) && is_lower_hex(hex)
    }
);

impl ImageRef {
    /// Whether `id` is the image, or one of the images, that this reference names.
    #[must_use]
    pub fn matches(&self, id: &ImageId) -> bool {
        id.hex().starts_with(self.0.strip_prefix("sha256:").unwrap_or(&self.0))
    }
}

impl ImageId {
    /// Without `sha256:`.
    #[must_use]
    pub fn hex(&self) -> &str {
        &self.0["sha256:".len()..]
    }

    /// The 12 digits that the docker CLI shows.
    #[must_use]
    pub fn short(&self) -> &str {
        &self.hex()[..12]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_an_id_or_the_begin_of_one() {
        let id: ImageId = format!("sha256:{}", "0a".repeat(32)).parse().expect("an id");
        assert_eq!(id.short(), "0a0a0a0a0a0a");
        for good in [id.as_str(), id.hex(), id.short(), "sha256:0a0a0a0a0a0a"] {
            assert!(good.parse::<ImageRef>().is_ok_and(|reference| reference.matches(&id)), "{good}");
        }
        assert!(!"0a0a0a0a0a0b".parse::<ImageRef>().expect("well-formed").matches(&id));
    }

    #[test]
    fn names_and_paths_are_no_ids() {
        let long = "a".repeat(65);
        for bad in [
            "",
            "nginx",
            "nginx:latest",
            "abcdefabcde",
            "..%2Fversion",
            "sha256:",
            "sha256:abc",
            "sha512:abcdefabcdef",
            "ABCDEFABCDEF",
            "abcdefabcdef/json",
            "sha256:../../../x",
            "abcdefabcdef?x=1",
            long.as_str(),
        ] {
            assert!(bad.parse::<ImageRef>().is_err(), "{bad:?} was accepted");
        }
        assert!("0a0a0a0a0a0a".parse::<ImageId>().is_err());
    }
}
