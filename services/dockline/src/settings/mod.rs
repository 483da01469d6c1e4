//! Settings: from flags, the environment (`NAME` or a file named by `NAME_FILE`) and a TOML file, in
//! this order. Each is parsed once; a wrong one is named with its value and where it was written.

mod hosts;
mod kafka;
mod lookup;
mod recording;
mod role;
mod traces;

use std::{net::SocketAddr, path::PathBuf, str::FromStr, time::Duration};

use dockline_api::{PublicUrl, RecordingPolicy};
use dockline_auth::SecretKey;
use dockline_consumer::Retention;
use dockline_docker::Address;
use dockline_domain::HostId;
use dockline_eventlog::kafka::KafkaAddress;
use dockline_redis::RedisAddress;
use dockline_streamer::Sampling;
use dockline_telemetry::LogFormat;

use self::lookup::Lookup;
pub(crate) use self::{role::Role, traces::Traces};
use crate::command::Flags;

/// A setting that cannot be used. One line, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Invalid(pub(crate) String);

/// What is under way when the drain is over needs time as well before the process is ended by force.
const MOST_DRAIN: u64 = 10;
/// The pieces lie in the database: 16 GiB.
const MOST_CONTEXT_MIB: u32 = 16 << 10;
/// 1 TiB.
const MOST_UPLOAD_DISK_MIB: u32 = 1 << 20;
/// Ten years.
const MOST_EVENT_DAYS: u32 = 3_650;

/// Everything that can be set.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) listen: SocketAddr,
    pub(crate) data_dir: PathBuf,
    pub(crate) public_url: Option<PublicUrl>,
    pub(crate) docker_host: Address,
    /// Hosts of a cluster that are there from the start.
    pub(crate) hosts: Vec<(HostId, Address)>,
    pub(crate) redis: Option<RedisAddress>,
    pub(crate) kafka: Option<KafkaAddress>,
    pub(crate) database_url: Option<String>,
    pub(crate) secret_key: Option<SecretKey>,
    pub(crate) log: String,
    pub(crate) log_format: LogFormat,
    pub(crate) sockets_per_user: u32,
    pub(crate) viewers_per_container: u32,
    /// The largest tar of images that is imported.
    pub(crate) image_import_gib: u32,
    /// The largest context of a build, in MiB.
    pub(crate) build_context_mib: u32,
    /// How much disk all archives together may take that are being checked, in MiB.
    pub(crate) upload_disk_mib: u32,
    /// Where backups of volumes are; in standalone a folder of the data folder without.
    pub(crate) backup_dir: Option<PathBuf>,
    /// The Compose plugin; the one of the usual folders without.
    pub(crate) compose: Option<PathBuf>,
    pub(crate) log_idle: Duration,
    /// How long a server that is to end is still there for load balancers that send it requests.
    pub(crate) drain: Duration,
    pub(crate) trusted_proxies: Vec<ipnet::IpNet>,
    /// How long the history of events is kept.
    pub(crate) retention: Retention,
    /// Which samples are kept as history.
    pub(crate) sampling: Sampling,
    pub(crate) traces: Option<Traces>,
    /// Which terminals are recorded.
    pub(crate) recording: RecordingPolicy,
}

