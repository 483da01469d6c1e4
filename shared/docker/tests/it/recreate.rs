//! What it takes to put a container in another one's place, on the fake and on both real engines.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use dockline_docker::{
    Engine, Error, FoundSuccessor, HealthSaid, Missing, NewContainer, RemoveOptions, Successor,
    fake::FakeEngine, objections,
};
use dockline_domain::{
    ContainerId, JobId,
    access::{Grant, Permission},
    host_access::Namespace,
};
use dockline_testkit::{ContainerSpec, ForeignImage, TestEngine, engines, eventually};

use crate::{
    containers::wanted,
    stage::{ANSWER, QUIET, grant, host, plain},
};

#[tokio::test]
async fn on_the_fake() -> Result<()> {
    let fake = FakeEngine::new(host());
    let foreign = fake.images.add(&["fake:foreign"], &[]);
    let platform = serde_json::from_value(serde_json::json!({ "os": "linux", "architecture": "arm64" }))?;
    fake.images.make_foreign(&foreign, platform);
    Stage::run(fake.as_ref(), async |stage| stage.everything("fake:1").await).await?;
    Stage::run(fake.as_ref(), async |stage| {
        stage.of_another_platform("fake:foreign", "fake:1", "linux/arm64").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn on_real_engines() -> Result<()> {
    let _busy = QUIET.write().await;
    for real in engines() {
        let (engine, image) = (&plain(&real.host)?, "local/busybox:1");
        let done = async {
            Stage::run(engine, async |stage| stage.everything(image).await).await?;
            let foreign = ForeignImage::make(&real, image, "local/foreign:1")?;
            let platform = format!("linux/{}", foreign.architecture());
            Stage::run(engine, async |stage| {
                stage.of_another_platform(foreign.name(), image, &platform).await
            })
            .await?;
            conditions(engine, &real).await
        };
        done.await.with_context(|| real.host.clone())?;
    }
    Ok(())
}

/// An engine, and the containers that a test makes there.
struct Stage<'a> {
    engine: &'a dyn Engine,
    grant: Grant,
    made: Vec<ContainerId>,
}

impl<'a> Stage<'a> {
    /// Removes what was made when the test is over, however it went.
    async fn run(engine: &'a dyn Engine, test: impl AsyncFnOnce(&mut Self) -> Result<()>) -> Result<()> {
        let grant = grant(Permission::ContainersCreate)?;
        let mut stage = Self { engine, grant, made: Vec::new() };
        let outcome = test(&mut stage).await;
        for id in &stage.made {
            match engine.remove(&stage.grant, id, RemoveOptions { force: true, volumes: true }).await {
                Ok(()) | Err(Error::NotFound) => {}
                Err(error) => return outcome.and(Err(error.into())),
            }
        }
        outcome
    }

    async fn container(&mut self, name: &str, new: NewContainer) -> Result<ContainerId> {
        let new = NewContainer { name: Some(name.parse()?), ..new };
        let made = self.engine.create_container(&self.grant, &new).await?;
        self.made.push(made.id.clone());
        Ok(made.id)
    }

    async fn successor(&mut self, of: &ContainerId, wish: &Successor) -> Result<ContainerId, Error> {
        let blueprint = self.engine.blueprint(of).await?;
        let id = self.engine.create_successor(&self.grant, &blueprint, wish).await?;
        self.made.push(id.clone());
        Ok(id)
    }

    async fn everything(&mut self, image: &str) -> Result<()> {
        let engine = self.engine;
        let old = self.container("it-old", wanted(image)).await?;
        ensure!(!engine.blueprint(&old).await?.runs);
        engine.start(&self.grant, &old).await?;
        let blueprint = engine.blueprint(&old).await?;
        ensure!(
            blueprint.id == old && blueprint.name.as_str() == "it-old" && blueprint.runs,
            "{blueprint:?}"
        );
        ensure!(blueprint.image == image && blueprint.project().is_none() && blueprint.platform.is_none());
        ensure!(!engine.is_reached_through(&blueprint).await?, "it only sleeps");
        let here = engine.image_here(&image.parse()?).await?.context("the image")?;
        ensure!(here.id == blueprint.image_id, "{here:?} {}", blueprint.image_id);
        ensure!(engine.image_here(&"local/nothing:1".parse()?).await?.is_none());
        ensure!(objections(engine, &blueprint).await?.is_empty());

        let wish = |image: &str| {
            let (job, temporary_name) = (JobId::generate(), "it-new".parse()?);
            Ok::<_, anyhow::Error>(Successor { job, image: image.parse()?, temporary_name })
        };
        match self.successor(&old, &wish("local/nothing:1")?).await {
            Err(Error::Missing { what: Missing::Image, .. }) => {}
            other => bail!("{other:?}"),
        }
        ensure!(engine.successors(&old).await?.is_empty());
        let wish = wish(image)?;
        let new = self.successor(&old, &wish).await?;
        let (is, was) = (engine.condition(&new).await?, engine.condition(&old).await?);
        ensure!(is.name == "it-new" && is.untouched && !is.running && !is.restarting, "{is:?}");
        ensure!(was.name == "it-old" && was.running && !was.untouched && was.restarts == 0, "{was:?}");
        let found = FoundSuccessor { id: new.clone(), job: wish.job, name: "it-old".parse()?, ran: true };
        ensure!(engine.successors(&old).await? == std::slice::from_ref(&found));
        ensure!(engine.successors(&new).await?.is_empty());
        let twice = self.successor(&old, &wish).await;
        ensure!(matches!(twice, Err(Error::Conflict { .. })), "{twice:?}");
        ensure!(engine.successors(&old).await? == std::slice::from_ref(&found), "a half-made one is left");

        engine.rename(&self.grant, &old, &"it-parked".parse()?).await?;
        engine.stop(&self.grant, &old).await?;
        engine.rename(&self.grant, &new, &"it-old".parse()?).await?;
        engine.start(&self.grant, &new).await?;
        let (is, was) = (engine.condition(&new).await?, engine.condition(&old).await?);
        ensure!(is.name == "it-old" && is.running && !is.untouched, "{is:?}");
        ensure!(was.name == "it-parked" && !was.running && !was.untouched, "{was:?}");
        engine.remove(&self.grant, &old, RemoveOptions::default()).await?;
        ensure!(matches!(engine.condition(&old).await, Err(Error::NotFound)));
        ensure!(matches!(engine.blueprint(&old).await, Err(Error::NotFound)));
        ensure!(engine.successors(&old).await? == [found], "it is known when the old one is gone as well");

        ensure!(engine.namespace_users(&new).await?.is_empty());
        let mut guest = wanted(image);
        guest.isolation.namespaces = vec![(Namespace::Pid, format!("container:{new}"))];
        let guest = self.container("it-guest", guest).await?;
        ensure!(engine.namespace_users(&new).await? == ["it-guest"]);
        ensure!(engine.namespace_users(&guest).await?.is_empty());
        engine.pause(&self.grant, &new).await?;
        let said = objections(engine, &engine.blueprint(&new).await?).await?.join("; ");
        engine.unpause(&self.grant, &new).await?;
        ensure!(said.contains("it-guest") && said.contains("unpause"), "{said}");
        Ok(())
    }

    /// An engine would take its own platform unasked, and the container would be another one.
    async fn of_another_platform(&mut self, foreign: &str, native: &str, platform: &str) -> Result<()> {
        let old = self.container("it-foreign", wanted(foreign)).await?;
        let told = async |of: &ContainerId| -> Result<Option<String>> {
            Ok(self.engine.blueprint(of).await?.platform.map(|platform| platform.to_string()))
        };
        ensure!(told(&old).await?.as_deref() == Some(platform), "{:?}", told(&old).await?);
        let wish = |image: &str| {
            let (job, temporary_name) = (JobId::generate(), "it-foreign-new".parse()?);
            Ok::<_, anyhow::Error>(Successor { job, image: image.parse()?, temporary_name })
        };
        let (native, foreign) = (wish(native)?, wish(foreign)?);
        match self.successor(&old, &native).await {
            Err(Error::Missing { what: Missing::Image, message }) => {
                ensure!(message.contains("platform") && message.contains(platform), "{message}");
            }
            other => bail!("{other:?}"),
        }
        ensure!(self.engine.successors(&old).await?.is_empty());
        let new = self.successor(&old, &foreign).await?;
        ensure!(self.engine.blueprint(&new).await?.platform == self.engine.blueprint(&old).await?.platform);
        Ok(())
    }
}

/// What only real containers come to.
async fn conditions(engine: &dyn Engine, real: &TestEngine) -> Result<()> {
    let condition = async |of: &dockline_testkit::TestContainer| -> Result<_> {
        Ok(engine.condition(&of.id().parse()?).await?)
    };
    let failing = real.run_container(&ContainerSpec::script("exit 7").restart("on-failure:1"))?;
    let checked = real.run_container(
        &ContainerSpec::script("trap exit TERM; while :; do sleep 0.1; done")
            .option("--health-cmd=[ ! -e /sick ]")
            .option("--health-interval=1s")
            .option("--health-timeout=4s")
            .option("--health-retries=1")
            .option("--health-start-period=2s"),
    )?;
    let ended = eventually(ANSWER, || async {
        let is = condition(&failing).await?;
        ensure!(!is.running && !is.restarting && is.restarts == 1, "{is:?}");
        Ok(is)
    })
    .await?;
    ensure!(ended.exit_code == 7 && ended.health.is_none() && !ended.untouched, "{ended:?}");
    let health = |wanted: HealthSaid| {
        let (condition, checked) = (&condition, &checked);
        eventually(ANSWER, move || async move {
            let is = condition(checked).await?;
            ensure!(is.health == Some(wanted), "{is:?}");
            Ok(is)
        })
    };
    let well = health(HealthSaid::Healthy).await?;
    ensure!(well.running && well.health_within == Duration::from_secs(2 + 2 * (1 + 4)), "{well:?}");
    checked.exec("touch /sick")?;
    health(HealthSaid::Unhealthy).await.map(drop)
}
