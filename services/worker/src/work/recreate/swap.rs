//! The exchange of two containers, step by step.
//!
//! Before every step both are looked at anew, and the next step follows from what is there ([`next`]). So it does not
//! matter who took the steps before: a worker that died, at whatever moment, left a state like any other. The way there:
//!
//! 1. the new one is made under a temporary name; it bears labels that say whose successor it is,
//! 2. the old one gives its name away and is stopped,
//! 3. the new one takes the name, is started and watched until it is well,
//! 4. the old one is removed.
//!
//! The way back is the same in reverse, and ends with the removal of the new one: as long as both are there, the new one's
//! labels say that something is unfinished. What there is once is therefore never removed before the other one runs.
//!
//! Engines go on with a stop when nobody waits for it any more. So the name goes first: an old one without its name may be
//! about to stop, though it still runs, and whoever brings it back waits for that. As long as it is being stopped, the
//! container is there under the two other names only. Its network aliases stay.

use std::time::Duration;

use dockline_docker::{Condition, Error, FoundSuccessor, HealthSaid};
use dockline_domain::{ContainerId, ContainerName, JobId};
use dockline_jobs::Progress;
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};

use super::site::Site;

/// How an exchange divides its time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// How long a container without a health check must run to count as well.
    pub(super) settled: Duration,
    /// How much longer than by its own rule a health check may take.
    pub(super) grace: Duration,
    /// Between two looks at a container that is not well yet.
    pub(super) look_every: Duration,
    /// For how long an engine that does not answer is waited for, in the middle of an exchange.
    pub(super) patience: Duration,
    /// How long until it is asked again.
    pub(super) ask_again: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            settled: Duration::from_secs(5),
            grace: Duration::from_secs(30),
            look_every: Duration::from_millis(500),
            patience: Duration::from_mins(10),
            ask_again: Duration::from_secs(2),
        }
    }
}

/// More steps than this are none of ours: somebody else works against them.
const MOST_STEPS: u32 = 100;
/// What is left to be done when there is no way but on, or back, is tried so often.
const TRIES: usize = 3;

/// The three names of an exchange.
#[derive(Debug, Clone)]
pub(super) struct Names {
    /// The container's, which goes from the old one to the new one.
    pub(super) own: ContainerName,
    /// The new one's until then. There can be one exchange of a container at a time, since a name can be taken once.
    pub(super) temporary: ContainerName,
    /// The old one's from then on.
    pub(super) parked: ContainerName,
}

impl Names {
    /// Names that are recognized for what they are.
    pub(super) fn of(own: &ContainerName, old: &ContainerId) -> Result<Self, String> {
        let begin: String = own.as_str().chars().take(90).collect();
        let made = |what: &str| format!("{begin}.dockline-{what}-{}", old.short()).parse();
        let failed = |error: dockline_domain::ids::InvalidId| error.to_string();
        Ok(Self {
            own: own.clone(),
            temporary: made("new").map_err(failed)?,
            parked: made("old").map_err(failed)?,
        })
    }
}

/// How an exchange ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ended {
    /// The new one is in the old one's place.
    Replaced(ContainerId),
    /// The old one is as it was.
    Kept,
    /// What was wanted did not work, and the old one is as it was, as far as nothing else is said.
    Failed(String),
}

/// An exchange that is wanted, or was begun.
pub(super) struct Swap<'a, S> {
    pub(super) site: &'a S,
    /// Whose new one it is about. There may be another job's, which is none of ours.
    pub(super) job: JobId,
    pub(super) old: ContainerId,
    pub(super) names: Names,
    /// Whether the old one ran.
    pub(super) ran: bool,
    pub(super) progress: &'a watch::Sender<Progress>,
    pub(super) pace: Pace,
}

/// Which way it goes, and why if it is back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    Forward,
    Back(Option<String>),
}

