//! Defects that are planted on purpose: the chaos runs must notice each of them, or they prove nothing.
//!
//! Only in builds with debug assertions, and only when `DOCKLINE_FLAW` names one. A release build has no trace of
//! them: [`planted`] is `false` there.

use std::borrow::Cow;

/// Something that a cluster must not get wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// Writes are accepted from a leader whose term has ended.
    NoFence,
    /// A batch is appended wherever the log ends.
    NoCompare,
    /// A new leader goes on behind the last time stamp instead of finding the place.
    SinceLast,
    /// Pieces of a long line are put together before they are numbered.
    MergeFirst,
}

impl Flaw {
    /// Its name in `DOCKLINE_FLAW`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoFence => "no-fence",
            Self::NoCompare => "no-compare",
            Self::SinceLast => "since-last",
            Self::MergeFirst => "merge-first",
        }
    }
}

/// Whether this process has the defect.
#[cfg(debug_assertions)]
#[must_use]
pub fn planted(flaw: Flaw) -> bool {
    use std::sync::LazyLock;
    static PLANTED: LazyLock<Option<String>> = LazyLock::new(|| std::env::var("DOCKLINE_FLAW").ok());
    PLANTED.as_deref() == Some(flaw.name())
}

/// Whether this process has the defect: never.
#[cfg(not(debug_assertions))]
#[must_use]
pub const fn planted(_: Flaw) -> bool {
    false
}

/// The script as it is run.
pub(crate) fn script(text: &'static str) -> Cow<'static, str> {
    if planted(Flaw::NoFence) {
        without(text, FENCE)
    } else if planted(Flaw::NoCompare) {
        without(text, COMPARE)
    } else {
        Cow::Borrowed(text)
    }
}

const FENCE: &str = "if redis.call('GET', KEYS[1]) ~= ARGV[1] ";
const COMPARE: &str = "if last ~= base ";

fn without(text: &str, begin: &str) -> Cow<'static, str> {
    text.lines()
        .filter(|line| !line.starts_with(begin))
        .flat_map(|line| [line, "\n"])
        .collect::<String>()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_that_a_flaw_removes_are_there() {
        let publish = include_str!("redis/lua/publish.lua");
        for begin in [FENCE, COMPARE] {
            let left = without(publish, begin);
            assert_eq!(left.lines().count() + 1, publish.lines().count(), "{begin}");
        }
        let begin = include_str!("redis/lua/begin.lua");
        assert_eq!(without(begin, FENCE).lines().count() + 1, begin.lines().count());
    }

    #[test]
    fn nothing_is_planted_unasked() {
        let publish = include_str!("redis/lua/publish.lua");
        assert_eq!(script(publish), publish);
    }
}
