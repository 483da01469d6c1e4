//! Settings: from flags, the environment (`NAME` or a file named by `NAME_FILE`) and a TOML file, in
//! this order. Each is parsed once; a wrong one is named with its value and where it was written.

mod lookup;

use std::{net::SocketAddr, path::PathBuf, str::FromStr, time::Duration};

use dockline_api::PublicUrl;
use dockline_auth::SecretKey;
use dockline_docker::Address;
use dockline_telemetry::LogFormat;

use self::lookup::{Found, Lookup};
use crate::command::Flags;

/// A setting that cannot be used. One line, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Invalid(pub(crate) String);

/// Everything that can be set.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) listen: SocketAddr,
    pub(crate) data_dir: PathBuf,
    pub(crate) public_url: Option<PublicUrl>,
    pub(crate) docker_host: Address,
    pub(crate) database_url: Option<String>,
    pub(crate) secret_key: Option<SecretKey>,
    pub(crate) log: String,
    pub(crate) log_format: LogFormat,
    pub(crate) sockets_per_user: u32,
    pub(crate) viewers_per_container: u32,
    pub(crate) log_idle: Duration,
    pub(crate) trusted_proxies: Vec<ipnet::IpNet>,
}

impl Settings {
    /// Reads all settings.
    ///
    /// # Errors
    /// [`Invalid`], for the first that is wrong.
    pub(crate) fn load(flags: &Flags) -> Result<Self, Invalid> {
        let lookup = Lookup::new(flags)?;
        for (key, what) in [("redis_url", "Redis"), ("kafka_brokers", "Kafka")] {
            if let Some(found) = lookup.find(key)? {
                return Err(Invalid(format!(
                    "{} is set, but `dockline` without a command needs no {what}: unset it",
                    found.origin
                )));
            }
        }
        Ok(Self {
            listen: lookup.parse(
                "listen",
                "127.0.0.1:8080",
                "an address with a port, as in 127.0.0.1:8080",
            )?,
            data_dir: match lookup.find("data_dir")? {
                Some(found) => PathBuf::from(found.value),
                None => default_data_dir()?,
            },
            public_url: lookup.parse_optional("public_url")?,
            docker_host: lookup.parse_with("docker_host", "unix:///var/run/docker.sock", |text| {
                text.parse().map_err(|error: dockline_docker::InvalidAddress| error.to_string())
            })?,
            database_url: lookup.find("database_url")?.map(sqlite_only).transpose()?,
            secret_key: match lookup.find("secret_key")? {
                None => None,
                // The value is a secret: it is not part of the message.
                Some(found) => Some(
                    SecretKey::from_base64(&found.value)
                        .map_err(|error| Invalid(format!("{}: {error}", found.origin)))?,
                ),
            },
            log: lookup.parse_with("log", "info", |text| {
                dockline_telemetry::check_level(text)
                    .map(|()| text.to_owned())
                    .map_err(|error| error.to_string())
            })?,
            log_format: lookup.parse_with("log_format", "text", |text| match text {
                "text" => Ok(LogFormat::Text),
                "json" => Ok(LogFormat::Json),
                _ => Err("write text or json".to_owned()),
            })?,
            sockets_per_user: lookup.parse("sockets_per_user", "10", "a number")?,
            viewers_per_container: lookup.parse("viewers_per_container", "50", "a number")?,
            log_idle: Duration::from_secs(lookup.parse("log_idle_seconds", "300", "a number of seconds")?),
            trusted_proxies: lookup.parse_with("trusted_proxies", "", |text| {
                text.split(',')
                    .map(str::trim)
                    .filter(|part| !part.is_empty())
                    .map(|part| {
                        part.parse().map_err(|_| "write networks, as in 10.0.0.0/8,192.168.1.0/24".to_owned())
                    })
                    .collect()
            })?,
        })
    }

    /// Where the database is.
    pub(crate) fn database(&self) -> String {
        self.database_url
            .clone()
            .unwrap_or_else(|| format!("sqlite://{}", self.data_dir.join("dockline.db").display()))
    }

