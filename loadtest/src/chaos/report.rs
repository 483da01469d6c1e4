//! The report: a table, and how long viewers waited as a plot.

use std::{fmt, fmt::Write as _, fs, path::Path};

use anyhow::{Context, Result};

use super::{
    check::Verdict,
    fault::{Fault, Markers},
    trial::Trial,
};

/// Delays of viewers whom a fault does not concern may grow by this factor. In a single trial of seconds another program's work
/// moves a 99th percentile further than that, either way; so it is the median of all trials that is held to it.
const MOST_P99_GROWTH: f64 = 1.1;

/// Everything that was run.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// A row for each planted defect.
    pub(crate) planted: Vec<String>,
    pub(crate) outcomes: Vec<Outcome>,
}

/// One fault, injected many times.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) fault: Fault,
    pub(crate) trials: Vec<Trial>,
    /// Whether the machine does nothing else, so that times can be promised.
    pub(crate) timed: bool,
    /// Why it did not come to its end.
    pub(crate) failure: Option<String>,
}

impl Outcome {
    pub(crate) fn failed(fault: Fault, error: &anyhow::Error) -> Self {
        Self {
            fault,
            trials: Vec::new(),
            timed: false,
            failure: Some(format!("{error:#}").replace('\n', " ")),
        }
    }

    pub(crate) fn passed(&self) -> bool {
        self.failures().is_empty()
    }

    /// Why it did not pass.
    fn failures(&self) -> Vec<String> {
        let mut failures: Vec<String> = self.failure.iter().cloned().collect();
        failures.extend(self.trials.iter().flat_map(|trial| trial.broken.iter().cloned()));
        if self.timed {
            failures.extend(self.trials.iter().flat_map(|trial| trial.late.iter().cloned()));
        }
        if let (true, Some(growth)) = (self.timed, self.p99_growth())
            && growth > MOST_P99_GROWTH
        {
            failures.push(format!("the median trial's p99 for the others grew to {growth:.2} times"));
        }
        let verdict = self.verdict();
        if !verdict.is_clean() {
            failures.push("lines were lost, came twice, out of order or from nowhere".to_owned());
        }
        if self.fault.markers() == Markers::None && verdict.marks > 0 {
            failures.push("there were markers where none may be".to_owned());
        }
        if self.fault.must_refuse() && self.trials.iter().any(|trial| trial.refused == 0) {
            failures.push("no write of a leader whose term was over was attempted".to_owned());
        }
        let longest = self.trials.iter().map(|trial| trial.pause).max();
        if let (true, Some(bound), Some(longest)) = (self.timed, self.fault.longest_pause(), longest)
            && longest > bound
        {
            failures
                .push(format!("a viewer got nothing for {} ms, more than {bound:?}", longest.as_millis()));
        }
        failures
    }

    fn verdict(&self) -> Verdict {
        self.trials.iter().fold(Verdict::default(), |sum, trial| sum.plus(trial.verdict))
    }

    /// Sorted, in milliseconds.
    fn pauses(&self) -> Vec<u128> {
        let pauses = self.trials.iter().map(|trial| trial.pause.as_millis());
        let mut pauses: Vec<u128> = pauses.filter(|pause| *pause > 0).collect();
        pauses.sort_unstable();
        pauses
    }

    /// The median of all trials.
    fn p99_growth(&self) -> Option<f64> {
        let mut growths: Vec<f64> = self.trials.iter().filter_map(|trial| trial.p99_growth).collect();
        growths.sort_unstable_by(f64::total_cmp);
        growths.get(growths.len() / 2).copied()
    }

    /// What else was measured: the least and the most of it.
    fn note(&self) -> String {
        let failures = self.failures();
        if !failures.is_empty() {
            return failures.join("; ");
        }
        let mut notes: Vec<&str> = self.trials.iter().filter_map(|trial| trial.note.as_deref()).collect();
        notes.sort_unstable_by_key(|note| (note.len(), *note));
        let notes = match notes.as_slice() {
            [] => String::new(),
            [only] => (*only).to_owned(),
            [first, .., last] => format!("{first} … {last}"),
        };
        match self.p99_growth() {
            Some(growth) => format!("{notes}; median of the p99s' ratios: {growth:.2}"),
            None => notes,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Verdict { lost, marked, marks: _, duplicated, disordered, unexpected } = self.verdict();
        let pauses = self.pauses();
        let pause = |at: usize| pauses.get(at).map_or_else(String::new, |pause| format!("{pause} ms"));
        let refused: u64 = self.trials.iter().map(|trial| trial.refused).sum();
        let run = match self.fault.run() {
            0 => String::new(),
            run => run.to_string(),
        };
        write!(
            f,
            "| {run} | {} | {} | {} | {lost} | {duplicated} | {disordered} | {unexpected} | {marked} | {refused} | {} | {} | {} |",
            self.fault.name(),
            self.trials.len(),
            if self.passed() { "yes" } else { "NO" },
            pause(pauses.len() / 2),
            pause(pauses.len().saturating_sub(1)),
            self.note(),
        )
    }
}

const INTRODUCTION: &str = "# Chaos runs, latest\n\n\
    Three replicas, two streamers, Redis, PostgreSQL and two engines as real processes on one machine, each streamer in a network \
    of its own. A writer of a thousand numbered lines a second, which notes each down on disk before it writes it, and a viewer at \
    each replica. *Run* groups faults of one kind. The pause is the longest time \
    in which a viewer got no line. *Refused* are writes of streamers whose term was over.\n\n";
const HEAD: &str = "| run | fault | times | passed | lost | twice | out of order | never written | missing, marked | refused | pause, median | worst | measured |\n\
    |---|---|---|---|---|---|---|---|---|---|---|---|---|\n";
const ELSEWHERE: &str = "\nRun 11 (ties, long lines, terminals, both streams, invalid UTF-8, on both engine versions) is \
    `services/dockline/tests/it/corpus.rs`, a part of `make test`.\n";
const PLANTED: &str = "\n## Defects planted on purpose\n\nThe same checker, on streamers of a debug build with a defect. \
    Without it each of these scenarios was clean.\n\n\
    | defect | lost | twice | out of order | never written | missing, marked | markers | noticed at try |\n|---|---|---|---|---|---|---|---|\n";

pub(crate) fn write(folder: &Path, report: &Report) -> Result<()> {
    let mut text = format!("{INTRODUCTION}{HEAD}");
    for outcome in &report.outcomes {
        writeln!(text, "{outcome}")?;
    }
    text.push_str("\n![Longest pauses](chaos.svg)\n");
    text.push_str(ELSEWHERE);
    if !report.planted.is_empty() {
        writeln!(text, "{PLANTED}{}", report.planted.join("\n"))?;
    }
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(folder.join("chaos.md"), text))
        .and_then(|()| fs::write(folder.join("chaos.svg"), plot(&report.outcomes)))
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
            outcome.fault.name(),
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
