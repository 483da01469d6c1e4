use std::net::IpAddr;

use actix_web::{dev::ServiceRequest, http::header::HeaderMap};
use ipnet::IpNet;

/// The address of whoever sent a request.
///
/// Forwarding headers are ignored unless the peer is a proxy that was named in the configuration: then
/// it is the rightmost hop of `X-Forwarded-For` that is no such proxy. Everything to the left of that
/// was written by the client, and `Forwarded` is never read.
pub(crate) fn client_address(request: &ServiceRequest, trusted: &[IpNet]) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip();
    Some(resolve(peer, request.headers(), trusted))
}

fn resolve(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let peer = peer.to_canonical();
    if !is_trusted(&peer) {
        return peer;
    }
    let hops: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    let mut nearest = peer;
    for hop in hops.into_iter().rev() {
        // What is no address was not written by a proxy of ours.
        let Ok(address) = hop.parse::<IpAddr>() else { return nearest };
        nearest = address.to_canonical();
        if !is_trusted(&nearest) {
            return nearest;
        }
    }
    nearest
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn resolved(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(
                HeaderName::from_static("x-forwarded-for"),
                HeaderValue::from_str(value).expect("a header value"),
            );
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|text| text.parse().expect("a network")).collect();
        resolve(peer.parse().expect("an address"), &headers, &trusted).to_string()
    }

    #[test]
    fn headers_of_strangers_are_ignored() {
        assert_eq!(resolved("203.0.113.9", &["10.1.1.1"], &[]), "203.0.113.9");
        assert_eq!(resolved("203.0.113.9", &["10.1.1.1"], &["10.0.0.0/8"]), "203.0.113.9");
    }

    #[test]
    fn behind_proxies_the_rightmost_stranger_counts() {
        let trusted = ["10.0.0.0/8"];
        assert_eq!(resolved("10.0.0.1", &["1.1.1.1, 203.0.113.9"], &trusted), "203.0.113.9");
        assert_eq!(resolved("10.0.0.1", &["1.1.1.1", "203.0.113.9, 10.0.0.2"], &trusted), "203.0.113.9");
        assert_eq!(resolved("::ffff:10.0.0.1", &["203.0.113.9"], &trusted), "203.0.113.9");
        assert_eq!(resolved("10.0.0.1", &["evil, 10.0.0.3"], &trusted), "10.0.0.3");
        assert_eq!(resolved("10.0.0.1", &[], &trusted), "10.0.0.1");
    }
}