    /// Prints what is in force, secrets left out.
    pub(crate) fn print(&self) -> anyhow::Result<()> {
        use std::io::Write;
        let mut out = std::io::stdout().lock();
        let public_url =
            self.public_url.as_ref().map_or_else(|| "(from listen)".to_owned(), ToString::to_string);
        writeln!(out, "listen = {}", self.listen)?;
        writeln!(out, "data_dir = {}", self.data_dir.display())?;
        writeln!(out, "public_url = {public_url}")?;
        writeln!(out, "docker_host = {}", self.docker_host)?;
        writeln!(out, "database_url = {}", self.database())?;
        writeln!(out, "secret_key = {}", if self.secret_key.is_some() { "(set)" } else { "(in data_dir)" })?;
        writeln!(out, "log = {}", self.log)?;
        writeln!(out, "log_format = {}", if self.log_format == LogFormat::Json { "json" } else { "text" })?;
        writeln!(out, "sockets_per_user = {}", self.sockets_per_user)?;
        writeln!(out, "viewers_per_container = {}", self.viewers_per_container)?;
        writeln!(out, "log_idle_seconds = {}", self.log_idle.as_secs())?;
        let proxies: Vec<_> = self.trusted_proxies.iter().map(ToString::to_string).collect();
        writeln!(out, "trusted_proxies = {}", proxies.join(","))?;
        Ok(())
    }
}

fn sqlite_only(found: Found) -> Result<String, Invalid> {
    if found.value.starts_with("sqlite:") {
        Ok(found.value)
    } else {
        // The value may hold a password.
        Err(Invalid(format!(
            "{}: standalone keeps its data in SQLite; write sqlite:///path/to/file",
            found.origin
        )))
    }
}

fn default_data_dir() -> Result<PathBuf, Invalid> {
    let absolute = |name: &str| lookup::variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("XDG_DATA_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/share")))
        .map(|folder| folder.join("dockline"))
        .ok_or_else(|| Invalid("there is no home folder to keep data in: set DOCKLINE_DATA_DIR".to_owned()))
}

impl Lookup {
    fn parse<T: FromStr>(&self, key: &str, default: &str, wanted: &str) -> Result<T, Invalid> {
        self.parse_with(key, default, |text| text.parse().map_err(|_| format!("write {wanted}")))
    }

    fn parse_optional<T>(&self, key: &str) -> Result<Option<T>, Invalid>
    where
        T: FromStr<Err: std::fmt::Display>,
    {
        self.find(key)?
            .map(|found| found.value.parse().map_err(|error| found.wrong(&format!("{error}"))))
            .transpose()
    }

    fn parse_with<T>(
        &self,
        key: &str,
        default: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, Invalid> {
        match self.find(key)? {
            Some(found) => parse(&found.value).map_err(|error| found.wrong(&error)),
            None => parse(default).map_err(|error| Invalid(format!("{key}: {error}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(config: &str) -> Result<Settings, Invalid> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("dockline.toml");
        std::fs::write(&path, config).expect("written");
        let flags =
            Flags { config: Some(path), data_dir: Some("/tmp/somewhere".to_owned()), ..Flags::default() };
        Settings::load(&flags)
    }

    #[test]
    fn a_wrong_setting_names_key_value_and_place() {
        let error = load("sockets_per_user = \"many\"").expect_err("wrong").to_string();
        assert!(
            error.contains("sockets_per_user") && error.contains("many") && error.contains("dockline.toml"),
            "{error}"
        );
        let error = load("listen = 8080").expect_err("wrong").to_string();
        assert!(error.contains("listen") && error.contains("8080"), "{error}");
        let error = load("lisen = \"x\"").expect_err("unknown").to_string();
        assert!(error.contains("lisen") && error.contains("line 1"), "{error}");
        let error = load("= no toml").expect_err("malformed").to_string();
        assert!(error.contains("dockline.toml") && !error.contains('\n'), "{error}");
    }

    #[test]
    fn secrets_never_show_in_an_error() {
        let error = load("secret_key = \"hunter2\"").expect_err("wrong").to_string();
        assert!(error.contains("secret_key") && !error.contains("hunter2"), "{error}");
        let error = load("database_url = \"postgres://u:hunter2@h/d\"").expect_err("wrong").to_string();
        assert!(!error.contains("hunter2"), "{error}");
    }

    #[test]
    fn numbers_and_texts_are_both_fine() {
        let settings = load("sockets_per_user = 3\nlog_idle_seconds = \"7\"").expect("valid");
        assert_eq!((settings.sockets_per_user, settings.log_idle.as_secs()), (3, 7));
    }
}
