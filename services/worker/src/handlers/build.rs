//! Images built from a context that lies in the database, piece by piece.

use std::{io, sync::Arc, time::Duration};

use bytes::Bytes;
use dockline_docker::{BuildEvent, Content, Discarded, Engine, Host, Layer, NewBuild};
use dockline_domain::{JobId, access::Grant};
use dockline_jobs::{Job, Progress};
use dockline_persistence::{Jobs, Part};
use futures::{StreamExt, stream};
use secrecy::{ExposeSecret, SecretString};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

use super::Stopped;
use crate::Shared;

/// A step that prints nothing for so long hangs.
const SILENCE: Duration = Duration::from_mins(30);
/// How often a layer is tried to be removed whose step the engine is still ending, half a second apart.
const TRIES: u32 = 40;
const BETWEEN: Duration = Duration::from_millis(500);
/// Shorter values of arguments are words that stand in any output.
const SHORTEST_HIDDEN: usize = 4;

impl Shared {
    /// Builds an image. It may be done again at any time: steps that are done are in the engine's cache.
    pub(super) async fn build(
        &self,
        grant: &Grant,
        job: &Job,
        host: &Host,
        mut build: NewBuild,
        progress: &watch::Sender<Progress>,
    ) -> Result<(), Stopped> {
        build.args = self.arguments(job.id).await?;
        let hidden = Hidden::new(build.args.as_ref());
        progress.send_modify(|progress| {
            // Another worker may have begun.
            progress.output.clear();
            progress.say("sending the context");
        });
        let context = context(self.jobs.clone(), job.id);
        let mut made = Made::new(&host.engine, grant);
        let opened = timeout(SILENCE, host.engine.build_image(grant, &build, context)).await;
        let opened = opened.map_err(|_| silent())?;
        let mut events = opened.map_err(|error| Stopped::Failed(error.to_string()))?;
        let mut step = None;
        while let Some(event) = timeout(SILENCE, events.next()).await.map_err(|_| silent())? {
            match event {
                Ok(BuildEvent::Made(layer)) => made.layers.push(layer),
                Ok(BuildEvent::Built(image)) => {
                    progress.send_modify(|progress| progress.step("image", &image, None));
                }
                Ok(BuildEvent::Output(text)) => {
                    let text = hidden.without(&text);
                    progress.send_modify(|progress| progress.print(&text));
                }
                Ok(BuildEvent::Step { number, total, text }) => {
                    let text = hidden.without(&text);
                    progress.send_modify(|progress| {
                        progress.step(&number.to_string(), &text, None);
                        progress.say(&format!("step {number} of {total}"));
                    });
                    step = Some(text);
                }
                Err(error) => {
                    let why = hidden.without(&error.to_string());
                    return Err(Stopped::Failed(match step {
                        Some(step) => format!("{step}: {why}"),
                        None => why,
                    }));
                }
            }
        }
        // What the steps made is part of the image now.
        made.layers.clear();
        progress.send_modify(|progress| progress.say("built"));
        Ok(())
    }

    /// The build's arguments, opened.
    async fn arguments(&self, job: JobId) -> Result<Option<SecretString>, Stopped> {
        let sealed =
            self.jobs.input(job, Part::Sealed, 0).await.map_err(|error| Stopped::Later(error.to_string()))?;
        let Some(sealed) = sealed else { return Ok(None) };
        let opened = self.sealer.open(&dockline_jobs::sealed_for(job), &sealed);
        opened
            .map(Some)
            .map_err(|error| Stopped::Failed(format!("the build's arguments cannot be read: {error}")))
    }
}

/// The pieces of a context, read as they are sent.
fn context(jobs: Jobs, job: JobId) -> Content {
    let pieces = stream::try_unfold((jobs, 0), move |(jobs, seq)| async move {
        let piece = jobs.input(job, Part::Context, seq).await.map_err(io::Error::other)?;
        match piece {
            // Not the end of a context, but of one that is gone.
            None if seq == 0 => Err(io::Error::other("the build's context is not there any more")),
            None => Ok(None),
            Some(bytes) => Ok(Some((Bytes::from(bytes), (jobs, seq + 1)))),
        }
    });
    pieces.boxed()
}

/// Values that must not be shown where a step prints them.
struct Hidden(Vec<String>);

impl Hidden {
    fn new(args: Option<&SecretString>) -> Self {
        let args = args.and_then(|args| {
            serde_json::from_str::<std::collections::BTreeMap<String, String>>(args.expose_secret()).ok()
        });
        let values = args.unwrap_or_default().into_values();
        let mut values: Vec<String> = values.filter(|value| value.len() >= SHORTEST_HIDDEN).collect();
        // The longer first: one may be a part of another.
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        Self(values)
    }

    fn without(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, value| text.replace(value.as_str(), "***"))
    }
}

/// What the steps have made so far. Dropped before the build was done, it is removed from the engine, the newest first.
struct Made {
    engine: Arc<dyn Engine>,
    grant: Grant,
    layers: Vec<Layer>,
}

impl Made {
    fn new(engine: &Arc<dyn Engine>, grant: &Grant) -> Self {
        Self { engine: Arc::clone(engine), grant: grant.clone(), layers: Vec::new() }
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        if self.layers.is_empty() {
            return;
        }
        let (engine, grant, layers) =
            (Arc::clone(&self.engine), self.grant.clone(), std::mem::take(&mut self.layers));
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                for layer in layers.iter().rev() {
                    discard(&*engine, &grant, layer).await;
                }
            });
        }
    }
}

async fn discard(engine: &dyn Engine, grant: &Grant, layer: &Layer) {
    for _ in 0..TRIES {
        match engine.discard_layer(grant, layer).await {
            Ok(Discarded::Gone) => return,
            // The engine ends the step that was under way when it notices that nobody listens; it tells nobody when.
            Ok(Discarded::InUse) => sleep(BETWEEN).await,
            Err(error) => return tracing::warn!(%error, ?layer, "what a build left is still there"),
        }
    }
}

fn silent() -> Stopped {
    Stopped::Failed(format!("the build said nothing for {} minutes", SILENCE.as_secs() / 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_arguments_are_not_shown() {
        let args: SecretString =
            r#"{"TOKEN":"hunter2","LONG":"hunter2-and-more","FLAG":"1"}"#.to_owned().into();
        let hidden = Hidden::new(Some(&args));
        assert_eq!(hidden.without("a hunter2-and-more b hunter2 1\n"), "a *** b *** 1\n");
        assert_eq!(Hidden::new(None).without("a"), "a");
    }
}
