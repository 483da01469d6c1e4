//! Who is in a view, and who came in whose place.

use std::collections::HashMap;

use dockline_contract::ws::MergedLogFrame;
use dockline_domain::{ContainerId, HostId};

use crate::rosters::{Member, Place, Roster};

/// So many places are remembered whose containers are gone: whoever comes into one of them is told as a successor.
const MOST_EMPTY: usize = 200;

/// Everybody who is or was in the view.
#[derive(Debug, Default)]
pub(super) struct Lineages {
    lines: Vec<Line>,
    /// All who were let in and are still there, so that nobody is let in twice.
    known: HashMap<ContainerId, HostId>,
}

/// A place in the view, and the container that is in it now or was at last.
#[derive(Debug)]
struct Line {
    host: HostId,
    id: ContainerId,
    /// The name that whoever takes the place has; `None` until it is known.
    name: Option<String>,
    place: Option<Place>,
    /// What the viewer was told at last.
    told: Option<Member>,
}

impl Lineages {
    pub(super) fn knows(&self, id: &ContainerId) -> bool {
        self.known.contains_key(id)
    }

    pub(super) fn known(&self) -> impl Iterator<Item = &ContainerId> {
        self.known.keys()
    }

    /// Lets somebody in of whom only the ID is known yet.
    pub(super) fn admit(&mut self, host: HostId, id: ContainerId) -> MergedLogFrame {
        self.known.insert(id.clone(), host.clone());
        let frame = frame(&host, &id, None, None);
        self.lines.push(Line { host, id, name: None, place: None, told: None });
        frame
    }

    /// Lets somebody go who may come back, and says from which host. Their place stays.
    pub(super) fn let_go(&mut self, id: &ContainerId) -> Option<HostId> {
        self.known.remove(id)
    }

    /// In whose place somebody new comes, if in anybody's: that of the same number of the same service, or of the same name.
    pub(super) fn predecessor(&self, host: &HostId, new: &Member) -> Option<&ContainerId> {
        self.line_before(host, new).map(|line| &self.lines[line].id)
    }

    /// Lets a container of a roster in, in its predecessor's place if it has one, or in its own of before.
    pub(super) fn succeed(&mut self, host: &HostId, new: &Member) -> MergedLogFrame {
        self.lines.retain(|line| line.id != new.id);
        let before = self.line_before(host, new);
        let replaces = before.map(|line| self.lines.remove(line).id);
        self.known.insert(new.id.clone(), host.clone());
        self.lines.push(Line {
            host: host.clone(),
            id: new.id.clone(),
            name: Some(new.name.clone()),
            place: new.place.clone(),
            told: Some(new.clone()),
        });
        frame(host, &new.id, Some(new), replaces.as_ref())
    }

    /// What a roster tells of those who are in the view and was not known.
    pub(super) fn learn(&mut self, roster: &Roster) -> Vec<MergedLogFrame> {
        let news = roster.members.iter().filter_map(|member| {
            let line = self.lines.iter_mut().find(|line| line.host == roster.host && line.id == member.id)?;
            if line.told.as_ref() == Some(member) {
                return None;
            }
            // A container that is about to be replaced is renamed before: the place keeps its first name.
            line.name.get_or_insert_with(|| member.name.clone());
            line.place.clone_from(&member.place);
            line.told = Some(member.clone());
            Some(frame(&roster.host, &member.id, Some(member), None))
        });
        news.collect()
    }

    /// Forgets who is gone: who is neither on the roster nor `open`.
    pub(super) fn forget(&mut self, roster: &Roster, open: impl Fn(&ContainerId) -> bool) {
        let is_there = |id: &ContainerId| roster.members.iter().any(|member| member.id == *id);
        self.known.retain(|id, host| *host != roster.host || open(id) || is_there(id));
        let empty = self.lines.iter().filter(|line| !self.known.contains_key(&line.id)).count();
        let mut surplus = empty.saturating_sub(MOST_EMPTY);
        self.lines.retain(|line| {
            let goes = surplus > 0 && !self.known.contains_key(&line.id);
            surplus -= usize::from(goes);
            !goes
        });
    }

