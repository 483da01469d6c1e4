use std::fmt;

/// Why an archive was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Refusal {
    /// The entry by its name, where it has come so far; shortened.
    pub entry: Option<String>,
    /// What is wrong.
    pub reason: Reason,
}

/// What is wrong with an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It is compressed.
    Compressed,
    /// It has no entry.
    Empty,
    /// It is no tar, or one whose parts contradict each other.
    Malformed(String),
    /// It ends in the middle.
    Truncated,
    /// Something follows its end.
    TrailingData,
    /// What describes an entry is far too long.
    LongDescription,
    /// It describes all its entries at once: names or sizes in a global header.
    GlobalHeader,
    /// The entry says two sizes.
    TwoSizes,
    /// The entry is no file, and has content.
    UnexpectedContent,
    /// A name begins with `/`.
    AbsoluteName,
    /// A name has a part `..`.
    ParentName,
    /// A name is empty, or too long for Linux, or has a NUL.
    ImpossibleName,
    /// A name is not UTF-8.
    NameEncoding,
    /// A name occurs twice.
    Duplicate,
    /// Something is below what is no folder.
    BelowFile,
    /// Something is below a link of the archive.
    BelowLink,
    /// A link leads out of the folder.
    LeavingLink,
    /// A hard link leads to nothing that came before it.
    DanglingHardLink,
    /// A device.
    Device,
    /// A named pipe.
    Pipe,
    /// A file with holes, which may be far larger than what comes.
    Sparse,
    /// Something else than a file, a folder or a link.
    UnknownKind(u8),
    /// More entries than this.
    TooManyEntries(u64),
    /// More bytes than this.
    TooManyBytes(u64),
    /// Longer names, together, than so many bytes.
    TooManyNames(u64),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.entry {
            Some(entry) => write!(f, "{entry:?}: {}", self.reason),
            None => self.reason.fmt(f),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Compressed => "it is compressed; send a plain tar",
            Self::Empty => "it holds nothing",
            Self::Malformed(what) => return write!(f, "it is no valid tar ({what})"),
            Self::Truncated => "it ends in the middle",
            Self::TrailingData => "something follows its end",
            Self::LongDescription => "what describes an entry is longer than 1 MiB",
            Self::GlobalHeader => "a global header gives names or sizes to several entries",
            Self::TwoSizes => "it says two sizes",
            Self::UnexpectedContent => "it is no file, and has content",
            Self::AbsoluteName => "its name begins with a slash",
            Self::ParentName => "its name has a part ..",
            Self::ImpossibleName => "its name is empty, too long or has a NUL",
            Self::NameEncoding => "its name or target is not UTF-8",
            Self::Duplicate => "it is there twice",
            Self::BelowFile => "it is below what is no folder, or a folder where something else is",
            Self::BelowLink => "it is below a link",
            Self::LeavingLink => "it leads out of the folder",
            Self::DanglingHardLink => "it is a hard link to no file that came before it",
            Self::Device => "it is a device",
            Self::Pipe => "it is a named pipe",
            Self::Sparse => "it is a file with holes",
            Self::UnknownKind(kind) => {
                return write!(f, "it is of an unknown kind ({:?})", char::from(*kind));
            }
            Self::TooManyEntries(most) => return write!(f, "it holds more than {most} entries"),
            Self::TooManyBytes(most) => return write!(f, "its files have more than {most} bytes"),
            Self::TooManyNames(most) => return write!(f, "its names have more than {most} bytes"),
        })
    }
}