impl Settings {
    /// Reads all settings, and looks that those are there that the role needs.
    ///
    /// # Errors
    /// [`Invalid`], for the first that is wrong.
    pub(crate) fn load(flags: &Flags, role: Role) -> Result<Self, Invalid> {
        let lookup = Lookup::new(flags)?;
        role.check(&lookup)?;
        Ok(Self {
            listen: lookup.parse(
                "listen",
                "127.0.0.1:8080",
                "an address with a port, as in 127.0.0.1:8080",
            )?,
            data_dir: match lookup.find("data_dir")? {
                Some(found) => PathBuf::from(found.value),
                // The roles of a cluster keep nothing on this machine.
                None if matches!(role, Role::Api | Role::Streamer | Role::Consumer | Role::Worker) => {
                    PathBuf::new()
                }
                None => default_data_dir()?,
            },
            public_url: lookup.parse_optional("public_url")?,
            docker_host: lookup.parse_with("docker_host", "unix:///var/run/docker.sock", |text| {
                text.parse().map_err(|error: dockline_docker::InvalidAddress| error.to_string())
            })?,
            hosts: lookup.parse_with("hosts", "", hosts::parse)?,
            redis: match lookup.find("redis_url")? {
                None => None,
                // It may hold a password: it is not part of the message.
                Some(found) => {
                    let address: RedisAddress =
                        found.value.parse().map_err(|error| Invalid(format!("{}: {error}", found.origin)))?;
                    Some(address.trusting(lookup.find("redis_ca")?.map(|found| found.value).as_deref()))
                }
            },
            kafka: kafka::load(&lookup)?,
            database_url: lookup.find("database_url")?.map(|found| found.value),
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
            image_import_gib: lookup.parse("image_import_gib", "32", "a number of GiB")?,
            build_context_mib: lookup.parse_with("build_context_mib", "256", |text| match text.parse() {
                Ok(mib @ 1..=MOST_CONTEXT_MIB) => Ok(mib),
                _ => Err(format!("write a number of MiB from 1 to {MOST_CONTEXT_MIB}")),
            })?,
            upload_disk_mib: lookup.parse_with("upload_disk_mib", "16384", |text| match text.parse() {
                Ok(mib @ 1..=MOST_UPLOAD_DISK_MIB) => Ok(mib),
                _ => Err(format!("write a number of MiB from 1 to {MOST_UPLOAD_DISK_MIB}")),
            })?,
            backup_dir: match lookup.find("backup_dir")? {
                None => None,
                Some(found) if found.value.starts_with('/') => Some(PathBuf::from(found.value)),
                Some(found) => return Err(found.wrong("write the absolute path of a folder")),
            },
            compose: match lookup.find("compose")? {
                None => None,
                Some(found) if found.value.starts_with('/') => Some(PathBuf::from(found.value)),
                Some(found) => return Err(found.wrong("write the absolute path of docker-compose")),
            },
            log_idle: Duration::from_secs(lookup.parse("log_idle_seconds", "300", "a number of seconds")?),
            drain: lookup.parse_with("drain_seconds", "0", |text| match text.parse() {
                Ok(seconds @ 0..=MOST_DRAIN) => Ok(Duration::from_secs(seconds)),
                _ => Err(format!("write a number of seconds up to {MOST_DRAIN}")),
            })?,
            trusted_proxies: lookup.parse_with("trusted_proxies", "", |text| {
                text.split(',')
                    .map(str::trim)
                    .filter(|part| !part.is_empty())
                    .map(|part| {
                        part.parse().map_err(|_| "write networks, as in 10.0.0.0/8,192.168.1.0/24".to_owned())
                    })
                    .collect()
            })?,
            retention: lookup.parse_with("event_history_days", "30", |text| match text.parse() {
                Ok(event_days @ 1..=MOST_EVENT_DAYS) => Ok(Retention { event_days }),
                _ => Err(format!("write a number of days from 1 to {MOST_EVENT_DAYS}")),
            })?,
            sampling: lookup.parse_with("stats_history", "all", |text| match text {
                "all" => Ok(Sampling::All),
                "watched" => Ok(Sampling::Watched),
                "off" => Ok(Sampling::Off),
                _ => Err("write all, watched or off".to_owned()),
            })?,
            traces: traces::load(&lookup)?,
            recording: recording::load(&lookup)?,
        })
    }

    /// Where the database is.
    pub(crate) fn database(&self) -> String {
        self.database_url
            .clone()
            .unwrap_or_else(|| format!("sqlite://{}", self.data_dir.join("dockline.db").display()))
    }

