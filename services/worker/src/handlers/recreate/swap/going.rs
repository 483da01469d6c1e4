use dockline_docker::Error;
use tokio::time::{Instant, sleep};

use super::{
    super::site::Site,
    Names, Pace, Swap, Way,
    standing::Standing,
    step::Step,
    verdict::{Verdict, judge},
};

/// What is left to be done when there is no way but on, or back, is tried so often.
pub(super) const TRIES: usize = 3;

/// What is only known while it goes on.
pub(super) struct Going {
    pub(super) way: Way,
    /// Whether there was a new one, and on the way forward whether it was made to its end. Without one nothing was done to
    /// the old one.
    pub(super) begun: bool,
    /// Whether the new one was started, and not stopped since.
    pub(super) started: bool,
    /// Since when the new one is watched.
    pub(super) watched_since: Option<Instant>,
    pub(super) silent_since: Option<Instant>,
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
    pub(super) const fn new(way: Way, begun: bool) -> Self {
        Self { way, begun, started: false, watched_since: None, silent_since: None, failures: Vec::new() }
    }

    /// From here on it goes back.
    pub(super) fn turn(&mut self, why: String, last_words: &str) {
        self.way = Way::Back(Some(why));
        self.note(last_words);
    }

    /// Adds the new one's last words to the reason, once.
    pub(super) fn note(&mut self, last_words: &str) {
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
    pub(super) async fn watch(&mut self, standing: &Standing, pace: Pace) {
        let since = *self.watched_since.get_or_insert_with(Instant::now);
        let Some((_, condition)) = &standing.new else { return };
        match judge(condition, since.elapsed(), pace) {
            Verdict::Bad(why) => self.turn(why, ""),
            Verdict::Open => sleep(pace.look_every).await,
            Verdict::Good => {}
        }
    }

    /// Waits for an engine that does not answer.
    pub(super) async fn wait<S: Site>(&mut self, swap: &Swap<'_, S>, error: &Error) -> Result<(), String> {
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

    pub(super) fn fail(&mut self, step: &Step, why: String) {
        match self.failures.iter_mut().find(|one| one.step == *step) {
            Some(one) => (one.why, one.times) = (why, one.times + 1),
            None => self.failures.push(Failure { step: step.clone(), why, times: 1 }),
        }
    }

    /// Whether a step failed so often that it is left out from then on.
    pub(super) fn has_given_up(&self, step: &Step) -> bool {
        self.failures.iter().any(|one| one.step == *step && one.times >= TRIES)
    }

    /// Why steps were given up.
    pub(super) fn given_up(&self) -> Vec<&str> {
        let given_up = self.failures.iter().filter(|one| one.times >= TRIES);
        given_up.map(|one| one.why.as_str()).collect()
    }
}
