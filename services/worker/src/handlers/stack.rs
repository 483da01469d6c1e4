//! Stacks, by the Compose plugin. Whatever it does can be done again: it looks at what is there and does the rest.

use std::collections::BTreeMap;

use dockline_compose::{Command, Failure, Model, Project, Said, Site, host_access};
use dockline_docker::Host;
use dockline_domain::{
    StackName,
    access::{Grant, Permission},
};
use dockline_jobs::{Job, Progress};
use dockline_persistence::Moment;
use tokio::sync::watch;

use super::Stopped;
use crate::Shared;

/// Where and for whom a stack is worked on.
pub(super) struct Place<'a> {
    pub(super) job: &'a Job,
    pub(super) grant: &'a Grant,
    pub(super) host: &'a Host,
    pub(super) stack: &'a StackName,
    pub(super) progress: &'a watch::Sender<Progress>,
}

impl Shared {
    /// Makes a stack as one form of its file says.
    pub(super) async fn deploy(
        &self,
        place: &Place<'_>,
        revision: u32,
        always_pull: bool,
    ) -> Result<(), Stopped> {
        let Place { host, stack, .. } = *place;
        self.stacks_turn(place).await?;
        place.say("checking the file");
        let project = self.project(place, revision).await?;
        let model = self.compose.check(&project).await.map_err(stopped)?;
        self.judge(place, &model).await?;
        let command = Command::Up { model: &model, variables: project.variables(), always_pull };
        place.say("bringing the stack up");
        let done = self.command(place, command).await;
        self.or_what_is_left(place, done).await?;
        let noted = self.stacks.deployed(&host.id, stack, revision, Moment::now()).await;
        noted.map_err(|error| Stopped::Later(error.to_string()))?;
        place.say("the stack is up");
        Ok(())
    }

    /// Starts, stops or restarts what is there.
    pub(super) async fn act(&self, place: &Place<'_>, command: Command<'_>) -> Result<(), Stopped> {
        self.stacks_turn(place).await?;
        self.command(place, command).await?;
        let members = members(place).await?;
        let names: Vec<_> = members.iter().filter(|one| !one.is_of_compose).map(|one| &*one.name).collect();
        if names.is_empty() {
            return Ok(());
        }
        Err(Stopped::Failed(format!("not done to {}; {PASSED_OVER}", names.join(", "))))
    }

    /// Removes what is there, and then its file.
    pub(super) async fn remove_stack(
        &self,
        place: &Place<'_>,
        volumes: bool,
        keep_file: bool,
    ) -> Result<(), Stopped> {
        self.stacks_turn(place).await?;
        place.say("taking the stack down");
        let done = self.command(place, Command::Down { volumes }).await;
        self.or_what_is_left(place, done).await?;
        let names: Vec<_> = members(place).await?.into_iter().map(|one| one.name).collect();
        if !names.is_empty() {
            let names = names.join(", ");
            return Err(Stopped::Failed(format!(
                "still there: {names}; {PASSED_OVER}: remove them, then repeat this; the file is kept"
            )));
        }
        if !keep_file {
            let forgotten = self.stacks.forget(&place.host.id, place.stack).await;
            forgotten.map_err(|error| Stopped::Later(error.to_string()))?;
        }
        place.say("the stack is gone");
        Ok(())
    }

    /// One job at a time works on a stack.
    async fn stacks_turn(&self, Place { job, host, stack, .. }: &Place<'_>) -> Result<(), Stopped> {
        self.turn(job, &host.id, stack.as_str(), |kind| kind.starts_with("stack.")).await
    }

    async fn project(&self, place: &Place<'_>, revision: u32) -> Result<Project, Stopped> {
        let Place { host, stack, .. } = *place;
        let later = |error: dockline_persistence::Error| Stopped::Later(error.to_string());
        let newest = self.stacks.of(&host.id, stack).await.map_err(later)?.first().map(|file| file.revision);
        if newest.is_some_and(|newest| newest != revision) {
            let why =
                format!("revision {revision} of the file is not the newest any more; deploy the stack again");
            return Err(Stopped::Failed(why));
        }
        let sealed = self.stacks.file(&host.id, stack, revision).await.map_err(later)?;
        let sealed =
            sealed.ok_or_else(|| Stopped::Failed("the stack's file is not kept any more".to_owned()))?;
        let opened = Project::open(&self.sealer, &host.id, stack, revision, &sealed);
        opened.map_err(|error| Stopped::Failed(error.to_string()))
    }

    /// Asks once more by what the stack would reach its host, and whether whoever asked for this may have that now.
    async fn judge(&self, place: &Place<'_>, model: &Model) -> Result<(), Stopped> {
        let found = host_access(&*place.host.engine, model).await;
        let reasons = found.map_err(|error| Stopped::Failed(error.to_string()))?;
        if reasons.is_empty() || place.grant.also(Permission::HostEscape) {
            return Ok(());
        }
        Err(Stopped::Failed(format!(
            "the stack reaches the host, for which {} lacks the permission host.escape: {}",
            place.grant.principal().username,
            reasons.join("; ")
        )))
    }