/// Both as they are.
struct Standing {
    old: Option<Condition>,
    new: Option<(ContainerId, Condition)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Create,
    StopOld,
    ParkOld,
    NameNew(ContainerId),
    StartNew(ContainerId),
    Watch(ContainerId),
    RemoveOld(ContainerId),
    StopNew(ContainerId),
    UnnameNew(ContainerId),
    UnparkOld,
    StartOld,
    RemoveNew(ContainerId),
    /// There is nothing left to be done.
    Done,
}

/// Takes up what a worker began and did not finish. `None` when it is taken back, and can be begun anew.
pub(super) async fn take_up<S: Site>(
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
pub(super) async fn patiently<T, F>(
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
pub(super) fn unknown(error: &Error) -> String {
    format!(
        "it is not known how far this went: {error}. To recreate the container once more sets all of it right"
    )
}

impl<S: Site> Swap<'_, S> {
    /// What there is, of what was begun by whomever.
    async fn standing(&self) -> Result<Standing, Error> {
        let found = self.site.successors(&self.old).await?;
        let new = match found.into_iter().find(|one| one.job == self.job) {
            Some(FoundSuccessor { id, .. }) => {
                self.site.condition(&id).await?.map(|condition| (id, condition))
            }
            None => None,
        };
        Ok(Standing { old: self.site.condition(&self.old).await?, new })
    }

    /// Goes this way to its end. `begun` says that a new one was there before. `Err` when the engine does not answer any
    /// more: nobody knows then how it stands.
    pub(super) async fn go(&self, way: Way, begun: bool) -> Result<Ended, String> {
        let mut going = Going {
            way,
            begun,
            started: false,
            watched_since: None,
            silent_since: None,
            failures: Vec::new(),
        };
        let mut steps = 0;
        while steps < MOST_STEPS {
            let standing = match self.standing().await {
                Ok(standing) => standing,
                Err(error) => {
                    going.wait(self, &error).await?;
                    continue;
                }
            };
            going.begun |= standing.new.is_some() && going.way != Way::Forward;
            let step = self.next(&standing, &going);
            if step == Step::Done {
                return Ok(self.ended(standing, going));
            }
            steps += u32::from(!matches!(step, Step::Watch(_)));
            match self.take(&step, &standing, &mut going).await {
                Ok(()) => going.silent_since = None,
                Err(error) if error.is_unreachable() => {
                    // Whether it was made to its end is not known.
                    if step == Step::Create {
                        going.turn(format!("{}: {error}", step.words()), "");
                        going.begun = true;
                    }
                    going.wait(self, &error).await?;
                }
                Err(error) => self.failed(&step, &standing, &error, &mut going).await,
            }
        }
        Err(format!(
            "the exchange of {} comes to no end: something else changes its containers",
            self.names.own
        ))
    }

    async fn take(&self, step: &Step, standing: &Standing, going: &mut Going) -> Result<(), Error> {
        let say = |id: &str, text: &str| {
            self.progress.send_modify(|progress| {
                progress.say(text);
                progress.step(id, text, None);
            })
        };
        let Names { own, temporary, parked } = &self.names;
        match step {
            Step::Create => {
                say("create", "making the new container");
                match self.site.create().await {
                    Err(taken @ Error::Conflict { .. }) => {
                        // By one that this job asked for before and that came late, perhaps: it is found then.
                        self.standing().await?.new.map(drop).ok_or(taken)
                    }
                    made => {
                        going.begun |= made.is_ok();
                        made.map(drop)
                    }
                }
            }
            Step::StopOld => {
                say("stop", "stopping the old container");
                self.site.stop(&self.old).await
            }
            Step::ParkOld => self.site.rename(&self.old, parked).await,
            Step::NameNew(new) => self.site.rename(new, own).await,
            Step::StartNew(new) => {
                say("start", "starting the new container");
                self.site.start(new).await?;
                going.started = true;
                Ok(())
            }
            Step::Watch(_) => {
                say("health", "watching the new container");
                going.watch(standing, self.pace).await;
                Ok(())
            }
            Step::RemoveOld(_) => {
                say("remove", "removing the old container");
                self.site.remove(&self.old, false).await
            }
            Step::StopNew(new) => {
                say("undo", "taking back what was done");
                going.note(&self.site.last_words(new).await);
                going.started = false;
                self.site.stop(new).await
            }
            Step::UnnameNew(new) => self.site.rename(new, temporary).await,
            Step::UnparkOld => self.site.rename(&self.old, own).await,
            Step::StartOld => {
                say("undo", "starting the old container again");
                self.site.start(&self.old).await
            }
            Step::RemoveNew(new) => {
                going.note(&self.site.last_words(new).await);
                self.site.remove(new, true).await
            }
            Step::Done => Ok(()),
        }
    }

    /// On the way forward a failure turns it round. On the way back a step is tried some times; then the rest is done all the
    /// same, and the failure told.
    async fn failed(&self, step: &Step, standing: &Standing, error: &Error, going: &mut Going) {
        let what = step.words();
        let error = match (step, error) {
            // The container is there: it is something that it names.
            (Step::StartNew(_), Error::NotFound) => "something that it needs is not there".to_owned(),
            _ => error.to_string(),
        };
        match &going.way {
            Way::Forward if !matches!(step, Step::RemoveOld(_)) => {
                let why = format!("{what}: {error}");
                if let Some((new, _)) = &standing.new {
                    going.turn(why, &self.site.last_words(new).await);
                } else {
                    going.turn(why, "");
                }
            }
            _ => {
                going.fail(step, format!("{what}: {error}"));
                if !going.has_given_up(step) {
                    sleep(self.pace.ask_again).await;
                }
            }
        }
    }

    fn ended(&self, standing: Standing, going: Going) -> Ended {
        let left = going.given_up();
        let left =
            |begin: &str| if left.is_empty() { String::new() } else { format!("{begin}{}", left.join("; ")) };
        if standing.old.is_none() && standing.new.is_none() {
            return Ended::Failed(format!("the container {} is not there any more", self.names.own));
        }
        match (&going.way, standing.new) {
            (Way::Back(Some(why)), _) => {
                Ended::Failed(format!("{why}{}", left("\nNot everything could be taken back: ")))
            }
            (_, Some((new, is))) if standing.old.is_none() => {
                if is.name == self.names.own.as_str() && (!self.ran || is.running || is.restarting) {
                    return Ended::Replaced(new);
                }
                Ended::Failed(format!(
                    "the old container is gone, and the new one {} does not run in its place{}",
                    new.short(),
                    left(": ")
                ))
            }
            (Way::Forward, None) => Ended::Failed(format!(
                "the new container was removed meanwhile{}",
                left("\nNot everything could be taken back: ")
            )),
            (Way::Forward, Some((new, _))) => {
                let parked = &self.names.parked;
                Ended::Failed(format!(
                    "the new container {} runs, but the old one is still there as {parked}{}",
                    new.short(),
                    left(": ")
                ))
            }
            _ if left("").is_empty() => Ended::Kept,
            _ => Ended::Failed(left("not everything could be taken back: ")),
        }
    }
}

/// What is only known while it goes on.
struct Going {
    way: Way,
    /// Whether there was a new one, and on the way forward whether it was made to its end. Without one nothing was done to
    /// the old one.
    begun: bool,
    /// Whether the new one was started, and not stopped since.
    started: bool,
    /// Since when the new one is watched.
    watched_since: Option<Instant>,
    silent_since: Option<Instant>,
    /// Steps that did not work.
    failures: Vec<Failure>,
}

struct Failure {
    step: Step,
    /// Why, the last time.
    why: String,
    times: usize,
}

impl Going {
    /// From here on it goes back.
    fn turn(&mut self, why: String, last_words: &str) {
        self.way = Way::Back(Some(why));
        self.note(last_words);
    }

    /// Adds the new one's last words to the reason, once.
    fn note(&mut self, last_words: &str) {
        const BEGIN: &str = "\nIts last output:\n";
        if let Way::Back(Some(why)) = &mut self.way
            && !last_words.is_empty()
            && !why.contains(BEGIN)
        {
            why.push_str(BEGIN);
            why.push_str(last_words);
        }
    }

    /// Lets some time go by, and turns round when the new one is not well.
    async fn watch(&mut self, standing: &Standing, pace: Pace) {
        let since = *self.watched_since.get_or_insert_with(Instant::now);
        let Some((_, condition)) = &standing.new else { return };
        match judge(condition, since.elapsed(), pace) {
            Verdict::Bad(why) => self.turn(why, ""),
            Verdict::Open => sleep(pace.look_every).await,
            Verdict::Good => {}
        }
    }

    /// Waits for an engine that does not answer.
    async fn wait<S: Site>(&mut self, swap: &Swap<'_, S>, error: &Error) -> Result<(), String> {
        let Names { own, temporary, parked } = &swap.names;
        let since = *self.silent_since.get_or_insert_with(Instant::now);
        if error.is_refusal() || since.elapsed() > swap.pace.patience {
            return Err(format!(
                "it is not known how far this went: {error}. Look whether the container {own} runs; otherwise it may be stopped \
                 under the name {parked}, with an unfinished new one as {temporary}. To recreate it once more sets all of it right"
            ));
        }
        swap.progress.send_modify(|progress| progress.say("waiting for the engine to answer"));
        sleep(swap.pace.ask_again).await;
        Ok(())
    }

    fn fail(&mut self, step: &Step, why: String) {
        match self.failures.iter_mut().find(|one| one.step == *step) {
            Some(one) => (one.why, one.times) = (why, one.times + 1),
            None => self.failures.push(Failure { step: step.clone(), why, times: 1 }),
        }
    }

    /// Whether a step failed so often that it is left out from then on.
    fn has_given_up(&self, step: &Step) -> bool {
        self.failures.iter().any(|one| one.step == *step && one.times >= TRIES)
    }

    /// Why steps were given up.
    fn given_up(&self) -> Vec<&str> {
        let given_up = self.failures.iter().filter(|one| one.times >= TRIES);
        given_up.map(|one| one.why.as_str()).collect()
    }
}

impl Step {
    const fn words(&self) -> &'static str {
        match self {
            Self::Create => "the new container could not be made",
            Self::StopOld => "the old container could not be stopped",
            Self::ParkOld | Self::NameNew(_) => "the name could not be handed over",
            Self::StartNew(_) => "the new container could not be started",
            Self::Watch(_) => "the new container could not be watched",
            Self::RemoveOld(_) => "the old container could not be removed",
            Self::StopNew(_) => "the new container could not be stopped",
            Self::UnnameNew(_) | Self::UnparkOld => "the name could not be given back",
            Self::StartOld => "the old container could not be started again",
            Self::RemoveNew(_) => "the new container could not be removed",
            Self::Done => "",
        }
    }
}

