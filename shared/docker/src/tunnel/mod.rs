//! Bare connections to an engine, for a program that speaks to it by itself.

mod fake;
mod real;

use async_trait::async_trait;
use dockline_domain::access::Grant;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::Result;

/// A connection on which an engine waits for requests.
pub trait EngineConnection: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> EngineConnection for T {}

/// Bare connections to an engine.
#[async_trait]
pub trait Tunnels: Send + Sync {
    /// Opens a connection over the host's own way, whatever that is: logged in, and encrypted where it is. Whoever has it
    /// may ask the engine for anything, so it is for programs whose requests were judged before.
    async fn tunnel(&self, grant: &Grant) -> Result<Box<dyn EngineConnection>>;
}
