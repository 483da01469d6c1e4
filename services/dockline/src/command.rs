use std::{
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::settings::Role;

/// A Docker control platform for teams. Without a command: the whole product on this machine.
#[derive(Debug, Parser)]
#[command(name = "dockline", version)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) flags: Flags,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Settings that have a flag; all settings can be given by environment or file.
#[derive(Debug, Default, Args)]
pub(crate) struct Flags {
    /// Address to listen on; port 0 picks one [DOCKLINE_LISTEN, 127.0.0.1:8080]
    #[arg(long, global = true)]
    pub(crate) listen: Option<String>,
    /// Folder for the database, keys and the set-up token [DOCKLINE_DATA_DIR]
    #[arg(long, global = true)]
    pub(crate) data_dir: Option<String>,
    /// Where people reach the product: decides allowed origins, cookies and links [DOCKLINE_PUBLIC_URL]
    #[arg(long, global = true)]
    pub(crate) public_url: Option<String>,
    /// A TOML file with settings [DOCKLINE_CONFIG]
    #[arg(long, global = true)]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve REST, WebSockets and the web UI: one of several replicas over PostgreSQL and Redis
    Api,
    /// Read Docker engines and publish to all replicas: one of several over Redis
    Streamer,
    /// Write events and resource use from Kafka to the database: one of several over Kafka and PostgreSQL
    Consumer,
    /// Do background jobs, such as pulling images: one of several over PostgreSQL
    Worker,
    /// Bring the database's schema up to date, or carry a standalone installation over to a cluster, then exit
    Migrate(Migrate),
    /// Exit with 0 when the running product answers that it is ready
    Healthcheck,
    /// Look at the configuration
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// An operator's tools, to be run on the machine itself
    Admin {
        #[command(subcommand)]
        command: AdminCommand,
    },
    /// Give up what the Compose plugin does not need, and become it
    #[command(hide = true)]
    ComposeJail {
        /// The folder that may be written
        folder: PathBuf,
        /// The plugin
        plugin: PathBuf,
        /// What it is told
        #[arg(last = true)]
        arguments: Vec<std::ffi::OsString>,
    },
    /// Print the OpenAPI document
    Openapi {
        /// Write the JSON Schemas of WebSocket and Kafka messages into this folder instead
        #[arg(long)]
        schemas: Option<PathBuf>,
    },
}

/// What `migrate` is to do; without options the schema alone.
#[derive(Debug, Default, Args)]
pub(crate) struct Migrate {
    /// The standalone installation's database, as in sqlite:///path/to/dockline.db: carries everything in it over
    #[arg(long, value_name = "URL")]
    pub(crate) from: Option<String>,
    /// An empty PostgreSQL database to carry it into, as in postgres://user:password@host/database [DOCKLINE_DATABASE_URL]
    #[arg(long, value_name = "URL", requires = "from")]
    pub(crate) to: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Check every setting and print what is in force, secrets left out
    Check {
        /// Check what this role needs and must not have as well
        #[arg(long)]
        role: Option<CheckedRole>,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum CheckedRole {
    Standalone,
    Api,
    Streamer,
    Consumer,
    Worker,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AdminCommand {
    /// Give an account a new password, read from standard input, and end its sessions
    ResetPassword {
        /// The account's name
        username: String,
    },
    /// Check the hash chain of the audit log
    VerifyAudit,
}

/// Whose settings a command needs.
pub(crate) const fn role_of(command: Option<&Command>) -> Role {
    match command {
        None => Role::Standalone,
        Some(Command::Api) => Role::Api,
        Some(Command::Streamer) => Role::Streamer,
        Some(Command::Consumer) => Role::Consumer,
        Some(Command::Worker) => Role::Worker,
        Some(Command::Config { command: ConfigCommand::Check { role: Some(role) } }) => match role {
            CheckedRole::Standalone => Role::Standalone,
            CheckedRole::Api => Role::Api,
            CheckedRole::Streamer => Role::Streamer,
            CheckedRole::Consumer => Role::Consumer,
            CheckedRole::Worker => Role::Worker,
        },
        Some(_) => Role::Tool,
    }
}

pub(crate) fn print_openapi(schemas: Option<&Path>) -> anyhow::Result<()> {
    if let Some(folder) = schemas {
        for (name, schema) in dockline_api::json_schemas() {
            let path = folder.join(format!("{name}.json"));
            std::fs::write(&path, format!("{schema:#}\n"))
                .with_context(|| format!("{} cannot be written", path.display()))?;
        }
        return Ok(());
    }
    let document = dockline_api::openapi().to_pretty_json()?;
    writeln!(std::io::stdout(), "{document}")?;
    Ok(())
}
