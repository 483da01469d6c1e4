use base64::{Engine as _, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE};
use dockline_domain::{RegistryAddress, registry::RegistrySecret};
use hyper::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};

/// What a registry wants to see. The secret is never shown by `Debug`.
#[derive(Debug, Clone)]
pub struct RegistryLogin {
    /// The registry.
    pub address: RegistryAddress,
    /// As whom; always there beside a password.
    pub username: Option<String>,
    /// What kind of secret it is.
    pub kind: RegistrySecret,
    /// The secret.
    pub secret: SecretString,
}

impl RegistryLogin {
    /// What an engine is told of it, in the clear.
    pub(super) fn body(&self) -> Value {
        let mut body = json!({
            "username": self.username.as_deref().unwrap_or_default(),
            "serveraddress": self.address.server(),
        });
        let field = match self.kind {
            RegistrySecret::Password => "password",
            RegistrySecret::IdentityToken => "identitytoken",
        };
        body[field] = self.secret.expose_secret().into();
        body
    }

    /// The value of `X-Registry-Auth`.
    pub(super) fn header(&self) -> HeaderValue {
        header(&self.body())
    }
}

/// A value of `X-Registry-Auth` that no log shows.
pub(super) fn header(body: &Value) -> HeaderValue {
    let text = BASE64_URL_SAFE.encode(body.to_string());
    // Letters, digits, `-`, `_` and `=`.
    let mut value = HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

/// The text of a `config.json` from which the Docker CLI and its plugins take these credentials.
#[must_use]
pub fn config_json(logins: &[RegistryLogin]) -> SecretString {
    let mut auths = Map::new();
    for login in logins {
        let secret = login.secret.expose_secret();
        let entry = match login.kind {
            RegistrySecret::Password => {
                let pair = format!("{}:{secret}", login.username.as_deref().unwrap_or_default());
                json!({ "auth": BASE64_STANDARD.encode(pair) })
            }
            // By Docker's convention the user is left out, and the token stands beside.
            RegistrySecret::IdentityToken => {
                let user = login.username.as_deref().unwrap_or("00000000-0000-0000-0000-000000000000");
                json!({ "auth": BASE64_STANDARD.encode(format!("{user}:")), "identitytoken": secret })
            }
        };
        auths.insert(login.address.server().to_owned(), entry);
    }
    json!({ "auths": auths }).to_string().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(address: &str, kind: RegistrySecret) -> RegistryLogin {
        RegistryLogin {
            address: address.parse().expect("an address"),
            username: Some("dev".to_owned()),
            kind,
            secret: "hunter2?>".to_owned().into(),
        }
    }

    #[test]
    fn engines_and_the_cli_are_told_in_their_own_forms() {
        let (hub, own) = (
            login("docker.io", RegistrySecret::Password),
            login("r.example.org:5000", RegistrySecret::IdentityToken),
        );
        let value = hub.header();
        assert!(value.is_sensitive() && !format!("{hub:?} {value:?}").contains("hunter2"));
        let decoded = BASE64_URL_SAFE.decode(value.as_bytes()).expect("base64");
        assert_eq!(
            serde_json::from_slice::<Value>(&decoded).expect("JSON"),
            json!({ "username": "dev", "password": "hunter2?>", "serveraddress": "https://index.docker.io/v1/" })
        );
        assert_eq!(own.body()["identitytoken"], "hunter2?>");
        let config: Value = serde_json::from_str(config_json(&[hub, own]).expose_secret()).expect("JSON");
        assert_eq!(
            config,
            json!({ "auths": {
                "https://index.docker.io/v1/": { "auth": BASE64_STANDARD.encode("dev:hunter2?>") },
                "r.example.org:5000": { "auth": BASE64_STANDARD.encode("dev:"), "identitytoken": "hunter2?>" },
            } })
        );
    }
}
