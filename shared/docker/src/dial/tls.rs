//! TLS with certificates on both sides, as `dockerd --tlsverify` wants it.

use std::{io, sync::Arc, time::Duration};

use secrecy::ExposeSecret;
use tokio::{io::AsyncReadExt, net::TcpStream, time::timeout};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        AlertDescription, CertificateError, ClientConfig, Error as Rustls, InvalidMessage, RootCertStore,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
    },
};

use super::{DialError, Traffic, tcp::Endpoint};
use crate::{InvalidConnection, TlsCredentials};

/// How long an engine that does not accept a certificate may take to say so.
const REFUSAL: Duration = Duration::from_secs(1);

/// The way to an engine that listens with `--tlsverify`.
pub(crate) struct TlsDialer {
    endpoint: Endpoint,
    name: ServerName<'static>,
    config: Arc<ClientConfig>,
}

impl TlsDialer {
    pub(crate) fn new(endpoint: Endpoint, credentials: &TlsCredentials) -> Result<Self, InvalidConnection> {
        let name = ServerName::try_from(endpoint.host().to_owned()).map_err(|_| {
            invalid("address", "the host is neither a DNS name nor an IP address, as TLS needs it")
        })?;
        Ok(Self { endpoint, name, config: Arc::new(config(credentials)?) })
    }

    pub(crate) const fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    pub(crate) async fn connect(&self, traffic: Traffic) -> Result<TlsStream<TcpStream>, DialError> {
        let stream = self.endpoint.connect(traffic).await?;
        let connector = TlsConnector::from(Arc::clone(&self.config));
        connector.connect(self.name.clone(), stream).await.map_err(|error| handshake_error(&error))
    }

    /// Connects, sends nothing, and listens for the alert of an engine that does not accept the certificate.
    pub(crate) async fn refusal(&self) -> Option<DialError> {
        let mut stream = match self.connect(Traffic::Call).await {
            Ok(stream) => stream,
            Err(error @ DialError::Tls(_)) => return Some(error),
            Err(_) => return None,
        };
        match timeout(REFUSAL, stream.read_u8()).await {
            Ok(Err(error)) => tls_cause(&error).map(|error| DialError::Tls(explain(error))),
            Ok(Ok(_)) | Err(_) => None,
        }
    }
}

impl std::fmt::Debug for TlsDialer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TlsDialer").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

fn invalid(field: &'static str, message: impl Into<String>) -> InvalidConnection {
    InvalidConnection { field, message: message.into() }
}

fn config(credentials: &TlsCredentials) -> Result<ClientConfig, InvalidConnection> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates("ca", &credentials.ca)? {
        roots.add(certificate).map_err(|_| invalid("ca", "it holds a certificate that cannot be read"))?;
    }
    let chain = certificates("certificate", &credentials.certificate)?;
    let key = private_key(credentials.key.expose_secret())?;
    // Named, so that it does not matter what else the process uses.
    ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| invalid("address", format!("this build of Dockline cannot use TLS: {error}")))?
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, key)
        .map_err(|error| match error {
            Rustls::InconsistentKeys(_) => {
                invalid("key", "it does not belong to the certificate; give the key that the certificate was made for")
            }
            Rustls::InvalidCertificate(_) => invalid(
                "certificate",
                "it cannot be used; make it with version 3 extensions, among them extendedKeyUsage=clientAuth",
            ),
            other => invalid("key", format!("it cannot be used: {other}")),
        })
}

fn certificates(field: &'static str, pem: &str) -> Result<Vec<CertificateDer<'static>>, InvalidConnection> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) if pem.contains("PRIVATE KEY") => Err(invalid(
            field,
            "this is a private key; give the certificate, which begins with -----BEGIN CERTIFICATE-----",
        )),
        _ => Err(invalid(
            field,
            "there is no certificate in it; give the text that begins with -----BEGIN CERTIFICATE-----",
        )),
    }
}

