use std::{
    collections::HashMap,
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex},
    time::Duration,
};

use dockline_api::{ApiConfig, Deps, Directory, DirectoryParts, PublicUrl};
use dockline_auth::{AccessTokens, NewPassword, Passwords, Sealer, SecretKey, SetupToken};
use dockline_compose::Compose;
use dockline_docker::{Hosts, fake::FakeEngine};
use dockline_domain::{HostId, SessionId, access::Role};
use dockline_fanout::memory::{MemoryFanout, MemoryOptions};
use dockline_hosts::Opener;
use dockline_persistence::{Account, Database, Moment, NewSession, NewUser, TokenHash};
use dockline_telemetry::Metrics;
use reqwest::{Method, header::HeaderMap};
use secrecy::ExposeSecret;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

/// A program that answers as the Compose plugin does.
const COMPOSE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/compose-plugin");

/// A password that follows the rule.
pub const PASSWORD: &str = "correct horse battery";

/// A running server.
pub struct TestServer {
    pub address: SocketAddr,
    pub engine: Arc<FakeEngine>,
    /// The engine of a second host, `spare`.
    pub spare: Arc<FakeEngine>,
    fakes: Fakes,
    pub database: Database,
    pub fanout: Arc<MemoryFanout>,
    pub setup_token: SetupToken,
    pub secret: SecretKey,
    pub shutdown: CancellationToken,
    pub client: reqwest::Client,
    pub running: tokio::task::JoinHandle<std::io::Result<()>>,
    folder: tempfile::TempDir,
}

/// The engines that were made so far, one for each ID.
type Fakes = Arc<Mutex<HashMap<HostId, Arc<FakeEngine>>>>;

