//! The OpenAPI document, made from the handlers themselves.

use utoipa::{
    Modify, OpenApi,
    openapi::security::{Http, HttpAuthScheme, SecurityScheme},
};

use crate::{
    rest::{
        audit, auth, backups, build, containers, documents, events, health, hosts, images, jobs, networks,
        recordings, registries, schedules, setup, stacks, system, tickets, users, volumes,
    },
    ws,
};

/// The OpenAPI 3.1 document of this API, also for export without a running server.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Dockline",
        description = "A Docker control platform for teams. Times are RFC 3339 in UTC, sizes bytes, rates per \
            second, CPU in per cent of one core. Errors have a stable `code`; unknown fields are to be ignored.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    paths(
        health::healthz, health::readyz, health::metrics,
        documents::openapi_json, documents::schema_index, documents::schema,
        setup::status, setup::complete,
        auth::login, auth::refresh, auth::logout, auth::me,
        tickets::issue,
        users::list, users::create, users::get, users::update, users::remove,
        audit::search,
        recordings::list, recordings::get, recordings::watch, recordings::remove,
        hosts::list, hosts::create, hosts::test, hosts::get, hosts::update, hosts::remove, hosts::test_stored,
        events::list,
        registries::list, registries::create, registries::test, registries::get, registries::update, registries::remove,
        registries::test_stored,
        build::build, build::build_dockerfile,
        schedules::list, schedules::create, schedules::preview, schedules::get, schedules::update,
        schedules::remove, schedules::run,
        backups::list, backups::get, backups::content, backups::restore, backups::remove, backups::backup_volume,
        jobs::pull_image, jobs::push_image, jobs::check_updates, jobs::list, jobs::get, jobs::cancel, jobs::retry,
        containers::list, containers::inspect, containers::logs, containers::stats,
        containers::start, containers::stop, containers::restart, containers::kill,
        containers::create, containers::update, containers::bulk, containers::preview_prune, containers::prune,
        containers::top, containers::changes, containers::commit,
        containers::list_files, containers::read_file, containers::write_file, containers::unpack_archive,
        containers::remove_file, containers::recreate,
        containers::exec, containers::pause, containers::unpause, containers::rename, containers::remove,
        images::list, images::list_of_host, images::import, images::preview_prune, images::prune, images::inspect,
        images::history, images::export, images::tag, images::untag, images::remove, images::search,
        volumes::list, volumes::list_of_host, volumes::create, volumes::preview_prune, volumes::prune,
        volumes::inspect, volumes::remove, volumes::list_files, volumes::read_file, volumes::export,
        volumes::restore,
        networks::list, networks::list_of_host, networks::topology, networks::create, networks::preview_prune,
        networks::prune, networks::inspect, networks::connect, networks::disconnect, networks::remove,
        stacks::list, stacks::list_of_host, stacks::deploy, stacks::validate, stacks::inspect, stacks::update,
        stacks::remove, stacks::start, stacks::stop, stacks::restart, stacks::adopt, stacks::read_file,
        stacks::list_revisions,
        system::df, system::preview_prune, system::prune, system::prune_later,
        ws::exec::serve, ws::logs::serve, ws::logs::serve_merged, ws::stats::serve, ws::events::serve, ws::jobs::serve,
    ),
    security(("bearer" = [])),
    modifiers(&BearerToken, &SocketNames),
    tags(
        (name = "containers", description = "Containers of all hosts"),
        (name = "files", description = "Files in containers, whether they run or not"),
        (name = "hosts", description = "Docker hosts"),
        (name = "images", description = "Images of all hosts"),
        (name = "registries", description = "Credentials of registries"),
        (name = "volumes", description = "Volumes of all hosts"),
        (name = "networks", description = "Networks of all hosts"),
        (name = "stacks", description = "Compose projects of all hosts"),
        (name = "system", description = "What takes a host's disk"),
        (name = "events", description = "What happened at the engines"),
        (name = "schedules", description = "What has jobs done at certain times"),
        (name = "backups", description = "Copies of volumes"),
        (name = "jobs", description = "What goes on in the background"),
        (name = "identity", description = "Signing in and out"),
        (name = "users", description = "Accounts"),
        (name = "audit", description = "Who did what"),
        (name = "recordings", description = "What was shown at terminals"),
        (name = "sockets", description = "WebSockets; their messages are described at /api/v1/schemas/"),
        (name = "documents", description = "This document and the schemas"),
        (name = "operations", description = "Health and metrics"),
    )
)]
struct Document;

struct BearerToken;

impl Modify for BearerToken {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(
            Http::builder()
                .scheme(HttpAuthScheme::Bearer)
                .bearer_format("JWT")
                .description(Some("The access token from signing in"))
                .build(),
        );
        document.components.get_or_insert_default().add_security_scheme("bearer", scheme);
    }
}

/// Handlers of sockets are all called `serve`; in the document each operation has a name of its own.
struct SocketNames;

impl Modify for SocketNames {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        for (path, item) in &mut document.paths.paths {
            if let (Some(stream), Some(operation)) = (path.strip_prefix("/ws/"), &mut item.get) {
                let name = stream.replace("/{id}", "").replace('/', "_");
                operation.operation_id = Some(format!("watch_{name}"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_operation_has_a_name_of_its_own() {
        let document = serde_json::to_value(openapi()).expect("JSON");
        let mut names = HashSet::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            for (method, operation) in item.as_object().expect("operations") {
                let name = operation["operationId"].as_str().expect("a name").to_owned();
                assert!(names.insert(name.clone()), "{method} {path} has another one's name {name}");
                assert!(operation["summary"].is_string(), "{method} {path} is not described");
            }
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = serde_json::to_value(openapi()).expect("JSON");
        for part in document.to_string().split("#/components/schemas/").skip(1) {
            let name = part.split('"').next().expect("a name");
            assert!(document["components"]["schemas"].get(name).is_some(), "{name}");
        }
    }
}