fn private_key(pem: &str) -> Result<PrivateKeyDer<'static>, InvalidConnection> {
    if pem.contains("ENCRYPTED") {
        return Err(invalid(
            "key",
            "it has a passphrase, which nobody could enter; remove it with `openssl pkey -in key.pem -out plain.pem`",
        ));
    }
    // The parser's error may quote the text.
    PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| {
        invalid(
            "key",
            "there is no private key in it; give the text that begins with -----BEGIN PRIVATE KEY-----",
        )
    })
}

fn handshake_error(error: &io::Error) -> DialError {
    match (tls_cause(error), error.kind()) {
        (Some(error), _) => DialError::Tls(explain(error)),
        (None, io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) => DialError::Tls(
            "the other side ended the TLS handshake; check that a Docker engine with --tlsverify listens on this port".to_owned(),
        ),
        (None, _) => DialError::Io(error.to_string()),
    }
}

fn tls_cause(error: &io::Error) -> Option<&Rustls> {
    error.get_ref()?.downcast_ref()
}

/// What a TLS error means between Dockline and an engine, and what to do.
pub(crate) fn explain(error: &Rustls) -> String {
    match error {
        Rustls::InvalidCertificate(error) => certificate_error(error),
        Rustls::AlertReceived(alert) => {
            let refused = "the engine does not accept the client certificate";
            match alert {
                AlertDescription::CertificateExpired => format!("{refused}: it has expired; give a renewed one"),
                AlertDescription::CertificateRevoked => format!("{refused}: it was revoked; give another one"),
                AlertDescription::UnknownCA
                | AlertDescription::BadCertificate
                | AlertDescription::CertificateUnknown
                | AlertDescription::DecryptError
                | AlertDescription::UnsupportedCertificate
                | AlertDescription::AccessDenied => format!(
                    "{refused} ({alert:?}); give one that is valid now, is for clientAuth, and is signed by the CA of the engine's --tlscacert"
                ),
                AlertDescription::CertificateRequired => "the engine wants a client certificate".to_owned(),
                other => format!("the engine ended the TLS connection ({other:?})"),
            }
        }
        Rustls::InvalidMessage(InvalidMessage::InvalidContentType) => {
            "it answers without TLS; remove the certificates from this host, or start the engine with --tlsverify".to_owned()
        }
        other => format!("TLS failed: {other}"),
    }
}

fn certificate_error(error: &CertificateError) -> String {
    match error {
        CertificateError::Expired => "the engine's certificate has expired; renew it".to_owned(),
        CertificateError::ExpiredContext { not_after, .. } => {
            format!("the engine's certificate expired on {}; renew it", date(*not_after))
        }
        CertificateError::NotValidYet => {
            "the engine's certificate is not valid yet; check the clocks of both machines".to_owned()
        }
        CertificateError::NotValidYetContext { not_before, .. } => format!(
            "the engine's certificate is not valid before {}; check the clocks of both machines",
            date(*not_before)
        ),
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "the engine's certificate is not signed by the given CA; give the CA that signed it".to_owned()
        }
        CertificateError::NotValidForName => {
            "the engine's certificate is for another name; use a name that it holds, or renew it with this one".to_owned()
        }
        CertificateError::NotValidForNameContext { expected, presented } => {
            let presented = match presented.as_slice() {
                [] => "has no subjectAltName".to_owned(),
                names => format!("is for {}", names.join(", ")),
            };
            format!(
                "the engine's certificate {presented}, not for {}; use an address that it names, or renew it with this one as subjectAltName",
                expected.to_str()
            )
        }
        other => format!("the engine's certificate cannot be accepted: {other}"),
    }
}

/// The day, in UTC.
fn date(time: UnixTime) -> String {
    i64::try_from(time.as_secs())
        .ok()
        .and_then(|seconds| time::OffsetDateTime::from_unix_timestamp(seconds).ok())
        .map_or_else(|| "an unknown day".to_owned(), |time| time.date().to_string())
}
