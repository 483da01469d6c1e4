//! Every route of the API, one line each: method, path, who may, and what the audit log calls it.

use dockline_domain::access::Permission;

use crate::{
    registry::{
        Access::{Public, Requires, SignedIn},
        Endpoint,
    },
    rest::{audit, auth, containers, documents, events, health, hosts, setup, tickets, users},
    ws,
};

/// The table.
#[must_use]
pub fn routes() -> Vec<Endpoint> {
    let (read, operate) = (Requires(Permission::ContainersRead), Requires(Permission::ContainersOperate));
    let manage = Requires(Permission::UsersManage);
    let (see_hosts, manage_hosts) = (Requires(Permission::HostsRead), Requires(Permission::HostsManage));
    vec![
        Endpoint::get("/healthz", Public).to(health::healthz),
        Endpoint::get("/readyz", Public).to(health::readyz),
        Endpoint::get("/metrics", Public).to(health::metrics),
        Endpoint::get("/api/v1/openapi.json", Public).to(documents::openapi_json),
        Endpoint::get("/api/v1/schemas/", Public).to(documents::schema_index),
        Endpoint::get("/api/v1/schemas/{name}.json", Public).to(documents::schema),
        //
        Endpoint::get("/api/v1/setup", Public).to(setup::status),
        Endpoint::post("/api/v1/setup", Public).audited_afterwards("setup.complete").to(setup::complete),
        Endpoint::post("/api/v1/auth/login", Public).audited_afterwards("auth.login").to(auth::login),
        Endpoint::post("/api/v1/auth/refresh", Public).audited_afterwards("auth.refresh").to(auth::refresh),
        Endpoint::post("/api/v1/auth/logout", Public).audited_afterwards("auth.logout").to(auth::logout),
        Endpoint::get("/api/v1/auth/me", SignedIn).to(auth::me),
        Endpoint::post("/api/v1/ws-tickets", SignedIn)
            .not_audited("it changes nothing, and what it opens is logged")
            .to(tickets::issue),
        //
        Endpoint::get("/api/v1/users", manage).to(users::list),
        Endpoint::post("/api/v1/users", manage).audited("user.create").to(users::create),
        Endpoint::get("/api/v1/users/{id}", manage).to(users::get),
        Endpoint::patch("/api/v1/users/{id}", manage).audited("user.update").to(users::update),
        Endpoint::delete("/api/v1/users/{id}", manage).audited("user.delete").to(users::remove),
        Endpoint::get("/api/v1/audit", Requires(Permission::AuditRead)).to(audit::search),
        //
        Endpoint::get("/api/v1/hosts", see_hosts).to(hosts::list),
        Endpoint::post("/api/v1/hosts", manage_hosts).audited("host.create").to(hosts::create),
        // Before the next path, which it also fits: no host has this name.
        Endpoint::post("/api/v1/hosts/test", manage_hosts).audited("host.test").to(hosts::test),
        Endpoint::get("/api/v1/hosts/{host}", see_hosts).to(hosts::get),
        Endpoint::patch("/api/v1/hosts/{host}", manage_hosts).audited("host.update").to(hosts::update),
        Endpoint::delete("/api/v1/hosts/{host}", manage_hosts).audited("host.delete").to(hosts::remove),
        Endpoint::post("/api/v1/hosts/{host}/test", manage_hosts).audited("host.test").to(hosts::test_stored),
        //
        Endpoint::get("/api/v1/events", Requires(Permission::EventsRead)).to(events::list),
        Endpoint::get("/api/v1/containers", read).to(containers::list),
        Endpoint::get("/api/v1/containers/{id}", read).to(containers::inspect),
        Endpoint::get("/api/v1/containers/{id}/logs", Requires(Permission::LogsRead))
            .uncompressed()
            .to(containers::logs),
        Endpoint::get("/api/v1/containers/{id}/stats", Requires(Permission::StatsRead)).to(containers::stats),
        Endpoint::post("/api/v1/containers/{id}/start", operate)
            .audited("container.start")
            .to(containers::start),
        Endpoint::post("/api/v1/containers/{id}/stop", operate)
            .audited("container.stop")
            .to(containers::stop),
        Endpoint::post("/api/v1/containers/{id}/restart", operate)
            .audited("container.restart")
            .to(containers::restart),
        Endpoint::post("/api/v1/containers/{id}/kill", operate)
            .audited("container.kill")
            .to(containers::kill),
        Endpoint::post("/api/v1/containers/{id}/pause", operate)
            .audited("container.pause")
            .to(containers::pause),
        Endpoint::post("/api/v1/containers/{id}/unpause", operate)
            .audited("container.unpause")
            .to(containers::unpause),
        Endpoint::post("/api/v1/containers/{id}/rename", operate)
            .audited("container.rename")
            .to(containers::rename),
        Endpoint::delete("/api/v1/containers/{id}", Requires(Permission::ContainersRemove))
            .audited("container.remove")
            .to(containers::remove),
        //
        Endpoint::websocket("/ws/containers/{id}/logs", Permission::LogsRead).to(ws::logs::serve),
        Endpoint::websocket("/ws/containers/{id}/stats", Permission::StatsRead).to(ws::stats::serve),
        Endpoint::websocket("/ws/events", Permission::EventsRead).to(ws::events::serve),
    ]
}

#[cfg(test)]
mod tests {
    use actix_web::http::Method;

    use super::*;
    use crate::{
        openapi::openapi,
        registry::{Audit, Inconsistent, check},
    };

    #[test]
    fn the_table_and_the_document_agree() {
        assert_eq!(check(&routes(), &openapi()), Ok(()));
    }

    #[test]
    fn an_undeclared_an_undocumented_and_a_repeated_route_are_named() {
        let mut missing = routes();
        missing.retain(|one| one.declaration().path != "/api/v1/audit");
        assert_eq!(check(&missing, &openapi()), Err(Inconsistent::Undeclared("GET /api/v1/audit".into())));
        let mut more = routes();
        more.push(Endpoint::get("/api/v1/secret", Public).to(health::healthz));
        assert_eq!(check(&more, &openapi()), Err(Inconsistent::Undocumented("GET /api/v1/secret".into())));
        let mut twice = routes();
        twice.push(Endpoint::get("/healthz", Public).to(health::healthz));
        assert_eq!(check(&twice, &openapi()), Err(Inconsistent::Twice("GET /healthz".into())));
    }

    #[test]
    fn everything_that_changes_something_is_audited() {
        for endpoint in routes() {
            let declaration = endpoint.declaration();
            let audited = declaration.audit != Audit::Nothing;
            let exempt = declaration.path == "/api/v1/ws-tickets";
            assert_eq!(audited, declaration.method != Method::GET && !exempt, "{declaration:?}");
        }
    }
}
