use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use dockline_api::{ApiConfig, Deps, PublicUrl};
use dockline_auth::{AccessTokens, NewPassword, Passwords, SecretKey, SetupToken};
use dockline_docker::{Host, Hosts, fake::FakeEngine};
use dockline_domain::{SessionId, access::Role};
use dockline_fanout::memory::{MemoryFanout, MemoryOptions};
use dockline_persistence::{Account, Database, Moment, NewSession, NewUser, TokenHash};
use dockline_telemetry::Metrics;
use reqwest::{Method, header::HeaderMap};
use secrecy::ExposeSecret;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

/// A password that follows the rule.
pub const PASSWORD: &str = "correct horse battery";

/// A running server.
pub struct TestServer {
    pub address: SocketAddr,
    pub engine: Arc<FakeEngine>,
    /// The engine of a second host, `spare`.
    pub spare: Arc<FakeEngine>,
    pub database: Database,
    pub fanout: Arc<MemoryFanout>,
    pub setup_token: SetupToken,
    pub secret: SecretKey,
    pub shutdown: CancellationToken,
    pub client: reqwest::Client,
    pub running: tokio::task::JoinHandle<std::io::Result<()>>,
    _folder: tempfile::TempDir,
}

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
        let host = |name: &str| {
            let id: dockline_domain::HostId = name.parse().expect("a host id");
            let engine = FakeEngine::new(id.clone());
            let address = "unix:///nowhere/docker.sock".parse().expect("an address");
            (Arc::clone(&engine), Host { id, address, engine })
        };
        let ((engine, local), (spare, second)) = (host("local"), host("spare"));
        let fanout = Arc::new(MemoryFanout::new(MemoryOptions::default()));
        let metrics = Metrics::new().expect("metrics");
        let (secret, setup_token) = (SecretKey::generate(), SetupToken::generate());
        let shutdown = CancellationToken::new();
        let deps = Deps {
            listener,
            config,
            database: database.clone(),
            hosts: Hosts::from_iter([local, second]),
            access_tokens: AccessTokens::new(&secret, &[]),
            passwords: Passwords::default(),
            setup_token: Some(setup_token.clone()),
            setup_done: Box::new(|| {}),
            tickets: fanout.clone(),
            seats: fanout.clone(),
            revocations: fanout.clone(),
            logs: fanout.clone(),
            stats: fanout.clone(),
            events: fanout.clone(),
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
            database,
            fanout,
            setup_token,
            secret,
            shutdown,
            client,
            running,
            _folder: folder,
        }
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
