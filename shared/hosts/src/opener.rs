use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use dockline_auth::Sealer;
use dockline_docker::{Address, Connection, Credentials, DockerEngine, Engine, Host, Hosts};
use dockline_domain::{
    HostId,
    host::{HostBook, HostRecord, Sealed},
};
use parking_lot::Mutex;
use secrecy::ExposeSecret;
use tracing::warn;

use crate::{Unusable, unusable::UnusableEngine};

/// Makes engines of records, and seals what they need.
pub struct Opener {
    sealer: Sealer,
    connect: Box<Connect>,
    /// The engines of the directory, each with what it was made from.
    engines: Mutex<HashMap<HostId, Made>>,
}

type Connect = dyn Fn(HostId, Connection) -> Arc<dyn Engine> + Send + Sync;

struct Made {
    address: String,
    sealed: Option<Sealed>,
    engine: Arc<dyn Engine>,
}

impl Opener {
    /// Opens real engines.
    #[must_use]
    pub fn new(sealer: Sealer) -> Self {
        Self::with_engines(sealer, |host, connection| Arc::new(DockerEngine::new(host, connection)))
    }

    /// Opens engines of another kind, for tests.
    pub fn with_engines(
        sealer: Sealer,
        connect: impl Fn(HostId, Connection) -> Arc<dyn Engine> + Send + Sync + 'static,
    ) -> Self {
        Self { sealer, connect: Box::new(connect), engines: Mutex::default() }
    }

    /// Seals and opens secrets, of hosts and of others.
    #[must_use]
    pub const fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    /// Encrypts a host's credentials for keeping; `None` if there are none.
    #[must_use]
    pub fn seal(&self, host: &HostId, credentials: &Credentials) -> Option<Sealed> {
        match credentials {
            Credentials::None => None,
            some => Some(Sealed(self.sealer.seal(&owner(host), &some.to_secret_json()))),
        }
    }

    /// The way to a host's engine.
    ///
    /// # Errors
    /// [`Unusable`], which says what to do.
    pub fn connection(&self, record: &HostRecord) -> Result<Connection, Unusable> {
        let address: Address = record.address.parse()?;
        let credentials = match &record.sealed {
            None => Credentials::None,
            Some(sealed) => {
                let opened = self.sealer.open(&owner(&record.id), &sealed.0)?;
                Credentials::from_secret_json(opened.expose_secret())?
            }
        };
        // A declared ssh:// address waits for its key: its engine says so.
        if record.sealed.is_none() {
            return Ok(Connection::plain(address));
        }
        Ok(Connection::new(address, credentials)?)
    }

    /// An engine of its own at the end of a connection, which is not contacted yet.
    #[must_use]
    pub fn engine(&self, host: HostId, connection: Connection) -> Arc<dyn Engine> {
        (self.connect)(host, connection)
    }

    /// Makes the directory equal to the book. A host keeps its engine, and with it the connections, as long as its
    /// address and its credentials are the same.
    pub fn fill(&self, hosts: &Hosts, book: &HostBook) {
        let mut engines = self.engines.lock();
        engines.retain(|id, _| book.get(id).is_some());
        let open = |record: &HostRecord| (record.id.clone(), self.open(record, &mut engines));
        let opened: BTreeMap<HostId, Host> = book.hosts.iter().map(open).collect();
        // Under the lock, so that of two books that are filled in together the later one stays.
        hosts.replace(opened);
    }

    fn open(&self, record: &HostRecord, engines: &mut HashMap<HostId, Made>) -> Host {
        let known = engines
            .get(&record.id)
            .filter(|made| made.address == record.address && made.sealed == record.sealed)
            .map(|made| Arc::clone(&made.engine));
        let engine = known.unwrap_or_else(|| {
            let engine = self.make(record);
            let (address, sealed) = (record.address.clone(), record.sealed.clone());
            engines.insert(record.id.clone(), Made { address, sealed, engine: Arc::clone(&engine) });
            engine
        });
        Host {
            id: record.id.clone(),
            // One that cannot be read is shown all the same.
            address: record.address.parse().unwrap_or_else(|_| Address::Unix((&record.address).into())),
            labels: record.labels.clone(),
            enabled: record.enabled,
            origin: record.origin,
            engine,
            revision: record.revision,
        }
    }

    fn make(&self, record: &HostRecord) -> Arc<dyn Engine> {
        match self.connection(record) {
            Ok(connection) => self.engine(record.id.clone(), connection),
            Err(unusable) => {
                warn!(host = %record.id, %unusable, "a host cannot be used");
                Arc::new(UnusableEngine::new(&unusable))
            }
        }
    }
}

/// What a host's credentials are sealed for.
fn owner(host: &HostId) -> String {
    format!("hosts/{host}")
}

