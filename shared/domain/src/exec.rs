//! What is run in a container beside its main process.

use crate::ids::InvalidId;

/// A program and its arguments. None of it reaches a path of the engine's, and no shell reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine(Vec<String>);

/// The longest command line, in bytes: what a query or a small body holds.
const MAX_LENGTH: usize = 32 * 1024;

impl CommandLine {
    /// A command line of these words.
    ///
    /// # Errors
    /// [`InvalidId`] when it has no program, is longer than 32 KiB, or holds a NUL.
    pub fn new(words: Vec<String>) -> Result<Self, InvalidId> {
        let length: usize = words.iter().map(|word| word.len() + 1).sum();
        let names_program = words.first().is_some_and(|program| !program.is_empty());
        if names_program && length <= MAX_LENGTH && words.iter().all(|word| !word.contains('\0')) {
            Ok(Self(words))
        } else {
            Err(InvalidId {
                what: "a command",
                rule: "a program and its arguments, without NUL and at most 32 KiB long",
            })
        }
    }

    /// The program.
    #[must_use]
    pub fn program(&self) -> &str {
        self.0.first().map_or("", String::as_str)
    }

    /// The program and its arguments.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.0
    }
}

/// A terminal's size in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalSize {
    /// Characters in a line.
    pub cols: u16,
    /// Lines.
    pub rows: u16,
}

impl TerminalSize {
    /// The most of both: larger than any screen, and small enough for whoever keeps a whole screen in memory.
    const MOST: u16 = 1000;

    /// The size nearest to this one that a terminal can have.
    #[must_use]
    pub fn bounded(cols: u16, rows: u16) -> Self {
        Self { cols: cols.clamp(1, Self::MOST), rows: rows.clamp(1, Self::MOST) }
    }
}

impl Default for TerminalSize {
    /// What terminals always had.
    fn default() -> Self {
        Self { cols: 80, rows: 24 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_terminals() {
        assert_eq!(TerminalSize::bounded(0, u16::MAX), TerminalSize { cols: 1, rows: 1000 });
        assert_eq!(TerminalSize::bounded(1000, 1), TerminalSize { cols: 1000, rows: 1 });
    }

    #[test]
    fn command_lines() {
        let line = |words: &[&str]| CommandLine::new(words.iter().map(|word| (*word).to_owned()).collect());
        assert_eq!(line(&["sh", "-c", ""]).expect("valid").program(), "sh");
        assert!(line(&[]).is_err());
        assert!(line(&[""]).is_err());
        assert!(line(&["a\0b"]).is_err());
        assert!(line(&["echo", &"x".repeat(40_000)]).is_err());
    }
}
