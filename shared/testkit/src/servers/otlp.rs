//! A receiver of OpenTelemetry data, whose content a test reads.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, Result};
use tempfile::TempDir;
use tokio::{
    net::TcpStream,
    time::{Instant, sleep},
};

use super::port::free_port;
use super::process::{EndSignal, Launch, ServerProcess};

/// The program that `deploy/setup/otlp-receiver` prints.
const VARIABLE: &str = "DOCKLINE_TEST_OTLP_RECEIVER";
const START_DEADLINE: Duration = Duration::from_secs(20);
/// A port may be taken between our look and the server's.
const TRIES: u32 = 5;

/// A real receiver of OTLP over HTTP; killed and its folder removed when dropped.
#[derive(Debug)]
pub struct OtlpReceiver {
    // The server is gone by the time its folder is removed: fields are dropped in this order.
    process: ServerProcess,
    port: u16,
    log: PathBuf,
    _folder: TempDir,
}

/// A span as the receiver got it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReceivedSpan {
    /// Which part of the product sent it.
    pub role: String,
    /// In hexadecimal digits, as are the following.
    pub trace: String,
    /// Its own ID.
    pub id: String,
    /// The ID of the span that it belongs to; empty without one.
    pub parent: String,
    /// What it is called.
    pub name: String,
    /// As in `SPAN_KIND_SERVER`.
    pub kind: String,
    /// Everything that is told of it.
    pub attributes: Vec<(String, String)>,
}

impl OtlpReceiver {
    /// Starts it.
    pub async fn start() -> Result<Self> {
        let mut tries = 1;
        loop {
            let mut server = Self::launch()?;
            match server.until_it_listens().await {
                Err(_) if tries < TRIES && server.process.log_end().contains("in use") => tries += 1,
                ended => return ended.map(|()| server).context("start the OTLP receiver for tests"),
            }
        }
    }

    /// What `DOCKLINE_OTLP_ENDPOINT` has to say.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Everything that it got so far, as it writes it down.
    pub fn text(&self) -> Result<String> {
        Ok(String::from_utf8_lossy(&std::fs::read(&self.log)?).into_owned())
    }

    /// The spans that it got so far.
    pub fn spans(&self) -> Result<Vec<ReceivedSpan>> {
        Ok(parse(&self.text()?))
    }

    fn launch() -> Result<Self> {
        let program = std::env::var_os(VARIABLE).filter(|given| !given.is_empty()).with_context(|| {
            format!("there is no OTLP receiver: run `make test`, or `export {VARIABLE}=$(deploy/setup/otlp-receiver)` first")
        })?;
        let folder = tempfile::Builder::new().prefix("dockline-otlp").tempdir()?;
        let (port, grpc_port) = (free_port(), free_port());
        let log = folder.path().join("log");
        let (http, grpc) = (format!("127.0.0.1:{port}"), format!("127.0.0.1:{grpc_port}"));
        let args = ["start", "--otlp-http-endpoint", &http, "--otlp-grpc-endpoint", &grpc]
            .into_iter()
            .chain(["--exporter", "blackhole", "--debug-log", "traces", "--debug-log", "logs"])
            .chain(["--debug-log-verbosity", "detailed"]);
        let launch = Launch { program: program.as_ref(), folder: folder.path(), user: None };
        let process = launch.server(&args.collect::<Vec<_>>(), &log, EndSignal::Kill)?;
        Ok(Self { process, port, log, _folder: folder })
    }

    async fn until_it_listens(&mut self) -> Result<()> {
        let end = Instant::now() + START_DEADLINE;
        while let Err(error) = TcpStream::connect(("127.0.0.1", self.port)).await {
            self.process.ensure_running()?;
            if Instant::now() > end {
                return Err(anyhow::Error::from(error).context(self.process.log_end()));
            }
            sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }
}

/// What Rotel writes in its detailed form: a line per field, `Span #0` before each span, and the attributes of the
/// process that sent them before all of its spans.
fn parse(text: &str) -> Vec<ReceivedSpan> {
    let mut spans: Vec<ReceivedSpan> = Vec::new();
    let mut role = String::new();
    let (mut in_span, mut in_resource) = (false, false);
    for line in text.lines() {
        if line.starts_with("ResourceSpans #") || line.starts_with("ResourceLog") {
            (in_span, in_resource) = (false, line.starts_with("ResourceSpans"));
        } else if line.starts_with("Span #") {
            in_span = true;
            spans.push(ReceivedSpan { role: role.clone(), ..ReceivedSpan::default() });
        } else if let Some((key, value)) =
            line.trim_start().strip_prefix("-> ").and_then(|rest| rest.split_once(": "))
        {
            let value = value.split_once('(').and_then(|(_, value)| value.strip_suffix(')')).unwrap_or(value);
            match spans.last_mut().filter(|_| in_span) {
                Some(span) => span.attributes.push((key.to_owned(), value.to_owned())),
                None if in_resource && key == "dockline.role" => value.clone_into(&mut role),
                None => {}
            }
        } else if let (true, Some(span), Some((key, value))) =
            (in_span, spans.last_mut(), line.split_once(" : "))
        {
            let field = match key.trim() {
                "Trace ID" => &mut span.trace,
                "Parent ID" => &mut span.parent,
                "ID" => &mut span.id,
                "Name" => &mut span.name,
                "Kind" => &mut span.kind,
                _ => continue,
            };
            value.trim().clone_into(field);
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_they_are_written_down() {
        let text = "2026-11-29T01:39:46Z  INFO Starting Rotel.
ResourceLog #0
Resource attributes:
     -> dockline.role: Str(streamer)
LogRecord #0
    Trace ID       : 0af7651916cd43dd8448eb211c80319c
ResourceSpans #0
Resource attributes:
     -> dockline.role: Str(api)
     -> service.name: Str(dockline)
ScopeSpans #0
Span #0
    Trace ID       : 0af7651916cd43dd8448eb211c80319c
    Parent ID      : b7ad6b7169203331
    ID             : cb090910cbfdbeae
    Name           : GET /api/v1/events
    Kind           : SPAN_KIND_SERVER
Start time: 1795916391022546136
Attributes:
     -> method: Str(GET)
     -> http.response.status_code: Int(401)
";
        let attributes = [("method", "GET"), ("http.response.status_code", "401")];
        let expected = ReceivedSpan {
            role: "api".to_owned(),
            trace: "0af7651916cd43dd8448eb211c80319c".to_owned(),
            id: "cb090910cbfdbeae".to_owned(),
            parent: "b7ad6b7169203331".to_owned(),
            name: "GET /api/v1/events".to_owned(),
            kind: "SPAN_KIND_SERVER".to_owned(),
            attributes: attributes.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec(),
        };
        assert_eq!(parse(text), [expected]);
    }
}
