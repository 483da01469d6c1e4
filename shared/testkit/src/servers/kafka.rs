//! Kafka brokers of a test's own.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use futures::future::try_join_all;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use super::port::free_port;
use super::process::{EndSignal, Launch, ServerProcess};

/// The folder that `deploy/setup/kafka` prints.
const VARIABLE: &str = "DOCKLINE_TEST_KAFKA";
/// Until all of them serve, on a machine that compiles something else at the same time.
const START_DEADLINE: Duration = Duration::from_secs(90);
/// A port may be taken between our look and the broker's.
const TRIES: u32 = 5;
/// Small, and quick to start; its files for other programs stay out of /tmp.
const JVM: [&str; 6] = [
    "-Xms64m",
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
];
/// Says when it serves.
const STARTED_LOGGER: &str = "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info";
const STARTED: &str = "Kafka Server started";

/// A real Apache Kafka of one or three brokers, each its own controller; killed and its folders removed when dropped.
///
/// Topics do not make themselves there. A broker that is killed counts as gone after three seconds.
#[derive(Debug)]
pub struct KafkaCluster {
    brokers: Vec<Broker>,
}

#[derive(Debug)]
struct Broker {
    // The process is gone by the time its folder is removed: fields are dropped in this order.
    process: ServerProcess,
    port: u16,
    /// How often it has been started, which is how often its log says so.
    starts: usize,
    distribution: PathBuf,
    folder: TempDir,
}

impl KafkaCluster {
    /// Starts empty brokers, one or three, and waits until they serve.
    pub async fn start(brokers: usize) -> Result<Self> {
        let mut tries = 1;
        loop {
            let mut cluster = Self::launch(brokers)?;
            match cluster.until_started().await {
                Err(_) if tries < TRIES && cluster.port_was_taken() => tries += 1,
                ended => return ended.map(|()| cluster).context("start Kafka"),
            }
        }
    }

    /// `127.0.0.1:PORT` of every broker, separated by commas; they stay the same over restarts.
    pub fn addresses(&self) -> String {
        let addresses: Vec<_> = self.brokers.iter().map(|one| format!("127.0.0.1:{}", one.port)).collect();
        addresses.join(",")
    }

    /// How many brokers there are, running or not.
    pub fn len(&self) -> usize {
        self.brokers.len()
    }

    /// Never: there is at least one broker.
    pub fn is_empty(&self) -> bool {
        self.brokers.is_empty()
    }

    /// Kills a broker at once (SIGKILL).
    pub fn kill(&mut self, broker: usize) -> Result<()> {
        self.brokers[broker].process.end().context("kill a Kafka broker").map(drop)
    }

    /// Starts a broker again with what its folder holds, and waits until it serves.
    pub async fn restart(&mut self, broker: usize) -> Result<()> {
        let one = &mut self.brokers[broker];
        one.process.end()?;
        one.process = launch(&one.distribution, one.folder.path())?;
        one.starts += 1;
        one.until_started(Instant::now() + START_DEADLINE).await.context("restart a Kafka broker")
    }

    /// Halts a broker (SIGSTOP): connections stay open, but nothing is answered.
    pub fn pause(&mut self, broker: usize) -> Result<()> {
        self.brokers[broker].process.signal("STOP")
    }

    /// Lets it go on (SIGCONT).
    pub fn resume(&mut self, broker: usize) -> Result<()> {
        self.brokers[broker].process.signal("CONT")
    }

