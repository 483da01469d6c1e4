use dockline_docker::{Error, FoundSuccessor};
use dockline_domain::{ContainerId, JobId};
use dockline_jobs::Progress;
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};

use super::{super::site::Site, Ended, Names, Pace, Swap, Way};

/// Takes up what a worker began and did not finish. `None` when it is taken back, and can be begun anew.
pub(crate) async fn take_up<S: Site>(
    site: &S,
    job: JobId,
    old: &ContainerId,
    found: &FoundSuccessor,
    progress: &watch::Sender<Progress>,
    pace: Pace,
) -> Result<Option<Ended>, String> {
    let names = Names::of(&found.name, old)?;
    let swap = Swap { site, job: found.job, old: old.clone(), names, ran: found.ran, progress, pace };
    let begun = patiently(pace, progress, || swap.standing()).await.map_err(|error| unknown(&error))?;
    // Who gave the name away had made the new one to its end. Until then nobody knows whether it is in all its networks.
    let is_whole = begun.old.is_none_or(|old| old.name != swap.names.own.as_str());
    if found.job == job && is_whole {
        return swap.go(Way::Forward, true).await.map(Some);
    }
    Ok(match swap.go(Way::Back(None), true).await? {
        Ended::Kept => None,
        // Of the image that the other one was asked for.
        Ended::Replaced(new) if found.job != job => Some(Ended::Failed(format!(
            "another job, {}, has put the container {} in the place of this one",
            found.job,
            new.short()
        ))),
        ended => Some(ended),
    })
}

/// Asks an engine until it answers, as long as the patience lasts.
pub(crate) async fn patiently<T, F>(
    pace: Pace,
    progress: &watch::Sender<Progress>,
    ask: impl Fn() -> F + Send,
) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>> + Send,
{
    let since = Instant::now();
    loop {
        match ask().await {
            Err(error) if !error.is_refusal() && since.elapsed() < pace.patience => {
                progress.send_modify(|progress| progress.say("waiting for the engine to answer"));
                sleep(pace.ask_again).await;
            }
            answer => return answer,
        }
    }
}

/// For people, when nobody knows how an exchange stands.
pub(crate) fn unknown(error: &Error) -> String {
    format!(
        "it is not known how far this went: {error}. To recreate the container once more sets all of it right"
    )
}