    /// Whether the database is a server.
    pub(crate) fn has_server(&self) -> bool {
        self.database_url.as_deref().is_some_and(role::is_server)
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
        writeln!(out, "hosts = {}", hosts::format(&self.hosts))?;
        writeln!(out, "database_url = {}", without_password(&self.database()))?;
        let redis = self.redis.as_ref().map_or_else(|| "(none)".to_owned(), RedisAddress::without_password);
        writeln!(out, "redis_url = {redis}")?;
        let kafka = self.kafka.as_ref().map_or_else(|| "(none)".to_owned(), ToString::to_string);
        writeln!(out, "kafka_brokers = {kafka}")?;
        writeln!(
            out,
            "secret_key = {}",
            if self.secret_key.is_some() {
                "(set)"
            } else {
                "(not set: standalone keeps its own in data_dir)"
            }
        )?;
        writeln!(out, "log = {}", self.log)?;
        writeln!(out, "log_format = {}", if self.log_format == LogFormat::Json { "json" } else { "text" })?;
        writeln!(out, "sockets_per_user = {}", self.sockets_per_user)?;
        writeln!(out, "image_import_gib = {}", self.image_import_gib)?;
        writeln!(out, "build_context_mib = {}", self.build_context_mib)?;
        writeln!(out, "upload_disk_mib = {}", self.upload_disk_mib)?;
        let backups = self.backup_dir.as_ref().map(|path| path.display().to_string());
        writeln!(out, "backup_dir = {}", backups.as_deref().unwrap_or("(standalone: backups in data_dir)"))?;
        let compose = self.compose.as_ref().map(|path| path.display().to_string());
        writeln!(out, "compose = {}", compose.as_deref().unwrap_or("(of the usual folders)"))?;
        writeln!(out, "viewers_per_container = {}", self.viewers_per_container)?;
        writeln!(out, "log_idle_seconds = {}", self.log_idle.as_secs())?;
        writeln!(out, "drain_seconds = {}", self.drain.as_secs())?;
        let proxies: Vec<_> = self.trusted_proxies.iter().map(ToString::to_string).collect();
        writeln!(out, "trusted_proxies = {}", proxies.join(","))?;
        writeln!(out, "event_history_days = {}", self.retention.event_days)?;
        let sampling = match self.sampling {
            Sampling::All => "all",
            Sampling::Watched => "watched",
            Sampling::Off => "off",
        };
        writeln!(out, "stats_history = {sampling}")?;
        recording::print(&mut out, &self.recording)?;
        match &self.traces {
            Some(Traces { endpoint, sample_ratio }) => {
                writeln!(out, "otlp_endpoint = {endpoint}\ntrace_sample_ratio = {sample_ratio}")?;
            }
            None => writeln!(out, "otlp_endpoint = (none)")?,
        }
        Ok(())
    }
}

