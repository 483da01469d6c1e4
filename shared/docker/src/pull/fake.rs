use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use dockline_domain::{ImageReference, access::Grant};
use futures::{StreamExt, stream};
use secrecy::ExposeSecret;
use tokio::sync::watch;

use super::Pull;
use crate::{Error, Platform, RegistryLogin, Result, TransferEvent, TransferStream, fake::FakeEngine};

/// A registry in memory. It has what a test puts into it.
#[derive(Debug, Clone, Default)]
pub struct FakeRegistry(Arc<Mutex<Contents>>);

#[derive(Debug, Default)]
struct Contents {
    /// Images, and whether pulls of them are held up.
    offered: BTreeMap<String, watch::Sender<bool>>,
    pulled: BTreeSet<String>,
    is_closed: bool,
}

/// The password that it takes, whoever says it.
const PASSWORD: &str = "s3cret";

impl FakeRegistry {
    /// The digest of whatever it has.
    pub(crate) const DIGEST: &str = "sha256:0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d";

    /// Puts an image of one layer into it; pulls of it stop at half of it until they are released, if `held`.
    pub fn offer(&self, image: &str, held: bool) {
        self.lock().offered.insert(image.to_owned(), watch::Sender::new(held));
    }

    /// Lets the pulls of an image go on.
    pub fn release(&self, image: &str) {
        if let Some(held) = self.lock().offered.get(image) {
            held.send_replace(false);
        }
    }

    /// The images that were pulled to their end.
    #[must_use]
    pub fn pulled(&self) -> BTreeSet<String> {
        self.lock().pulled.clone()
    }

    /// The images that are in it.
    #[must_use]
    pub fn offered(&self) -> BTreeSet<String> {
        self.lock().offered.keys().cloned().collect()
    }

    /// From now on it wants a password.
    pub fn close(&self) {
        self.lock().is_closed = true;
    }

    /// Whether it takes these credentials.
    pub(crate) fn takes(login: &RegistryLogin) -> bool {
        login.secret.expose_secret() == PASSWORD
    }

    /// Fails, as what asks a registry does, when it wants other credentials than these.
    pub(crate) fn must_admit(&self, operation: &'static str, login: Option<&RegistryLogin>) -> Result<()> {
        if self.lock().is_closed && !login.is_some_and(Self::takes) {
            let message = "no basic auth credentials".to_owned();
            return Err(Error::Engine { operation, message });
        }
        Ok(())
    }

    /// How many pulls are under way.
    #[must_use]
    pub fn under_way(&self) -> usize {
        self.lock().offered.values().map(watch::Sender::receiver_count).sum()
    }

    fn lock(&self) -> MutexGuard<'_, Contents> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Pull for FakeEngine {
    async fn pull(
        &self,
        _grant: &Grant,
        image: &ImageReference,
        login: Option<&RegistryLogin>,
        _platform: Option<&Platform>,
    ) -> Result<TransferStream> {
        let image = image.to_string();
        drop(self.called("pull", &image)?);
        let registry = self.registry.clone();
        registry.must_admit("pull the image", login)?;
        let Some(mut held) = registry.lock().offered.get(&image).map(watch::Sender::subscribe) else {
            let message = format!("manifest for {image} not found: manifest unknown");
            return Err(Error::Engine { operation: "pull the image", message });
        };
        let event = |status: &str, done| {
            Ok(TransferEvent { layer: Some("0123456789ab".to_owned()), status: status.to_owned(), done })
        };
        let rest = stream::once(async move {
            // The sender lives as long as the registry, which is here.
            let _open = held.wait_for(|held| !held).await;
            registry.lock().pulled.insert(image);
            event("Pull complete", None)
        });
        let status = format!("Digest: {}", FakeRegistry::DIGEST);
        let digest = stream::iter([Ok(TransferEvent { layer: None, status, done: None })]);
        Ok(stream::iter([event("Downloading", Some((5, Some(10))))]).chain(rest).chain(digest).boxed())
    }
}
