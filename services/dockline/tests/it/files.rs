//! Files in containers, through the program on real engines.

use anyhow::{Context, Result, ensure};
use dockline_testkit::{
    ContainerSpec, DocklineProcess, TestEngine, engines, eventually, hostile_archives, tar, tar_file,
};
use futures::{StreamExt, stream};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use tokio_util::bytes::Bytes;

use crate::{
    client::{Api, PATIENCE, start},
    limits::resident_kib,
};

/// What goes up and down in the test of memory.
const LARGE: u64 = 256 << 20;
/// How much more memory that may take.
const GROWTH: u64 = 32 << 20;

/// A request with a body that is no JSON.
pub async fn send(
    api: &Api,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<reqwest::Body>,
) -> Result<Response> {
    let request = Client::new().request(method, api.url(path)).bearer_auth(&api.token).body(body);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    Ok(request.send().await?)
}

pub async fn json_of(answer: Response) -> Result<(u16, Value)> {
    let status = answer.status().as_u16();
    let text = answer.text().await?;
    Ok((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
}

fn etag(answer: &Response) -> Result<String> {
    Ok(answer.headers().get("etag").context("an ETag")?.to_str()?.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_written_read_and_edited_without_losing_another_edit() -> Result<()> {
    for engine in engines() {
        let (mut dockline, api) = start(&engine.host, &[]).await?;
        let script = "mkdir -p /srv/app; echo one >/srv/app/conf; chown 7:8 /srv/app/conf; chmod 640 /srv/app/conf; \
                      ln -s conf /srv/app/link; touch /ready; sleep 60";
        let container = engine.run_container(&ContainerSpec::script(script))?;
        eventually(PATIENCE, || async { container.exec("cat /ready").map(drop) }).await?;
        let files = format!("/api/v1/containers/{}/files", container.id());
        let at = |path: &str| format!("{files}/content?path={path}");

        let (_, listing) = api.call("GET", &format!("{files}?path=/srv/app"), None).await?;
        let names: Vec<_> =
            listing["items"].as_array().context("items")?.iter().map(|one| &one["name"]).collect();
        ensure!(names == ["conf", "link"] && listing["truncated"] == false, "{listing}");
        let read = send(&api, Method::GET, &at("/srv/app/link"), &[], "").await?;
        let (first, text) = (etag(&read)?, read.text().await?);
        ensure!(text == "one\n", "{text:?}");

        // Two people have read it; the second to write is told.
        let put = async |condition: (&str, &str), text: &'static str| {
            send(&api, Method::PUT, &at("/srv/app/conf"), &[condition], text).await
        };
        let written = put(("if-match", &first), "two\n").await?;
        let second = etag(&written)?;
        ensure!(written.status() == 200 && second != first, "{written:?}");
        let (status, answer) = json_of(put(("if-match", &first), "lost\n").await?).await?;
        ensure!((status, &answer["code"]) == (412, &json!("file_changed")), "{status} {answer}");
        ensure!(put(("if-match", &second), "two\n").await?.status() == 200);
        ensure!(put(("if-none-match", "*"), "new\n").await?.status() == 412);
        ensure!(container.exec("stat -c '%u %g %a' /srv/app/conf")? == b"7 8 640\n", "owner and mode stay");
        ensure!(
            container.exec("cat /srv/app/conf; readlink /srv/app/link")? == b"two\nconf\n",
            "the link stays a link"
        );
        ensure!(container.exec("ls -a /srv/app | wc -l")?.trim_ascii() == b"4", "nothing else is left there");

        let new =
            send(&api, Method::PUT, &at("/srv/app/sp%20ace%3F%26"), &[("if-none-match", "*")], "new").await?;
        let (status, answer) = json_of(new).await?;
        ensure!(status == 200, "{status} {answer}");
        ensure!(container.exec("cat '/srv/app/sp ace?&'")? == b"new");
        let empty = send(&api, Method::PUT, &at("/srv/app/empty"), &[], "").await?;
        ensure!(empty.status() == 200 && container.exec("cat /srv/app/empty")?.is_empty());
        for (path, status, code) in [
            ("/srv/app", 409, "conflict"),
            ("/srv/nothing/x", 404, "file_not_found"),
            ("/srv/../x", 422, "invalid_fields"),
            ("srv", 422, "invalid_fields"),
            ("/", 409, "conflict"),
        ] {
            let (got, answer) = json_of(send(&api, Method::PUT, &at(path), &[], "x").await?).await?;
            ensure!((got, &answer["code"]) == (status, &json!(code)), "{path}: {got} {answer}");
        }
        let chunked = reqwest::Body::wrap_stream(stream::iter([anyhow::Ok(Bytes::from_static(b"x"))]));
        let (status, answer) = json_of(send(&api, Method::PUT, &at("/srv/x"), &[], chunked).await?).await?;
        ensure!((status, &answer["code"]) == (411, &json!("length_required")), "{status} {answer}");

        // A folder comes as a tar.
        let folder = api.get_bytes(&at("/srv/app")).await?;
        ensure!(folder.windows(4).any(|part| part == b"two\n") && folder.len().is_multiple_of(512));
        // All of it also when nothing runs.
        container.kill()?;
        ensure!(api.get_bytes(&at("/srv/app/conf")).await? == b"two\n");
        ensure!(send(&api, Method::PUT, &at("/srv/app/conf"), &[], "three\n").await?.status() == 200);
        ensure!(api.get_bytes(&at("/srv/app/conf")).await? == b"three\n");
        dockline.terminate().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_archives_are_refused_and_change_nothing() -> Result<()> {
    for engine in engines() {
        let (mut dockline, api) = start(&engine.host, &[]).await?;
        let container = engine.run_container(&ContainerSpec::script("mkdir /in; touch /ready; sleep 60"))?;
        eventually(PATIENCE, || async { container.exec("cat /ready").map(drop) }).await?;
        let path = format!("/api/v1/containers/{}/files/archive?path=/in", container.id());
        let before = changed(&engine, container.id())?;
        let corpus = hostile_archives();
        ensure!(corpus.len() >= 20);
        for one in corpus {
            let (status, answer) = json_of(send(&api, Method::POST, &path, &[], one.bytes).await?).await?;
            ensure!(
                (status, &answer["code"]) == (422, &json!("archive_refused")),
                "{}: {status} {answer}",
                one.name
            );
            ensure!(
                answer["message"].as_str().is_some_and(|text| text.contains(one.reason)),
                "{}: {answer}",
                one.name
            );
        }
        // The end is bad, and what came before it is not there either.
        let mixed = tar(&[tar_file("good", b"good"), tar_file("../bad", b"bad")]);
        ensure!(send(&api, Method::POST, &path, &[], mixed).await?.status() == 422);
        ensure!(changed(&engine, container.id())? == before, "engine {}", engine.version);

        let good = tar(&[tar_file("a/b", b"one"), tar_file("c", &[b'x'; 3_000])]);
        let (status, answer) = json_of(send(&api, Method::POST, &path, &[], good).await?).await?;
        ensure!(
            status == 200 && answer == json!({"path": "/in", "entries": 2, "bytes": 3_003}),
            "{status} {answer}"
        );
        ensure!(container.exec("cat /in/a/b; wc -c </in/c")? == b"one3000\n");
        dockline.terminate().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hosts_files_in_a_container_are_for_those_who_may_reach_it() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let engine = engines().pop().context("an engine")?;
    let (mut dockline, ada) = start(&engine.host, &[]).await?;
    for (name, role) in [("otto", "operator"), ("vera", "viewer")] {
        ada.add_user(name, role).await?;
    }
    let (otto, vera) = (Api::sign_in(&dockline, "otto").await?, Api::sign_in(&dockline, "vera").await?);
    let bind = format!("--volume={}:/data", folder.path().display());
    let script = "ln -s /data /way; mkdir /own; touch /ready; sleep 60";
    let container = engine.run_container(&ContainerSpec::script(script).option(bind))?;
    let shadow = ContainerSpec::script("sleep 60").option("--volume=/etc:/host-etc:ro");
    let shadow = engine.run_container(&shadow)?;
    eventually(PATIENCE, || async { container.exec("cat /ready").map(drop) }).await?;
    let files = format!("/api/v1/containers/{}/files", container.id());
    for path in ["/data/x", "/way/x", "/data/../data/x"] {
        let answer = send(&otto, Method::PUT, &format!("{files}/content?path={path}"), &[], "x").await?;
        let (status, body) = json_of(answer).await?;
        let refused = status == 403 && body["code"] == "host_escape" || status == 422 && path.contains("..");
        ensure!(refused, "{path}: {status} {body}");
    }
    let archive = |api: &Api, path: &str| {
        let (api, path) = (api.clone(), format!("{files}/archive?path={path}"));
        async move { send(&api, Method::POST, &path, &[], tar(&[tar_file("x", b"x")])).await }
    };
    ensure!(archive(&otto, "/own").await?.status() == 403, "links may lead anywhere");
    ensure!(archive(&ada, "/own").await?.status() == 200);
    ensure!(
        send(&otto, Method::PUT, &format!("{files}/content?path=/own/y"), &[], "y").await?.status() == 200
    );
    ensure!(
        send(&ada, Method::PUT, &format!("{files}/content?path=/way/x"), &[], "x").await?.status() == 200
    );
    ensure!(std::fs::read(folder.path().join("x"))? == b"x");
    // Data of the host's may be read by who may read files; what opens the host may not.
    ensure!(
        send(&otto, Method::GET, &format!("{files}/content?path=/data/x"), &[], "").await?.status() == 200
    );
    for path in ["/host-etc/passwd", "/host-etc", "/"] {
        let at = format!("/api/v1/containers/{}/files/content?path={path}", shadow.id());
        let answer = send(&otto, Method::GET, &at, &[], "").await?;
        ensure!(answer.status() == 403, "{path}: {}", answer.status());
    }
    for (method, rest) in
        [(Method::GET, "?path=/"), (Method::GET, "/content?path=/ready"), (Method::PUT, "/content?path=/x")]
    {
        ensure!(send(&vera, method, &format!("{files}{rest}"), &[], "").await?.status() == 403);
    }
    dockline.terminate().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_goes_up_and_down_in_flat_memory() -> Result<()> {
    for engine in engines() {
        let (mut dockline, api) = start(&engine.host, &[]).await?;
        let container = engine.run_container(&ContainerSpec::script("sleep 600"))?;
        let path = format!("/api/v1/containers/{}/files/content?path=/large", container.id());
        // What is made at the first use of everything is no growth.
        ensure!(send(&api, Method::PUT, &path, &[], vec![b'x'; 2 << 20]).await?.status() == 200);
        api.get_bytes(&path).await?;
        let before = resident(&dockline)?;

        let piece = Bytes::from(vec![b'z'; 64 << 10]);
        let pieces = (0..LARGE / piece.len() as u64).map(move |_| anyhow::Ok(piece.clone()));
        let body = reqwest::Body::wrap_stream(stream::iter(pieces));
        let length = LARGE.to_string();
        let sent = send(&api, Method::PUT, &path, &[("content-length", &length)], body).await?;
        ensure!(sent.status() == 200, "{}", sent.text().await?);
        let after_upload = resident(&dockline)?;
        ensure!(after_upload < before + GROWTH, "up: {before} {after_upload}");

        let mut down = send(&api, Method::GET, &path, &[], "").await?.bytes_stream();
        let (mut read, mut most) = (0_u64, 0);
        while let Some(piece) = down.next().await {
            read += piece?.len() as u64;
            if read % (32 << 20) < 64 << 10 {
                most = most.max(resident(&dockline)?);
            }
        }
        ensure!(read == LARGE, "{read}");
        ensure!(most < before + GROWTH, "down: {before} {most}");

        dockline.terminate().await?;
    }
    Ok(())
}

/// What differs from the image, in the client's words; an engine tells it in no order.
fn changed(engine: &TestEngine, container: &str) -> Result<Vec<String>> {
    let told = engine.docker(["diff", container])?.stdout;
    let mut lines: Vec<String> = String::from_utf8_lossy(&told).lines().map(str::to_owned).collect();
    lines.sort();
    Ok(lines)
}

/// The process's memory in RAM, in bytes.
fn resident(dockline: &DocklineProcess) -> Result<u64> {
    Ok(resident_kib(dockline.pid().context("it runs")?)? << 10)
}
