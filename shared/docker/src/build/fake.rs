use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use dockline_domain::access::Grant;
use futures::{StreamExt, TryStreamExt, stream};

use super::{Build, BuildEvent, BuildStream, Discarded, Layer, NewBuild};
use crate::{Content, Error, Result, fake::FakeEngine};

/// Builds in memory: each has one step, which makes one layer.
#[derive(Debug, Clone, Default)]
pub struct FakeBuilds(Arc<Mutex<Contents>>);

#[derive(Debug, Default)]
struct Contents {
    builds: Vec<(NewBuild, Bytes)>,
    failure: Option<String>,
    held: bool,
    discarded: usize,
}

impl FakeBuilds {
    /// Lets further builds fail in their step, with these words.
    pub fn fail(&self, words: &str) {
        self.lock().failure = Some(words.to_owned());
    }

    /// Keeps further builds in their step, or not any more.
    pub fn hold(&self, held: bool) {
        self.lock().held = held;
    }

    /// What was built, with its context.
    #[must_use]
    pub fn all(&self) -> Vec<(NewBuild, Bytes)> {
        self.lock().builds.clone()
    }

    /// How many layers were discarded.
    #[must_use]
    pub fn discarded(&self) -> usize {
        self.lock().discarded
    }

    fn lock(&self) -> MutexGuard<'_, Contents> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Build for FakeEngine {
    async fn build_image(&self, _grant: &Grant, build: &NewBuild, context: Content) -> Result<BuildStream> {
        drop(self.called("build", &build.dockerfile)?);
        let broken = |error: std::io::Error| Error::Engine {
            operation: "build the image",
            message: error.to_string(),
        };
        let context: BytesMut = context.try_collect().await.map_err(broken)?;
        let mut contents = self.builds.lock();
        contents.builds.push((build.clone(), context.freeze()));
        let text = "Step 1/1 : RUN true".to_owned();
        let mut events = vec![
            Ok(BuildEvent::Step { number: 1, total: 1, text: text.clone() }),
            Ok(BuildEvent::Output(format!("{text}\n"))),
            Ok(BuildEvent::Made(Layer("0123456789ab".to_owned()))),
        ];
        if contents.held {
            return Ok(stream::iter(events).chain(stream::pending()).boxed());
        }
        events.push(match &contents.failure {
            Some(message) => Err(Error::Engine { operation: "build the image", message: message.clone() }),
            None => Ok(BuildEvent::Built(format!("sha256:{:064x}", contents.builds.len()))),
        });
        Ok(stream::iter(events).boxed())
    }

    async fn discard_layer(&self, _grant: &Grant, _layer: &Layer) -> Result<Discarded> {
        drop(self.called("discard", "")?);
        self.builds.lock().discarded += 1;
        Ok(Discarded::Gone)
    }
}