/// A database's address as it may be shown.
fn without_password(address: &str) -> String {
    match address.parse::<url::Url>() {
        Ok(mut url) if url.has_host() => {
            // Both fail only for addresses without a host.
            let _cleared = (url.set_username(""), url.set_password(None));
            url.set_query(None);
            url.to_string()
        }
        _ => address.to_owned(),
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
        load_as(Role::Standalone, config)
    }

    fn load_as(role: Role, config: &str) -> Result<Settings, Invalid> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("dockline.toml");
        std::fs::write(&path, config).expect("written");
        let flags =
            Flags { config: Some(path), data_dir: Some("/tmp/somewhere".to_owned()), ..Flags::default() };
        Settings::load(&flags, role)
    }

    #[test]
    fn a_wrong_setting_names_key_value_and_place() {
        let error = load("sockets_per_user = \"many\"").expect_err("wrong").to_string();
        assert!(
            error.contains("sockets_per_user") && error.contains("many") && error.contains("dockline.toml"),
            "{error}"
        );
        let error = load("upload_disk_mib = 0").expect_err("nothing could be uploaded").to_string();
        assert!(error.contains("upload_disk_mib") && error.contains("from 1 to 1048576"), "{error}");
        let error = load("drain_seconds = 11").expect_err("too long").to_string();
        assert!(error.contains("drain_seconds") && error.contains("11"), "{error}");
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
    fn each_role_names_what_it_needs_and_what_it_must_not_have() {
        let load = |role, config: &str| load_as(role, config).map_err(|error| error.to_string());
        let key = "secret_key = \"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\"\n";
        let redis = "redis_url = \"redis://:hunter2@r\"\n";
        let postgres = "database_url = \"postgres://u:hunter2@h/d\"\n";
        let hosts = "hosts = \"a=unix:///run/docker.sock, b=tcp://10.0.0.2:2375\"\n";
        let whole = [key, redis, postgres, hosts];
        let api = load(Role::Api, &whole.concat()).expect("complete");
        assert_eq!(api.hosts.len(), 2);
        assert!(load(Role::Streamer, &[key, redis].concat()).is_ok(), "neither a database nor hosts");
        assert!(load(Role::Api, &[key, redis, postgres].concat()).is_ok(), "hosts are added later");
        for (left_out, name) in whole.iter().zip(["SECRET_KEY", "REDIS_URL", "DATABASE_URL"]) {
            let config: String = whole.iter().filter(|line| *line != left_out).copied().collect();
            let error = load(Role::Api, &config).expect_err("incomplete");
            assert!(error.contains(name) && !error.contains("hunter2"), "{error}");
        }
        let kafka = "kafka_brokers = \"k:9092\"\n";
        assert!(load(Role::Consumer, &[kafka, postgres].concat()).is_ok(), "neither Redis nor a key");
        for (left, name) in [(kafka, "DATABASE_URL"), (postgres, "KAFKA_BROKERS")] {
            let error = load(Role::Consumer, left).expect_err("incomplete");
            assert!(error.contains(name) && !error.contains("hunter2"), "{error}");
        }
        assert!(load(Role::Worker, &[key, postgres].concat()).is_ok(), "neither Redis nor Kafka");
        for (left, name) in [(key, "DATABASE_URL"), (postgres, "SECRET_KEY")] {
            let error = load(Role::Worker, left).expect_err("incomplete");
            assert!(error.contains(name) && !error.contains("hunter2"), "{error}");
        }
        let sqlite = "database_url = \"sqlite:///a/file\"\n";
        assert!(
            load(Role::Consumer, &[kafka, sqlite].concat()).is_err_and(|error| error.contains("PostgreSQL"))
        );
        let error = load(Role::Standalone, kafka).expect_err("too much");
        assert!(error.contains("kafka_brokers"), "{error}");
        let error = load(Role::Standalone, redis).expect_err("too much");
        assert!(error.contains("redis_url") && error.contains("dockline api"), "{error}");
        for bad in ["a", "a=", "=unix:///x", "a=unix:///x,a=unix:///y", "a=http://x", "test=unix:///x"] {
            let config = format!("hosts = \"{bad}\"");
            assert!(load(Role::Tool, &config).is_err(), "{bad}");
        }
        assert_eq!(without_password("postgres://u:hunter2@h:1/d?password=x"), "postgres://h:1/d");
    }

    #[test]
    fn kafka_is_set_as_a_whole_or_not_at_all() {
        let whole = "kafka_brokers = \"a:9092,b\"\nkafka_tls = \"on\"\nkafka_user = \"dockline\"\nkafka_password = \"hunter2\"";
        let load = |config| load_as(Role::Tool, config);
        let settings = load(whole).expect("valid");
        assert_eq!(settings.kafka.as_ref().map(ToString::to_string).as_deref(), Some("a:9092,b:9092"));
        assert!(!format!("{settings:?}").contains("hunter2"));
        assert!(load("").expect("valid").kafka.is_none());
        for (config, said) in [
            ("kafka_brokers = \"kafka://a\"", "kafka_brokers"),
            ("kafka_user = \"dockline\"", "DOCKLINE_KAFKA_BROKERS"),
            ("kafka_brokers = \"a\"\nkafka_password = \"hunter2\"", "DOCKLINE_KAFKA_USER"),
            ("kafka_brokers = \"a\"\nkafka_tls = \"yes\"", "on or off"),
            ("kafka_brokers = \"a\"\nkafka_tls = \"off\"\nkafka_ca = \"x\"", "kafka_ca"),
            ("event_history_days = 0", "event_history_days"),
            ("stats_history = \"some\"", "all, watched or off"),
        ] {
            let error = load(config).expect_err(config).to_string();
            assert!(error.contains(said) && !error.contains("hunter2") && !error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn traces_need_a_receiver() {
        let settings = load("otlp_endpoint = \"http://c:4318\"\ntrace_sample_ratio = 0.25").expect("valid");
        assert!(settings.traces.is_some_and(|traces| (traces.sample_ratio - 0.25).abs() < f64::EPSILON));
        assert!(load("").expect("valid").traces.is_none());
        for (config, said) in [
            ("otlp_endpoint = \"c:4318\"", "http://collector:4318"),
            ("otlp_endpoint = \"http://c\"\ntrace_sample_ratio = 2", "from 0 to 1"),
            ("trace_sample_ratio = 1", "DOCKLINE_OTLP_ENDPOINT"),
        ] {
            let error = load(config).expect_err(config).to_string();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn numbers_and_texts_are_both_fine() {
        let settings = load("sockets_per_user = 3\nlog_idle_seconds = \"7\"").expect("valid");
        assert_eq!((settings.sockets_per_user, settings.log_idle.as_secs()), (3, 7));
    }
}
