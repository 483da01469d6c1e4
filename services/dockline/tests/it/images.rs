//! Images through the real program, on real engines.

use anyhow::{Context, Result, ensure};
use dockline_testkit::{ContainerSpec, TestEngine, engines};
use serde_json::{Value, json};

use crate::{
    client::{Api, start},
    hosts::send,
};

const IMAGES: &str = "/api/v1/hosts/local/images";

/// Sends a tar and returns the answer.
async fn import(api: &Api, tar: Vec<u8>) -> Result<(u16, Value)> {
    let request = reqwest::Client::new().post(api.url(&format!("{IMAGES}/import"))).bearer_auth(&api.token);
    let answer = request.header("content-type", "application/x-tar").body(tar).send().await?;
    Ok((answer.status().as_u16(), answer.json().await?))
}

/// An image of this test's own, with something secret in it.
fn image(engine: &TestEngine) -> Result<(String, String)> {
    let container = engine.create_container(&ContainerSpec::script("true"))?;
    let name = format!("it-images/{}:1", &container.id()[..12]);
    engine.docker(["commit", "--change", "ENV TOKEN=hunter2", container.id(), &name])?;
    let id = String::from_utf8(engine.docker(["image", "inspect", "--format", "{{.Id}}", &name])?.stdout)?;
    Ok((name, id.trim().to_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn are_listed_named_moved_and_removed() -> Result<()> {
    for engine in engines() {
        let (process, ada) = start(&engine.host, &[]).await?;
        let (name, id) = image(&engine)?;
        let at = format!("{IMAGES}/{id}");

        let page = send(&ada, "GET", &format!("/api/v1/images?q={name}"), json!({}), 200).await?;
        ensure!(page["items"][0]["id"] == *id && page["items"][0]["tags"] == json!([name]), "{page}");
        ensure!(page["hosts"][0]["state"] == "online" && page["items"][1].is_null(), "{page}");
        let short = &id["sha256:".len()..][..12];
        let details = send(&ada, "GET", &format!("{IMAGES}/{short}"), json!({}), 200).await?;
        let secret = json!({"name": "TOKEN", "value": "hunter2"});
        ensure!(details["env"].as_array().is_some_and(|env| env.contains(&secret)), "{details}");
        ensure!(details["size_bytes"].as_u64() > Some(0) && details["layers"][0].is_string(), "{details}");

        ada.add_user("vera", "viewer").await?;
        let vera = Api::sign_in(&process, "vera").await?;
        for path in [at.clone(), format!("{at}/history")] {
            let seen = send(&vera, "GET", &path, json!({}), 200).await?;
            ensure!(seen["secrets_hidden"] == true && !seen.to_string().contains("hunter2"), "{seen}");
        }
        let history = send(&ada, "GET", &format!("{at}/history"), json!({}), 200).await?;
        ensure!(history["items"].as_array().is_some_and(|steps| !steps.is_empty()), "{history}");
        send(&vera, "POST", &format!("{at}/tag"), json!({ "reference": "a:1" }), 403).await?;

        let other = name.replace(":1", ":2");
        send(&ada, "POST", &format!("{at}/tag"), json!({ "reference": other }), 204).await?;
        let several = send(&ada, "DELETE", &at, json!({}), 409).await?;
        ensure!(several["code"] == "conflict", "{several}");
        let gone = send(&ada, "POST", &format!("{at}/untag"), json!({ "reference": other }), 200).await?;
        ensure!(gone["untagged"] == json!([other]) && gone["deleted"] == json!([]), "{gone}");
        let missing = send(&ada, "POST", &format!("{at}/untag"), json!({ "reference": other }), 404).await?;
        ensure!(missing["code"] == "image_not_found", "{missing}");

        let user = engine.create_container(&ContainerSpec::script("true").image(&name))?;
        let container = user.inspect("{{.Name}}")?;
        let used = send(&ada, "DELETE", &at, json!({}), 409).await?;
        let says = used["message"].as_str().context("a message")?;
        ensure!(says.contains(container.trim_start_matches('/')), "{used}");
        let preview = format!("{IMAGES}/prune/preview?images=all");
        let lists = |preview: &Value| {
            preview["items"].as_array().is_some_and(|some| some.iter().any(|one| one["id"] == *id))
        };
        ensure!(!lists(&send(&ada, "GET", &preview, json!({}), 200).await?), "a used image would be pruned");
        user.remove()?;
        ensure!(
            lists(&send(&ada, "GET", &preview, json!({}), 200).await?),
            "an unused image is not in the preview"
        );
        let dangling = send(&ada, "GET", &format!("{IMAGES}/prune/preview"), json!({}), 200).await?;
        ensure!(!lists(&dangling), "{dangling}");

        let tar = ada.get_bytes(&format!("{at}/export")).await?;
        let removed = send(&ada, "DELETE", &at, json!({}), 200).await?;
        ensure!(removed["untagged"] == json!([name]), "{removed}");
        let missing = send(&ada, "GET", &at, json!({}), 404).await?;
        ensure!(missing["code"] == "image_not_found", "{missing}");
        let (status, imported) = import(&ada, tar.clone()).await?;
        ensure!(status == 200 && imported["loaded"] == json!([name]), "{status} {imported}");
        send(&ada, "GET", &at, json!({}), 200).await?;

        for damaged in [b"this is no tar".repeat(200), tar[..tar.len() / 2].to_vec()] {
            let (status, refused) = import(&ada, damaged).await?;
            ensure!(status == 422 && refused["code"] == "rejected_by_engine", "{status} {refused}");
        }
        let usage = send(&ada, "GET", "/api/v1/hosts/local/system/df", json!({}), 200).await?;
        ensure!(
            usage["images"]["count"].as_u64() > Some(0) && usage["total_bytes"].as_u64() > Some(0),
            "{usage}"
        );
        send(&ada, "DELETE", &format!("{at}?force=true"), json!({}), 200).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_in_a_path_reaches_no_engine() -> Result<()> {
    let engine = engines().into_iter().next().context("an engine")?;
    let (_process, ada) = start(&engine.host, &[]).await?;
    for path in ["..%2Fversion", "..%2F..%2Fplugins", "nginx", "abcdefabcdef%2Fjson", "sha256:..%2Fx"] {
        let refused = send(&ada, "GET", &format!("{IMAGES}/{path}"), json!({}), 400).await?;
        ensure!(refused["code"] == "invalid_id", "{path}: {refused}");
    }
    Ok(())
}