/// Somebody who is signed in.
#[derive(Clone)]
pub struct Person {
    pub account: Account,
    pub session: SessionId,
    pub token: String,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl TestServer {
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut ApiConfig)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("dockline.db").display());
        let database = Database::open(&url).await.expect("a database");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let mut config = ApiConfig::new(PublicUrl::of_listener(address));
        config.workers = Some(2);
        config.host_deadline = Duration::from_millis(500);
        config.stop_deadline = Duration::from_secs(2);
        change(&mut config);
        let fakes = Fakes::default();
        let (engine, spare) = (fake(&fakes, "local"), fake(&fakes, "spare"));
        let fanout = Arc::new(MemoryFanout::new(MemoryOptions::default()));
        let metrics = Metrics::new().expect("metrics");
        let (secret, setup_token) = (SecretKey::generate(), SetupToken::generate());
        let opener = Opener::with_engines(Sealer::new(&secret), {
            let fakes = Arc::clone(&fakes);
            move |id, _| fake(&fakes, id.as_str())
        });
        let declared = |name: &str| {
            let address = "unix:///nowhere/docker.sock".parse().expect("an address");
            (name.parse().expect("a host id"), address)
        };
        let directory = Directory::open(DirectoryParts {
            database: database.clone(),
            declared: vec![declared("local"), declared("spare")],
            setting: "DOCKLINE_HOSTS",
            hosts: Hosts::default(),
            opener,
            board: fanout.clone(),
        });
        let shutdown = CancellationToken::new();
        let deps = Deps {
            listener,
            config,
            database: database.clone(),
            directory: directory.await.expect("a directory"),
            access_tokens: AccessTokens::new(&secret, &[]),
            passwords: Passwords::default(),
            sealer: Sealer::new(&secret),
            compose: Compose::new(Some(COMPOSE.into()), None),
            setup_token: Some(setup_token.clone()),
            setup_done: Some(Box::new(|| {})),
            tickets: fanout.clone(),
            seats: fanout.clone(),
            revocations: fanout.clone(),
            logs: fanout.clone(),
            stats: fanout.clone(),
            events: fanout.clone(),
            causes: fanout.clone(),
            store: None,
            metrics: metrics.registry().clone(),
            socket_metrics: metrics.sockets.clone(),
            shutdown: shutdown.clone(),
        };
        let server = dockline_api::build(deps).expect("a server");
        assert_eq!(server.address(), address);
        let running = tokio::spawn(server.run());
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(20))
            .build()
            .expect("a client");
        Self {
            address,
            engine,
            spare,
            fakes,
            database,
            fanout,
            setup_token,
            secret,
            shutdown,
            client,
            running,
            folder,
        }
    }

    /// The engine of a host that was added, or is about to be.
    pub fn fake(&self, host: &str) -> Arc<FakeEngine> {
        fake(&self.fakes, host)
    }

    /// Every byte of the database's files.
    pub fn database_files(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.folder.path()).expect("a folder");
        let read = |file: std::io::Result<std::fs::DirEntry>| std::fs::read(file.expect("a file").path());
        files.flat_map(|file| read(file).expect("readable")).collect()
    }

    /// Adds so many jobs that nobody works on, of a kind that nobody knows.
    pub async fn add_jobs(&self, count: u32) {
        let sql = format!(
            "INSERT INTO jobs (id, kind, subject, spec, state, attempt, lost_workers, cancel_requested, progress, asker_id, \
             asker_name, asker_session, created_at) \
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) \
             SELECT randomblob(16), 'x', '', '', 'queued', 0, 0, FALSE, '', randomblob(16), 'x', randomblob(16), 0 FROM n"
        );
        self.database.execute_raw(&sql).await.expect("jobs");
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// An account that cannot sign in with a password, signed in all the same: quick.
    pub async fn person(&self, name: &str, role: Role) -> Person {
        let username = name.parse().expect("a username");
        let new = NewUser { username, password_hash: "none".to_owned(), role };
        let account = self.database.users().create(new, Moment::now()).await.expect("an account");
        self.signed_in(account).await
    }

    /// One more sign-in of an account.
    pub async fn signed_in(&self, account: Account) -> Person {
        let token = TokenHash(dockline_auth::RefreshToken::generate().hash());
        let new = NewSession { user: account.id, token, address: None, user_agent: None };
        let session = self.database.sessions().open(new, Moment::now()).await.expect("a sign-in");
        let issued = AccessTokens::new(&self.secret, &[]).issue(account.id, session);
        Person { account, session, token: issued.token.expose_secret().to_owned() }
    }

    /// An account that can sign in with [`PASSWORD`].
    pub async fn account(&self, name: &str, role: Role) -> Account {
        let password = NewPassword::new(PASSWORD, name).expect("follows the rule");
        let password_hash = Passwords::default().hash(password).await.expect("hashed").0;
        let username = name.parse().expect("a username");
        let new = NewUser { username, password_hash, role };
        self.database.users().create(new, Moment::now()).await.expect("an account")
    }

    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        self.client.request(method, self.url(path))
    }

    pub async fn get(&self, path: &str, who: &Person) -> Answer {
        answer(self.request("GET", path).bearer_auth(&who.token)).await
    }

    pub async fn post(&self, path: &str, who: &Person, body: Value) -> Answer {
        answer(self.request("POST", path).bearer_auth(&who.token).json(&body)).await
    }

    pub async fn send(&self, method: &str, path: &str, who: &Person, body: Value) -> Answer {
        answer(self.request(method, path).bearer_auth(&who.token).json(&body)).await
    }

    pub async fn login(&self, username: &str, password: &str) -> Answer {
        let body = serde_json::json!({ "username": username, "password": password });
        answer(self.request("POST", "/api/v1/auth/login").json(&body)).await
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

fn fake(fakes: &Fakes, host: &str) -> Arc<FakeEngine> {
    let id: HostId = host.parse().expect("a host id");
    let mut fakes = fakes.lock().expect("not poisoned");
    Arc::clone(fakes.entry(id.clone()).or_insert_with(|| FakeEngine::new(id)))
}

/// What an engine was asked, the pings of the prober left out.
pub fn asked(engine: &FakeEngine) -> Vec<String> {
    engine.calls().into_iter().filter(|call| !call.starts_with("ping")).collect()
}

pub async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, text: response.text().await.expect("a body") }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The error's code; empty for a success.
    pub fn code(&self) -> String {
        let body = serde_json::from_str::<Value>(&self.text).unwrap_or_default();
        body["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The fields that the error names.
    pub fn fields(&self) -> Vec<String> {
        let body = self.json();
        let fields = body["fields"].as_array().cloned().unwrap_or_default();
        fields.iter().filter_map(|field| field["field"].as_str().map(str::to_owned)).collect()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The refresh cookie that was set, as it is sent back.
    pub fn cookie(&self) -> String {
        self.header("set-cookie").split(';').next().unwrap_or_default().to_owned()
    }
}
