use std::{fmt, str::FromStr};

/// A version of the Docker Engine API. All that exist are 1.x.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ApiVersion(u16, u16);

/// Docker 20.10, the oldest engine that the tests run against.
pub(crate) const OLDEST: ApiVersion = ApiVersion(1, 41);
/// Docker 28.5, the newest one. Later engines speak it too.
pub(crate) const NEWEST: ApiVersion = ApiVersion(1, 51);

/// From this version on a MAC address belongs to a network and no longer to a container.
pub(crate) const ADDRESS_PER_NETWORK: ApiVersion = ApiVersion(1, 44);

impl ApiVersion {
    /// The newest version that Dockline and an engine have in common, of one that speaks `oldest` to `newest`.
    pub(crate) fn in_common(oldest: Self, newest: Self) -> Option<Self> {
        let common = newest.min(NEWEST);
        (common >= OLDEST && common >= oldest).then_some(common)
    }

    /// A request's path and query with this version in front, in the place of any other.
    pub(crate) fn prefix(self, path_and_query: &str) -> String {
        let bare = path_and_query
            .strip_prefix("/v")
            .and_then(|rest| rest.split_once('/'))
            .filter(|(version, _)| version.parse::<Self>().is_ok())
            .map_or(path_and_query, |(version, _)| &path_and_query[2 + version.len()..]);
        format!("/v{self}{bare}")
    }
}

impl FromStr for ApiVersion {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (major, minor) = text.trim().split_once('.').unwrap_or((text, "0"));
        Ok(Self(major.parse()?, minor.parse()?))
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> ApiVersion {
        text.parse().expect(text)
    }

    #[test]
    fn the_newest_common_version_is_taken() {
        for (oldest, newest, common) in [
            ("1.12", "1.41", Some("1.41")),
            ("1.24", "1.47", Some("1.47")),
            ("1.24", "1.51", Some("1.51")),
            ("1.44", "1.56", Some("1.51")),
            ("1.12", "1.40", None),
            ("1.52", "1.60", None),
        ] {
            let found = ApiVersion::in_common(version(oldest), version(newest));
            assert_eq!(found.map(|found| found.to_string()).as_deref(), common, "{oldest} to {newest}");
        }
        assert!(version("1.9") < version("1.10"), "numbers, not text");
        assert!("1.x".parse::<ApiVersion>().is_err());
    }

    #[test]
    fn the_version_comes_in_front_of_the_path_once() {
        let version = version("1.44");
        assert_eq!(version.prefix("/containers/json?all=true"), "/v1.44/containers/json?all=true");
        assert_eq!(version.prefix("/v1.53/containers/json"), "/v1.44/containers/json");
        assert_eq!(version.prefix("/volumes/v1.2/x"), "/v1.44/volumes/v1.2/x");
        assert_eq!(version.prefix("/version"), "/v1.44/version");
    }
}
