//! A context on its way into the database.

use bytes::{Bytes, BytesMut};
use dockline_docker::Content;
use dockline_domain::JobId;
use dockline_persistence::{Jobs, MAX_PIECE, Part};
use futures::StreamExt;

use crate::ApiError;

/// Keeps a context for a job that is to come; returns its size.
pub(super) async fn keep(jobs: &Jobs, job: JobId, mut content: Content, limit: u64) -> Result<u64, ApiError> {
    let (mut waiting, mut seq, mut bytes) = (BytesMut::new(), 0, 0_u64);
    while let Some(piece) = content.next().await {
        let piece: Bytes = piece.map_err(|error| {
            ApiError::UploadFailed(format!("the upload broke off ({error}); nothing is built"))
        })?;
        bytes += piece.len() as u64;
        if bytes > limit {
            return Err(ApiError::TooLarge { limit: usize::try_from(limit).unwrap_or(usize::MAX) });
        }
        waiting.extend_from_slice(&piece);
        while waiting.len() >= MAX_PIECE {
            jobs.put_input(job, Part::Context, seq, waiting.split_to(MAX_PIECE).to_vec()).await?;
            seq += 1;
        }
    }
    if bytes == 0 {
        return Err(ApiError::UploadFailed("the build's context is empty".to_owned()));
    }
    if !waiting.is_empty() {
        jobs.put_input(job, Part::Context, seq, waiting.to_vec()).await?;
    }
    Ok(bytes)
}