    fn launch(brokers: usize) -> Result<Self> {
        if !matches!(brokers, 1 | 3) {
            bail!("one or three brokers, not {brokers}");
        }
        let distribution = distribution()?;
        let ports: Vec<(u16, u16)> = (0..brokers).map(|_| (free_port(), free_port())).collect();
        let voters: Vec<_> =
            ports.iter().zip(1..).map(|((_, port), node)| format!("{node}@127.0.0.1:{port}")).collect();
        let start = |((port, controller), node): (&(u16, u16), usize)| {
            let folder = tempfile::Builder::new().prefix("dockline-kafka").tempdir()?;
            let data = folder.path().join("data");
            copy_files(&distribution.join(format!("formatted/{node}")), &data)?;
            let settings = settings(node, brokers, (*port, *controller), &voters.join(","), &data);
            fs::write(folder.path().join("server.properties"), settings)?;
            let process = launch(&distribution, folder.path())?;
            Ok(Broker { process, port: *port, starts: 1, distribution: distribution.clone(), folder })
        };
        let brokers = ports.iter().zip(1..).map(start).collect::<Result<_>>()?;
        Ok(Self { brokers })
    }

    async fn until_started(&mut self) -> Result<()> {
        let end = Instant::now() + START_DEADLINE;
        try_join_all(self.brokers.iter_mut().map(|one| one.until_started(end))).await.map(drop)
    }

    fn port_was_taken(&self) -> bool {
        self.brokers.iter().any(|one| one.log().contains("Address already in use"))
    }
}

impl Broker {
    async fn until_started(&mut self, end: Instant) -> Result<()> {
        while self.log().matches(STARTED).count() < self.starts {
            self.process.ensure_running()?;
            if Instant::now() > end {
                bail!("it does not serve: {}", self.process.log_end());
            }
            sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.folder.path().join("log")).unwrap_or_default()).into_owned()
    }
}

/// As small as a broker gets. Timings are those of a test: a group forms at once, a dead broker is soon known.
fn settings(
    node: usize,
    brokers: usize,
    (port, controller): (u16, u16),
    voters: &str,
    data: &Path,
) -> String {
    format!(
        "process.roles=broker,controller\n\
         node.id={node}\n\
         controller.quorum.voters={voters}\n\
         listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}\n\
         advertised.listeners=PLAINTEXT://127.0.0.1:{port}\n\
         controller.listener.names=CONTROLLER\n\
         log.dirs={data}\n\
         auto.create.topics.enable=false\n\
         offsets.topic.replication.factor={brokers}\n\
         offsets.topic.num.partitions=4\n\
         transaction.state.log.replication.factor={brokers}\n\
         transaction.state.log.min.isr=1\n\
         transaction.state.log.num.partitions=4\n\
         group.initial.rebalance.delay.ms=0\n\
         broker.session.timeout.ms=3000\n\
         broker.heartbeat.interval.ms=500\n\
         num.network.threads=1\n\
         num.io.threads=2\n",
        data = data.display(),
    )
}

fn launch(distribution: &Path, folder: &Path) -> Result<ServerProcess> {
    let (jars, properties) = (distribution.join("lib/*"), folder.join("server.properties"));
    let (jars, properties) = (jars.to_string_lossy(), properties.to_string_lossy());
    let mut args = JVM.to_vec();
    args.extend([STARTED_LOGGER, "-cp", &jars, "kafka.Kafka", &properties]);
    let java = Launch { program: Path::new("java"), folder, user: None };
    java.server(&args, &folder.join("log"), EndSignal::Kill)
}

/// What `deploy/setup/kafka` has fetched: where it says, or where it usually keeps it.
fn distribution() -> Result<PathBuf> {
    let listed = std::env::var_os(VARIABLE).map(PathBuf::from);
    let usual = || -> Option<PathBuf> {
        let cache = std::env::var_os("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))?;
        let folders = fs::read_dir(cache.join("dockline")).ok()?.flatten().map(|entry| entry.path());
        folders.filter(|path| path.join("formatted/3/meta.properties").is_file()).max()
    };
    listed.or_else(usual).ok_or_else(|| {
        anyhow!("Kafka is not there: run `make test`, or `export {VARIABLE}=$(deploy/setup/kafka)` first")
    })
}

fn copy_files(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("look into {}", from.display()))? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}
