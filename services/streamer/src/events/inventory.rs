//! The containers as they were last listed, and of which of them the published events may tell something wrong.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use dockline_contract::rest::ContainerSummary;
use dockline_docker::Sensitive;
use dockline_domain::{HostId, Timestamp, event::EngineEvent};

type List = [Sensitive<ContainerSummary>];

#[derive(Debug, Default)]
pub(super) struct Inventory {
    /// States by ID; `None` before the first list.
    known: Option<BTreeMap<String, String>>,
    /// Containers that an event told of since the last list.
    touched: HashSet<String>,
    /// Containers whose change no event had told of when they were last listed.
    suspects: HashSet<String>,
    doubt: Doubt,
    /// Containers that were known since everything is in doubt, and may be in no list any more.
    before: BTreeSet<String>,
}

/// Whose state the published events may get wrong.
#[derive(Debug, Default, PartialEq, Eq)]
enum Doubt {
    #[default]
    None,
    Of(BTreeSet<String>),
    All,
}

impl Inventory {
    /// An event told of a container.
    pub(super) fn touch(&mut self, container: String) {
        self.touched.insert(container);
    }

    /// Takes the first list behind a break. What differs from before is in doubt until it turns out that no event was
    /// lost meanwhile; so is whatever events told of since, as there is no list of after them.
    pub(super) fn resume(&mut self, list: &List) {
        let now = states(list);
        let differs = match &self.known {
            None => None,
            Some(_) => Some(self.changes(&now).chain(self.touched.iter().cloned()).collect::<BTreeSet<_>>()),
        };
        match (&mut self.doubt, differs) {
            (Doubt::All, _) => {}
            (doubt, None) => *doubt = Doubt::All,
            (Doubt::Of(known), Some(differs)) => known.extend(differs),
            (doubt, Some(differs)) => *doubt = Doubt::Of(differs),
        }
        self.suspects.clear();
        self.replace(now);
    }

    fn replace(&mut self, now: BTreeMap<String, String>) {
        if self.doubt == Doubt::All {
            self.before.extend(self.known.iter().flat_map(BTreeMap::keys).chain(&self.touched).cloned());
        }
        self.touched.clear();
        self.known = Some(now);
    }

    /// Takes a list. Whether the one before showed a change of which no event has told since.
    pub(super) fn compare(&mut self, list: &List) -> bool {
        let now = states(list);
        // The event of a change that a list shows may still be on its way: it has until the next list.
        let silent: BTreeSet<String> =
            self.suspects.iter().filter(|id| !self.touched.contains(*id)).cloned().collect();
        self.suspects = self.changes(&now).filter(|id| !self.touched.contains(id)).collect();
        self.replace(now);
        let is_lost = !silent.is_empty();
        if is_lost {
            match &mut self.doubt {
                Doubt::All => {}
                Doubt::Of(known) => known.extend(silent),
                Doubt::None => self.doubt = Doubt::Of(silent),
            }
        }
        is_lost
    }

    pub(super) fn everything_in_doubt(&mut self) {
        self.doubt = Doubt::All;
    }

    pub(super) fn nothing_in_doubt(&mut self) {
        self.doubt = Doubt::None;
        self.before.clear();
    }

    /// What is in doubt, as events that tell what is the case.
    pub(super) fn states(&self, host: &HostId, list: &List, at: Timestamp) -> Vec<EngineEvent> {
        let event = |id: &str, attributes: Vec<(&str, &str)>| EngineEvent {
            host: host.clone(),
            at,
            kind: "container".to_owned(),
            action: EngineEvent::RECONCILED.to_owned(),
            actor_id: id.to_owned(),
            attributes: attributes
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
        };
        let there = list.iter().map(Sensitive::identity).filter(|(id, ..)| match &self.doubt {
            Doubt::None => false,
            Doubt::Of(ids) => ids.contains(*id),
            Doubt::All => true,
        });
        let there = there.map(|(id, name, image, state)| {
            event(id, vec![("name", name), ("image", image), ("state", state)])
        });
        let known: Vec<&String> = match &self.doubt {
            Doubt::None => Vec::new(),
            Doubt::Of(ids) => ids.iter().collect(),
            Doubt::All => {
                self.known.iter().flat_map(BTreeMap::keys).chain(&self.touched).chain(&self.before).collect()
            }
        };
        let ids: HashSet<&str> = list.iter().map(|one| one.identity().0).collect();
        let gone: BTreeSet<&str> =
            known.into_iter().map(String::as_str).filter(|id| !ids.contains(id)).collect();
        there.chain(gone.into_iter().map(|id| event(id, vec![("state", "removed")]))).collect()
    }

    /// The containers that are not as they were when they were last listed.
    fn changes(&self, now: &BTreeMap<String, String>) -> impl Iterator<Item = String> + use<> {
        let changes: Vec<String> = match &self.known {
            None => Vec::new(),
            Some(before) => {
                let changed =
                    now.iter().filter(|(id, state)| before.get(*id) != Some(state)).map(|(id, _)| id);
                let gone = before.keys().filter(|id| !now.contains_key(*id));
                changed.chain(gone).cloned().collect()
            }
        };
        changes.into_iter()
    }
}

fn states(list: &List) -> BTreeMap<String, String> {
    list.iter()
        .map(|one| {
            let (id, _, _, state) = one.identity();
            (id.to_owned(), state.to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_before_everything_was_told_once_is_told_of_too() {
        let host: HostId = "local".parse().expect("a host");
        let mut inventory = Inventory::default();
        inventory.resume(&[]);
        inventory.touch("a".to_owned());
        // The connection breaks before anything of the first list was told; "a" is removed meanwhile.
        inventory.resume(&[]);
        let told = inventory.states(&host, &[], Timestamp(1));
        assert_eq!(told.iter().map(|event| event.actor_id.as_str()).collect::<Vec<_>>(), ["a"]);
        inventory.nothing_in_doubt();
        inventory.everything_in_doubt();
        assert!(inventory.states(&host, &[], Timestamp(2)).is_empty(), "told once");
    }
}