impl<S: Site> Swap<'_, S> {
    /// What is to be done next.
    fn next(&self, standing: &Standing, going: &Going) -> Step {
        let (names, ran) = (&self.names, self.ran);
        let steps = match (&standing.old, &standing.new, &going.way) {
            // Somebody removed the old one, or the last step is done: there is no way back.
            (None, Some((new, is)), _) => without_old(new, is, names, ran && !going.started),
            (None, None, _) => Vec::new(),
            (Some(_), None, Way::Forward) if !going.begun => vec![Step::Create],
            // It came late, by a worker that is no more: nobody knows whether it is in all its networks.
            (Some(_), Some((new, _)), Way::Forward) if !going.begun => vec![Step::RemoveNew(new.clone())],
            (Some(old), None, _) if going.begun => brought_back(old, names, ran),
            (Some(_), None, _) => Vec::new(),
            (Some(old), Some((new, is)), Way::Forward) => self.onward(old, new, is, going),
            (Some(old), Some((new, is)), Way::Back(_)) => undone(old, new, is, names, ran),
        };
        steps.into_iter().find(|step| !going.has_given_up(step)).unwrap_or(Step::Done)
    }

    fn onward(&self, old: &Condition, new: &ContainerId, is: &Condition, going: &Going) -> Vec<Step> {
        let (names, ran) = (&self.names, self.ran);
        if old.name == names.own.as_str() {
            return vec![Step::ParkOld];
        }
        if old.running || old.restarting {
            return vec![Step::StopOld];
        }
        if is.name != names.own.as_str() {
            return vec![Step::NameNew(new.clone())];
        }
        if ran && is.untouched {
            return vec![Step::StartNew(new.clone())];
        }
        let watched = going.watched_since.map(|since| since.elapsed());
        if ran && !watched.is_some_and(|time| judge(is, time, self.pace) == Verdict::Good) {
            return vec![Step::Watch(new.clone())];
        }
        vec![Step::RemoveOld(new.clone())]
    }
}

