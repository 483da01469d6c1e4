//! What registries said, shown with images and containers.

use std::collections::{BTreeMap, BTreeSet};

use dockline_contract::rest::{ContainerSummary, ImageSummary, ImageUpdate};
use dockline_domain::{HostId, ImageReference};
use dockline_persistence::ImageCheck;

use crate::App;

/// What is known of newer images, by host.
pub(crate) struct Updates(BTreeMap<String, Vec<ImageCheck>>);

impl Updates {
    /// Reads it; nothing is known when the database does not answer, which fails no list.
    pub(crate) async fn read(app: &App, host: Option<&HostId>) -> Self {
        let checks = app.image_updates.of(host).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "what registries said of newer images could not be read");
            Vec::new()
        });
        let mut by_host: BTreeMap<String, Vec<ImageCheck>> = BTreeMap::new();
        for check in checks {
            by_host.entry(check.host.to_string()).or_default().push(check);
        }
        Self(by_host)
    }

    /// Notes it at a container.
    pub(crate) fn note_at(&self, container: &mut ContainerSummary) {
        let checks = self.of(&container.host);
        let name = container.image.parse::<ImageReference>().ok();
        let named = checks.iter().find(|check| name.as_ref() == Some(&check.reference));
        // An image that has lost its name is shown by its ID.
        let id = &container.image_id;
        let found = named.or_else(|| checks.iter().find(|check| check.outdated.contains(id)));
        container.update = found.map(|check| shown(check, id));
    }

    /// Notes it at an image: of several names one with something newer counts.
    pub(crate) fn note_at_image(&self, image: &mut ImageSummary) {
        let tags: BTreeSet<&str> = image.tags.iter().map(String::as_str).collect();
        let checks = self.of(&image.host);
        let of_tags = checks.iter().filter(|check| tags.contains(check.reference.to_string().as_str()));
        let told: Vec<ImageUpdate> = of_tags.map(|check| shown(check, &image.id)).collect();
        let newer = told.iter().position(|update| update.available).unwrap_or_default();
        image.update = told.into_iter().nth(newer);
    }

    fn of(&self, host: &str) -> &[ImageCheck] {
        self.0.get(host).map_or(&[], Vec::as_slice)
    }
}

fn shown(check: &ImageCheck, image: &str) -> ImageUpdate {
    ImageUpdate {
        available: check.outdated.contains(image),
        checked_at: check.checked_at.to_string(),
        error: check.error.clone(),
    }
}
