//! Files in containers, on the fake and on both real engines.

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use dockline_contract::rest::FileKind;
use dockline_docker::{Content, Engine, Error, Missing, NewFile, Owner, fake::FakeEngine};
use dockline_domain::{ContainerId, ContainerPath, access::Permission};
use dockline_testkit::{ContainerSpec, RecordingProxy, engines};
use futures::{StreamExt, TryStreamExt, stream};

use crate::stage::{grant, host, id, plain};

fn path(text: &str) -> ContainerPath {
    text.parse().expect("a path")
}

fn content(bytes: &[u8]) -> Content {
    let pieces: Vec<_> = bytes.chunks(1_000).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    stream::iter(pieces).boxed()
}

async fn read(engine: &dyn Engine, id: &ContainerId, at: &str) -> Result<Vec<u8>> {
    let file = engine.read_file(id, &path(at)).await?;
    let bytes: Vec<u8> = file.content.map_ok(|piece| piece.to_vec()).try_concat().await?;
    ensure!(bytes.len() as u64 == file.size);
    Ok(bytes)
}

async fn names(engine: &dyn Engine, id: &ContainerId, at: &str) -> Result<Vec<String>> {
    let mut names: Vec<String> =
        engine.list_files(id, &path(at)).await?.entries.into_iter().map(|entry| entry.name).collect();
    names.sort();
    Ok(names)
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_fake() -> Result<()> {
    let fake = FakeEngine::new(host());
    let id = fake.add("web", &[]);
    fake.put_file(&id, "/srv/there", b"there\n");
    everything(fake.as_ref(), &id).await
}

#[tokio::test(flavor = "multi_thread")]
async fn on_real_engines_running_and_stopped() -> Result<()> {
    for real in engines() {
        let engine: &dyn Engine = &plain(&real.host)?;
        let script = "mkdir -p /srv; echo there >/srv/there; ln -s there /srv/link; mkfifo /srv/pipe; touch /srv/ready; sleep 60";
        let container = real.run_container(&ContainerSpec::script(script))?;
        let id = id(&container)?;
        dockline_testkit::eventually(crate::stage::ANSWER, || async {
            engine.stat_file(&id, &path("/srv/ready")).await.map(drop).map_err(anyhow::Error::from)
        })
        .await?;
        container.exec("rm /srv/ready")?;
        kinds(engine, &id).await.with_context(|| real.host.clone())?;
        container.exec("rm /srv/link /srv/pipe")?;
        everything(engine, &id).await.with_context(|| real.host.clone())?;
        container.kill()?;
        container.exec("true").expect_err("it is stopped");
        for at in ["/srv/new", "/srv/deep/file"] {
            ensure!(engine.stat_file(&id, &path(at)).await.is_ok(), "{at} outlives the process");
        }
        let top = engine.list_files(&id, &path("/")).await?;
        ensure!(top.entries.iter().any(|one| one.name == "srv") && !top.truncated, "{top:?}");
        ensure!(read(engine, &id, "/srv/new").await?.len() == 5_000);
    }
    Ok(())
}

async fn everything(engine: &dyn Engine, id: &ContainerId) -> Result<()> {
    let grant = grant(Permission::FilesWrite)?;
    ensure!(names(engine, id, "/srv").await? == ["there"]);
    ensure!(read(engine, id, "/srv/there").await? == b"there\n");
    let stat = engine.stat_file(id, &path("/srv/there")).await?;
    ensure!((stat.kind, stat.size) == (FileKind::File, 6), "{stat:?}");
    ensure!(engine.stat_file(id, &path("/srv")).await?.kind == FileKind::Folder);
    for missing in ["/srv/nothing", "/nothing/at/all"] {
        let answer = engine.stat_file(id, &path(missing)).await;
        ensure!(matches!(answer, Err(Error::Missing { what: Missing::File, .. })), "{answer:?}");
        let answer = engine.read_file(id, &path(missing)).await;
        ensure!(matches!(answer, Err(Error::Missing { what: Missing::File, .. })), "{answer:?}");
    }
    let owner = Owner { uid: 0, gid: 0, mode: 0o644 };
    let file = NewFile { name: "new".to_owned(), size: 5_000, owner };
    engine.write_file(&grant, id, &path("/srv"), &file, content(&[b'n'; 5_000])).await?;
    ensure!(read(engine, id, "/srv/new").await? == [b'n'; 5_000]);
    ensure!(engine.file_owner(id, &path("/srv/new")).await? == owner);
    let tar = dockline_testkit::tar(&[dockline_testkit::tar_file("deep/file", b"deep")]);
    engine.unpack(&grant, id, &path("/srv"), content(&tar)).await?;
    ensure!(read(engine, id, "/srv/deep/file").await? == b"deep");
    ensure!(names(engine, id, "/srv").await? == ["deep", "new", "there"]);
    let archive: Vec<u8> = engine
        .read_archive(id, &path("/srv/there"))
        .await?
        .map_ok(|piece| piece.to_vec())
        .try_concat()
        .await?;
    ensure!(archive.windows(6).any(|part| part == b"there\n") && archive.len().is_multiple_of(512));
    Ok(())
}

/// What a real file system has, and the fake has not.
async fn kinds(engine: &dyn Engine, id: &ContainerId) -> Result<()> {
    let link = engine.stat_file(id, &path("/srv/link")).await?;
    ensure!(link.kind == FileKind::Link && link.leads_to == Some(path("/srv/there")), "{link:?}");
    ensure!(engine.stat_file(id, &path("/srv/pipe")).await?.kind == FileKind::Other);
    let mut entries = engine.list_files(id, &path("/srv")).await?.entries;
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    let seen: Vec<_> =
        entries.iter().map(|one| (one.name.as_str(), one.kind, one.link_target.as_deref())).collect();
    let wanted = [
        ("link", FileKind::Link, Some("there")),
        ("pipe", FileKind::Other, None),
        ("there", FileKind::File, None),
    ];
    ensure!(seen == wanted, "{seen:?}");
    ensure!(entries[2].mode == "0644" && entries[2].size == 6 && entries[2].modified_at.is_some());
    let answer = engine.read_file(id, &path("/srv/pipe")).await;
    ensure!(matches!(answer, Err(Error::Conflict { .. })), "{answer:?}");
    // A name that would be another request if it were not encoded.
    let answer = engine.stat_file(id, &path("/srv/a?b&path=%2F#c")).await;
    ensure!(matches!(answer, Err(Error::Missing { .. })), "{answer:?}");
    Ok(())
}

/// More than is read of an archive at first: the container's own `find` names what is there, if it runs.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_folder_is_listed() -> Result<()> {
    for real in engines() {
        let engine: &dyn Engine = &plain(&real.host)?;
        let script = "mkdir -p /big/a /big/z; dd if=/dev/zero of=/big/a/zeros bs=1M count=20 2>/dev/null; echo x >/big/last; touch /ready; sleep 60";
        let container = real.run_container(&ContainerSpec::script(script))?;
        let id = id(&container)?;
        dockline_testkit::eventually(crate::stage::ANSWER, || async {
            engine.stat_file(&id, &path("/ready")).await.map(drop).map_err(anyhow::Error::from)
        })
        .await?;
        ensure!(names(engine, &id, "/big").await? == ["a", "last", "z"], "running on {}", real.version);
        container.kill()?;
        ensure!(names(engine, &id, "/big").await? == ["a", "last", "z"], "stopped on {}", real.version);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_stops_reading_ends_the_engines_stream() -> Result<()> {
    for real in engines() {
        let proxy = RecordingProxy::start(&real.host)?;
        let engine: &dyn Engine = &plain(&proxy.host())?;
        let script = "dd if=/dev/zero of=/zeros bs=1M count=64 2>/dev/null; touch /ready; sleep 60";
        let container = real.run_container(&ContainerSpec::script(script))?;
        let id = id(&container)?;
        dockline_testkit::eventually(crate::stage::ANSWER, || async {
            engine.stat_file(&id, &path("/ready")).await.map(drop).map_err(anyhow::Error::from)
        })
        .await?;
        // As long as one is open, the engine lets nobody else look into the container.
        for at in ["/zeros", "/"] {
            let mut content = match at {
                "/" => engine.read_archive(&id, &path(at)).await?,
                file => engine.read_file(&id, &path(file)).await?.content,
            };
            content.next().await.context("a first piece")??;
            ensure!(proxy.open_connections() == 1, "{at}: {} connections", proxy.open_connections());
            drop(content);
            dockline_testkit::eventually(crate::stage::ANSWER, || async {
                ensure!(proxy.open_connections() == 0, "{at}: {} connections", proxy.open_connections());
                Ok(())
            })
            .await?;
        }
    }
    Ok(())
}
