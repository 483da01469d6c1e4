use dockline_docker::RegistryLogin;
use dockline_domain::{RegistryAddress, registry::RegistrySecret};
use secrecy::SecretString;

use crate::extract::Fields;

/// The longest user name, in characters.
const MAX_USERNAME: usize = 256;
/// The longest secret, in bytes: tokens of some registries have two thousand.
const MAX_SECRET: usize = 16 << 10;

/// The secret that was given, if one was; what is wrong is noted in `fields`.
pub(super) fn secret(
    fields: &mut Fields,
    password: Option<String>,
    token: Option<String>,
) -> Option<(RegistrySecret, SecretString)> {
    let (field, kind, text) = match (password, token) {
        (Some(_), Some(_)) => {
            let message = "must be left out where `password` is given: a registry has one of both";
            return fields.check("identity_token", Err(message));
        }
        (Some(password), None) => ("password", RegistrySecret::Password, password),
        (None, Some(token)) => ("identity_token", RegistrySecret::IdentityToken, token),
        (None, None) => return None,
    };
    let valid = (1..=MAX_SECRET).contains(&text.len());
    let valid = if valid { Ok(()) } else { Err(format!("must have 1 to {MAX_SECRET} bytes")) };
    fields.check(field, valid).map(|()| (kind, text.into()))
}

/// A user name as registries can have them.
pub(super) fn username(fields: &mut Fields, text: Option<String>) -> Option<String> {
    let text = text.filter(|text| !text.is_empty())?;
    let valid = text.chars().count() <= MAX_USERNAME && !text.contains(|c: char| c == ':' || c.is_control());
    let rule = format!("must have at most {MAX_USERNAME} characters, without colons and control characters");
    fields.check("username", if valid { Ok(text) } else { Err(rule) })
}

/// What a registry is to see, as it was described.
pub(super) fn login(
    fields: &mut Fields,
    address: &str,
    name: Option<String>,
    password: Option<String>,
    token: Option<String>,
) -> Option<RegistryLogin> {
    let address = fields.check("address", address.parse::<RegistryAddress>());
    let username = username(fields, name);
    let is_given = password.is_some() || token.is_some();
    let secret = secret(fields, password, token);
    if !is_given {
        fields.check("password", Err::<(), _>("must be given, or `identity_token`"));
    }
    let (kind, secret) = secret?;
    if kind == RegistrySecret::Password && username.is_none() {
        return fields.check("username", Err("must be given with a password"));
    }
    Some(RegistryLogin { address: address?, username, kind, secret })
}
