//! A Docker engine as on another machine: in a network of its own, with mutual TLS.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow};

use crate::certificates::{Authority, Certified};
use crate::engines::TestEngine;

/// The name of the CA that `deploy/engines/up` makes.
const AUTHORITY: &str = "Dockline test engines";

/// The engine that `deploy/engines/up` starts beside the two of [`engines`](crate::engines()), and what it wants to see.
#[derive(Clone, Debug)]
pub struct RemoteEngine {
    /// `tcp://IP:2376`.
    pub host: String,
    /// The same engine by its Unix socket, for the docker CLI.
    pub local: TestEngine,
    certificates: PathBuf,
    namespace: String,
}

impl RemoteEngine {
    /// The engine.
    ///
    /// # Panics
    /// When the environment does not name it: a test without its engine is never passed over in silence.
    pub fn get() -> Self {
        let variable = |name: &str| match std::env::var(format!("DOCKLINE_TEST_REMOTE_{name}")) {
            Ok(value) if !value.is_empty() => value,
            _ => panic!(
                "DOCKLINE_TEST_REMOTE_{name} is not set: run `make test`, or `eval $(deploy/engines/up)` first"
            ),
        };
        Self {
            host: variable("ENGINE"),
            local: TestEngine { version: "28.5".to_owned(), host: variable("SOCKET") },
            certificates: variable("CERTS").into(),
            namespace: variable("NAMESPACE"),
        }
    }

    /// The CA, in PEM.
    pub fn ca(&self) -> Result<String> {
        self.read("ca.pem")
    }

    /// The client's certificate and key.
    pub fn client(&self) -> Result<Certified> {
        Ok(Certified { certificate: self.read("cert.pem")?, key: self.read("key.pem")? })
    }

    /// The CA itself, to sign other certificates.
    pub fn authority(&self) -> Result<Authority> {
        Authority::existing(AUTHORITY, &self.ca()?, &self.read("ca-key.pem")?)
    }

    /// The folder of `ca.pem`, `cert.pem` and `key.pem`, in the form of `DOCKER_CERT_PATH`.
    pub fn certificates(&self) -> &Path {
        &self.certificates
    }

    /// Drops every packet from and to the engine's port, until the value is dropped: the machine is gone, and nobody says so.
    /// It concerns all tests that use this engine.
    pub fn cut_off(&self) -> Result<CutOff> {
        let port = self.host.rsplit(':').next().unwrap_or_default().to_owned();
        // Dropped, and so undone, when the second rule cannot be made.
        let cut_off = CutOff { namespace: self.namespace.clone(), port };
        cut_off.iptables("-I")?;
        Ok(cut_off)
    }

    fn read(&self, file: &str) -> Result<String> {
        let path = self.certificates.join(file);
        std::fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))
    }
}

/// Two rules that drop packets, taken away when this is dropped.
#[derive(Debug)]
pub struct CutOff {
    namespace: String,
    port: String,
}

impl CutOff {
    fn iptables(&self, verb: &str) -> Result<()> {
        let mut done = Ok(());
        for (chain, end) in [("PREROUTING", "--dport"), ("OUTPUT", "--sport")] {
            let mut command = Command::new("nsenter");
            command.arg(format!("--net=/run/netns/{}", self.namespace));
            command.args([
                "iptables", "-w", "-t", "raw", verb, chain, "-p", "tcp", end, &self.port, "-j", "DROP",
            ]);
            let status = command.status().context("run iptables")?;
            if !status.success() {
                done = Err(anyhow!("{command:?} ended with {status}"));
            }
        }
        done
    }
}

impl Drop for CutOff {
    fn drop(&mut self) {
        if let Err(error) = self.iptables("-D") {
            tracing::warn!(%error, "a network cut was not taken away");
        }
    }
}
