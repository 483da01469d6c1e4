use std::collections::{HashSet, VecDeque};

/// The engine keeps this many events (`eventsLimit` in moby's `daemon/events/events.go`).
const ENGINE_HISTORY: usize = 256;
/// How many identities are remembered to recognize replays: many times the engine's own history.
const REMEMBERED: usize = 16 * ENGINE_HISTORY;

/// The identities of the last events.
#[derive(Debug, Default)]
pub(super) struct Seen {
    order: VecDeque<String>,
    ids: HashSet<String>,
}

impl Seen {
    pub(super) fn contains(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    pub(super) fn insert(&mut self, id: String) {
        if !self.ids.insert(id.clone()) {
            return;
        }
        self.order.push_back(id);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replays_are_recognized_and_memory_is_bounded() {
        let mut seen = Seen::default();
        seen.insert("a".into());
        assert!(seen.contains("a"));
        for n in 0..2 * REMEMBERED {
            seen.insert(n.to_string());
            seen.insert(n.to_string());
        }
        assert!(!seen.contains("a") && seen.contains(&(2 * REMEMBERED - 1).to_string()));
        assert_eq!((seen.ids.len(), seen.order.len()), (REMEMBERED, REMEMBERED));
    }
}
