//! The table: what was measured, beside a baseline of the same run and the target.

use std::fmt::Write as _;

/// What a figure should be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Target {
    /// Not less than this; the text says it with its unit.
    AtLeast(f64, &'static str),
    /// Not more than this.
    AtMost(f64, &'static str),
    /// Told for the reader's sake.
    None,
}

/// One line of the table.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// What was measured.
    pub(crate) name: String,
    /// Dockline's figure, with its unit.
    pub(crate) measured: String,
    /// What it is compared with, with its figure.
    pub(crate) baseline: String,
    /// Dockline's figure in terms of the baseline's.
    pub(crate) ratio: Option<f64>,
    /// The figure that the target is about.
    pub(crate) judged: f64,
    /// The target.
    pub(crate) target: Target,
    /// How to read it.
    pub(crate) note: String,
}

impl Row {
    /// Whether the target was met, where there is one.
    fn met(&self) -> Option<bool> {
        match self.target {
            Target::AtLeast(least, _) => Some(self.judged >= least),
            Target::AtMost(most, _) => Some(self.judged <= most),
            Target::None => None,
        }
    }

    fn cells(&self) -> [String; 6] {
        let target = match self.target {
            Target::AtLeast(_, text) | Target::AtMost(_, text) => text,
            Target::None => "",
        };
        let met = match self.met() {
            Some(true) => "yes",
            Some(false) => "NO",
            None => "",
        };
        let ratio = self.ratio.map(|ratio| format!("{}x", figure(ratio))).unwrap_or_default();
        [
            self.name.clone(),
            self.measured.clone(),
            self.baseline.clone(),
            ratio,
            target.to_owned(),
            met.to_owned(),
        ]
    }
}

const HEADINGS: [&str; 6] = ["measure", "Dockline", "baseline, same run", "ratio", "target", "met"];

/// The table in Markdown, aligned for a terminal, and the notes below it.
pub(crate) fn table(rows: &[Row]) -> String {
    let cells: Vec<[String; 6]> =
        std::iter::once(HEADINGS.map(str::to_owned)).chain(rows.iter().map(Row::cells)).collect();
    let widths: [usize; 6] =
        std::array::from_fn(|column| cells.iter().map(|row| row[column].chars().count()).max().unwrap_or(0));
    let mut out = String::new();
    for (index, row) in cells.iter().enumerate() {
        line(&mut out, row, &widths);
        if index == 0 {
            line(&mut out, &widths.map(|width| "-".repeat(width)), &widths);
        }
    }
    out.push('\n');
    for row in rows.iter().filter(|row| !row.note.is_empty()) {
        append(&mut out, format_args!("- {}: {}\n", row.name, row.note));
    }
    out
}

fn line(out: &mut String, cells: &[String; 6], widths: &[usize; 6]) {
    for (cell, width) in cells.iter().zip(widths) {
        append(out, format_args!("| {cell:width$} "));
    }
    out.push_str("|\n");
}

fn append(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    out.write_fmt(text).unwrap_or_default();
}

/// A figure with as many digits as mean something.
pub(crate) fn figure(value: f64) -> String {
    match value.abs() {
        large if large >= 1e6 => format!("{:.2} M", value / 1e6),
        large if large >= 1e4 => format!("{:.0} k", value / 1e3),
        large if large >= 100.0 => format!("{value:.0}"),
        large if large >= 10.0 => format!("{value:.1}"),
        large if large >= 0.995 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_few_digits() {
        let shown = [1_234_567.0, 45_678.0, 456.7, 45.67, 1.0, 0.05].map(figure);
        assert_eq!(shown, ["1.23 M", "46 k", "457", "45.7", "1.00", "0.050"]);
    }

    #[test]
    fn the_table_says_what_was_missed() {
        let row = |judged| Row {
            name: "cold start".into(),
            measured: "0.1 s".into(),
            baseline: String::new(),
            ratio: Some(2.0),
            judged,
            target: Target::AtMost(0.5, "< 0.5 s"),
            note: "of 10".into(),
        };
        let text = table(&[row(0.1), row(0.7)]);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("| measure "), "{text}");
        assert!(lines[2].ends_with("| yes |") && lines[3].ends_with("| NO  |"), "{text}");
        assert!(lines[2].contains("2.00x") && text.contains("- cold start: of 10"), "{text}");
    }
}
