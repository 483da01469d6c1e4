use std::{fmt, path::PathBuf, str::FromStr};

/// Where an engine listens. Never holds a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// `unix:///path`.
    Unix(PathBuf),
    /// `tcp://host:port`. Whether it is encrypted is for the credentials to say.
    Tcp {
        /// A name or an IP address; an IPv6 address without its brackets.
        host: String,
        /// From 1.
        port: u16,
    },
    /// `ssh://user@host:port/path/to/docker.sock`: an SSH server, and the engine's socket on its machine.
    Ssh {
        /// Whom to log in as.
        user: String,
        /// A name or an IP address; an IPv6 address without its brackets.
        host: String,
        /// From 1.
        port: u16,
        /// The engine's socket at the far side.
        socket: PathBuf,
    },
}

/// An engine address that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no engine address: {rule}")]
pub struct InvalidAddress {
    text: String,
    rule: &'static str,
}

const FORMS: &str =
    "write unix:///path/to/docker.sock, tcp://host:port or ssh://user@host[:port][/path/to/docker.sock]";
const SSH_PORT: u16 = 22;
const DEFAULT_SOCKET: &str = "/var/run/docker.sock";

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        parse(text).map_err(|rule| InvalidAddress { text: without_password(text), rule })
    }
}

fn parse(text: &str) -> Result<Address, &'static str> {
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err("it must have no spaces");
    }
    let (scheme, rest) = text.split_once("://").ok_or(FORMS)?;
    match scheme {
        "unix" => {
            let path = PathBuf::from(rest);
            if path.is_absolute() {
                Ok(Address::Unix(path))
            } else {
                Err("the path after unix:// must begin with /")
            }
        }
        "tcp" | "http" | "https" => {
            let (host, port) = host_and_port(rest.trim_end_matches('/'))?;
            Ok(Address::Tcp { host, port: port.ok_or("the port is missing, as in tcp://host:2375")? })
        }
        "ssh" => {
            let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
            let (user, authority) =
                authority.rsplit_once('@').ok_or("the user is missing, as in ssh://user@host")?;
            if user.contains(':') {
                return Err("passwords do not belong into an address; ssh takes a private key");
            }
            if user.is_empty() || user.starts_with('-') || user.contains(['@', '?', '#', '%']) {
                return Err("the user before the @ is not a user name");
            }
            let (host, port) = host_and_port(authority)?;
            let socket = if path.len() > 1 { path } else { DEFAULT_SOCKET };
            Ok(Address::Ssh {
                user: user.to_owned(),
                host,
                port: port.unwrap_or(SSH_PORT),
                socket: socket.into(),
            })
        }
        _ => Err(FORMS),
    }
}

/// `host`, `host:port`, `[::1]`, `[::1]:port`.
fn host_and_port(authority: &str) -> Result<(String, Option<u16>), &'static str> {
    const PORT: &str = "the port must be a number from 1 to 65535";
    let (host, port) = if let Some(bracketed) = authority.strip_prefix('[') {
        let (host, rest) = bracketed.split_once(']').ok_or("the ] after the IPv6 address is missing")?;
        host.parse::<std::net::Ipv6Addr>().map_err(|_| "what is in brackets is not an IPv6 address")?;
        match rest.strip_prefix(':') {
            None if !rest.is_empty() => return Err(FORMS),
            port => (host, port),
        }
    } else {
        match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        }
    };
    let port = match port.map(str::parse) {
        None => None,
        Some(Ok(0) | Err(_)) => return Err(PORT),
        Some(Ok(port)) => Some(port),
    };
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    if host.is_empty() || host.starts_with('-') || !(host.contains(':') || host.chars().all(plain)) {
        return Err("the host must be a name or an IP address, an IPv6 address in brackets");
    }
    Ok((host.to_owned(), port))
}

/// What may be shown of an address that somebody put a password into.
fn without_password(text: &str) -> String {
    match (text.find("://"), text.rfind('@')) {
        (Some(scheme), Some(at)) if scheme + 3 <= at => {
            let user = text[scheme + 3..at].split(':').next().unwrap_or_default();
            format!("{}://{user}@{}", &text[..scheme], &text[at + 1..])
        }
        (None, Some(at)) => text[at + 1..].to_owned(),
        _ => text.to_owned(),
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp { host, port } => write!(f, "tcp://{}:{port}", bracketed(host)),
            Self::Ssh { user, host, port, socket } => {
                write!(f, "ssh://{user}@{}", bracketed(host))?;
                if *port != SSH_PORT {
                    write!(f, ":{port}")?;
                }
                if socket.as_os_str() != DEFAULT_SOCKET {
                    write!(f, "{}", socket.display())?;
                }
                Ok(())
            }
        }
    }
}

fn bracketed(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_parsed_and_printed() {
        for text in [
            "unix:///var/run/docker.sock",
            "tcp://10.0.0.1:2375",
            "tcp://engine:2375",
            "tcp://[::1]:2376",
            "ssh://root@10.0.0.1",
            "ssh://deploy@engine.example:2222",
            "ssh://root@[fe80::1]:22022/run/user/1000/docker.sock",
        ] {
            assert_eq!(text.parse::<Address>().expect(text).to_string(), text);
        }
        for (text, same) in [
            ("http://engine:2375/", "tcp://engine:2375"),
            ("https://engine:2376", "tcp://engine:2376"),
            ("ssh://root@engine:22/", "ssh://root@engine"),
            ("ssh://root@engine/var/run/docker.sock", "ssh://root@engine"),
        ] {
            assert_eq!(text.parse::<Address>().expect(text).to_string(), same);
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_the_reason() {
        for (text, reason) in [
            ("", "tcp://host:port"),
            ("docker.sock", "unix:///path"),
            ("unix://relative", "must begin with /"),
            ("tcp://host", "the port is missing"),
            ("tcp://:1", "the host must be"),
            ("tcp://host:0", "from 1 to 65535"),
            ("tcp://host:99999", "from 1 to 65535"),
            ("tcp://a/b:1", "the host must be"),
            ("tcp://user@host:1", "the host must be"),
            ("tcp://::1:2375", "from 1 to 65535"),
            ("tcp://[::1:2375", "] after the IPv6"),
            ("ssh://host", "the user is missing"),
            ("ssh://-oProxyCommand=x@host", "not a user name"),
            ("ssh://root@-host", "the host must be"),
            ("npipe:////./pipe/docker", "tcp://host:port"),
            ("tcp://a b:1", "no spaces"),
        ] {
            let error = text.parse::<Address>().expect_err(text).to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn a_password_in_an_address_is_refused_and_not_repeated() {
        for text in [
            "ssh://root:hunter2@host",
            "tcp://root:hunter2@host:1",
            "root:hunter2@host",
            "ssh://a:hunter2@b@c",
        ] {
            let error = text.parse::<Address>().expect_err(text);
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
    }
}
