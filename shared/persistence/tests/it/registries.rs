use dockline_domain::{RegistryId, host::Sealed, registry::RegistrySecret};
use dockline_persistence::{Error, ImageCheck, Moment, NewRegistry, RegistryChange};

use crate::{Engine, TestDatabase};

const NOW: Moment = Moment(1_795_514_400_000_000);

fn new(address: &str) -> NewRegistry {
    NewRegistry {
        id: RegistryId::generate(),
        address: address.parse().expect("an address"),
        username: Some("dev".to_owned()),
        kind: RegistrySecret::Password,
        sealed: Sealed(vec![1, 0, 255]),
    }
}

pub async fn a_registry_has_one_set_of_credentials(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let registries = test.database.registries();
    let hub = registries.insert(new("docker.io"), NOW).await.expect("added");
    let own = registries.insert(new("ghcr.io"), NOW).await.expect("added");
    let taken = registries.insert(new("index.docker.io"), NOW).await;
    assert!(matches!(taken, Err(Error::RegistryTaken)), "{taken:?}");
    assert_eq!(registries.all().await.expect("a list"), [hub.clone(), own.clone()]);
    let image = "nginx".parse::<dockline_domain::ImageReference>().expect("an image");
    assert_eq!(registries.of(&image.registry()).await.expect("an answer"), Some(hub.clone()));

    let secret = Some((RegistrySecret::IdentityToken, Sealed(vec![7])));
    let change = RegistryChange { username: Some(None), secret, ..RegistryChange::default() };
    let changed = registries.update(&own, change.clone(), Moment(NOW.0 + 1)).await.expect("changed");
    assert_eq!(
        (changed.username.as_deref(), changed.kind, changed.sealed.0.as_slice()),
        (None, RegistrySecret::IdentityToken, &[7][..])
    );
    let late = registries.update(&own, change, NOW).await;
    assert!(matches!(late, Err(Error::RegistryChanged)), "{late:?}");
    let moved = RegistryChange { address: Some(hub.address.clone()), ..RegistryChange::default() };
    let taken = registries.update(&changed, moved, NOW).await;
    assert!(matches!(taken, Err(Error::RegistryTaken)), "{taken:?}");
    assert_eq!(registries.remove(own.id).await.expect("removed"), changed);
    let gone = registries.remove(own.id).await;
    assert!(matches!(gone, Err(Error::NoSuchRegistry)), "{gone:?}");
}

pub async fn what_a_registry_said_outlives_its_silence(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let updates = test.database.image_updates();
    let said = |host: &str, image: &str, at: i64| ImageCheck {
        host: host.parse().expect("a host"),
        reference: image.parse().expect("an image"),
        digest: Some("sha256:0".to_owned()),
        outdated: ["sha256:a".to_owned()].into(),
        error: None,
        checked_at: Moment(NOW.0 + at),
    };
    for check in [said("edge", "nginx", 0), said("edge", "old", 0), said("far", "nginx", 0)] {
        updates.record(check).await.expect("written");
    }
    let failed = ImageCheck {
        digest: None,
        outdated: [].into(),
        error: Some("no answer\0".to_owned()),
        ..said("edge", "nginx", 1)
    };
    updates.record(failed).await.expect("written");
    let edge = "edge".parse().expect("a host");
    updates.forget_before(&edge, Moment(NOW.0 + 1)).await.expect("forgotten");
    let kept = updates.of(Some(&edge)).await.expect("an answer");
    let [one] = kept.as_slice() else { panic!("{kept:?}") };
    assert!(one.outdated.contains("sha256:a") && one.digest.is_some() && one.error.is_some(), "{one:?}");
    assert_eq!((one.checked_at, updates.of(None).await.expect("an answer").len()), (Moment(NOW.0 + 1), 2));
    updates.record(said("edge", "nginx", 2)).await.expect("written");
    assert_eq!(updates.of(Some(&edge)).await.expect("an answer"), [said("edge", "nginx", 2)]);
}
