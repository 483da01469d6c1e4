//! What Traefik adds to a request.

use std::time::Instant;

use anyhow::{Result, ensure};
use dockline_testkit::{DocklineCommand, TraefikServer};
use reqwest::Client;

use crate::clock::{millis, quantile};
use crate::report::{Row, Target, figure};
use crate::stage::Stage;

/// Requests on each way, taken in turns.
const REQUESTS: usize = 2_000;

pub(crate) async fn run(stage: &Stage) -> Result<Vec<Row>> {
    let command = DocklineCommand::new(&stage.program).docker_host(&stage.engine.host);
    let process = command.start().await?;
    // The limits of an address would be measured instead.
    let unlimited = [("DOCKLINE_EDGE_RATE", "1000000"), ("DOCKLINE_EDGE_BURST", "1000000")];
    let traefik = TraefikServer::start(&[process.address()], &unlimited).await?;
    let (http, mut bare, mut through) = (Client::new(), Vec::new(), Vec::new());
    let ways = [process.url("/healthz"), traefik.url("/healthz")];
    for _ in 0..REQUESTS {
        for (url, times) in ways.iter().zip([&mut bare, &mut through]) {
            let began = Instant::now();
            let answer = http.get(url).send().await?;
            ensure!(answer.status() == 200, "{url}: {}", answer.status());
            answer.bytes().await?;
            times.push(i64::try_from(began.elapsed().as_nanos())?);
        }
    }
    let [[bare50, bare99], [all50, all99]] = [bare, through].map(|mut times| {
        times.sort_unstable();
        [0.5, 0.99].map(|share| millis(quantile(&times, share)))
    });
    Ok(vec![Row {
        name: "latency that Traefik adds, p99".to_owned(),
        measured: format!("{} ms", figure(all99 - bare99)),
        baseline: format!("without it: {} ms", figure(bare99)),
        ratio: Some(all99 / bare99),
        judged: all99 - bare99,
        target: Target::None,
        note: format!(
            "{REQUESTS} requests for /healthz on each way over kept connections, in turns; p50 {} ms more than {} ms",
            figure(all50 - bare50),
            figure(bare50)
        ),
    }])
}
