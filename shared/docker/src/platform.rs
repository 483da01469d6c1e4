use std::fmt;

use serde::Deserialize;

/// What an image is made for, in the words of images: `linux/amd64`, `linux/arm/v7`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Platform {
    #[serde(alias = "Os")]
    os: String,
    #[serde(alias = "Architecture", alias = "Arch")]
    architecture: String,
    #[serde(default, alias = "Variant")]
    variant: String,
}

impl Platform {
    /// Whether an image of the other platform is what an engine of this one takes unasked. Variants are left to engines:
    /// which of them a processor is, they do not tell.
    pub(crate) fn takes(&self, other: &Self) -> bool {
        self.os == other.os && self.architecture == other.architecture
    }

    /// Whether somebody said at all what the image is for.
    pub(crate) fn is_said(&self) -> bool {
        !self.os.is_empty() && !self.architecture.is_empty()
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        if self.variant.is_empty() { Ok(()) } else { write!(f, "/{}", self.variant) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, from_value, json};

    use super::*;

    fn platform(document: Value) -> Platform {
        from_value(document).expect("a platform")
    }

    #[test]
    fn engines_images_and_manifests_tell_theirs_each_in_their_own_words() {
        let engine = platform(json!({ "Version": "28.5", "Os": "linux", "Arch": "amd64" }));
        let image = platform(json!({ "Os": "linux", "Architecture": "arm", "Variant": "v7" }));
        let manifest = platform(json!({ "os": "linux", "architecture": "amd64" }));
        assert_eq!(
            [&engine, &image, &manifest].map(ToString::to_string),
            ["linux/amd64", "linux/arm/v7", "linux/amd64"]
        );
        assert!(engine.takes(&manifest) && !engine.takes(&image));
        let arm = platform(json!({ "Os": "linux", "Arch": "arm" }));
        assert!(arm.takes(&image), "which variant it is, an engine does not tell");
        assert!(!platform(json!({ "Os": "", "Architecture": "" })).is_said());
    }
}
