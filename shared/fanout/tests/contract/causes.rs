use anyhow::{Result, ensure};
use dockline_domain::ContainerId;

use crate::stage::Stage;

pub async fn what_was_asked_is_known_to_the_streamer(stage: &Stage) -> Result<()> {
    let [one, other] = &stage.replicas;
    let (asked, left_alone) = ("a".repeat(64), "b".repeat(64));
    let container: ContainerId = asked.parse()?;
    let known = async || stage.streamer.causes(&stage.host, &[&left_alone, &asked]).await;
    ensure!(known().await? == [None, None]);
    one.note_cause(&stage.host, &container, "first").await?;
    ensure!(known().await? == [None, Some("first".to_owned())]);
    other.note_cause(&stage.host, &container, "second").await?;
    ensure!(known().await? == [None, Some("second".to_owned())]);
    ensure!(stage.streamer.causes(&"elsewhere".parse()?, &[&asked]).await? == [None], "another host's");
    ensure!(stage.streamer.causes(&stage.host, &[]).await?.is_empty());
    Ok(())
}
