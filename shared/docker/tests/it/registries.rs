//! A registry with a password: tried, pushed to, asked and pulled from, on the fake and on both real engines.

use anyhow::{Context, Result, ensure};
use dockline_docker::{
    Engine, Error, LoginAnswer, RegistryLogin, TransferEvent, TransferStream, fake::FakeEngine,
};
use dockline_domain::{ImageReference, access::Permission, registry::RegistrySecret};
use dockline_testkit::{RegistryServer, engines};
use futures::TryStreamExt;
use tokio::time::timeout;

use crate::stage::{ANSWER, QUIET, grant, host, plain};

const PASSWORD: &str = "s3cret";
const WRONG: &str = "hunter2";

#[tokio::test]
async fn on_the_fake() -> Result<()> {
    let fake = FakeEngine::new(host());
    fake.registry.close();
    fake.images.add(&["registry.test/closed/web:1"], &[]);
    everything(fake.as_ref(), "registry.test").await
}

#[tokio::test(flavor = "multi_thread")]
async fn on_real_engines() -> Result<()> {
    let _busy = QUIET.write().await;
    for real in engines() {
        let registry = RegistryServer::start_with_password().await?;
        let link = registry.reached_by(&real)?;
        let address = link.address().to_string();
        let image = format!("{address}/closed/web:1");
        real.docker(["tag", "local/busybox:1", &image])?;
        let outcome = everything(&plain(&real.host)?, &address).await.with_context(|| real.host.clone());
        real.docker(["image", "rm", "--force", &image])?;
        outcome?;
    }
    Ok(())
}

/// All that a transfer tells.
async fn told(opened: Result<TransferStream, Error>) -> Result<Vec<TransferEvent>, Error> {
    let reading = async { opened?.try_collect().await };
    timeout(ANSWER, reading).await.unwrap_or(Err(Error::TimedOut { operation: "move the image" }))
}

/// The engine has the image `closed/web:1` of a registry that does not have it yet.
async fn everything(engine: &dyn Engine, registry: &str) -> Result<()> {
    let grant = grant(Permission::RegistriesManage)?;
    let image: ImageReference = format!("{registry}/closed/web:1").parse()?;
    let absent: ImageReference = format!("{registry}/closed/absent:1").parse()?;
    let login = |password: &str| {
        Ok::<_, anyhow::Error>(RegistryLogin {
            address: registry.parse()?,
            username: Some("dev".to_owned()),
            kind: RegistrySecret::Password,
            secret: password.to_owned().into(),
        })
    };
    let (right, wrong) = (login(PASSWORD)?, login(WRONG)?);

    let tried = engine.try_login(&grant, &wrong).await?;
    ensure!(
        matches!(&tried, LoginAnswer::Refused(why) if !why.is_empty() && !why.contains(WRONG)),
        "{tried:?}"
    );
    let tried = engine.try_login(&grant, &right).await?;
    ensure!(matches!(tried, LoginAnswer::Accepted(_)), "{tried:?}");

    for login in [None, Some(&wrong)] {
        let refused = told(engine.push(&grant, &image, login).await).await.expect_err("it wants a password");
        ensure!(
            matches!(&refused, Error::Engine { .. }) && !refused.to_string().contains(WRONG),
            "{refused:?}"
        );
        let refused = engine.registry_digest(&grant, &image, login).await.expect_err("it wants a password");
        ensure!(
            matches!(&refused, Error::Engine { .. }) && !refused.to_string().contains(WRONG),
            "{refused:?}"
        );
    }
    let nothing = told(engine.push(&grant, &absent, Some(&right)).await).await.expect_err("there is none");
    ensure!(nothing.to_string().contains("does not exist locally"), "{nothing:?}");
    // What is there already is not sent again, and no failure.
    for _ in 0..2 {
        let pushed = told(engine.push(&grant, &image, Some(&right)).await).await?;
        ensure!(pushed.iter().any(TransferEvent::is_complete), "{pushed:?}");
    }

    let digest = engine.registry_digest(&grant, &image, Some(&right)).await?;
    ensure!(digest.len() == 71 && digest.starts_with("sha256:"), "{digest}");
    let unknown = engine.registry_digest(&grant, &absent, Some(&right)).await;
    ensure!(matches!(unknown, Err(Error::Engine { .. })), "{unknown:?}");

    let name = image.to_string().parse()?;
    ensure!(engine.image_here(&name).await?.is_some());
    engine.untag_image(&grant, &image).await?;
    ensure!(engine.image_here(&name).await?.is_none(), "it is still there");
    let refused = told(engine.pull(&grant, &image, None, None).await).await;
    ensure!(matches!(refused, Err(Error::Engine { .. })), "{refused:?}");
    let pulled = told(engine.pull(&grant, &image, Some(&right), None).await).await?;
    ensure!(pulled.iter().any(|event| event.digest() == Some(&digest)), "{pulled:?}");
    let here = engine.image_here(&name).await?.context("it was pulled")?;
    ensure!(here.digests.contains(&format!("{}@{digest}", image.name())), "{here:?}");
    Ok(())
}
