//! Volumes into the backup folder, and out of it.

use std::time::Duration;

use bytes::Bytes;
use dockline_docker::{Content, Host, LONG, OpenVolume, Opening, archive};
use dockline_domain::{
    JobId, ScheduleId, VolumeName,
    access::{Grant, Permission},
};
use dockline_jobs::{Job, JobKind, Progress};
use dockline_persistence::{Backup, BackupFolder, Moment};
use futures::{StreamExt, TryStreamExt};
use tokio::{sync::watch, time::timeout};
use tokio_util::io::ReaderStream;
use tracing::{info, warn};

use super::Stopped;
use crate::Shared;

/// An engine that sends nothing of a volume for so long has stopped.
const SILENCE: Duration = Duration::from_mins(5);
/// How much of a file is read at a time.
const PIECE: usize = 64 << 10;
/// The one step of such a job.
const STEP: &str = "volume";

/// What is to be restored.
pub(super) struct Restore<'a> {
    pub(super) backup: JobId,
    pub(super) volume: &'a VolumeName,
    pub(super) force: bool,
}

impl Shared {
    /// Copies a volume into the backup folder. It may be done again at any time: the file and its note are the job's own.
    pub(super) async fn backup(
        &self,
        grant: &Grant,
        job: &Job,
        host: &Host,
        volume: &VolumeName,
        kept: Option<(ScheduleId, u32)>,
        progress: &watch::Sender<Progress>,
    ) -> Result<(), Stopped> {
        // What is being written over would be copied in halves.
        let restores = |kind: &str| kind == JobKind::VolumeRestore.as_str();
        self.turn(job, &host.id, volume.as_str(), restores).await?;
        let folder = self.folder()?;
        let reaches = reach(grant, host, volume).await?;
        progress.send_modify(|progress| progress.say("copying the volume"));
        let opening = Opening { write: false, time: LONG, owner: Some(job.id.to_string()) };
        let open = OpenVolume::open(&host.engine, grant, volume, &opening).await.map_err(failed)?;
        let content = open.into_archive().await.map_err(failed)?;
        let written = folder
            .write(job.id, job.attempt, lively(content), |bytes| {
                progress.send_modify(|progress| progress.step(STEP, "copying", Some((bytes, None))));
            })
            .await
            .map_err(|error| Stopped::Failed(format!("the backup could not be written: {error}")))?;
        let backup = Backup {
            id: job.id,
            host: host.id.clone(),
            volume: volume.clone(),
            bytes: written.bytes,
            sha256: written.sha256,
            reaches,
            schedule: kept.map(|(schedule, _)| schedule),
            creator: job.asker.user,
            creator_name: job.asker.username.to_string(),
            created_at: Moment::now().0,
        };
        self.backups.put(&backup).await.map_err(later)?;
        progress.send_modify(|progress| {
            progress.step(STEP, "copied", Some((backup.bytes, Some(backup.bytes))));
            progress.say(&format!("kept as backup {}", job.id));
        });
        // The backup is kept, whatever becomes of the old ones; the next one tries again.
        if let Some((schedule, keep)) = kept
            && let Err(why) = self.drop_old(folder, schedule, keep).await
        {
            warn!(%schedule, why, "old backups are still there");
        }
        Ok(())
    }

    /// Unpacks a backup into a volume. It may be done again at any time: files that are there are written over.
    pub(super) async fn restore(
        &self,
        grant: &Grant,
        job: &Job,
        host: &Host,
        wanted: Restore<'_>,
        progress: &watch::Sender<Progress>,
    ) -> Result<(), Stopped> {
        let Restore { backup, volume, force } = wanted;
        self.turn(job, &host.id, volume.as_str(), |kind| kind.starts_with("volume.")).await?;
        let folder = self.folder()?;
        let known = self.backups.get(backup).await.map_err(later)?;
        let known = known.ok_or_else(|| Stopped::Failed("there is no such backup any more".to_owned()))?;
        // Restored into another volume, it could be read there.
        permitted(grant, known.reaches.as_deref(), "this backup is of a volume that reaches its host")?;
        reach(grant, host, volume).await?;
        let users = host.engine.volume(volume).await.map_err(failed)?.reveal(grant).summary.containers;
        if !force && !users.is_empty() {
            let names: Vec<&str> = users.iter().map(|one| one.name.as_str()).collect();
            return Err(Stopped::Failed(format!("containers use this volume: {}", names.join(", "))));
        }
        progress.send_modify(|progress| progress.say("checking the backup"));
        check(folder, &known).await?;
        progress.send_modify(|progress| progress.say("unpacking the backup"));
        let top = archive::top(file(folder, backup).await?).await;
        let opening = Opening { write: true, time: LONG, owner: Some(job.id.to_string()) };
        let open = OpenVolume::open(&host.engine, grant, volume, &opening).await.map_err(failed)?;
        let content = counted(file(folder, backup).await?, known.bytes, progress.clone());
        let unpacked = async {
            host.engine.unpack(grant, open.container(), &OpenVolume::top(), content).await?;
            match top {
                Some(owner) => host.engine.set_top(grant, open.container(), owner).await,
                None => Ok(()),
            }
        };
        let unpacked = unpacked.await;
        open.close().await;
        unpacked.map_err(|error| {
            Stopped::Failed(format!("{error}; a part of the backup may be in the volume"))
        })?;
        progress.send_modify(|progress| progress.say(&format!("restored from {}", Moment(known.created_at))));
        Ok(())
    }

