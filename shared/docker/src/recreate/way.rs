//! Whether a container is what answers at an address, as a filter before an engine's socket does.

use std::net::{IpAddr, SocketAddr};

use serde_json::Value;

use super::blueprint::text_at;

/// Whether one of these addresses is the container's own, or one at which its host publishes a port of it. One that lives
/// in its host's network has none of its own, so of that nothing can be known.
pub(super) fn answers_at(container: &Value, addresses: &[SocketAddr]) -> bool {
    addresses.iter().any(|address| is_own(container, address.ip()) || is_published(container, address))
}

fn is_own(container: &Value, ip: IpAddr) -> bool {
    let networks = container.pointer("/NetworkSettings/Networks").and_then(Value::as_object);
    networks.into_iter().flatten().any(|(_, joined)| {
        ["/IPAddress", "/GlobalIPv6Address"]
            .iter()
            .any(|family| text_at(joined, family).parse() == Ok(ip.to_canonical()))
    })
}

/// Where a port is published at every address of the host, nothing else has it there.
fn is_published(container: &Value, address: &SocketAddr) -> bool {
    let ports = container.pointer("/NetworkSettings/Ports").and_then(Value::as_object);
    let tcp = ports.into_iter().flatten().filter(|(port, _)| port.ends_with("/tcp"));
    tcp.flat_map(|(_, bindings)| bindings.as_array().into_iter().flatten()).any(|binding| {
        let at = text_at(binding, "/HostIp").parse::<IpAddr>();
        text_at(binding, "/HostPort").parse() == Ok(address.port())
            && at.ok().is_none_or(|ip| ip.is_unspecified() || ip == address.ip().to_canonical())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_container_answers_at_its_own_addresses_and_at_published_ports() {
        let container = json!({ "NetworkSettings": {
            "Networks": { "a": { "IPAddress": "172.18.0.5", "GlobalIPv6Address": "fd00::5" }, "b": { "IPAddress": "" } },
            "Ports": { "2375/tcp": [{ "HostIp": "127.0.0.1", "HostPort": "2375" }, { "HostIp": "::1", "HostPort": "2375" }],
                       "9000/tcp": [{ "HostIp": "0.0.0.0", "HostPort": "9000" }], "53/udp": [{ "HostIp": "", "HostPort": "53" }],
                       "80/tcp": null },
        } });
        for (address, expected) in [
            ("172.18.0.5:2375", true),
            ("[::ffff:172.18.0.5]:1", true),
            ("[fd00::5]:2375", true),
            ("172.18.0.6:2375", false),
            ("127.0.0.1:2375", true),
            ("[::1]:2375", true),
            ("127.0.0.1:2376", false),
            ("10.0.0.9:2375", false),
            ("10.0.0.9:9000", true),
            ("10.0.0.9:53", false),
        ] {
            assert_eq!(answers_at(&container, &[address.parse().expect(address)]), expected, "{address}");
        }
        assert!(!answers_at(&container, &[]));
        assert!(!answers_at(
            &json!({ "NetworkSettings": { "Ports": null } }),
            &["10.0.0.9:9000".parse().expect("one")]
        ));
    }
}
