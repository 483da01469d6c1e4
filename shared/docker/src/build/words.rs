//! The words of the classic builder.

use super::{BuildEvent, Layer};

/// Reads what the builder prints. It says which layer came of a step, but only by the lines around it whether the step made
/// it: one of a base image and one that was there already are not.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// Whether the layer of this step was there before.
    found: bool,
}

impl Words {
    /// What one printed text means. It is printed in any case.
    pub(super) fn read(&mut self, text: &str) -> Option<BuildEvent> {
        let line = text.trim_end();
        if let Some((number, total, instruction)) = step(line) {
            self.found =
                instruction.split_whitespace().next().is_some_and(|word| word.eq_ignore_ascii_case("from"));
            return Some(BuildEvent::Step { number, total, text: line.to_owned() });
        }
        let arrow = line.strip_prefix(" ---> ")?;
        if arrow == "Using cache" {
            self.found = true;
            return None;
        }
        let layer = Layer::parse(arrow)?;
        (!self.found).then_some(BuildEvent::Made(layer))
    }
}

/// `Step 3/7 : RUN make`
fn step(line: &str) -> Option<(u32, u32, &str)> {
    let (numbers, instruction) = line.strip_prefix("Step ")?.split_once(" : ")?;
    let (number, total) = numbers.split_once('/')?;
    Some((number.parse().ok()?, total.parse().ok()?, instruction))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_step_made_is_told_as_made() {
        let mut words = Words::default();
        let printed = [
            "Step 1/4 : FROM local/busybox:1\n",
            " ---> 111111111111\n",
            "Step 2/4 : RUN true\n",
            " ---> Using cache\n",
            " ---> 222222222222\n",
            "Step 3/4 : RUN make\n",
            " ---> Running in 333333333333\n",
            "Step by step\n",
            " ---> 444444444444\n",
            "Step 4/4 : copy . /\n",
            " ---> 555555555555\n",
            "Successfully built 555555555555\n",
        ];
        let told: Vec<String> = printed
            .iter()
            .filter_map(|text| match words.read(text)? {
                BuildEvent::Step { number, total, .. } => Some(format!("{number}/{total}")),
                BuildEvent::Made(layer) => Some(layer.0),
                other => Some(format!("{other:?}")),
            })
            .collect();
        assert_eq!(told, ["1/4", "2/4", "3/4", "444444444444", "4/4", "555555555555"]);
    }
}
