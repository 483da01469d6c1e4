//! A stack's file as it is kept: with its variables, as a whole, sealed. People write secrets into both.

use std::collections::BTreeMap;

use dockline_auth::{CannotOpen, Sealer};
use dockline_domain::{HostId, StackName, VariableName, host::Sealed};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::file::{Project, Variables};

#[derive(Serialize, Deserialize)]
struct Kept {
    compose: String,
    variables: BTreeMap<VariableName, String>,
}

/// A kept file that this process cannot read. Holds no secret.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Unreadable {
    /// Another key, or another place.
    #[error(
        "the kept file of the stack {stack} cannot be opened with this DOCKLINE_SECRET_KEY ({why}): give it again, or start with the key of before"
    )]
    Sealed {
        /// Which stack.
        stack: StackName,
        /// Why.
        why: CannotOpen,
    },
    /// Another form.
    #[error("the kept file of the stack {0} is of another form; give it again")]
    Form(StackName),
}

impl Project {
    /// Encrypts it for one place of the database.
    #[must_use]
    pub fn seal(&self, sealer: &Sealer, host: &HostId, revision: u32) -> Sealed {
        let values = self.variables.iter();
        let kept = Kept {
            compose: self.text.expose_secret().to_owned(),
            variables: values.map(|(name, value)| (name.clone(), value.expose_secret().to_owned())).collect(),
        };
        // Texts only: it cannot fail.
        let text: SecretString = serde_json::to_string(&kept).unwrap_or_default().into();
        Sealed(sealer.seal(&place(host, &self.name, revision), &text))
    }

    /// Opens what [`Project::seal`] made for the same place.
    ///
    /// # Errors
    /// [`Unreadable`], which says what to do.
    pub fn open(
        sealer: &Sealer,
        host: &HostId,
        name: &StackName,
        revision: u32,
        sealed: &Sealed,
    ) -> Result<Self, Unreadable> {
        let opened = sealer.open(&place(host, name, revision), &sealed.0);
        let opened = opened.map_err(|why| Unreadable::Sealed { stack: name.clone(), why })?;
        let kept: Kept =
            serde_json::from_str(opened.expose_secret()).map_err(|_| Unreadable::Form(name.clone()))?;
        let variables = kept.variables.into_iter().map(|(name, value)| (name, value.into()));
        Ok(Self { name: name.clone(), text: kept.compose.into(), variables: variables.collect() })
    }

    /// The Compose file.
    #[must_use]
    pub const fn text(&self) -> &SecretString {
        &self.text
    }

    /// The variables.
    #[must_use]
    pub const fn variables(&self) -> &Variables {
        &self.variables
    }
}

/// What a file is sealed for.
fn place(host: &HostId, name: &StackName, revision: u32) -> String {
    format!("stacks/{host}/{name}/{revision}")
}

#[cfg(test)]
mod tests {
    use dockline_auth::SecretKey;

    use super::*;

    #[test]
    fn a_file_is_opened_in_its_own_place_only() {
        let sealer = Sealer::new(&SecretKey::generate());
        let (host, name): (HostId, StackName) =
            ("edge".parse().expect("a host"), "shop".parse().expect("a name"));
        let variables = Variables::from([("A".parse().expect("a name"), "hunter2".to_owned().into())]);
        let project = Project::new(name.clone(), "services: {}".to_owned(), variables).expect("small");
        let sealed = project.seal(&sealer, &host, 3);
        let bytes = String::from_utf8_lossy(&sealed.0).into_owned();
        assert!(!bytes.contains("hunter2") && !bytes.contains("services"));
        let opened = Project::open(&sealer, &host, &name, 3, &sealed).expect("opened");
        assert_eq!(opened.text().expose_secret(), "services: {}");
        assert_eq!(opened.variables().values().next().expect("one").expose_secret(), "hunter2");
        assert!(Project::open(&sealer, &host, &name, 4, &sealed).is_err());
        let other = "shop2".parse().expect("a name");
        assert!(Project::open(&sealer, &host, &other, 3, &sealed).is_err());
        assert!(!format!("{project:?}").contains("hunter2"));
    }
}
