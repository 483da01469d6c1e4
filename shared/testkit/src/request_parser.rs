//! Finds the request lines in the bytes that an HTTP/1 client sends.

/// The first line of one HTTP request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestLine {
    /// Which connection carried it, counted from 1.
    pub connection: u64,
    /// `GET`, `POST`, …
    pub method: String,
    /// Path and query as they were sent.
    pub target: String,
}

impl RequestLine {
    /// The path without query and without the `/v1.41` of the engine's API.
    pub fn path(&self) -> &str {
        let path = self.target.split('?').next().unwrap_or_default();
        match path.strip_prefix("/v").and_then(|rest| rest.split_once('/')) {
            Some((version, _))
                if version.contains('.') && version.bytes().all(|b| b == b'.' || b.is_ascii_digit()) =>
            {
                &path[2 + version.len()..]
            }
            _ => path,
        }
    }

    /// The query, empty when there is none.
    pub fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// Is this a request for the logs of a container, whichever its parameters?
    pub fn is_container_logs(&self) -> bool {
        self.method == "GET" && self.path().starts_with("/containers/") && self.path().ends_with("/logs")
    }

    /// Is this a request for the stats of a container?
    pub fn is_container_stats(&self) -> bool {
        self.method == "GET" && self.path().starts_with("/containers/") && self.path().ends_with("/stats")
    }
}

/// Follows one connection's requests through whatever pieces their bytes come in.
#[derive(Debug)]
pub(crate) struct RequestParser {
    connection: u64,
    state: State,
    /// The line that is not yet whole, without its line end.
    line: Vec<u8>,
    head: Head,
}

#[derive(Debug, Default)]
struct Head {
    request: Option<(String, String)>,
    length: u64,
    chunked: bool,
    upgrade: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Head,
    Body(u64),
    ChunkSize,
    ChunkData(u64),
    Trailers,
    /// A hijacked connection, or not HTTP: nothing more to find.
    Opaque,
}

impl RequestParser {
    pub(crate) fn new(connection: u64) -> Self {
        Self { connection, state: State::Head, line: Vec::new(), head: Head::default() }
    }

    /// Takes the next bytes and gives the requests whose heads ended among them.
    pub(crate) fn feed(&mut self, mut bytes: &[u8]) -> Vec<RequestLine> {
        let mut found = Vec::new();
        while !bytes.is_empty() {
            match self.state {
                State::Opaque => break,
                State::Body(left) => bytes = self.skip(bytes, left, State::Body, State::Head),
                // The data's own line end counts as part of it.
                State::ChunkData(left) => bytes = self.skip(bytes, left, State::ChunkData, State::ChunkSize),
                State::Head | State::ChunkSize | State::Trailers => {
                    let Some(end) = bytes.iter().position(|&byte| byte == b'\n') else {
                        self.line.extend_from_slice(bytes);
                        break;
                    };
                    self.line.extend_from_slice(&bytes[..end]);
                    bytes = &bytes[end + 1..];
                    let line = String::from_utf8_lossy(&std::mem::take(&mut self.line)).trim_end().to_owned();
                    found.extend(self.take_line(&line));
                }
            }
        }
        found
    }

    fn skip<'a>(&mut self, bytes: &'a [u8], left: u64, during: fn(u64) -> State, after: State) -> &'a [u8] {
        let taken = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let left = left - taken as u64;
        self.state = if left == 0 { after } else { during(left) };
        &bytes[taken..]
    }

    fn take_line(&mut self, line: &str) -> Option<RequestLine> {
        match self.state {
            State::Head => return self.take_head_line(line),
            State::ChunkSize => {
                let size = line.split(';').next().unwrap_or_default().trim();
                self.state = match u64::from_str_radix(size, 16) {
                    Ok(0) => State::Trailers,
                    Ok(size) => State::ChunkData(size + 2),
                    Err(_) => State::Opaque,
                };
            }
            State::Trailers if line.is_empty() => self.state = State::Head,
            _ => {}
        }
        None
    }

    fn take_head_line(&mut self, line: &str) -> Option<RequestLine> {
        if line.is_empty() {
            // Empty lines before a request line are allowed.
            let (method, target) = self.head.request.take()?;
            let head = std::mem::take(&mut self.head);
            self.state = match head {
                Head { upgrade: true, .. } => State::Opaque,
                Head { chunked: true, .. } => State::ChunkSize,
                Head { length: 0, .. } => State::Head,
                Head { length, .. } => State::Body(length),
            };
            return Some(RequestLine { connection: self.connection, method, target });
        }
        if self.head.request.is_none() {
            let mut words = line.split(' ');
            match (words.next(), words.next(), words.next()) {
                (Some(method), Some(target), Some(version)) if version.starts_with("HTTP/1") => {
                    self.head.request = Some((method.to_owned(), target.to_owned()));
                }
                _ => self.state = State::Opaque,
            }
        } else if let Some((name, value)) = line.split_once(':') {
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => self.head.length = value.parse().unwrap_or(0),
                "transfer-encoding" => self.head.chunked = value.to_ascii_lowercase().ends_with("chunked"),
                "upgrade" => self.head.upgrade = true,
                _ => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Five requests on one connection, the last one hijacked, and terminal bytes that only look like a request.
    const CONVERSATION: &[u8] = b"GET /v1.41/containers/json?all=1 HTTP/1.1\r\nHost: d\r\n\r\n\
        POST /a HTTP/1.1\r\nContent-Length: 24\r\n\r\nGET /no HTTP/1.1\r\n\r\nabcd\
        POST /b HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n12;x=y\r\nGET /no HTTP/1.1\r\n\r\n0\r\nTrailer: GET /no HTTP/1.1\r\n\r\n\
        \r\nGET /version HTTP/1.1\r\n\r\n\
        POST /v1.41/exec/1/start HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 2\r\n\r\n{}GET /no HTTP/1.1\r\n\r\n";

    fn targets(found: &[RequestLine]) -> Vec<String> {
        found.iter().map(|line| format!("{} {}", line.method, line.target)).collect()
    }

    #[test]
    fn finds_every_request_however_the_bytes_are_cut() {
        let expected = [
            "GET /v1.41/containers/json?all=1",
            "POST /a",
            "POST /b",
            "GET /version",
            "POST /v1.41/exec/1/start",
        ];
        for size in 1..CONVERSATION.len() {
            let mut parser = RequestParser::new(1);
            let found: Vec<_> = CONVERSATION.chunks(size).flat_map(|piece| parser.feed(piece)).collect();
            assert_eq!(targets(&found), expected, "in pieces of {size}");
        }
    }

    #[test]
    fn what_is_not_http_is_let_through() {
        let mut parser = RequestParser::new(1);
        assert_eq!(parser.feed(b"\x16\x03\x01\x00\nGET / HTTP/1.1\r\n\r\n"), []);
    }

    #[test]
    fn tells_what_a_request_is_about() {
        let line = |target: &str| RequestLine { connection: 1, method: "GET".into(), target: target.into() };
        assert_eq!(line("/v1.41/containers/ab/logs?follow=1").path(), "/containers/ab/logs");
        assert_eq!(line("/v1.41/containers/ab/logs?follow=1").query(), "follow=1");
        assert_eq!(line("/volumes/x").path(), "/volumes/x");
        assert_eq!(line("/v1/x").path(), "/v1/x");
        assert!(line("/containers/ab/logs").is_container_logs());
        assert!(!line("/containers/logs/json").is_container_logs());
        assert!(line("/v1.51/containers/ab/stats?stream=1").is_container_stats());
    }
}
