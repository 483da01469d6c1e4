use std::collections::HashMap;

use super::{Bounds, Reason};

/// The longest name of a file, in bytes.
const MAX_PART: usize = 255;
/// The longest path, in bytes.
const MAX_NAME: usize = 4_000;

/// What the archive has put where, so far.
pub(super) struct Names {
    bounds: Bounds,
    seen: HashMap<String, Kind>,
    bytes: u64,
    entries: u64,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Folder,
    /// A folder that is only there because something is below it.
    Implied,
    Link,
}

impl Names {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self { bounds, seen: HashMap::new(), bytes: 0, entries: 0 }
    }

    pub(super) const fn entries(&self) -> u64 {
        self.entries
    }

    /// Counts an entry, also one that is passed over.
    pub(super) const fn count(&mut self) -> Result<(), Reason> {
        self.entries += 1;
        if self.entries > self.bounds.entries {
            return Err(Reason::TooManyEntries(self.bounds.entries));
        }
        Ok(())
    }

    /// Takes an entry in.
    pub(super) fn add(&mut self, name: &str, kind: Kind) -> Result<(), Reason> {
        let parents: Vec<usize> = name.match_indices('/').map(|(at, _)| at).collect();
        for end in parents {
            match self.seen.get(&name[..end]) {
                Some(Kind::Folder | Kind::Implied) => {}
                Some(Kind::Link) => return Err(Reason::BelowLink),
                Some(Kind::File) => return Err(Reason::BelowFile),
                None => self.insert(&name[..end], Kind::Implied)?,
            }
        }
        match (self.seen.get(name), kind) {
            (None, _) | (Some(Kind::Implied), Kind::Folder) => self.insert(name, kind),
            (Some(Kind::Implied), _) => Err(Reason::BelowFile),
            (Some(_), _) => Err(Reason::Duplicate),
        }
    }

    /// Whether there is a file of this name.
    pub(super) fn is_file(&self, name: &str) -> bool {
        self.seen.get(name) == Some(&Kind::File)
    }

    fn insert(&mut self, name: &str, kind: Kind) -> Result<(), Reason> {
        self.bytes += name.len() as u64;
        if self.bytes > self.bounds.names {
            return Err(Reason::TooManyNames(self.bounds.names));
        }
        self.seen.insert(name.to_owned(), kind);
        Ok(())
    }
}

/// A name in its one form, below the folder; empty for the folder itself.
pub(super) fn plain(bytes: &[u8]) -> Result<String, Reason> {
    let name = std::str::from_utf8(bytes).map_err(|_| Reason::NameEncoding)?;
    if name.starts_with('/') {
        return Err(Reason::AbsoluteName);
    }
    if name.is_empty() || name.len() > MAX_NAME || name.contains('\0') {
        return Err(Reason::ImpossibleName);
    }
    let parts: Vec<&str> = name.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if parts.contains(&"..") {
        return Err(Reason::ParentName);
    }
    if parts.iter().any(|part| part.len() > MAX_PART) {
        return Err(Reason::ImpossibleName);
    }
    Ok(parts.join("/"))
}

/// Checks where a symbolic link leads. `..` may only begin its target: behind another link it would mean another folder.
pub(super) fn check_target(name: &str, target: &[u8]) -> Result<String, Reason> {
    let target = std::str::from_utf8(target).map_err(|_| Reason::NameEncoding)?;
    if target.is_empty() || target.len() > MAX_NAME || target.contains('\0') {
        return Err(Reason::ImpossibleName);
    }
    if target.starts_with('/') {
        return Err(Reason::LeavingLink);
    }
    let depth = name.matches('/').count();
    let mut parts = target.split('/').filter(|part| !matches!(*part, "" | ".")).peekable();
    let mut up = 0;
    while parts.next_if_eq(&"..").is_some() {
        up += 1;
    }
    if up > depth || parts.any(|part| part == "..") {
        return Err(Reason::LeavingLink);
    }
    Ok(target.to_owned())
}
