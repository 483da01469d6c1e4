//! What a viewer saw, compared with what was written: lost, twice, out of order, never written. Pure.

/// What a viewer of a numbered log was told, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// The line with this number.
    Line(u64),
    /// A marker that chunks are missing here.
    Gap,
    /// A line that no writer wrote.
    Foreign,
}

/// A viewer's account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Lines that never came, with no marker at their place.
    pub(crate) lost: u64,
    /// Lines that never came, behind a marker.
    pub(crate) marked: u64,
    /// Markers, also those behind which nothing is missing.
    pub(crate) marks: u64,
    /// Lines that came again.
    pub(crate) duplicated: u64,
    /// Lines that came behind a later one for the first time.
    pub(crate) disordered: u64,
    /// Lines that nobody wrote.
    pub(crate) unexpected: u64,
}

impl Verdict {
    /// Whether nothing is wrong but what was said to be.
    pub(crate) const fn is_clean(&self) -> bool {
        self.lost == 0 && self.duplicated == 0 && self.disordered == 0 && self.unexpected == 0
    }

    /// Whether nothing is wrong, and nobody was told that something is.
    pub(crate) const fn is_whole(&self) -> bool {
        self.is_clean() && self.marks == 0
    }

    pub(crate) const fn plus(self, other: Self) -> Self {
        Self {
            lost: self.lost + other.lost,
            marked: self.marked + other.marked,
            marks: self.marks + other.marks,
            duplicated: self.duplicated + other.duplicated,
            disordered: self.disordered + other.disordered,
            unexpected: self.unexpected + other.unexpected,
        }
    }
}

/// Compares with the numbers that were written, in ascending order.
pub(crate) fn check(written: &[u64], seen: &[Seen]) -> Verdict {
    let mut verdict = Verdict::default();
    let mut came = vec![false; written.len()];
    let mut excused = vec![false; written.len()];
    // How many of the lines up to the highest that came were written.
    let (mut passed, mut marked_here) = (0, false);
    for one in seen {
        let line = match one {
            Seen::Gap => {
                marked_here = true;
                verdict.marks += 1;
                continue;
            }
            Seen::Foreign => {
                verdict.unexpected += 1;
                continue;
            }
            Seen::Line(line) => *line,
        };
        match written.binary_search(&line) {
            Err(_) => verdict.unexpected += 1,
            Ok(index) if came[index] => verdict.duplicated += 1,
            Ok(index) => {
                came[index] = true;
                if index < passed {
                    verdict.disordered += 1;
                } else if marked_here {
                    excused[passed..index].fill(true);
                }
                passed = passed.max(index + 1);
            }
        }
        marked_here = false;
    }
    for (came, excused) in came.iter().zip(&excused) {
        verdict.lost += u64::from(!came && !excused);
        verdict.marked += u64::from(!came && *excused);
    }
    verdict
}

#[cfg(test)]
mod tests {
    use super::*;

    fn up_to(last: u64) -> Vec<u64> {
        (1..=last).collect()
    }

    fn lines(numbers: impl IntoIterator<Item = u64>) -> Vec<Seen> {
        numbers.into_iter().map(Seen::Line).collect()
    }

    #[test]
    fn a_whole_log_is_clean() {
        assert_eq!(check(&up_to(100), &lines(1..=100)), Verdict::default());
        assert!(check(&[], &[]).is_clean());
        // A writer that was killed between counting and writing leaves numbers out.
        assert_eq!(check(&[1, 2, 5], &lines([1, 2, 5])), Verdict::default());
        assert_eq!(
            check(&[1, 2, 5], &lines([1, 2, 3])),
            Verdict { lost: 1, unexpected: 1, ..Verdict::default() }
        );
    }

    #[test]
    fn each_fault_is_told_by_its_name() {
        // What a reader that goes on at the last time stamp does: lines of the same stamp are gone.
        let since_last = lines((1..=40).chain(43..=100));
        assert_eq!(check(&up_to(100), &since_last), Verdict { lost: 2, ..Verdict::default() });
        // What two leaders without a fence do: both publish the same lines.
        let two_leaders = lines((1..=50).chain(46..=100));
        assert_eq!(check(&up_to(100), &two_leaders), Verdict { duplicated: 5, ..Verdict::default() });
        // What publishing without a comparison of places does: an older batch behind a newer one.
        let no_compare = lines((1..=10).chain(21..=30).chain(11..=20).chain(31..=100));
        assert_eq!(check(&up_to(100), &no_compare), Verdict { disordered: 10, ..Verdict::default() });
        // What merging pieces before the place is stored does: halves of lines.
        let mut merged = lines(1..=100);
        merged[49] = Seen::Foreign;
        assert_eq!(check(&up_to(100), &merged), Verdict { lost: 1, unexpected: 1, ..Verdict::default() });
        // The end counts too.
        assert_eq!(check(&up_to(100), &lines(1..=99)), Verdict { lost: 1, ..Verdict::default() });
        assert_eq!(check(&up_to(2), &lines([1, 2, 3, 0])), Verdict { unexpected: 2, ..Verdict::default() });
    }

    #[test]
    fn a_marker_excuses_what_is_missing_at_its_place_only() {
        let mut seen = lines(1..=10);
        seen.push(Seen::Gap);
        seen.extend(lines(21..=30));
        assert_eq!(check(&up_to(30), &seen), Verdict { marked: 10, marks: 1, ..Verdict::default() });
        seen.extend(lines(41..=50));
        assert_eq!(
            check(&up_to(50), &seen),
            Verdict { marked: 10, marks: 1, lost: 10, ..Verdict::default() }
        );
        let mut again = lines(1..=10);
        again.push(Seen::Gap);
        again.extend(lines(8..=20));
        assert_eq!(check(&up_to(20), &again), Verdict { duplicated: 3, marks: 1, ..Verdict::default() });
    }
}