fn without_old(new: &ContainerId, is: &Condition, names: &Names, must_run: bool) -> Vec<Step> {
    let mut steps = Vec::new();
    if is.name != names.own.as_str() {
        steps.push(Step::NameNew(new.clone()));
    }
    // It may have been stopped on the way back, while the old one was being removed.
    if must_run && !is.running && !is.restarting {
        steps.push(Step::StartNew(new.clone()));
    }
    steps
}

fn undone(old: &Condition, new: &ContainerId, is: &Condition, names: &Names, ran: bool) -> Vec<Step> {
    let mut steps = Vec::new();
    if is.running || is.restarting {
        steps.push(Step::StopNew(new.clone()));
    }
    if is.name == names.own.as_str() {
        steps.push(Step::UnnameNew(new.clone()));
    }
    let back = brought_back(old, names, ran);
    // It stays when the old one cannot be brought back.
    if back.is_empty() {
        steps.push(Step::RemoveNew(new.clone()));
    }
    steps.extend(back);
    steps
}

fn brought_back(old: &Condition, names: &Names, ran: bool) -> Vec<Step> {
    let mut steps = Vec::new();
    if old.name != names.own.as_str() {
        // It may be about to stop. Another stop ends with that one, and then it can be started.
        if ran && (old.running || old.restarting) {
            steps.push(Step::StopOld);
        }
        steps.push(Step::UnparkOld);
    }
    if ran && !old.running && !old.restarting {
        steps.push(Step::StartOld);
    }
    steps
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Good,
    Open,
    Bad(String),
}

/// Whether the new one is well, after it was watched for so long.
fn judge(is: &Condition, watched: Duration, pace: Pace) -> Verdict {
    if is.restarting || is.restarts > 0 {
        return Verdict::Bad(format!(
            "the new container ended and is started again and again (exit code {})",
            is.exit_code
        ));
    }
    if !is.running {
        let error = if is.error.is_empty() { String::new() } else { format!(": {}", is.error) };
        return Verdict::Bad(format!("the new container ended with exit code {}{error}", is.exit_code));
    }
    match is.health {
        Some(HealthSaid::Healthy) => Verdict::Good,
        Some(HealthSaid::Unhealthy) => Verdict::Bad("the new container is not healthy".to_owned()),
        Some(HealthSaid::Starting) if watched > is.health_within + pace.grace => {
            Verdict::Bad(format!("the new container was not healthy after {} s", watched.as_secs()))
        }
        None if watched >= pace.settled => Verdict::Good,
        Some(HealthSaid::Starting) | None => Verdict::Open,
    }
}

#[cfg(test)]
mod tests;