    async fn command(&self, place: &Place<'_>, command: Command<'_>) -> Result<(), Stopped> {
        let images = match command {
            Command::Up { model, .. } => model.images(),
            _ => Vec::new(),
        };
        let config = self.registries.config_json(&images).await?;
        let site = Site { engine: place.host.engine.clone(), grant: place.grant, config };
        let called_off = CalledOff::new(place.progress);
        let done = self.compose.run(place.stack, command, site, |said| apply(place.progress, said)).await;
        called_off.disarm();
        done.map_err(stopped)
    }

    /// A failure tells what is there now, so that nothing is left unnamed.
    async fn or_what_is_left(&self, place: &Place<'_>, done: Result<(), Stopped>) -> Result<(), Stopped> {
        let Err(Stopped::Failed(why)) = done else { return done };
        let left = left(place).await;
        Err(Stopped::Failed(if left.is_empty() {
            why
        } else {
            format!("{why}\nthere now: {}", left.join(", "))
        }))
    }
}

impl Place<'_> {
    fn say(&self, word: &str) {
        self.progress.send_modify(|progress| progress.say(word));
    }
}

/// Which of a stack's containers the plugin does nothing to.
const PASSED_OVER: &str =
    "the Compose plugin passes over containers without its label com.docker.compose.config-hash";

/// A container of a stack.
struct Member {
    name: String,
    /// Whether the plugin made it.
    is_of_compose: bool,
}

async fn members(place: &Place<'_>) -> Result<Vec<Member>, Stopped> {
    let list = place.host.engine.list().await.map_err(|error| Stopped::Later(error.to_string()))?;
    let of_stack = list.iter().filter_map(|one| {
        let member = one.stack_member().filter(|member| member.stack == *place.stack)?;
        Some(Member { name: one.identity().1.to_owned(), is_of_compose: member.is_of_compose })
    });
    Ok(of_stack.collect())
}

/// What a stack has at the engine, as far as that answers.
async fn left(place: &Place<'_>) -> Vec<String> {
    let engine = &place.host.engine;
    let of_stack = |stack: &Option<String>| stack.as_deref() == Some(place.stack.as_str());
    let (containers, networks, volumes) = tokio::join!(engine.list(), engine.networks(), engine.volumes());
    let containers = containers
        .unwrap_or_default()
        .into_iter()
        .filter(|one| one.stack_member().is_some_and(|member| member.stack == *place.stack));
    let containers = containers.map(|one| {
        let (_, name, _, state) = one.identity();
        format!("container {name} ({state})")
    });
    let networks = networks.unwrap_or_default().into_iter().map(|one| one.reveal(place.grant));
    let networks = networks.filter(|one| of_stack(&one.stack)).map(|one| format!("network {}", one.name));
    let volumes = volumes.unwrap_or_default().into_iter().map(|one| one.reveal(place.grant));
    let volumes = volumes.filter(|one| of_stack(&one.stack)).map(|one| format!("volume {}", one.name));
    containers.chain(networks).chain(volumes).collect()
}

/// Says what the plugin had done when it is dropped half-way.
struct CalledOff<'a> {
    progress: &'a watch::Sender<Progress>,
    is_over: bool,
}

impl<'a> CalledOff<'a> {
    const fn new(progress: &'a watch::Sender<Progress>) -> Self {
        Self { progress, is_over: false }
    }

    fn disarm(mut self) {
        self.is_over = true;
    }
}

impl Drop for CalledOff<'_> {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        self.progress.send_modify(|progress| {
            let last: BTreeMap<&str, &str> =
                progress.steps.iter().map(|step| (step.id.as_str(), step.text.as_str())).collect();
            let done = last.iter().map(|(what, text)| format!("{what} ({text})"));
            let done = done.collect::<Vec<_>>().join(", ");
            progress.say(&if done.is_empty() {
                "ended before anything was done".to_owned()
            } else {
                format!("ended half-way; nothing was undone: {done}")
            });
        });
    }
}

fn apply(progress: &watch::Sender<Progress>, said: &Said) {
    progress.send_modify(|progress| match said {
        Said::Step { id, text, done } => progress.step(id, text, *done),
        Said::Warning(text) | Said::Failure(text) | Said::Word(text) => {
            progress.print(text);
            progress.print("\n");
        }
    });
}

fn stopped(failure: Failure) -> Stopped {
    match failure {
        Failure::Busy => Stopped::Later(failure.to_string()),
        other => Stopped::Failed(other.to_string()),
    }
}
