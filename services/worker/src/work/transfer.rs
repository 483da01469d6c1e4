//! Images on their way from and to registries.

use std::{future::Future, time::Duration};

use dockline_docker::{Host, RegistryLogin, Result, TransferEvent, TransferStream};
use dockline_domain::{ImageReference, access::Grant};
use dockline_jobs::Progress;
use futures::StreamExt;
use tokio::{sync::watch, time::timeout};

use crate::registries::explained;

/// An engine that says nothing for so long hangs, or its registry does: large layers are checked and unpacked for
/// minutes.
const SILENCE: Duration = Duration::from_mins(10);

/// Has an engine fetch an image. When this is dropped, the engine calls it off. It may be done again at any time: layers
/// that are there are not fetched again.
pub(crate) async fn pull(
    grant: &Grant,
    host: &Host,
    image: &ImageReference,
    login: Option<&RegistryLogin>,
    progress: &watch::Sender<Progress>,
) -> Result<(), String> {
    let moved = moved(host.engine.pull(grant, image, login), progress).await;
    moved.map_err(|error| explained(&error, image, login))
}

/// Has an engine send an image. As for [`pull`], it is called off when this is dropped, and may be done again.
pub(crate) async fn push(
    grant: &Grant,
    host: &Host,
    image: &ImageReference,
    login: Option<&RegistryLogin>,
    progress: &watch::Sender<Progress>,
) -> Result<(), String> {
    let moved = moved(host.engine.push(grant, image, login), progress).await;
    moved.map_err(|error| explained(&error, image, login))
}

async fn moved(
    opened: impl Future<Output = Result<TransferStream>>,
    progress: &watch::Sender<Progress>,
) -> Result<(), String> {
    let silent = || format!("the engine said nothing for {} minutes", SILENCE.as_secs() / 60);
    progress.send_modify(|progress| progress.say("asking the registry"));
    let opened = timeout(SILENCE, opened).await.map_err(|_| silent())?;
    let mut events = opened.map_err(|error| error.to_string())?;
    while let Some(event) = timeout(SILENCE, events.next()).await.map_err(|_| silent())? {
        let event = event.map_err(|error| error.to_string())?;
        progress.send_modify(|progress| apply(progress, &event));
    }
    Ok(())
}

fn apply(progress: &mut Progress, event: &TransferEvent) {
    match &event.layer {
        None => progress.say(&event.status),
        Some(layer) if event.is_complete() => progress.complete(layer, &event.status),
        Some(layer) => progress.step(layer, &event.status, event.done),
    }
}
