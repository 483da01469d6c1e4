//! From the fields of a body to a connection whose parts fit together. Each mistake is named by its own field.

use dockline_contract::rest::{HostSsh, HostTls};
use dockline_docker::{Address, Connection, Credentials, SshCredentials, TlsCredentials};

use crate::extract::Fields;

const NO_KEY: &str = "an ssh:// address needs `private_key` and the server's `host_key`";

/// The connection that was described; what is wrong is noted in `fields`.
pub(super) fn connection(
    fields: &mut Fields,
    address: Address,
    tls: Option<HostTls>,
    ssh: Option<HostSsh>,
) -> Option<Connection> {
    let is_ssh = matches!(address, Address::Ssh { .. });
    let mut wrong = |field, message: &str| fields.check(field, Err::<Connection, _>(message.to_owned()));
    let (prefix, credentials) = match (tls, ssh) {
        (Some(_), Some(_)) => {
            return wrong("ssh", "must be left out where `tls` is given: a host has one of both");
        }
        (Some(_), None) if !matches!(address, Address::Tcp { .. }) => {
            return wrong("tls", "is for an address that begins with tcp://; leave it out");
        }
        (None, Some(_)) if !is_ssh => {
            return wrong("ssh", "is for an address that begins with ssh://; leave it out");
        }
        (None, None) if is_ssh => return wrong("ssh", NO_KEY),
        (Some(tls), None) => ("tls", tls_credentials(tls)),
        (None, Some(ssh)) => ("ssh", ssh_credentials(ssh)),
        (None, None) => ("", Credentials::None),
    };
    match Connection::new(address, credentials) {
        Ok(connection) => Some(connection),
        Err(invalid) => {
            let field = match (prefix, invalid.field) {
                ("", field) | (_, field @ "address") => field.to_owned(),
                (prefix, field) => format!("{prefix}.{field}"),
            };
            fields.check(&field, Err(invalid.message))
        }
    }
}

/// Whether a new address may be used without the credentials of the old one, which are then forgotten.
pub(super) fn demand(
    fields: &mut Fields,
    address: &Address,
    security: dockline_domain::host::HostSecurity,
) -> Option<()> {
    use dockline_domain::host::HostSecurity;

    let asked = match (address, security) {
        (Address::Ssh { .. }, HostSecurity::Ssh) => {
            Err(("ssh", "the address changed: give the private key and the new server's host key again"))
        }
        (Address::Ssh { .. }, _) => Err(("ssh", NO_KEY)),
        (Address::Tcp { .. }, HostSecurity::Tls) => {
            Err(("tls", "the address changed: give the certificates again, or null for plain TCP"))
        }
        _ => Ok(()),
    };
    match asked {
        Ok(()) => Some(()),
        Err((field, message)) => fields.check(field, Err(message)),
    }
}

fn tls_credentials(tls: HostTls) -> Credentials {
    let HostTls { ca, certificate, key } = tls;
    Credentials::Tls(TlsCredentials { ca, certificate, key: key.into() })
}

fn ssh_credentials(ssh: HostSsh) -> Credentials {
    let HostSsh { private_key, host_key } = ssh;
    Credentials::Ssh(SshCredentials { private_key: private_key.into(), host_key })
}
