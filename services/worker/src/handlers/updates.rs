//! Which images have something newer at their registries.

use std::collections::{BTreeMap, BTreeSet};

use dockline_docker::{Host, Result};
use dockline_domain::{ImageReference, access::Grant};
use dockline_jobs::Progress;
use dockline_persistence::{ImageCheck, Moment};
use futures::{StreamExt, TryStreamExt, stream};
use tokio::sync::watch;

use super::Stopped;
use crate::{Shared, registries::explained};

/// How many questions an engine is asked at the same time. Registries count them.
const AT_ONCE: usize = 4;

/// The images of a host by the names under which registries may know them.
type Named = BTreeMap<ImageReference, BTreeSet<String>>;

/// What has been found so far.
#[derive(Default)]
struct Sum {
    checked: usize,
    newer: usize,
    silent: usize,
    hosts: Vec<String>,
}

impl Shared {
    /// Asks for the images of these hosts, or for one of them, and writes down what the registries say. It may be done
    /// again at any time.
    pub(super) async fn check_updates(
        &self,
        grant: &Grant,
        hosts: &[Host],
        only: Option<&ImageReference>,
        progress: &watch::Sender<Progress>,
    ) -> Result<(), Stopped> {
        let mut sum = Sum::default();
        for host in hosts {
            let began = Moment::now();
            progress.send_modify(|progress| progress.say(&format!("looking at the images of {}", host.id)));
            let (named, digests) = match images(host).await {
                Ok(found) => found,
                Err(error) if hosts.len() > 1 => {
                    sum.hosts.push(format!("{}: {error}", host.id));
                    continue;
                }
                Err(error) => return Err(Stopped::Failed(error.to_string())),
            };
            let wanted = named.into_iter().filter(|(name, _)| only.is_none_or(|only| only == name));
            let known = wanted.filter(|(name, ids)| ids.iter().any(|id| knows(digests.get(id), name)));
            let asked = stream::iter(known).map(|(name, ids)| self.check(grant, host, name, ids, &digests));
            let mut asked = asked.buffer_unordered(AT_ONCE);
            while let Some(said) = asked.try_next().await? {
                sum.add(&said);
                progress.send_modify(|progress| {
                    progress.step(&format!("{} on {}", said.reference, said.host), words(&said), None);
                });
                self.updates.record(said).await.map_err(|error| Stopped::Later(error.to_string()))?;
            }
            if only.is_none() {
                let forgotten = self.updates.forget_before(&host.id, began).await;
                forgotten.map_err(|error| Stopped::Later(error.to_string()))?;
            }
        }
        progress.send_modify(|progress| progress.say(&sum.words()));
        Ok(())
    }

    async fn check(
        &self,
        grant: &Grant,
        host: &Host,
        reference: ImageReference,
        ids: BTreeSet<String>,
        digests: &BTreeMap<String, Vec<String>>,
    ) -> Result<ImageCheck, Stopped> {
        let login = self.registries.of(&reference).await;
        let said = match &login {
            Ok(login) => {
                let said = host.engine.registry_digest(grant, &reference, login.as_ref()).await;
                said.map_err(|error| explained(&error.to_string(), &reference, login.as_ref()))
            }
            Err(Stopped::Failed(why)) => Err(why.clone()),
            Err(Stopped::Later(why)) => return Err(Stopped::Later(why.clone())),
        };
        let is_current = |id: &String, digest: &str| {
            let known = digests.get(id).into_iter().flatten();
            known.filter_map(|known| known.rsplit_once('@')).any(|(_, known)| known == digest)
        };
        let (digest, error) = match said {
            Ok(digest) => (Some(digest), None),
            Err(why) => (None, Some(why)),
        };
        let outdated =
            digest.as_ref().map(|digest| ids.into_iter().filter(|id| !is_current(id, digest)).collect());
        Ok(ImageCheck {
            host: host.id.clone(),
            reference,
            digest,
            outdated: outdated.unwrap_or_default(),
            error,
            checked_at: Moment::now(),
        })
    }
}

impl Sum {
    fn add(&mut self, said: &ImageCheck) {
        self.checked += 1;
        self.newer += usize::from(!said.outdated.is_empty());
        self.silent += usize::from(said.error.is_some());
    }

    fn words(&self) -> String {
        let Self { checked, newer, silent, hosts } = self;
        let mut words = format!("{checked} images looked at, {newer} with something newer");
        if *silent > 0 {
            words.push_str(&format!(", {silent} whose registry told nothing"));
        }
        if !hosts.is_empty() {
            words.push_str(&format!("; left out: {}", hosts.join(", ")));
        }
        words
    }
}

fn words(said: &ImageCheck) -> &str {
    match &said.error {
        Some(why) => why,
        None if said.outdated.is_empty() => "up to date",
        None => "there is something newer",
    }
}

/// The images of a host, and under which digests registries know each.
async fn images(host: &Host) -> Result<(Named, BTreeMap<String, Vec<String>>)> {
    let (images, containers) = tokio::try_join!(host.engine.images(), host.engine.list())?;
    let mut named = Named::new();
    // What is named by a digest never changes.
    let mut note = |name: &str, id: &str| {
        let Ok(name) = name.parse::<ImageReference>() else { return };
        if name.digest().is_none() {
            named.entry(name).or_default().insert(id.to_owned());
        }
    };
    for image in &images {
        for tag in &image.tags {
            note(tag, &image.id);
        }
    }
    for container in &containers {
        let (id, _, image, _) = container.identity();
        if container.image_id().starts_with(image) || image.starts_with("sha256:") {
            // Its image has lost the name that it was made by; the container still knows it.
            let Ok(id) = id.parse() else { continue };
            let Ok(details) = host.engine.inspect(&id).await else { continue };
            note(details.image(), container.image_id());
        } else {
            note(image, container.image_id());
        }
    }
    Ok((named, images.into_iter().map(|image| (image.id, image.digests)).collect()))
}

/// Whether a registry knows an image under this name.
fn knows(digests: Option<&Vec<String>>, name: &ImageReference) -> bool {
    digests.is_some_and(|digests| {
        digests
            .iter()
            .any(|known| known.parse::<ImageReference>().is_ok_and(|known| known.name() == name.name()))
    })
}
