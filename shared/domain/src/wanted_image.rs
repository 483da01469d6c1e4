use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{ImageId, ImageReference, ids::InvalidId};

/// The image that a container is to be made of.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum WantedImage {
    /// By its content: one that is on the host already.
    Id(ImageId),
    /// By a name of a registry's.
    Name(ImageReference),
}

impl WantedImage {
    /// Its name, if it has one.
    #[must_use]
    pub const fn name(&self) -> Option<&ImageReference> {
        match self {
            Self::Id(_) => None,
            Self::Name(name) => Some(name),
        }
    }
}

impl FromStr for WantedImage {
    type Err = InvalidId;

    /// An ID goes before a name: engines read it so too.
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        text.parse().map(Self::Id).or_else(|_| text.parse().map(Self::Name))
    }
}

impl fmt::Display for WantedImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Name(name) => name.fmt(f),
        }
    }
}

impl fmt::Debug for WantedImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WantedImage({self})")
    }
}

impl TryFrom<String> for WantedImage {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<WantedImage> for String {
    fn from(image: WantedImage) -> Self {
        image.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_no_name() {
        let id = format!("sha256:{}", "0a".repeat(32));
        assert!(matches!(id.parse(), Ok(WantedImage::Id(_))));
        assert!(matches!("nginx".parse(), Ok(WantedImage::Name(name)) if name.to_string() == "nginx:latest"));
        assert!("../x".parse::<WantedImage>().is_err());
    }
}
