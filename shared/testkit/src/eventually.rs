//! Waiting for something to become true, without sleeping for a guessed time.

use std::future::Future;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use tokio::time::{Instant, sleep, timeout_at};

const INTERVAL: Duration = Duration::from_millis(20);

/// Repeats `attempt` until it succeeds; past `deadline` gives the last error.
pub async fn eventually<T, F, A>(deadline: Duration, mut attempt: F) -> Result<T>
where
    F: FnMut() -> A,
    A: Future<Output = Result<T>>,
{
    let end = Instant::now() + deadline;
    let mut last = anyhow!("no attempt came to its end");
    loop {
        match timeout_at(end, attempt()).await {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(error)) => last = error,
            Err(_elapsed) => break,
        }
        if Instant::now() + INTERVAL >= end {
            break;
        }
        sleep(INTERVAL).await;
    }
    Err(last).with_context(|| format!("not true within {deadline:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test]
    async fn repeats_until_it_succeeds() {
        let tries = AtomicU32::new(0);
        let value = eventually(Duration::from_secs(5), || async {
            match tries.fetch_add(1, Ordering::Relaxed) {
                2 => Ok("third"),
                early => Err(anyhow!("try {early}")),
            }
        })
        .await;
        assert_eq!(value.expect("succeeds"), "third");
    }

    #[tokio::test]
    async fn gives_the_last_error_past_the_deadline() {
        let error = eventually(Duration::from_millis(80), || async { Err::<(), _>(anyhow!("still closed")) })
            .await
            .expect_err("never succeeds");
        assert_eq!(format!("{error:#}"), "not true within 80ms: still closed");
    }

    #[tokio::test]
    async fn an_attempt_that_hangs_does_not_outlast_the_deadline() {
        let error = eventually(Duration::from_millis(50), std::future::pending::<Result<()>>).await;
        assert!(error.is_err());
    }
}
