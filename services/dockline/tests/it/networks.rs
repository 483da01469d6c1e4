//! Networks through the real program, on real engines.

use anyhow::{Context, Result, ensure};
use dockline_testkit::{ContainerSpec, TestEngine, engines};
use serde_json::{Value, json};

use crate::{
    client::{Api, start},
    hosts::send,
};

const NETWORKS: &str = "/api/v1/hosts/local/networks";

/// A network of this test's own, which goes with it however it ends.
struct Removed<'a>(&'a TestEngine, String);

impl Drop for Removed<'_> {
    fn drop(&mut self) {
        // The test itself removes it, if it comes so far.
        let _gone = self.0.docker(["network", "disconnect", "--force", &self.1, &self.1["it-".len()..]]);
        let _gone = self.0.docker(["network", "rm", &self.1]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn are_made_joined_left_and_removed() -> Result<()> {
    for (index, engine) in engines().into_iter().enumerate() {
        let (process, ada) = start(&engine.host, &[]).await?;
        ada.add_user("otto", "operator").await?;
        let otto = Api::sign_in(&process, "otto").await?;
        let container = engine.run_container(&ContainerSpec::script("sleep 60"))?;
        // What has no network at all can join none.
        engine.docker(["network", "disconnect", "none", container.id()])?;
        let name = format!("it-{}", &container.id()[..12]);
        let _removed = Removed(&engine, name.clone());
        let wanted = json!({
            "name": name, "internal": true, "mtu": 1400, "labels": { "a": "hunter2" },
            "subnets": [{ "subnet": format!("10.213.{index}.0/24"), "gateway": format!("10.213.{index}.1") }],
        });
        let made = send(&otto, "POST", NETWORKS, wanted.clone(), 201).await?;
        let id = made["id"].as_str().context("an ID")?.to_owned();
        let at = format!("{NETWORKS}/{id}");
        ensure!(
            made["driver"] == "bridge" && made["internal"] == true && made["predefined"] == false,
            "{made}"
        );
        ensure!(made["subnets"][0]["gateway"] == format!("10.213.{index}.1"), "{made}");
        ensure!(made["options"]["com.docker.network.driver.mtu"] == "1400", "{made}");
        send(&otto, "POST", NETWORKS, wanted, 409).await?;

        let address = format!("10.213.{index}.77");
        let join = json!({ "container": container.id(), "aliases": ["shop"], "ipv4": address });
        send(&otto, "POST", &format!("{at}/connect"), join.clone(), 204).await?;
        send(&otto, "POST", &format!("{at}/connect"), join, 409).await?;
        let inside = send(&otto, "GET", &format!("{NETWORKS}/{}", &id[..12]), json!({}), 200).await?;
        let member = &inside["members"][0];
        ensure!(member["id"] == container.id() && member["ipv4"] == *address, "{inside}");
        ensure!(member["aliases"] == json!(["shop"]) && inside["containers"] == 1, "{inside}");
        let picture = send(&otto, "GET", "/api/v1/hosts/local/topology", json!({}), 200).await?;
        let link = json!({ "network": id, "container": container.id(), "ipv4": address, "ipv6": null });
        ensure!(picture["links"].as_array().is_some_and(|links| links.contains(&link)), "{picture}");

        let used = send(&otto, "DELETE", &at, json!({}), 409).await?;
        let container_name = container.inspect("{{.Name}}")?;
        let says = used["message"].as_str().context("a message")?;
        ensure!(says.contains(container_name.trim_start_matches('/')), "{used}");
        container.kill()?;
        send(&otto, "DELETE", &at, json!({}), 409).await?;
        let preview = send(&otto, "GET", &format!("{NETWORKS}/prune/preview"), json!({}), 200).await?;
        let lists = |preview: &Value| {
            preview["items"].as_array().is_some_and(|some| some.iter().any(|one| one["id"] == *id))
        };
        ensure!(!lists(&preview), "a network that a stopped container needs would go: {preview}");
        let leave = json!({ "container": &container.id()[..12] });
        send(&otto, "POST", &format!("{at}/disconnect"), leave.clone(), 204).await?;
        send(&otto, "POST", &format!("{at}/disconnect"), leave, 409).await?;
        let preview = send(&otto, "GET", &format!("{NETWORKS}/prune/preview"), json!({}), 200).await?;
        ensure!(lists(&preview), "{preview}");
        send(&otto, "DELETE", &at, json!({}), 204).await?;
        let missing = send(&otto, "GET", &at, json!({}), 404).await?;
        ensure!(missing["code"] == "network_not_found", "{missing}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_engine_and_of_the_host_are_guarded() -> Result<()> {
    for engine in engines() {
        let (process, ada) = start(&engine.host, &[]).await?;
        ada.add_user("otto", "operator").await?;
        let otto = Api::sign_in(&process, "otto").await?;
        let page = send(&otto, "GET", "/api/v1/networks?limit=500", json!({}), 200).await?;
        for name in ["bridge", "host", "none"] {
            let found = page["items"].as_array().context("items")?.iter().find(|one| one["name"] == name);
            let id = found.and_then(|one| one["id"].as_str()).context("an ID")?;
            let refused =
                send(&ada, "DELETE", &format!("{NETWORKS}/{id}?force=true"), json!({}), 409).await?;
            ensure!(refused["code"] == "conflict", "{refused}");
        }
        for driver in ["macvlan", "ipvlan"] {
            let wanted = json!({ "name": "it-escape", "driver": driver, "parent": "eth0" });
            let refused = send(&otto, "POST", NETWORKS, wanted, 403).await?;
            ensure!(refused["code"] == "host_escape", "{refused}");
        }
        let refused = send(&otto, "GET", &format!("{NETWORKS}/..%2Fprune"), json!({}), 400).await?;
        ensure!(refused["code"] == "invalid_id", "{refused}");
    }
    Ok(())
}
