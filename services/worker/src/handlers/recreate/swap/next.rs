//! Which step comes next, by what is there.

use dockline_docker::Condition;
use dockline_domain::ContainerId;

use super::{
    super::site::Site,
    Names, Swap, Way,
    going::Going,
    standing::Standing,
    step::Step,
    verdict::{Verdict, judge},
};

impl<S: Site> Swap<'_, S> {
    /// What is to be done next.
    pub(super) fn next(&self, standing: &Standing, going: &Going) -> Step {
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
