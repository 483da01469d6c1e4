use dockline_domain::log::{Chunk, Stream};
use regex::bytes::{Regex, RegexBuilder};

/// Lets through the chunks of lines that match, whole lines and in order of their ends.
///
/// A long line comes as several chunks, and the two outputs are interleaved: a line's chunks are kept
/// until it ends or reaches [`MAX_LINE`], and then let through together or not at all.
#[derive(Debug)]
pub(super) struct LineFilter {
    pattern: Regex,
    stdout: Line,
    stderr: Line,
}

#[derive(Debug, Default)]
struct Line {
    chunks: Vec<Chunk>,
    text: Vec<u8>,
    /// The line grew too long to be kept: whether its rest is let through was decided.
    decided: Option<bool>,
}

/// A longer line is judged by its beginning.
const MAX_LINE: usize = 1 << 20;
/// What a pattern may cost in memory when it is compiled.
const MAX_PATTERN_BYTES: usize = 1 << 20;
const MAX_PATTERN_CHARS: usize = 1_000;

impl LineFilter {
    /// A filter for a text, or for a regular expression in RE2's syntax.
    pub(super) fn new(text: &str, is_regex: bool) -> Result<Self, &'static str> {
        if text.chars().count() > MAX_PATTERN_CHARS {
            return Err("must not be longer than 1000 characters");
        }
        let pattern = if is_regex { text.to_owned() } else { regex::escape(text) };
        let pattern = RegexBuilder::new(&pattern)
            .size_limit(MAX_PATTERN_BYTES)
            .dfa_size_limit(MAX_PATTERN_BYTES)
            .build()
            .map_err(|_| "must be a regular expression in RE2's syntax, and not a huge one")?;
        Ok(Self { pattern, stdout: Line::default(), stderr: Line::default() })
    }

    /// Takes a chunk; returns what can be let through now.
    pub(super) fn push(&mut self, chunk: Chunk) -> Vec<Chunk> {
        let line = match chunk.stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        };
        let ends = !chunk.is_partial();
        if let Some(takes) = line.decided {
            if ends {
                line.decided = None;
            }
            return if takes { vec![chunk] } else { Vec::new() };
        }
        line.text.extend_from_slice(&chunk.bytes);
        line.chunks.push(chunk);
        if !ends && line.text.len() < MAX_LINE {
            return Vec::new();
        }
        let takes = matches(&self.pattern, &line.text);
        line.decided = (!ends).then_some(takes);
        line.text.clear();
        let chunks = std::mem::take(&mut line.chunks);
        if takes { chunks } else { Vec::new() }
    }

    /// What is left of lines without an end.
    pub(super) fn finish(&mut self) -> Vec<Chunk> {
        let mut rest = Vec::new();
        for line in [&mut self.stdout, &mut self.stderr] {
            let chunks = std::mem::take(&mut line.chunks);
            if matches(&self.pattern, &line.text) {
                rest.extend(chunks);
            }
            line.text.clear();
        }
        rest
    }
}

/// The line's end is not part of its text, so that `$` means what people expect.
fn matches(pattern: &Regex, text: &[u8]) -> bool {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    pattern.is_match(text.strip_suffix(b"\r").unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use dockline_domain::Timestamp;

    use super::*;

    fn chunk(stream: Stream, text: &str) -> Chunk {
        Chunk { stream, ts: Timestamp(1), bytes: text.to_owned().into() }
    }

    fn passed(filter: &mut LineFilter, chunks: &[(Stream, &str)]) -> String {
        let mut passed: Vec<Chunk> =
            chunks.iter().flat_map(|(stream, text)| filter.push(chunk(*stream, text))).collect();
        passed.extend(filter.finish());
        passed.iter().map(|chunk| String::from_utf8_lossy(&chunk.bytes).into_owned()).collect()
    }

    #[test]
    fn a_text_is_no_pattern() {
        let mut filter = LineFilter::new("a.c", false).expect("valid");
        let lines = [(Stream::Stdout, "abc\n"), (Stream::Stdout, "a.c\n"), (Stream::Stderr, "xa.cx\n")];
        assert_eq!(passed(&mut filter, &lines), "a.c\nxa.cx\n");
    }

    #[test]
    fn chunks_of_one_line_belong_together() {
        let mut filter = LineFilter::new("^begin.*end$", true).expect("valid");
        let lines = [
            (Stream::Stdout, "begin "),
            (Stream::Stderr, "no\n"),
            (Stream::Stdout, "middle "),
            (Stream::Stdout, "end\n"),
            (Stream::Stdout, "begin\n"),
            (Stream::Stdout, "begin and no more"),
        ];
        assert_eq!(passed(&mut filter, &lines), "begin middle end\n");
    }

    #[test]
    fn a_huge_line_is_judged_by_its_beginning() {
        let mut filter = LineFilter::new("needle", false).expect("valid");
        let huge = "x".repeat(MAX_LINE);
        assert!(filter.push(chunk(Stream::Stdout, &huge)).is_empty());
        assert!(filter.push(chunk(Stream::Stdout, "needle\n")).is_empty());
        assert_eq!(filter.push(chunk(Stream::Stdout, "needle\n")).len(), 1);
    }

    #[test]
    fn huge_patterns_are_refused() {
        assert!(LineFilter::new("(", true).is_err());
        assert!(LineFilter::new("(", false).is_ok());
        assert!(LineFilter::new(r"(\w{1000}){1000}", true).is_err());
        assert!(LineFilter::new(&"x".repeat(1_001), false).is_err());
    }
}
