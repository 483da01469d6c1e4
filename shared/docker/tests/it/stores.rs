//! What the port promises about volumes, networks and images, on real engines and on the one in memory.

use anyhow::{Context, Result, ensure};
use dockline_docker::{Engine, Error, Missing, NewNetwork, NewVolume, fake::FakeEngine};
use dockline_domain::{ContainerId, access::Permission};
use dockline_testkit::{ContainerSpec, engines};

use crate::stage::{grant, host, id, plain};

#[tokio::test(flavor = "multi_thread")]
async fn stores_keep_their_promises() -> Result<()> {
    let fake = FakeEngine::new(host());
    let container = fake.add("web", &[]);
    promises(fake.as_ref(), &container).await.context("in memory")?;
    for real in engines() {
        let container = real.run_container(&ContainerSpec::script("sleep 60"))?;
        real.docker(["network", "disconnect", "none", container.id()])?;
        promises(&plain(&real.host)?, &id(&container)?).await.with_context(|| real.host.clone())?;
    }
    Ok(())
}

async fn promises(engine: &dyn Engine, container: &ContainerId) -> Result<()> {
    let missing = |result: Result<(), Error>, kind: Missing| {
        ensure!(matches!(&result, Err(Error::Missing { what, .. }) if *what == kind), "{result:?}");
        Ok(())
    };
    let manage = grant(Permission::VolumesManage)?;
    let name = engine.create_volume(&manage, &NewVolume::default()).await?;
    let again = NewVolume { name: Some(name.clone()), ..NewVolume::default() };
    let taken = engine.create_volume(&manage, &again).await;
    ensure!(matches!(taken, Err(Error::Conflict { .. })), "{taken:?}");
    ensure!(engine.volume_sizes().await?.contains_key(name.as_str()));
    engine.remove_volume(&manage, &name, false).await?;
    missing(engine.remove_volume(&manage, &name, false).await, Missing::Volume)?;
    missing(engine.volume(&name).await.map(drop), Missing::Volume)?;

    let manage = grant(Permission::NetworksManage)?;
    let new = NewNetwork {
        name: format!("it-port-{}", container.short()).parse()?,
        driver: dockline_contract::rest::NetworkDriver::Bridge,
        internal: true,
        attachable: false,
        ipv6: false,
        subnets: Vec::new(),
        options: [].into(),
        labels: [].into(),
    };
    let network = engine.create_network(&manage, &new).await?;
    let taken = engine.create_network(&manage, &new).await;
    ensure!(matches!(taken, Err(Error::Conflict { .. })), "{taken:?}");
    let endpoint = dockline_docker::Endpoint::default();
    engine.connect_container(&manage, &network, container, &endpoint).await?;
    let twice = engine.connect_container(&manage, &network, container, &endpoint).await;
    ensure!(matches!(twice, Err(Error::Conflict { .. })), "{twice:?}");
    let used = engine.remove_network(&manage, &network, false).await;
    ensure!(matches!(used, Err(Error::Conflict { .. })), "{used:?}");
    engine.disconnect_container(&manage, &network, container, false).await?;
    let twice = engine.disconnect_container(&manage, &network, container, false).await;
    ensure!(matches!(twice, Err(Error::Conflict { .. })), "{twice:?}");
    engine.remove_network(&manage, &network, false).await?;
    missing(engine.remove_network(&manage, &network, false).await, Missing::Network)?;

    let manage = grant(Permission::ImagesManage)?;
    let image = format!("sha256:{}", "9".repeat(64)).parse()?;
    missing(engine.image(&image).await.map(drop), Missing::Image)?;
    missing(engine.remove_image(&manage, &image, true).await.map(drop), Missing::Image)?;
    missing(engine.tag_image(&manage, &image, &"a/b:1".parse()?).await, Missing::Image)?;
    ensure!(engine.find_image(&"999999999999".parse()?).await?.is_empty());
    Ok(())
}
