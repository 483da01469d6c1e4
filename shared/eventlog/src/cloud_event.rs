use bytes::Bytes;

/// An event as CloudEvents 1.0 describes it, with JSON as its data.
///
/// On Kafka it is in binary mode: each attribute a header, `data` the body. The mapping is ten lines, and the official
/// crate's own binding needs another release of the Kafka client, hence this type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudEvent {
    /// The same whoever sends it and however often.
    pub id: String,
    /// What happened, with the version of its schema at the end: `io.dockline.docker.container.start.v1`.
    pub kind: String,
    /// Where: `/hosts/edge-1`.
    pub source: String,
    /// To what: `containers/3f2a…`.
    pub subject: Option<String>,
    /// When; RFC 3339.
    pub time: String,
    /// What its data look like.
    pub schema: String,
    /// Events with the same key have one order.
    pub key: String,
    /// The trace that it belongs to, as in W3C's trace context.
    pub trace_parent: Option<String>,
    /// JSON.
    pub data: Bytes,
}

/// What a message lacks to be a CloudEvent that can be read here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotACloudEvent {
    /// There is no such header, or it is no text.
    #[error("it is no CloudEvent in binary mode: the header `{0}` is missing")]
    Lacks(&'static str),
    /// Another version of the specification.
    #[error("it is a CloudEvent of version {0}, not of 1.0")]
    Version(String),
    /// Its data is no JSON.
    #[error("its content type is {0}, not application/json")]
    ContentType(String),
}

const VERSION: &str = "1.0";
const JSON: &str = "application/json";

impl CloudEvent {
    /// The headers of the binary mode.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let required = [
            ("ce_specversion", VERSION),
            ("ce_id", &*self.id),
            ("ce_type", &*self.kind),
            ("ce_source", &*self.source),
            ("ce_time", &*self.time),
            ("ce_dataschema", &*self.schema),
            ("ce_partitionkey", &*self.key),
            ("content-type", JSON),
        ];
        let optional =
            [("ce_subject", self.subject.as_deref()), ("traceparent", self.trace_parent.as_deref())];
        required.into_iter().chain(optional.into_iter().filter_map(|(name, value)| Some((name, value?))))
    }

    /// Reads a message's headers and body.
    ///
    /// # Errors
    /// [`NotACloudEvent`], naming what is missing.
    pub fn parse(
        headers: &[(String, Bytes)],
        key: Option<&[u8]>,
        data: Bytes,
    ) -> Result<Self, NotACloudEvent> {
        let find = |name: &str| {
            let (_, value) = headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name))?;
            std::str::from_utf8(value).ok().map(str::to_owned)
        };
        let need = |name: &'static str| find(name).ok_or(NotACloudEvent::Lacks(name));
        let version = need("ce_specversion")?;
        if version != VERSION {
            return Err(NotACloudEvent::Version(version));
        }
        let content_type = need("content-type")?;
        if content_type.split(';').next().map(str::trim) != Some(JSON) {
            return Err(NotACloudEvent::ContentType(content_type));
        }
        Ok(Self {
            id: need("ce_id")?,
            kind: need("ce_type")?,
            source: need("ce_source")?,
            subject: find("ce_subject"),
            time: find("ce_time").unwrap_or_default(),
            schema: find("ce_dataschema").unwrap_or_default(),
            key: key.map(|key| String::from_utf8_lossy(key).into_owned()).unwrap_or_default(),
            trace_parent: find("traceparent"),
            data,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> CloudEvent {
        CloudEvent {
            id: "0123".to_owned(),
            kind: "io.dockline.docker.container.start.v1".to_owned(),
            source: "/hosts/edge".to_owned(),
            subject: Some("containers/abc".to_owned()),
            time: "2026-11-24T10:00:00.123456789Z".to_owned(),
            schema: "urn:dockline:schema:docker-event:v1".to_owned(),
            key: "edge".to_owned(),
            trace_parent: None,
            data: Bytes::from_static(b"{}"),
        }
    }

    fn headers(event: &CloudEvent) -> Vec<(String, Bytes)> {
        event.headers().map(|(name, value)| (name.to_owned(), Bytes::from(value.to_owned()))).collect()
    }

    #[test]
    fn what_is_written_is_read() {
        for trace_parent in [None, Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned())]
        {
            let event = CloudEvent { trace_parent, ..event() };
            let read = CloudEvent::parse(&headers(&event), Some(b"edge"), event.data.clone());
            assert_eq!(read, Ok(event));
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let whole = headers(&event());
        for name in ["ce_specversion", "ce_id", "ce_type", "ce_source", "content-type"] {
            let part: Vec<_> = whole.iter().filter(|(other, _)| other != name).cloned().collect();
            let error = CloudEvent::parse(&part, None, Bytes::new()).expect_err(name).to_string();
            assert!(error.contains(name), "{error}");
        }
        let change = |name: &str, value: &'static str| {
            let change = |(other, old): &(String, Bytes)| {
                (
                    other.clone(),
                    if other == name { Bytes::from_static(value.as_bytes()) } else { old.clone() },
                )
            };
            CloudEvent::parse(&whole.iter().map(change).collect::<Vec<_>>(), None, Bytes::new())
        };
        assert_eq!(change("ce_specversion", "0.3"), Err(NotACloudEvent::Version("0.3".to_owned())));
        assert!(matches!(change("content-type", "text/plain"), Err(NotACloudEvent::ContentType(_))));
        assert!(change("content-type", "application/json; charset=utf-8").is_ok());
    }
}
