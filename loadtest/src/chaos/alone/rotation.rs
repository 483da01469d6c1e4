//! A log that rotates under load.

use std::time::Duration;

use anyhow::Result;
use tokio::time::sleep;

use crate::chaos::{
    record::Witness,
    scene::Scene,
    trial::{ARRIVAL, Trial, judge, pause},
    writer::{Pace, Stream, Writer},
};

/// A megabyte a second: a file lasts less than that.
const PACE: Pace = Pace { lines: 10, padding: 1_000, every: Duration::from_millis(10) };
const LENGTH: Duration = Duration::from_secs(4);

pub(crate) async fn rotate(scene: &mut Scene, engine: usize, files: u32) -> Result<Trial> {
    let files = files.to_string();
    let options =
        |spec: dockline_testkit::ContainerSpec| spec.log_opt("max-size", "1m").log_opt("max-file", &files);
    let mut writer = Writer::start(&scene.engines[engine], options).await?;
    let witnesses = Witness::at_each(&scene.doors, writer.container().id());
    // Nothing is lost that was rotated away before anybody watched.
    writer.lines(Stream::Stdout, 1, 0).await?;
    for witness in &witnesses {
        witness.until(Stream::Stdout, 1, ARRIVAL).await?;
    }
    let going = writer.go(PACE);
    sleep(LENGTH).await;
    let mut writer = going.stop().await?;
    for witness in &witnesses {
        witness.until(Stream::Stdout, writer.last(Stream::Stdout), ARRIVAL).await?;
    }
    Ok(Trial { verdict: judge(&mut writer, &witnesses)?, pause: pause(&witnesses), ..Trial::default() })
}
