//! Programs that run in a container beside its main process.
//!
//! An engine starts such a program and tells how it ended, but has no way to end it, and closing the connection does not:
//! the program goes on, seen by nobody. So a real engine's adapter brings a guard with each program (`guard.rs`), a second
//! program in the same container that ends the first one's whole session when it is told to, or when the connection to
//! Dockline breaks. It needs a shell in the container. Where there is none, what remains is to type `^C`, `^\` and `^D`,
//! or to close the program's input: many programs end by that, not all.

mod fake;
mod guard;
mod mark;
mod output;
mod process;
mod real;

use async_trait::async_trait;
use bytes::Bytes;
use dockline_domain::{
    ContainerId, ContainerUser,
    access::Grant,
    container_path::ContainerPath,
    exec::{CommandLine, TerminalSize},
    log::Stream,
};
use futures::stream::BoxStream;
use tokio::io::AsyncWrite;

use crate::Result;

/// What a program reads. Shutting it down is the end of its input.
pub type ExecInput = Box<dyn AsyncWrite + Send + Unpin>;
/// What a program prints, at its reader's pace; ends when the program has closed its outputs.
pub type ExecOutput = BoxStream<'static, Result<ExecPiece>>;

/// Some of what a program prints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecPiece {
    /// Which output; a terminal has only [`Stream::Stdout`].
    pub stream: Stream,
    /// The bytes as they came.
    pub bytes: Bytes,
}

/// A program to run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExecSpec {
    /// The program; by default a shell of the container's: `bash`, else `sh`.
    pub command: Option<CommandLine>,
    /// Who it runs as; by default who the container does.
    pub user: Option<ContainerUser>,
    /// Where it runs; by default where the container does.
    pub working_dir: Option<ContainerPath>,
    /// Its terminal; without one its outputs are apart, and its input can end.
    pub terminal: Option<TerminalSize>,
}

/// A program that runs.
pub struct Exec {
    /// What it reads.
    pub input: ExecInput,
    /// What it prints.
    pub output: ExecOutput,
    /// The program itself. When this is dropped before the output has ended, the program is ended.
    pub process: Box<dyn ExecProcess>,
}

impl std::fmt::Debug for Exec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exec").field("process", &self.process).finish_non_exhaustive()
    }
}

/// What became of a program that was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It is gone, and so is whatever it started in its session.
    Gone,
    /// It may still run: the container has no shell by which it could be killed, or may not kill it.
    Left,
}

/// A program that runs, apart from what goes through it.
#[async_trait]
pub trait ExecProcess: Send + Sync + std::fmt::Debug {
    /// Gives the terminal another size. A program that has ended, or has no terminal, is a success.
    async fn resize(&self, size: TerminalSize) -> Result<()>;

    /// How it ended; to be asked when its output has.
    async fn exit_code(&self) -> Result<i64>;

    /// Ends it, and all of its session, within 10 s: by `SIGHUP` as a closed terminal does, then by `SIGKILL`. One that
    /// has ended is a success. Nobody reads its output any more.
    async fn end(&self, input: ExecInput) -> Result<Ended>;
}

/// How an engine runs programs in containers.
#[async_trait]
pub trait Execs: Send + Sync {
    /// Starts a program and attaches to it.
    ///
    /// What the engine has to say against it after it has accepted it, such as that there is no such program, comes as its
    /// output, with the exit code 126 or 127.
    async fn exec(&self, grant: &Grant, id: &ContainerId, spec: &ExecSpec) -> Result<Exec>;
}