    /// Removes what broken-off backups left in the backup folder: files that were not written to their end, and files that
    /// were, but whose worker was stopped before it could note them.
    pub(crate) async fn sweep_backups(&self) {
        let Some(folder) = &self.backup_folder else { return };
        let swept = async {
            let settled = folder.sweep().await.map_err(|error| error.to_string())?;
            for id in self.backups.unnoted(&settled).await.map_err(|error| error.to_string())? {
                folder.remove(id).await.map_err(|error| error.to_string())?;
                info!(backup = %id, "removed the file of a backup that did not come to its end");
            }
            Ok::<_, String>(())
        };
        if let Err(why) = swept.await {
            warn!(why, "what broken-off backups left is still in the backup folder");
        }
    }

    fn folder(&self) -> Result<&BackupFolder, Stopped> {
        self.backup_folder.as_ref().ok_or_else(|| {
            let why = "no backup folder is set: set DOCKLINE_BACKUP_DIR to a folder that all workers and replicas share";
            Stopped::Failed(why.to_owned())
        })
    }

    /// Removes a schedule's backups beyond its newest: the file first, so that none is left without its note.
    async fn drop_old(&self, folder: &BackupFolder, schedule: ScheduleId, keep: u32) -> Result<(), String> {
        for old in self.backups.beyond(schedule, keep).await.map_err(|error| error.to_string())? {
            folder.remove(old).await.map_err(|error| error.to_string())?;
            self.backups.remove(old).await.map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}

/// What a volume reaches of its host; refused to those who may not.
async fn reach(grant: &Grant, host: &Host, volume: &VolumeName) -> Result<Option<String>, Stopped> {
    let reach = host.engine.volume_reach(volume).await.map_err(failed)?.map(|access| access.to_string());
    permitted(grant, reach.as_deref(), "this volume reaches its host")?;
    Ok(reach)
}

/// Refuses what reaches a host to those who may not.
fn permitted(grant: &Grant, reach: Option<&str>, what: &str) -> Result<(), Stopped> {
    match reach {
        Some(access) if !grant.also(Permission::HostEscape) => {
            Err(Stopped::Failed(format!("{what} ({access}), which needs the permission host.escape")))
        }
        _ => Ok(()),
    }
}

/// Compares a backup's file with what is known of it.
async fn check(folder: &BackupFolder, known: &Backup) -> Result<(), Stopped> {
    let found = folder.sum(known.id).await.map_err(|error| unreadable(&error))?;
    if found.sha256 == known.sha256 {
        return Ok(());
    }
    Err(Stopped::Failed(format!(
        "the backup's file is damaged ({} of {} bytes, and another sum); nothing was restored",
        found.bytes, known.bytes
    )))
}

async fn file(folder: &BackupFolder, id: JobId) -> Result<Content, Stopped> {
    let file = folder.open(id).await.map_err(|error| unreadable(&error))?;
    Ok(ReaderStream::with_capacity(file, PIECE).boxed())
}

fn unreadable(error: &std::io::Error) -> Stopped {
    let why = match error.kind() {
        std::io::ErrorKind::NotFound => {
            "the backup's file is not in this worker's folder: set DOCKLINE_BACKUP_DIR to one that all share"
                .to_owned()
        }
        _ => format!("the backup could not be read: {error}"),
    };
    Stopped::Failed(why)
}

/// Tells how much of a content was taken.
fn counted(content: Content, total: u64, progress: watch::Sender<Progress>) -> Content {
    let mut taken = 0;
    let told = content.inspect_ok(move |piece: &Bytes| {
        taken += piece.len() as u64;
        progress.send_modify(|progress| progress.step(STEP, "unpacking", Some((taken, Some(total)))));
    });
    told.boxed()
}

/// Ends in an error where nothing comes for too long.
fn lively(content: Content) -> Content {
    let watched = futures::stream::unfold(Some(content), |content| async move {
        let mut content = content?;
        match timeout(SILENCE, content.next()).await {
            Ok(piece) => piece.map(|piece| (piece, Some(content))),
            Err(_) => Some((Err(std::io::ErrorKind::TimedOut.into()), None)),
        }
    });
    watched.boxed()
}

fn failed(error: dockline_docker::Error) -> Stopped {
    Stopped::Failed(error.to_string())
}

fn later(error: dockline_persistence::Error) -> Stopped {
    Stopped::Later(error.to_string())
}
