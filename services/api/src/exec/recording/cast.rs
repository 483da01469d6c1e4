//! Events in the form of an asciicast, version 2: a line each, `[seconds, kind, text]`.

use std::{fmt::Write, time::Duration};

use bytes::Bytes;
use dockline_domain::{exec::TerminalSize, log::Stream};

/// Something that happened at a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Event {
    /// The program printed something.
    Printed(Stream, Bytes),
    /// Somebody typed something.
    Typed(Bytes),
    /// The terminal got another size.
    Resized(TerminalSize),
}

/// Makes lines of events.
#[derive(Debug, Default)]
pub(super) struct Cast {
    lines: String,
    /// The time of the last line. Time does not go back, although events come from several tasks.
    last: Duration,
    printed: Characters,
    complained: Characters,
    typed: Characters,
}

impl Cast {
    /// Adds an event.
    pub(super) fn add(&mut self, at: Duration, event: &Event) {
        self.last = self.last.max(at);
        match event {
            Event::Printed(Stream::Stderr, bytes) => {
                let text = self.complained.take(bytes);
                self.line('o', &text);
            }
            Event::Printed(_, bytes) => {
                let text = self.printed.take(bytes);
                self.line('o', &text);
            }
            Event::Typed(bytes) => {
                let text = self.typed.take(bytes);
                self.line('i', &text);
            }
            Event::Resized(TerminalSize { cols, rows }) => self.line('r', &format!("{cols}x{rows}")),
        }
    }

    /// The end: a character that was begun will not be whole any more.
    pub(super) fn end(&mut self) {
        for (kind, text) in [('o', self.printed.end()), ('o', self.complained.end()), ('i', self.typed.end())]
        {
            self.line(kind, &text);
        }
    }

    /// How many bytes wait to be taken.
    pub(super) const fn waiting(&self) -> usize {
        self.lines.len()
    }

    /// The time of the last event.
    pub(super) const fn length(&self) -> Duration {
        self.last
    }

    /// The lines since the last time.
    pub(super) fn take(&mut self) -> String {
        std::mem::take(&mut self.lines)
    }

    fn line(&mut self, kind: char, text: &str) {
        // Nothing, as yet: the begin of a character.
        if text.is_empty() {
            return;
        }
        let (seconds, micros) = (self.last.as_secs(), self.last.subsec_micros());
        let text = serde_json::Value::from(text);
        // Writing to a text does not fail.
        let _written = writeln!(self.lines, r#"[{seconds}.{micros:06}, "{kind}", {text}]"#);
    }
}

/// Bytes that become text: a character that comes in several pieces becomes one, and what is none becomes U+FFFD.
#[derive(Debug, Default)]
struct Characters {
    /// The begin of a character, 3 bytes at most.
    begun: Vec<u8>,
}

impl Characters {
    fn take(&mut self, bytes: &[u8]) -> String {
        let mut all = std::mem::take(&mut self.begun);
        all.extend_from_slice(bytes);
        let mut text = String::with_capacity(all.len());
        let mut rest = all.as_slice();
        loop {
            let error = match std::str::from_utf8(rest) {
                Ok(valid) => {
                    text.push_str(valid);
                    return text;
                }
                Err(error) => error,
            };
            let (valid, behind) = rest.split_at(error.valid_up_to());
            text.push_str(&String::from_utf8_lossy(valid));
            let Some(wrong) = error.error_len() else {
                self.begun = behind.to_vec();
                return text;
            };
            text.push(char::REPLACEMENT_CHARACTER);
            rest = &behind[wrong..];
        }
    }

    fn end(&mut self) -> String {
        if std::mem::take(&mut self.begun).is_empty() {
            String::new()
        } else {
            char::REPLACEMENT_CHARACTER.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn lines(cast: &mut Cast) -> Vec<Value> {
        let text = cast.take();
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    fn printed(bytes: &[u8]) -> Event {
        Event::Printed(Stream::Stdout, Bytes::copy_from_slice(bytes))
    }

    /// However the bytes are cut, the texts together are the same.
    #[test]
    fn characters_that_come_in_pieces_become_whole() {
        let text = "größer → 🦀\r\n\u{1b}[1m\u{7}\"\\\u{0}";
        for size in 1..=text.len() {
            let mut cast = Cast::default();
            for (number, part) in (0_u64..).zip(text.as_bytes().chunks(size)) {
                cast.add(Duration::from_millis(number), &printed(part));
            }
            cast.end();
            let shown: String =
                lines(&mut cast).iter().map(|line| line[2].as_str().expect("text").to_owned()).collect();
            assert_eq!(shown, text, "in pieces of {size}");
        }
    }

    #[test]
    fn what_is_no_text_is_replaced_and_never_breaks_a_line() {
        let mut cast = Cast::default();
        let all: Vec<u8> = (0..=255).collect();
        cast.add(Duration::ZERO, &printed(&all));
        cast.add(Duration::ZERO, &printed(b"\xf0\x9f"));
        // The other output comes between the parts of a character.
        cast.add(Duration::ZERO, &Event::Printed(Stream::Stderr, Bytes::from_static(b"x")));
        cast.add(Duration::ZERO, &printed(b"\xa6\x80\xe2\x82"));
        cast.end();
        let lines = lines(&mut cast);
        assert_eq!(lines[0][2], String::from_utf8_lossy(&all).into_owned());
        let texts: Vec<_> = lines[1..].iter().map(|line| line[2].as_str().expect("text")).collect();
        assert_eq!(texts, ["x", "🦀", "\u{fffd}"]);
    }

    #[test]
    fn time_does_not_go_back() {
        let mut cast = Cast::default();
        cast.add(Duration::from_micros(1_500_001), &printed(b"a"));
        cast.add(Duration::from_millis(900), &Event::Typed(Bytes::from_static(b"b")));
        cast.add(Duration::from_secs(2), &Event::Resized(TerminalSize { cols: 132, rows: 43 }));
        assert_eq!(cast.length(), Duration::from_secs(2));
        let wanted =
            [json!([1.500_001, "o", "a"]), json!([1.500_001, "i", "b"]), json!([2.0, "r", "132x43"])];
        assert_eq!(lines(&mut cast), wanted);
        assert!(cast.take().is_empty(), "nothing comes twice");
    }
}
