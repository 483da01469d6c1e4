//! Every route of the API, one line each: method, path, who may, and what the audit log calls it.

use dockline_domain::access::Permission;

use crate::{
    registry::{
        Access::{Public, Requires, SignedIn},
        Endpoint,
    },
    rest::{
        audit, auth, backups, build, containers, documents, events, health, hosts, images, jobs, networks,
        recordings, registries, schedules, setup, stacks, system, tickets, users, volumes,
    },
    ws,
};

/// The table.
#[must_use]
pub fn routes() -> Vec<Endpoint> {
    let (read, operate) = (Requires(Permission::ContainersRead), Requires(Permission::ContainersOperate));
    let create = Requires(Permission::ContainersCreate);
    let schedule = Requires(Permission::SchedulesManage);
    let (read_files, write_files) = (Requires(Permission::FilesRead), Requires(Permission::FilesWrite));
    let manage = Requires(Permission::UsersManage);
    let (see_hosts, manage_hosts) = (Requires(Permission::HostsRead), Requires(Permission::HostsManage));
    let (see_images, manage_images) = (Requires(Permission::ImagesRead), Requires(Permission::ImagesManage));
    let (see_volumes, manage_volumes) =
        (Requires(Permission::VolumesRead), Requires(Permission::VolumesManage));
    let (see_networks, manage_networks) =
        (Requires(Permission::NetworksRead), Requires(Permission::NetworksManage));
    let (see_stacks, manage_stacks) = (Requires(Permission::StacksRead), Requires(Permission::StacksManage));
    let (see_registries, manage_registries) =
        (Requires(Permission::RegistriesRead), Requires(Permission::RegistriesManage));
    let (see_system, prune_system) = (Requires(Permission::SystemRead), Requires(Permission::SystemPrune));
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
        Endpoint::get("/api/v1/recordings", Requires(Permission::RecordingsRead)).to(recordings::list),
        Endpoint::get("/api/v1/recordings/{id}", Requires(Permission::RecordingsRead)).to(recordings::get),
        Endpoint::get("/api/v1/recordings/{id}/cast", Requires(Permission::RecordingsRead))
            .uncompressed()
            .audited("recording.watch")
            .to(recordings::watch),
        Endpoint::delete("/api/v1/recordings/{id}", Requires(Permission::RecordingsManage))
            .audited("recording.delete")
            .to(recordings::remove),
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
        Endpoint::post("/api/v1/hosts/{host}/images/pull", Requires(Permission::ImagesManage))
            .audited("image.pull")
            .to(jobs::pull_image),
        Endpoint::post("/api/v1/hosts/{host}/images/build", manage_images)
            .audited("image.build")
            .to(build::build),
        Endpoint::post("/api/v1/hosts/{host}/images/build/dockerfile", manage_images)
            .audited("image.build")
            .to(build::build_dockerfile),
        //
        Endpoint::get("/api/v1/schedules", schedule).to(schedules::list),
        Endpoint::post("/api/v1/schedules", schedule).audited("schedule.create").to(schedules::create),
        // Before the next path, which it also fits: no schedule has this ID.
        Endpoint::post("/api/v1/schedules/preview", schedule)
            .not_audited("it changes nothing")
            .to(schedules::preview),
        Endpoint::get("/api/v1/schedules/{id}", schedule).to(schedules::get),
        Endpoint::patch("/api/v1/schedules/{id}", schedule).audited("schedule.update").to(schedules::update),
        Endpoint::delete("/api/v1/schedules/{id}", schedule).audited("schedule.delete").to(schedules::remove),
        // The permission of its task is asked for by the handler.
        Endpoint::post("/api/v1/schedules/{id}/run", schedule).audited("schedule.run").to(schedules::run),
        //
        Endpoint::get("/api/v1/backups", see_volumes).to(backups::list),
        Endpoint::get("/api/v1/backups/{id}", see_volumes).to(backups::get),
        Endpoint::get("/api/v1/backups/{id}/content", read_files)
            .audited("backup.download")
            .uncompressed()
            .to(backups::content),
        Endpoint::post("/api/v1/backups/{id}/restore", manage_volumes)
            .audited("backup.restore")
            .to(backups::restore),
        Endpoint::delete("/api/v1/backups/{id}", manage_volumes).audited("backup.remove").to(backups::remove),
        Endpoint::post("/api/v1/hosts/{host}/volumes/{name}/backup", manage_volumes)
            .audited("volume.backup")
            .to(backups::backup_volume),
        //
        Endpoint::post("/api/v1/hosts/{host}/images/push", manage_images)
            .audited("image.push")
            .to(jobs::push_image),
        Endpoint::get("/api/v1/hosts/{host}/images/search", manage_images).to(images::search),
        Endpoint::post("/api/v1/images/check-updates", manage_images)
            .audited("image.check_updates")
            .to(jobs::check_updates),
        Endpoint::post("/api/v1/containers/{id}/recreate", create)
            .audited("container.recreate")
            .to(containers::recreate),
        //
        Endpoint::get("/api/v1/registries", see_registries).to(registries::list),
        Endpoint::post("/api/v1/registries", manage_registries)
            .audited("registry.create")
            .to(registries::create),
        // Before the next path, which it also fits: no ID has this form.
        Endpoint::post("/api/v1/registries/test", manage_registries)
            .audited("registry.test")
            .to(registries::test),
        Endpoint::get("/api/v1/registries/{id}", see_registries).to(registries::get),
        Endpoint::patch("/api/v1/registries/{id}", manage_registries)
            .audited("registry.update")
            .to(registries::update),
        Endpoint::delete("/api/v1/registries/{id}", manage_registries)
            .audited("registry.delete")
            .to(registries::remove),
        Endpoint::post("/api/v1/registries/{id}/test", manage_registries)
            .audited("registry.test")
            .to(registries::test_stored),
        //
        Endpoint::get("/api/v1/jobs", Requires(Permission::ImagesRead)).to(jobs::list),
        Endpoint::get("/api/v1/jobs/{id}", Requires(Permission::ImagesRead)).to(jobs::get),
        // Which permission these take is the job's own, so the handlers ask for it.
        Endpoint::post("/api/v1/jobs/{id}/cancel", SignedIn).audited("job.cancel").to(jobs::cancel),
        Endpoint::post("/api/v1/jobs/{id}/retry", SignedIn).audited("job.retry").to(jobs::retry),
        Endpoint::get("/api/v1/containers", read).to(containers::list),
        Endpoint::post("/api/v1/containers", create).audited("container.create").to(containers::create),
        // Before the paths of one container, which it also fits: no ID has this form. What it does to each container is
        // audited beside it, and `remove` needs its own permission.
        Endpoint::post("/api/v1/containers/bulk", operate).audited("container.bulk").to(containers::bulk),
        Endpoint::get("/api/v1/hosts/{host}/containers/prune/preview", Requires(Permission::SystemRead))
            .to(containers::preview_prune),
        Endpoint::post("/api/v1/hosts/{host}/containers/prune", Requires(Permission::SystemPrune))
            .audited("container.prune")
            .to(containers::prune),
        Endpoint::get("/api/v1/containers/{id}", read).to(containers::inspect),
        Endpoint::patch("/api/v1/containers/{id}", create).audited("container.update").to(containers::update),
        Endpoint::get("/api/v1/containers/{id}/top", read).to(containers::top),
        Endpoint::get("/api/v1/containers/{id}/changes", read).to(containers::changes),
        Endpoint::post("/api/v1/containers/{id}/commit", create)
            .audited("container.commit")
            .to(containers::commit),
        Endpoint::get("/api/v1/containers/{id}/files", read_files).to(containers::list_files),
        Endpoint::delete("/api/v1/containers/{id}/files", write_files)
            .audited("file.remove")
            .to(containers::remove_file),
        Endpoint::get("/api/v1/containers/{id}/files/content", read_files)
            .uncompressed()
            .to(containers::read_file),
        Endpoint::put("/api/v1/containers/{id}/files/content", write_files)
            .audited("file.write")
            .to(containers::write_file),
        Endpoint::post("/api/v1/containers/{id}/files/archive", write_files)
            .audited("file.unpack")
            .to(containers::unpack_archive),
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
        Endpoint::post("/api/v1/containers/{id}/exec", Requires(Permission::ContainersExec))
            .audited("container.exec")
            .to(containers::exec),
        //
        Endpoint::get("/api/v1/images", see_images).to(images::list),
        Endpoint::get("/api/v1/hosts/{host}/images", see_images).to(images::list_of_host),
        Endpoint::post("/api/v1/hosts/{host}/images/import", manage_images)
            .audited("image.import")
            .to(images::import),
        Endpoint::get("/api/v1/hosts/{host}/images/prune/preview", see_images).to(images::preview_prune),
        Endpoint::post("/api/v1/hosts/{host}/images/prune", manage_images)
            .audited("image.prune")
            .to(images::prune),
        Endpoint::get("/api/v1/hosts/{host}/images/{id}", see_images).to(images::inspect),
        Endpoint::get("/api/v1/hosts/{host}/images/{id}/history", see_images).to(images::history),
        Endpoint::get("/api/v1/hosts/{host}/images/{id}/export", manage_images)
            .uncompressed()
            .to(images::export),
        Endpoint::post("/api/v1/hosts/{host}/images/{id}/tag", manage_images)
            .audited("image.tag")
            .to(images::tag),
        Endpoint::post("/api/v1/hosts/{host}/images/{id}/untag", manage_images)
            .audited("image.untag")
            .to(images::untag),
        Endpoint::delete("/api/v1/hosts/{host}/images/{id}", manage_images)
            .audited("image.remove")
            .to(images::remove),
        //
        Endpoint::get("/api/v1/volumes", see_volumes).to(volumes::list),
        Endpoint::get("/api/v1/hosts/{host}/volumes", see_volumes).to(volumes::list_of_host),
        Endpoint::post("/api/v1/hosts/{host}/volumes", manage_volumes)
            .audited("volume.create")
            .to(volumes::create),
        Endpoint::get("/api/v1/hosts/{host}/volumes/prune/preview", see_volumes).to(volumes::preview_prune),
        Endpoint::post("/api/v1/hosts/{host}/volumes/prune", manage_volumes)
            .audited("volume.prune")
            .to(volumes::prune),
        Endpoint::get("/api/v1/hosts/{host}/volumes/{name}", see_volumes).to(volumes::inspect),
        Endpoint::delete("/api/v1/hosts/{host}/volumes/{name}", manage_volumes)
            .audited("volume.remove")
            .to(volumes::remove),
        Endpoint::get("/api/v1/hosts/{host}/volumes/{name}/files", read_files).to(volumes::list_files),
        Endpoint::get("/api/v1/hosts/{host}/volumes/{name}/files/content", read_files)
            .uncompressed()
            .to(volumes::read_file),
        Endpoint::get("/api/v1/hosts/{host}/volumes/{name}/archive", read_files)
            .audited("volume.export")
            .uncompressed()
            .to(volumes::export),
        Endpoint::put("/api/v1/hosts/{host}/volumes/{name}/archive", write_files)
            .audited("volume.restore")
            .to(volumes::restore),
        //
        Endpoint::get("/api/v1/networks", see_networks).to(networks::list),
        Endpoint::get("/api/v1/hosts/{host}/networks", see_networks).to(networks::list_of_host),
        Endpoint::get("/api/v1/hosts/{host}/topology", see_networks).to(networks::topology),
        Endpoint::post("/api/v1/hosts/{host}/networks", manage_networks)
            .audited("network.create")
            .to(networks::create),
        Endpoint::get("/api/v1/hosts/{host}/networks/prune/preview", see_networks)
            .to(networks::preview_prune),
        Endpoint::post("/api/v1/hosts/{host}/networks/prune", manage_networks)
            .audited("network.prune")
            .to(networks::prune),
        Endpoint::get("/api/v1/hosts/{host}/networks/{id}", see_networks).to(networks::inspect),
        Endpoint::post("/api/v1/hosts/{host}/networks/{id}/connect", manage_networks)
            .audited("network.connect")
            .to(networks::connect),
        Endpoint::post("/api/v1/hosts/{host}/networks/{id}/disconnect", manage_networks)
            .audited("network.disconnect")
            .to(networks::disconnect),
        Endpoint::delete("/api/v1/hosts/{host}/networks/{id}", manage_networks)
            .audited("network.remove")
            .to(networks::remove),
        //
        Endpoint::get("/api/v1/stacks", see_stacks).to(stacks::list),
        Endpoint::get("/api/v1/hosts/{host}/stacks", see_stacks).to(stacks::list_of_host),
        Endpoint::post("/api/v1/hosts/{host}/stacks", manage_stacks)
            .audited("stack.deploy")
            .to(stacks::deploy),
        // Before the paths of one stack, which it also fits: none has this name.
        Endpoint::post("/api/v1/hosts/{host}/stacks/validate", manage_stacks)
            .audited("stack.validate")
            .to(stacks::validate),
        Endpoint::get("/api/v1/hosts/{host}/stacks/{name}", see_stacks).to(stacks::inspect),
        Endpoint::put("/api/v1/hosts/{host}/stacks/{name}", manage_stacks)
            .audited("stack.update")
            .to(stacks::update),
        Endpoint::delete("/api/v1/hosts/{host}/stacks/{name}", manage_stacks)
            .audited("stack.remove")
            .to(stacks::remove),
        Endpoint::post("/api/v1/hosts/{host}/stacks/{name}/start", manage_stacks)
            .audited("stack.start")
            .to(stacks::start),
        Endpoint::post("/api/v1/hosts/{host}/stacks/{name}/stop", manage_stacks)
            .audited("stack.stop")
            .to(stacks::stop),
        Endpoint::post("/api/v1/hosts/{host}/stacks/{name}/restart", manage_stacks)
            .audited("stack.restart")
            .to(stacks::restart),
        Endpoint::post("/api/v1/hosts/{host}/stacks/{name}/adopt", manage_stacks)
            .audited("stack.adopt")
            .to(stacks::adopt),
        Endpoint::get("/api/v1/hosts/{host}/stacks/{name}/file", see_stacks).to(stacks::read_file),
        Endpoint::get("/api/v1/hosts/{host}/stacks/{name}/revisions", see_stacks).to(stacks::list_revisions),
        //
        Endpoint::get("/api/v1/hosts/{host}/system/df", see_system).to(system::df),
        Endpoint::get("/api/v1/hosts/{host}/system/prune/preview", see_system).to(system::preview_prune),
        Endpoint::post("/api/v1/hosts/{host}/system/prune", prune_system)
            .audited("system.prune")
            .to(system::prune),
        Endpoint::post("/api/v1/hosts/{host}/system/prune/job", prune_system)
            .audited("system.prune")
            .to(system::prune_later),
        //
        Endpoint::websocket("/ws/containers/{id}/exec", Permission::ContainersExec).to(ws::exec::serve),
        Endpoint::websocket("/ws/containers/{id}/logs", Permission::LogsRead).to(ws::logs::serve),
        Endpoint::websocket("/ws/containers/{id}/stats", Permission::StatsRead).to(ws::stats::serve),
        Endpoint::websocket("/ws/jobs/{id}", Permission::ImagesRead).to(ws::jobs::serve),
        Endpoint::websocket("/ws/logs", Permission::LogsRead).to(ws::logs::serve_merged),
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
            let exempt = ["/api/v1/ws-tickets", "/api/v1/schedules/preview"].contains(&declaration.path);
            // Some reading is worth a line too.
            let reads = declaration.method == Method::GET;
            assert!(reads || audited != exempt, "{declaration:?}");
        }
    }
}
