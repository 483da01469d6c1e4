//! Networks of a host, by the engine's IDs.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::ids::{InvalidId, is_lower_hex, text_id};

fn is_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

text_id!(
    /// An engine's full network ID.
    NetworkId,
    "a network id",
    "64 lower-case hexadecimal digits, or in a swarm 25 lower-case letters and digits",
    |text| (text.len() == 64 && is_lower_hex(text)) || (text.len() == 25 && is_word(text))
);

text_id!(
    /// What a caller may use to point at a network of a host: its ID or a prefix of at least 12 characters.
    NetworkRef,
    "a network id",
    "the engine's ID of the network, or at least the first 12 characters of it",
    |text| (12..=64).contains(&text.len()) && is_word(text)
);

text_id!(
    /// A network's name under Docker's own rule, with a length limit of ours.
    NetworkName,
    "a network name",
    "2 to 128 letters, digits, '_', '.' or '-', beginning with a letter or digit",
    |text| {
        (2..=128).contains(&text.len())
            && text.as_bytes()[0].is_ascii_alphanumeric()
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
    }
);

impl NetworkRef {
    /// Whether `id` is the network, or one of the networks, that this reference names.
    #[must_use]
    pub fn matches(&self, id: &NetworkId) -> bool {
        id.as_str().starts_with(&self.0)
    }
}

/// The names of the networks that every engine has and that cannot be removed.
pub const PREDEFINED: [&str; 3] = ["bridge", "host", "none"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_ids_and_prefixes_of_them() {
        let id: NetworkId = "0a".repeat(32).parse().expect("an id");
        assert!("0a0a0a0a0a0a".parse::<NetworkRef>().expect("a prefix").matches(&id));
        assert!(!"0a0a0a0a0a0b".parse::<NetworkRef>().expect("a prefix").matches(&id));
        assert!("i7rw1bfsu60ezohjqmiyxw0zt".parse::<NetworkId>().is_ok(), "of a swarm");
        for bad in [
            "",
            "bridge",
            "..%2Fversion",
            "0a0a0a0a0a0",
            "0A0A0A0A0A0A",
            "0a0a0a0a0a0a/x",
            "0a0a0a0a0a0a?a=b",
        ] {
            assert!(bad.parse::<NetworkRef>().is_err(), "{bad:?} was accepted");
        }
        for bad in ["", "a", "-a", "a/b", "a b", "..", "a%2Fb"] {
            assert!(bad.parse::<NetworkName>().is_err(), "{bad:?} was accepted");
        }
        assert!("shop_default".parse::<NetworkName>().is_ok());
    }
}
