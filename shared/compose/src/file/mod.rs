//! A Compose file as text: what is refused before the plugin sees it, and in which line something is.
//!
//! What a file means is the plugin's to say. This looks at keys and at places only.

mod locate;
mod readers;
mod refuse;
mod tree;

use std::collections::BTreeMap;

use dockline_domain::{StackName, VariableName};
use secrecy::{ExposeSecret, SecretString};

use self::tree::Tree;

/// The largest file, in bytes.
pub const MAX_FILE: usize = 1 << 20;
/// The most variables.
pub const MAX_VARIABLES: usize = 200;
/// The longest value of a variable, in bytes; the system takes 128 KiB of a program's environment in one piece.
pub const MAX_VALUE: usize = 64 << 10;
/// All values together, in bytes.
pub const MAX_VALUES: usize = 512 << 10;

/// Values by name.
pub type Variables = BTreeMap<VariableName, SecretString>;

/// Something that is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line, counted from 1, as far as one can be named.
    pub line: Option<u64>,
    /// What is wrong there, for people.
    pub message: String,
}

impl Problem {
    const fn at(line: u64, message: String) -> Self {
        Self { line: Some(line), message }
    }
}

/// A stack's Compose file with its variables, within the limits.
#[derive(Debug, Clone)]
pub struct Project {
    pub(crate) name: StackName,
    pub(crate) text: SecretString,
    pub(crate) variables: Variables,
}

/// A file or variables that are larger than what is taken. Names the field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TooLarge {
    /// `compose`, `variables`, or `variables.` and a name.
    pub field: String,
    /// What is allowed.
    pub message: String,
}

impl Project {
    /// Checks the limits; nothing is parsed.
    ///
    /// # Errors
    /// [`TooLarge`], for the first that is.
    pub fn new(name: StackName, text: String, variables: Variables) -> Result<Self, TooLarge> {
        let refuse = |field: String, message: String| Err(TooLarge { field, message });
        if text.len() > MAX_FILE {
            return refuse("compose".to_owned(), format!("must not be larger than {MAX_FILE} bytes"));
        }
        if variables.len() > MAX_VARIABLES {
            return refuse("variables".to_owned(), format!("must not be more than {MAX_VARIABLES}"));
        }
        for (name, value) in &variables {
            let value = value.expose_secret();
            if value.len() > MAX_VALUE || value.contains('\0') {
                let rule = format!("must not have NUL in it or be longer than {MAX_VALUE} bytes");
                return refuse(format!("variables.{name}"), rule);
            }
        }
        if variables.values().map(|value| value.expose_secret().len()).sum::<usize>() > MAX_VALUES {
            return refuse(
                "variables".to_owned(),
                format!("must not be longer than {MAX_VALUES} bytes together"),
            );
        }
        Ok(Self { name, text: text.into(), variables })
    }

    /// Looks at the file as text: whether it is YAML, and whether it asks for what is not done here.
    pub(crate) fn read(&self) -> Result<Read, Vec<Problem>> {
        let tree = Tree::parse(self.text.expose_secret()).map_err(|problem| vec![problem])?;
        let refused = refuse::refused(&tree);
        if refused.is_empty() { Ok(Read(tree)) } else { Err(refused) }
    }
}

/// A file that was looked at.
pub(crate) struct Read(Tree);

impl Read {
    /// What the plugin says, with the line that it is about if that can be found.
    pub(crate) fn problem(&self, message: &str) -> Problem {
        Problem { line: locate::line_of(&self.0, message), message: message.to_owned() }
    }
}