impl std::fmt::Debug for Opener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Opener(…)")
    }
}

#[cfg(test)]
mod tests {
    use dockline_auth::SecretKey;
    use dockline_docker::{TlsCredentials, fake::FakeEngine};
    use dockline_domain::host::HostOrigin;
    use dockline_testkit::Authority;

    use super::*;

    fn opener(key: &SecretKey) -> Opener {
        Opener::with_engines(Sealer::new(key), |host, _| FakeEngine::new(host))
    }

    fn record(name: &str, revision: u64) -> HostRecord {
        HostRecord {
            id: name.parse().expect("an id"),
            address: format!("tcp://{name}:2376"),
            labels: BTreeMap::new(),
            enabled: true,
            origin: HostOrigin::Added,
            sealed: None,
            revision,
            created_at: 0,
            updated_at: 0,
        }
    }

    fn tls() -> Credentials {
        let authority = Authority::new().expect("an authority");
        let client = authority.issue(&["client"]).expect("a certificate");
        Credentials::Tls(TlsCredentials {
            ca: authority.certificate(),
            certificate: client.certificate,
            key: client.key.into(),
        })
    }

    #[test]
    fn an_engine_stays_while_its_address_and_credentials_do() {
        let (opener, hosts) = (opener(&SecretKey::generate()), Hosts::default());
        let engine = |name: &str| hosts.get(&name.parse().expect("an id")).expect("a host").engine;
        let (mut a, b) = (record("a", 1), record("b", 1));
        opener.fill(&hosts, &HostBook { revision: 1, hosts: vec![a.clone(), b.clone()] });
        let (first, other) = (engine("a"), engine("b"));

        a.labels.insert("env".to_owned(), "prod".to_owned());
        (a.enabled, a.revision) = (false, 2);
        opener.fill(&hosts, &HostBook { revision: 2, hosts: vec![a.clone(), b.clone()] });
        let shown = hosts.get(&a.id).expect("a");
        assert_eq!((shown.enabled, shown.labels.len(), shown.revision), (false, 1, 2));
        assert!(Arc::ptr_eq(&first, &engine("a")) && Arc::ptr_eq(&other, &engine("b")));

        (a.sealed, a.revision) = (opener.seal(&a.id, &tls()), 3);
        opener.fill(&hosts, &HostBook { revision: 3, hosts: vec![a.clone()] });
        assert!(!Arc::ptr_eq(&first, &engine("a")), "other credentials");
        assert_eq!(hosts.all().len(), 1);
        opener.fill(&hosts, &HostBook { revision: 4, hosts: vec![record("b", 4)] });
        assert!(!Arc::ptr_eq(&other, &engine("b")), "removed and added again");
    }

    #[tokio::test]
    async fn what_cannot_be_opened_says_so_and_hides_nothing() {
        let (ours, theirs) = (opener(&SecretKey::generate()), opener(&SecretKey::generate()));
        let mut foreign = record("foreign", 1);
        foreign.sealed = theirs.seal(&foreign.id, &tls());
        let mut moved = record("moved", 1);
        moved.sealed = ours.seal(&foreign.id, &tls());
        let mut broken = record("broken", 1);
        broken.address = "carrier-pigeon://x".to_owned();
        let mut fine = record("fine", 1);
        fine.sealed = ours.seal(&fine.id, &tls());
        let hosts = Hosts::default();
        ours.fill(&hosts, &HostBook { revision: 1, hosts: vec![broken, fine, foreign, moved] });
        for (name, words) in [
            ("foreign", Some("DOCKLINE_SECRET_KEY")),
            ("moved", Some("give them again")),
            ("broken", Some("carrier-pigeon")),
            ("fine", None),
        ] {
            let host = hosts.get(&name.parse().expect("an id")).expect("each is there");
            let answer = host.engine.ping().await.map_err(|error| error.to_string());
            match words {
                None => assert_eq!(answer, Ok(())),
                Some(words) => assert!(answer.expect_err(name).contains(words), "{name}"),
            }
        }
    }

    #[test]
    fn a_sealed_record_shows_no_key() {
        let opener = opener(&SecretKey::generate());
        let credentials = tls();
        let mut record = record("edge", 1);
        record.sealed = opener.seal(&record.id, &credentials);
        let opened = opener.connection(&record).expect("opened");
        assert_eq!(
            opened.credentials().to_secret_json().expose_secret(),
            credentials.to_secret_json().expose_secret()
        );
        let Sealed(bytes) = record.sealed.clone().expect("sealed");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(!text.contains("PRIVATE KEY") && !text.contains("tls"), "{text}");
        assert!(!format!("{record:?} {opener:?}").contains("PRIVATE KEY"));
    }
}