    fn line_before(&self, host: &HostId, new: &Member) -> Option<usize> {
        let same_number = |line: &Line| match (&line.place, &new.place) {
            (Some(old), Some(new)) => old == new && new.service.is_some() && new.number.is_some(),
            _ => false,
        };
        let same_name = |line: &Line| line.name.as_ref() == Some(&new.name);
        self.lines.iter().position(|line| {
            line.host == *host && line.id != new.id && (same_number(line) || same_name(line))
        })
    }
}

fn frame(
    host: &HostId,
    id: &ContainerId,
    member: Option<&Member>,
    replaces: Option<&ContainerId>,
) -> MergedLogFrame {
    let place = member.and_then(|member| member.place.as_ref());
    MergedLogFrame::Part {
        container: id.to_string(),
        host: host.to_string(),
        name: member.map(|member| member.name.clone()),
        project: place.map(|place| place.project.clone()),
        service: place.and_then(|place| place.service.clone()),
        replaces: replaces.map(ToString::to_string),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rosters::RosterState;

    fn id(digit: char) -> ContainerId {
        digit.to_string().repeat(64).parse().expect("an ID")
    }

    fn member(digit: char, name: &str, place: Option<(&str, &str, &str)>) -> Member {
        let place = place.map(|(project, service, number)| Place {
            project: project.to_owned(),
            service: Some(service.to_owned()),
            number: (!number.is_empty()).then(|| number.to_owned()),
        });
        Member { id: id(digit), name: name.to_owned(), place }
    }

    fn roster(members: Vec<Member>) -> Roster {
        Roster { host: "local".parse().expect("a host"), revision: 1, members, state: RosterState::Current }
    }

    fn replaced(frame: &MergedLogFrame) -> Option<&str> {
        match frame {
            MergedLogFrame::Part { replaces, .. } => replaces.as_deref(),
            _ => None,
        }
    }

    #[test]
    fn who_takes_a_name_or_a_number_is_a_successor() {
        let host: HostId = "local".parse().expect("a host");
        let mut lineages = Lineages::default();
        lineages.admit(host.clone(), id('a'));
        assert_eq!(lineages.predecessor(&host, &member('b', "web", None)), None, "its name is not known yet");
        assert_eq!(lineages.learn(&roster(vec![member('a', "web", None)])).len(), 1);
        assert_eq!(lineages.learn(&roster(vec![member('a', "web", None)])).len(), 0, "no news");

        // Renamed out of the way, as before a recreation: the place keeps its name.
        assert_eq!(lineages.learn(&roster(vec![member('a', "web_old", None)])).len(), 1);
        let other: HostId = "other".parse().expect("a host");
        assert_eq!(lineages.predecessor(&other, &member('b', "web", None)), None);
        assert_eq!(replaced(&lineages.succeed(&host, &member('b', "web", None))), Some(id('a').as_str()));
        assert_eq!(replaced(&lineages.succeed(&host, &member('c', "web", None))), Some(id('b').as_str()));

        // Compose makes the new one under another name, with the number of the old one.
        let numbered = |digit, name| member(digit, name, Some(("shop", "db", "1")));
        assert_eq!(replaced(&lineages.succeed(&host, &numbered('d', "shop-db-1"))), None);
        assert_eq!(
            replaced(&lineages.succeed(&host, &numbered('e', "0f_shop-db-1"))),
            Some(id('d').as_str())
        );
        let one_off = |digit, name| member(digit, name, Some(("shop", "db", "")));
        assert_eq!(replaced(&lineages.succeed(&host, &one_off('f', "shop-db-run-1"))), None);
        assert_eq!(replaced(&lineages.succeed(&host, &one_off('0', "shop-db-run-2"))), None);
    }

    #[test]
    fn who_is_gone_is_forgotten_unless_its_log_is_still_read() {
        let host: HostId = "local".parse().expect("a host");
        let mut lineages = Lineages::default();
        for digit in ['a', 'b', 'c'] {
            lineages.admit(host.clone(), id(digit));
        }
        lineages.forget(&roster(vec![member('a', "a", None)]), |open| *open == id('b'));
        assert_eq!(['a', 'b', 'c'].map(|digit| lineages.knows(&id(digit))), [true, true, false]);
    }
}
