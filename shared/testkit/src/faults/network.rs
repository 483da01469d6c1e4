//! Networks of their own: programs in namespaces whose packets can be dropped, one way or both, as a partition does.
//! Needs root, `ip`, `iptables` and `nsenter`.

use std::{
    net::{IpAddr, Ipv4Addr},
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

use anyhow::{Context, Result, bail};

use super::Way;

/// Nodes that all reach one address of this machine, each through a cable of its own.
#[derive(Debug)]
pub struct Network {
    nodes: Vec<Node>,
}

impl Network {
    /// So many nodes.
    pub fn of(count: usize) -> Result<Self> {
        sweep();
        let nodes = (0..count).map(|_| Node::plug_in()).collect::<Result<_>>()?;
        Ok(Self { nodes })
    }

    /// The nodes.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The address of this machine where what the nodes are to reach must listen.
    pub fn center(&self) -> Option<IpAddr> {
        self.nodes.first().map(|node| node.gateway.into())
    }
}

/// A namespace and its cable; both are gone when this is dropped.
#[derive(Debug)]
pub struct Node {
    namespace: String,
    cable: String,
    address: Ipv4Addr,
    gateway: Ipv4Addr,
}

impl Node {
    /// The namespace's name, for `nsenter --net=/run/netns/NAME`.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The node's own address.
    pub const fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// Drops the packets between the node and a port outside, this way or both. Nobody is told.
    pub fn drop_packets(&self, port: u16, way: Option<Way>) -> Result<()> {
        let port = port.to_string();
        if way != Some(Way::Down) {
            self.iptables(&["-A", "OUTPUT", "-p", "tcp", "--dport", &port, "-j", "DROP"])?;
        }
        if way != Some(Way::Up) {
            self.iptables(&["-A", "INPUT", "-p", "tcp", "--sport", &port, "-j", "DROP"])?;
        }
        Ok(())
    }

    /// Drops no packets any more.
    pub fn mend(&self) -> Result<()> {
        self.iptables(&["-F"])
    }

    fn plug_in() -> Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let (process, number) = (std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        // A quarter of 10.0.0.0/8, in fours: two processes that meet in one of these would have to be 250,000 apart.
        let base = 0x0a40_0000 + ((process.wrapping_mul(64) + number) % (1 << 20)) * 4;
        let node = Self {
            namespace: format!("dln-{process}-{number}"),
            cable: format!("dln{process}x{number}"),
            gateway: Ipv4Addr::from(base + 1),
            address: Ipv4Addr::from(base + 2),
        };
        let Self { namespace, cable, gateway, address } = &node;
        let (outside, inside, gateway) =
            (format!("{gateway}/30"), format!("{address}/30"), gateway.to_string());
        // Made one by one, so that a failure drops what there is.
        ip(&["netns", "add", namespace])?;
        ip(&["link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", namespace])?;
        ip(&["addr", "add", &outside, "dev", cable])?;
        ip(&["link", "set", cable, "up"])?;
        ip(&["-n", namespace, "link", "set", "lo", "up"])?;
        ip(&["-n", namespace, "addr", "add", &inside, "dev", "eth0"])?;
        ip(&["-n", namespace, "link", "set", "eth0", "up"])?;
        ip(&["-n", namespace, "route", "add", "default", "via", &gateway])?;
        Ok(node)
    }

    fn iptables(&self, args: &[&str]) -> Result<()> {
        let namespace = format!("--net=/run/netns/{}", self.namespace);
        run("nsenter", [&[namespace.as_str(), "iptables", "-w"], args].concat())
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        take_away(&self.namespace, &self.cable);
    }
}

fn take_away(namespace: &str, cable: &str) {
    // Either takes both ends of the cable along, but the namespace not before its last process has ended.
    for args in [["link", "del", cable], ["netns", "del", namespace]] {
        if let Err(error) = ip(&args) {
            tracing::warn!(%error, "a network of a test could not be taken away");
        }
    }
}

/// Takes away what a process left behind that was killed.
fn sweep() {
    let names = std::fs::read_dir("/run/netns").into_iter().flatten().flatten();
    for name in names.filter_map(|entry| entry.file_name().into_string().ok()) {
        let parts = name.strip_prefix("dln-").and_then(|rest| rest.split_once('-'));
        if let Some((process, number)) = parts
            && !std::path::Path::new("/proc").join(process).exists()
        {
            take_away(&name, &format!("dln{process}x{number}"));
        }
    }
}

fn ip(args: &[&str]) -> Result<()> {
    run("ip", args.to_vec())
}

fn run(program: &str, args: Vec<&str>) -> Result<()> {
    let output = Command::new(program).args(&args).output().with_context(|| format!("run {program}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{program} {} ended with {}: {}", args.join(" "), output.status, said.trim());
    }
    Ok(())
}
