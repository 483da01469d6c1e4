use std::time::Duration;

use dockline_docker::{Host, PullEvent};
use dockline_domain::{ImageReference, access::Grant};
use dockline_jobs::Progress;
use futures::StreamExt;
use tokio::{sync::watch, time::timeout};

/// An engine that says nothing for so long hangs, or its registry does: large layers are checked and unpacked for
/// minutes.
const SILENCE: Duration = Duration::from_mins(10);

/// Has an engine fetch an image. When this is dropped, the engine calls it off. It may be done again at any time: layers
/// that are there are not fetched again.
pub(crate) async fn pull(
    grant: &Grant,
    host: &Host,
    image: &ImageReference,
    progress: &watch::Sender<Progress>,
) -> Result<(), String> {
    let silent = || format!("the engine said nothing for {} minutes", SILENCE.as_secs() / 60);
    progress.send_modify(|progress| progress.say("asking the registry"));
    let opened = timeout(SILENCE, host.engine.pull(grant, image)).await.map_err(|_| silent())?;
    let mut events = opened.map_err(|error| error.to_string())?;
    while let Some(event) = timeout(SILENCE, events.next()).await.map_err(|_| silent())? {
        let event = event.map_err(|error| error.to_string())?;
        progress.send_modify(|progress| apply(progress, &event));
    }
    Ok(())
}

fn apply(progress: &mut Progress, event: &PullEvent) {
    match &event.layer {
        None => progress.say(&event.status),
        Some(layer) if event.is_complete() => progress.complete(layer, &event.status),
        Some(layer) => progress.step(layer, &event.status, event.done),
    }
}
