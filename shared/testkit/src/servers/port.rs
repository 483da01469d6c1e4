//! Ports for servers that cannot tell which one the system gave them.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

/// Below the ports that the system hands to outgoing connections (from 32768), which would be in the way now and then.
const FIRST: u16 = 10_000;
/// The bus of a cluster node is this far above its port.
const BUS: u16 = 10_000;
/// So many, that the bus ports stay below 32768 too.
const COUNT: u16 = 12_700;

/// A port of the loopback interface that nobody listens on, and whose bus port is free as well.
///
/// Another process may take it before the server does, so whoever starts a server on it tries again with the next.
pub fn free_port() -> u16 {
    /// Within this process no port comes twice.
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Test processes that run at the same time begin at different places.
    let begin = u16::try_from(std::process::id() * 61 % u32::from(COUNT)).unwrap_or_default();
    loop {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = FIRST + (begin + step % COUNT) % COUNT;
        if is_free(port) && is_free(port + BUS) {
            return port;
        }
    }
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_differ_and_stay_below_those_of_outgoing_connections() {
        let ports: std::collections::HashSet<_> = (0..50).map(|_| free_port()).collect();
        assert_eq!(ports.len(), 50);
        assert!(ports.iter().all(|port| (FIRST..32_768 - BUS).contains(port)), "{ports:?}");
    }
}
