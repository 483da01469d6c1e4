use dockline_docker::Error;
use tokio::time::sleep;

use super::{super::site::Site, Ended, Swap, Way, going::Going, standing::Standing, step::Step};

/// More steps than this are none of ours: somebody else works against them.
const MOST_STEPS: u32 = 100;

impl<S: Site> Swap<'_, S> {
    /// Goes this way to its end. `begun` says that a new one was there before. `Err` when the engine does not answer any
    /// more: nobody knows then how it stands.
    pub(crate) async fn go(&self, way: Way, begun: bool) -> Result<Ended, String> {
        let mut going = Going::new(way, begun);
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
