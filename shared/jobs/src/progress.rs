use serde::{Deserialize, Serialize};

/// More steps than this are not kept: an image has at most 127 layers.
pub const MAX_STEPS: usize = 256;
/// So much of the end of an output is kept, in bytes.
pub const MAX_OUTPUT: usize = 16 << 10;
/// Longer texts are cut, in characters.
const MAX_TEXT: usize = 500;

/// How far a job is: some steps, which may go on side by side, and a word about the whole.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Progress {
    /// In the order in which they were first heard of.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// What is going on, for people; empty before the begin.
    #[serde(default)]
    pub message: String,
    /// The end of what a program printed that does the work, if one does.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub output: String,
}

/// One part of a job, such as a layer of an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Tells it from the others.
    pub id: String,
    /// What is going on, for people.
    pub text: String,
    /// How much of it is done.
    pub current: Option<u64>,
    /// How much there is to do; unknown at times.
    pub total: Option<u64>,
    /// What is counted.
    pub unit: Unit,
}

/// What a step counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Bytes.
    #[default]
    Bytes,
    /// Things.
    Items,
}

impl Unit {
    /// The unit's name in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::Items => "items",
        }
    }
}

impl Progress {
    /// Says what is going on as a whole.
    pub fn say(&mut self, message: &str) {
        self.message = cut(message);
    }

    /// Adds what a program printed.
    pub fn print(&mut self, text: &str) {
        self.output.push_str(text);
        let mut over = self.output.len().saturating_sub(MAX_OUTPUT);
        while !self.output.is_char_boundary(over) {
            over += 1;
        }
        self.output.drain(..over);
    }

    /// Says what is going on in a step. `done` is how much of how much; without it the amounts stay as they were, so that
    /// the bar of a step that goes over to something uncounted does not fall back.
    pub fn step(&mut self, id: &str, text: &str, done: Option<(u64, Option<u64>)>) {
        let place = self.steps.iter().position(|step| step.id == id).or_else(|| {
            (self.steps.len() < MAX_STEPS).then(|| {
                let new =
                    Step { id: cut(id), text: String::new(), current: None, total: None, unit: Unit::Bytes };
                self.steps.push(new);
                self.steps.len() - 1
            })
        });
        let Some(step) = place.and_then(|place| self.steps.get_mut(place)) else { return };
        step.text = cut(text);
        if let Some((current, total)) = done {
            (step.current, step.total) = (Some(current), total);
        }
    }

    /// Fills the bar of a step that is through.
    pub fn complete(&mut self, id: &str, text: &str) {
        self.step(id, text, None);
        if let Some(step) = self.steps.iter_mut().find(|step| step.id == id) {
            step.current = step.total.or(step.current);
        }
    }
}

fn cut(text: &str) -> String {
    text.chars().take(MAX_TEXT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_keep_their_order_and_their_amounts() {
        let mut progress = Progress::default();
        progress.step("a", "Waiting", None);
        progress.step("b", "Downloading", Some((5, Some(10))));
        progress.step("a", "Downloading", Some((1, Some(4))));
        progress.step("b", "Verifying", None);
        progress.complete("b", "Done");
        let bars: Vec<_> = progress
            .steps
            .iter()
            .map(|one| (one.id.as_str(), one.text.as_str(), one.current, one.total))
            .collect();
        assert_eq!(bars, [("a", "Downloading", Some(1), Some(4)), ("b", "Done", Some(10), Some(10))]);
    }

    #[test]
    fn the_end_of_an_output_is_kept() {
        let mut progress = Progress::default();
        progress.print("begin\n");
        for _ in 0..MAX_OUTPUT {
            progress.print("ü");
        }
        progress.print("\nend");
        assert!(progress.output.len() <= MAX_OUTPUT && progress.output.len() > MAX_OUTPUT - 4);
        assert!(progress.output.ends_with("ü\nend") && progress.output.starts_with('ü'));
    }

    #[test]
    fn a_flood_of_steps_and_of_text_has_an_end() {
        let mut progress = Progress::default();
        for number in 0..10_000 {
            progress.step(&number.to_string(), &"ü".repeat(10_000), None);
        }
        assert_eq!(progress.steps.len(), MAX_STEPS);
        assert!(progress.steps.iter().all(|step| step.text.chars().count() == MAX_TEXT));
    }
}
