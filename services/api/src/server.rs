use std::{collections::HashSet, net::SocketAddr, sync::Arc, time::Duration};

use actix_web::{HttpServer, web};
use tokio_util::sync::CancellationToken;

use crate::{
    App, Deps,
    edge::Edge,
    openapi::openapi,
    registry::{self, Endpoint, Inconsistent},
    routes::routes,
    web_ui, ws,
};

/// Why the API cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A route lacks a declared permission or a place in the OpenAPI document.
    #[error(transparent)]
    Routes(#[from] Inconsistent),
    /// The listener does not know its own address.
    #[error("the listening socket cannot be used: {0}")]
    Listener(#[source] std::io::Error),
    /// The metrics are registered already.
    #[error("the API's metrics cannot be registered: {0}")]
    Metrics(#[source] prometheus::Error),
}

/// The API, ready to serve.
pub struct Server {
    app: web::Data<App>,
    listener: std::net::TcpListener,
    address: SocketAddr,
    endpoints: Arc<[Endpoint]>,
}

/// Assembles the API. Nothing is served yet.
///
/// # Errors
/// [`BuildError`]; its text names the route that is wrong.
pub fn build(deps: Deps) -> Result<Server, BuildError> {
    let endpoints = routes();
    registry::check(&endpoints, &openapi())?;
    let (listener, app) = App::assemble(deps)?;
    let address = listener.local_addr().map_err(BuildError::Listener)?;
    listener.set_nonblocking(true).map_err(BuildError::Listener)?;
    Ok(Server { app: web::Data::new(app), listener, address, endpoints: endpoints.into() })
}

/// Slow senders of a request's head are cut off after this.
const HEAD_DEADLINE: Duration = Duration::from_secs(10);
/// Longer than the idle time-outs of common load balancers, so that they close first.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

impl Server {
    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What handlers work with; for the composition root's own use.
    #[must_use]
    pub fn app(&self) -> Arc<App> {
        self.app.clone().into_inner()
    }

    /// Serves until [`Deps::shutdown`] is cancelled, then ends what is under way within
    /// [`crate::ApiConfig::stop_deadline`].
    ///
    /// # Errors
    /// When the workers cannot be started, or end by themselves.
    pub async fn run(self) -> std::io::Result<()> {
        let Self { app, listener, endpoints, .. } = self;
        let config = app.config.clone();
        let shutdown = app.shutdown.clone();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let resources = Arc::new(by_path(&endpoints));
        let paths: Arc<HashSet<&'static str>> = Arc::new(resources.iter().map(|(path, _)| *path).collect());
        let (sockets, supervised) = (Arc::clone(&app.sockets), app.clone());
        // Whom a load balancer still sends here is served as before, and sockets close when it sends nobody any more: those
        // that came back at once would come back here.
        let (drained, watched, ending) = (CancellationToken::new(), app.clone(), app.clone());
        let factory = move || {
            let actix = actix_web::App::new()
                .app_data(app.clone())
                .wrap(Edge::new(app.clone(), Arc::clone(&paths)))
                .default_service(web_ui::service());
            resources.iter().fold(actix, |actix, (path, endpoints)| {
                let resource = endpoints
                    .iter()
                    .fold(web::resource(*path), |resource, endpoint| resource.route(endpoint.route(&app)));
                actix.service(resource)
            })
        };
        let server = HttpServer::new(factory)
            .on_connect(ws::on_connect)
            .disable_signals()
            .workers(config.workers.unwrap_or(cores).max(1))
            .client_request_timeout(HEAD_DEADLINE)
            .keep_alive(KEEP_ALIVE)
            .shutdown_timeout(config.stop_deadline.as_secs().max(1))
            .listen(listener)?
            .run();
        let handle = server.handle();
        let supervision = async {
            tokio::join!(
                drain(&shutdown, config.drain_delay, &drained),
                sockets.supervise(&supervised, &drained),
                watched.directory.follow(&drained),
                watched.prober.run(&watched.hosts, &drained),
                watched.job_watches.run(&drained),
                watched.rosters.run(&watched, &drained),
                Arc::clone(&watched.recorder).keep_house(&drained),
            );
        };
        tokio::pin!(server, supervision);
        tokio::select! {
            served = &mut server => {
                served?;
                return Err(std::io::Error::other("the HTTP server ended by itself"));
            }
            () = &mut supervision => {}
        }
        let (served, (), ()) = tokio::join!(server, handle.stop(true), ending.terminals.ended());
        served
    }
}

/// The endpoints of each path together, in the table's order: actix wants one resource per path.
fn by_path(endpoints: &[Endpoint]) -> Vec<(&'static str, Vec<Endpoint>)> {
    let mut resources: Vec<(&'static str, Vec<Endpoint>)> = Vec::new();
    for endpoint in endpoints {
        let path = endpoint.declaration().path;
        match resources.iter_mut().find(|(known, _)| *known == path) {
            Some((_, of_path)) => of_path.push(endpoint.clone()),
            None => resources.push((path, vec![endpoint.clone()])),
        }
    }
    resources
}

/// Waits for the signal, and then for as long as a load balancer needs to see `/readyz` turn.
async fn drain(shutdown: &CancellationToken, delay: Duration, drained: &CancellationToken) {
    shutdown.cancelled().await;
    tokio::time::sleep(delay).await;
    drained.cancel();
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}
