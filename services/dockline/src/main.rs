//! Dockline: one binary, every role. This crate parses the command line and the settings, and assembles
//! the system; it decides nothing itself.

mod admin;
mod cluster;
mod command;
mod data_dir;
mod event_log;
mod healthcheck;
mod migrate;
mod process;
mod settings;
mod standalone;

use std::process::ExitCode;

use clap::Parser;

use crate::command::{AdminCommand, Cli, Command, ConfigCommand};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Bad configuration, by contract.
const BAD_CONFIGURATION: u8 = 2;

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Some(Command::Openapi { schemas }) = &cli.command {
        return report(command::print_openapi(schemas.as_deref()));
    }
    if let Some(Command::ComposeJail { folder, plugin, arguments }) = &cli.command {
        // Before anything of the product is read or started: from here on this is the plugin.
        let error = dockline_compose::jail::enter(folder, plugin, arguments);
        return report(Err(anyhow::Error::new(error).context("the Compose plugin could not be started")));
    }
    let role = command::role_of(cli.command.as_ref());
    let settings = match settings::Settings::load(&cli.flags, role) {
        Ok(settings) => settings,
        Err(invalid) => {
            eprintln!("dockline: {invalid}");
            return ExitCode::from(BAD_CONFIGURATION);
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return report(Err(error.into())),
    };
    let ended = runtime.block_on(async {
        match cli.command {
            None => standalone::run(settings).await,
            Some(Command::Api) => cluster::api(settings).await,
            Some(Command::Streamer) => cluster::streamer(settings).await,
            Some(Command::Consumer) => cluster::consumer(settings).await,
            Some(Command::Worker) => cluster::worker(settings).await,
            Some(Command::Migrate(what)) => migrate::run(&settings, &what).await,
            Some(Command::Healthcheck) => healthcheck::run(&settings).await,
            Some(Command::Config { command: ConfigCommand::Check { .. } }) => settings.print(),
            Some(Command::Admin { command: AdminCommand::ResetPassword { username } }) => {
                admin::reset_password(&settings, &username).await
            }
            Some(Command::Admin { command: AdminCommand::VerifyAudit }) => {
                admin::verify_audit(&settings).await
            }
            // Done above.
            Some(Command::Openapi { .. } | Command::ComposeJail { .. }) => Ok(()),
        }
    });
    report(ended)
}

fn report(ended: anyhow::Result<()>) -> ExitCode {
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dockline: {error:#}");
            if error.is::<settings::Invalid>() {
                ExitCode::from(BAD_CONFIGURATION)
            } else {
                ExitCode::FAILURE
            }
        }
    }
}
