//! The report: a table, and how long viewers waited as a plot.

use std::{fmt, fmt::Write as _, fs, path::Path, time::Duration};

use anyhow::{Context, Result};

use super::check::Verdict;

/// One fault, injected once.
#[derive(Debug)]
pub(crate) struct Trial {
    /// Of all viewers together.
    pub(crate) verdict: Verdict,
    /// The longest time in which a viewer got nothing.
    pub(crate) pause: Duration,
}

/// One fault, injected many times.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) name: String,
    pub(crate) trials: Vec<Trial>,
    /// Writes that were refused because the writer's term had ended.
    pub(crate) fenced: u64,
}

impl Outcome {
    pub(crate) fn is_clean(&self) -> bool {
        self.verdict().is_clean()
    }

    fn verdict(&self) -> Verdict {
        self.trials.iter().fold(Verdict::default(), |sum, trial| sum.plus(trial.verdict))
    }

    /// Sorted, in milliseconds.
    fn pauses(&self) -> Vec<u128> {
        let mut pauses: Vec<u128> = self.trials.iter().map(|trial| trial.pause.as_millis()).collect();
        pauses.sort_unstable();
        pauses
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Verdict { lost, marked, duplicated, disordered, unexpected } = self.verdict();
        let pauses = self.pauses();
        let median = pauses.get(pauses.len() / 2).copied().unwrap_or_default();
        let worst = pauses.last().copied().unwrap_or_default();
        write!(
            f,
            "| {} | {} | {lost} | {duplicated} | {disordered} | {unexpected} | {marked} | {} | {median} ms | {worst} ms |",
            self.name,
            self.trials.len(),
            self.fenced
        )
    }
}

const HEAD: &str = "| fault | times | lost | twice | out of order | never written | missing, marked | writes refused | longest pause, median | worst |\n|---|---|---|---|---|---|---|---|---|---|\n";

pub(crate) fn write(folder: &Path, outcomes: &[Outcome]) -> Result<()> {
    let mut text = String::from(
        "# Chaos runs, latest\n\nThree replicas, two streamers, Redis, PostgreSQL and two engines as real processes on one machine; one writer of \
         3,500 numbered lines, about one in 2.5 ms, and a viewer at each replica. The pause is the longest time in which a viewer got no line.\n\n",
    );
    text.push_str(HEAD);
    for outcome in outcomes {
        writeln!(text, "{outcome}")?;
    }
    text.push_str("\n![Longest pauses](chaos.svg)\n");
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(folder.join("chaos.md"), text))
        .and_then(|()| fs::write(folder.join("chaos.svg"), plot(outcomes)))
        .with_context(|| format!("write the report into {}", folder.display()))
}

/// Each trial's pause as a dot, a row for each fault.
fn plot(outcomes: &[Outcome]) -> String {
    const LEFT: f64 = 220.0;
    const WIDTH: f64 = 560.0;
    const ROW: f64 = 28.0;
    let most = outcomes.iter().flat_map(Outcome::pauses).max().unwrap_or(1).max(1);
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a plot")]
    let x = |pause: u128| LEFT + WIDTH * pause as f64 / most as f64;
    let mut svg = String::new();
    #[expect(clippy::cast_precision_loss, reason = "a few rows")]
    let height = ROW * (outcomes.len() + 2) as f64;
    let _infallible = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"820\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"13\">\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>"
    );
    let mut y = ROW;
    for outcome in outcomes {
        let _infallible = write!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text><line x1=\"{LEFT}\" y1=\"{y}\" x2=\"{}\" y2=\"{y}\" stroke=\"#ddd\"/>",
            LEFT - 12.0,
            y + 4.0,
            outcome.name,
            LEFT + WIDTH
        );
        for pause in outcome.pauses() {
            let _infallible = write!(
                svg,
                "<circle cx=\"{:.1}\" cy=\"{y}\" r=\"4\" fill=\"#2563eb\" fill-opacity=\"0.5\"/>",
                x(pause)
            );
        }
        y += ROW;
    }
    let _infallible = writeln!(
        svg,
        "<text x=\"{LEFT}\" y=\"{}\">0</text><text x=\"{}\" y=\"{}\" text-anchor=\"end\">{most} ms without a line</text></svg>",
        y + 4.0,
        LEFT + WIDTH,
        y + 4.0
    );
    svg
}
