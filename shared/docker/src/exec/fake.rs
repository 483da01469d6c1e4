use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use dockline_domain::{ContainerId, access::Grant, exec::TerminalSize, log::Stream};
use futures::StreamExt;
use tokio::io::{AsyncWriteExt, simplex};
use tokio_util::io::ReaderStream;

use super::{Ended, Exec, ExecInput, ExecPiece, ExecProcess, ExecSpec, Execs};
use crate::{Error, Result, fake::FakeEngine};

/// What fits between the two ends of a fake program.
const CAPACITY: usize = 64 * 1024;
/// The exit code of what was killed.
const KILLED: i64 = 128 + 9;

/// A fake program prints what it reads, to the end of its input. `exit <code>` ends at once.
#[derive(Debug)]
struct FakeProcess(AtomicI64);

#[async_trait]
impl ExecProcess for FakeProcess {
    async fn resize(&self, _size: TerminalSize) -> Result<()> {
        Ok(())
    }

    async fn exit_code(&self) -> Result<i64> {
        Ok(self.0.load(Ordering::SeqCst))
    }

    async fn end(&self, mut input: ExecInput) -> Result<Ended> {
        self.0.store(KILLED, Ordering::SeqCst);
        // Whoever reads no more has ended it as well.
        let _ended = input.shutdown().await;
        Ok(Ended::Gone)
    }
}

#[async_trait]
impl Execs for FakeEngine {
    async fn exec(&self, _grant: &Grant, id: &ContainerId, spec: &ExecSpec) -> Result<Exec> {
        self.must_run("exec", id)?;
        let (reader, mut input) = simplex(CAPACITY);
        let words = spec.command.as_ref().map_or(&[][..], |command| command.words());
        let code = match words {
            [program, code] if program == "exit" => Some(code.parse().unwrap_or_default()),
            _ => None,
        };
        if code.is_some() {
            input.shutdown().await.map_err(|error| Error::Unreachable { reason: error.to_string() })?;
        }
        let output = ReaderStream::new(reader).map(|read| match read {
            Ok(bytes) => Ok(ExecPiece { stream: Stream::Stdout, bytes }),
            Err(error) => Err(Error::Unreachable { reason: error.to_string() }),
        });
        let process = Box::new(FakeProcess(AtomicI64::new(code.unwrap_or_default())));
        Ok(Exec { input: Box::new(input), output: output.boxed(), process })
    }
}
