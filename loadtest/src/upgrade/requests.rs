//! A steady stream of requests through Traefik: lists, which must be complete, and restarts of containers.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use dockline_testkit::{ContainerSpec, TestContainer};
use reqwest::{Client, Method};
use serde_json::Value;
use tokio::{task::JoinHandle, time::sleep};

use super::fleet::Fleet;
use crate::viewer::Door;

/// No answer takes longer, also on a busy machine.
const ANSWER_DEADLINE: Duration = Duration::from_secs(60);
/// People who read lists.
const READERS: usize = 3;
/// Between two requests of one of them.
const PACE: Duration = Duration::from_millis(20);
/// Ends at once when it is told to, so that a restart is quick.
const RESTARTED: &str = "trap 'exit 0' TERM; while :; do sleep 1 & wait $!; done";
/// By which the containers of this run are listed.
const LABEL: &str = "dockline.upgrade";

pub(super) struct Requests {
    stop: Stop,
    readers: Vec<JoinHandle<Reader>>,
    restarters: Vec<JoinHandle<Restarter>>,
}

/// Told to all who ask.
#[derive(Clone, Default)]
struct Stop(Arc<AtomicBool>);

/// What was asked, and what came of it.
pub(super) struct Asked {
    pub(super) lists: u64,
    /// How often each container was restarted. They are there as long as this: their removal would be events of theirs too.
    pub(super) restarts: Vec<(TestContainer, u64)>,
    pub(super) failed: Vec<String>,
}

#[derive(Default)]
struct Reader {
    asked: u64,
    failed: Vec<String>,
}

struct Restarter {
    container: TestContainer,
    restarts: u64,
    failed: Vec<String>,
}

impl Requests {
    /// Goes on until it is stopped. `writers` are containers that run all the time.
    pub(super) fn start(fleet: &Fleet, writers: Vec<String>) -> Result<Self> {
        let client =
            Asker { http: Client::builder().timeout(ANSWER_DEADLINE).build()?, door: fleet.door.clone() };
        let run = format!("{:016x}", rand::random::<u64>());
        let mut restarted = Vec::new();
        for engine in &fleet.engines {
            let spec = ContainerSpec::script(RESTARTED).label(LABEL, &run);
            restarted.push(tokio::task::block_in_place(|| engine.run_container(&spec))?);
        }
        let stop = Stop::default();
        let wanted: Arc<[String]> = restarted.iter().map(|one| one.id().to_owned()).collect();
        let writers: Arc<[String]> = writers.into();
        let readers = (0..READERS).map(|_| {
            let (client, run, stop) = (client.clone(), run.clone(), stop.clone());
            let (wanted, writers) = (Arc::clone(&wanted), Arc::clone(&writers));
            tokio::spawn(read(client, run, wanted, writers, stop))
        });
        let readers = readers.collect();
        let restarters =
            restarted.into_iter().map(|one| tokio::spawn(restart(client.clone(), one, stop.clone())));
        Ok(Self { readers, restarters: restarters.collect(), stop })
    }

    /// Ends behind the requests that are under way.
    pub(super) async fn stop(self) -> Result<Asked> {
        self.stop.0.store(true, Ordering::Relaxed);
        let mut asked = Asked { lists: 0, restarts: Vec::new(), failed: Vec::new() };
        for reader in self.readers {
            let reader = reader.await?;
            asked.lists += reader.asked;
            asked.failed.extend(reader.failed);
        }
        for restarter in self.restarters {
            let Restarter { container, restarts, failed } = restarter.await?;
            asked.restarts.push((container, restarts));
            asked.failed.extend(failed);
        }
        ensure!(asked.lists > 0 && asked.restarts.iter().all(|(_, times)| *times > 0), "nothing was asked");
        Ok(asked)
    }
}

/// Reads by turns the list of the run's containers, and a container that runs.
async fn read(
    client: Asker,
    run: String,
    wanted: Arc<[String]>,
    writers: Arc<[String]>,
    stop: Stop,
) -> Reader {
    let list = format!("/api/v1/containers?label={LABEL}%3D{run}&limit=500");
    let mut reader = Reader::default();
    for turn in 0_usize.. {
        if stop.0.load(Ordering::Relaxed) {
            break;
        }
        let answer = if turn % 2 == 0 {
            client.ask(Method::GET, &list, 200).await.and_then(|list| complete(&list, &wanted))
        } else {
            let path = format!("/api/v1/containers/{}", writers[turn / 2 % writers.len()]);
            client.ask(Method::GET, &path, 200).await.map(drop)
        };
        reader.asked += 1;
        reader.failed.extend(answer.err().map(|error| format!("{error:#}")));
        sleep(PACE).await;
    }
    reader
}

/// A list that leaves a host out answers 200 as well.
fn complete(list: &Value, wanted: &[String]) -> Result<()> {
    let items = list["items"].as_array().context("a list has items")?;
    for id in wanted {
        ensure!(items.iter().any(|item| item["id"] == id.as_str()), "a container is not in the list: {list}");
    }
    Ok(())
}

async fn restart(client: Asker, container: TestContainer, stop: Stop) -> Restarter {
    let path = format!("/api/v1/containers/{}/restart", container.id());
    let mut restarter = Restarter { container, restarts: 0, failed: Vec::new() };
    while !stop.0.load(Ordering::Relaxed) {
        match client.ask(Method::POST, &path, 204).await {
            Ok(_empty) => restarter.restarts += 1,
            Err(error) => restarter.failed.push(format!("{error:#}")),
        }
        sleep(PACE).await;
    }
    restarter
}

/// Somebody who is signed in, and comes in through Traefik.
#[derive(Clone)]
struct Asker {
    http: Client,
    door: Door,
}

impl Asker {
    async fn ask(&self, method: Method, path: &str, expected: u16) -> Result<Value> {
        let began = Instant::now();
        let url = format!("http://{}{path}", self.door.address);
        let answer = async {
            let request = self.http.request(method.clone(), url).bearer_auth(&self.door.token);
            let answer = request.send().await?;
            let status = answer.status().as_u16();
            let body = answer.text().await?;
            ensure!(status == expected, "{status} {body}");
            Ok(serde_json::from_str(&body).unwrap_or(Value::Null))
        };
        answer.await.with_context(|| format!("{method} {path} after {} ms", began.elapsed().as_millis()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_without_a_container_is_not_complete() {
        let list = json!({ "items": [{ "id": "aa" }, { "id": "bb" }], "hosts": [] });
        let wanted = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        assert!(complete(&list, &wanted(&["bb", "aa"])).is_ok());
        assert!(complete(&list, &wanted(&["aa", "cc"])).is_err());
        assert!(complete(&json!({ "code": "unavailable" }), &wanted(&["aa"])).is_err());
    }
}
