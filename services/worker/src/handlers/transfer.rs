//! Images on their way from and to registries.

use std::{future::Future, time::Duration};

use dockline_docker::{Host, Platform, RegistryLogin, Result, TransferEvent, TransferStream};
use dockline_domain::{ImageReference, access::Grant};
use dockline_jobs::Progress;
use futures::StreamExt;
use tokio::{sync::watch, time::timeout};

use crate::registries::explained;

/// An engine that says nothing for so long hangs, or its registry does: large layers are checked and unpacked for
/// minutes.
const SILENCE: Duration = Duration::from_mins(10);

/// Has an engine fetch an image. When this is dropped, the engine calls it off. It may be done again at any time: layers
/// that are there are not fetched again. Returns the digest of what was fetched, if the engine told it.
pub(crate) async fn pull(
    grant: &Grant,
    host: &Host,
    image: &ImageReference,
    login: Option<&RegistryLogin>,
    platform: Option<&Platform>,
    progress: &watch::Sender<Progress>,
) -> Result<Option<String>, String> {
    let moved = moved(host.engine.pull(grant, image, login, platform), progress).await;
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
    moved.map(drop).map_err(|error| explained(&error, image, login))
}

async fn moved(
    opened: impl Future<Output = Result<TransferStream>>,
    progress: &watch::Sender<Progress>,
) -> Result<Option<String>, String> {
    let silent = || format!("the engine said nothing for {} minutes", SILENCE.as_secs() / 60);
    progress.send_modify(|progress| progress.say("asking the registry"));
    let opened = timeout(SILENCE, opened).await.map_err(|_| silent())?;
    let mut events = opened.map_err(|error| error.to_string())?;
    let mut digest = None;
    while let Some(event) = timeout(SILENCE, events.next()).await.map_err(|_| silent())? {
        let event = event.map_err(|error| error.to_string())?;
        digest = event.digest().map(str::to_owned).or(digest);
        progress.send_modify(|progress| apply(progress, &event));
    }
    Ok(digest)
}

fn apply(progress: &mut Progress, event: &TransferEvent) {
    match &event.layer {
        None => progress.say(&event.status),
        Some(layer) if event.is_complete() => progress.complete(layer, &event.status),
        Some(layer) => progress.step(layer, &event.status, event.done),
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use futures::stream;
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_says_nothing_any_more_is_given_up() {
        let (progress, began) = (watch::Sender::new(Progress::default()), Instant::now());
        let never_begins = moved(pending(), &progress).await;
        let event = TransferEvent { layer: None, status: "Pulling from web".to_owned(), done: None };
        let news = stream::iter([Ok(event)]).chain(stream::pending());
        let falls_silent = moved(ready(Ok(news.boxed())), &progress).await;
        for ended in [never_begins, falls_silent] {
            assert_eq!(ended, Err("the engine said nothing for 10 minutes".to_owned()));
        }
        assert_eq!(began.elapsed(), 2 * SILENCE);
    }
}
