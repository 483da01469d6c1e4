//! What the plugin says while it works: a JSON object a line.

use serde::Deserialize;

/// The longest text that is taken, in bytes. A file may be quoted in what the plugin says.
const LONGEST: usize = 2 << 10;

/// One line of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// How far something is.
    Step {
        /// What, for example `Container shop-web-1`, or a layer of an image.
        id: String,
        /// For example `Creating`, `Started`, `Downloading`.
        text: String,
        /// How much is done, and of how much, in bytes.
        done: Option<(u64, Option<u64>)>,
    },
    /// A remark.
    Warning(String),
    /// Why it does not go on.
    Failure(String),
    /// Something else, for people.
    Word(String),
}

#[derive(Deserialize)]
struct Line {
    id: Option<String>,
    parent_id: Option<String>,
    status: Option<String>,
    text: Option<String>,
    current: Option<u64>,
    total: Option<u64>,
    #[serde(default)]
    error: bool,
    message: Option<String>,
    level: Option<String>,
    msg: Option<String>,
}

impl Said {
    /// Reads a line; nothing of an empty one. Texts are cut where they are too long.
    pub(crate) fn read(line: &str) -> Option<Self> {
        let line = line.trim();
        if line.is_empty() {
            return None;
        }
        let Ok(read) = serde_json::from_str::<Line>(line) else { return Some(Self::Word(cut(line))) };
        match (read.id, read.message, read.msg) {
            (Some(id), ..) => {
                let total = read.total.filter(|total| *total > 0);
                let done = read.current.filter(|current| *current > 0 || total.is_some());
                // Beside a bar of our own, the plugin's is not needed.
                let detail = read.status.filter(|_| done.is_none());
                let words = [read.text, detail].into_iter().flatten().filter(|text| !text.trim().is_empty());
                let text = words.collect::<Vec<_>>().join(" ");
                // A layer by itself says little.
                let id = read.parent_id.map_or_else(|| id.clone(), |parent| format!("{parent} {id}"));
                Some(Self::Step {
                    id: cut(&id),
                    text: cut(&text),
                    done: done.map(|current| (current, total)),
                })
            }
            (None, Some(message), _) if read.error => Some(Self::Failure(cut(&message))),
            (None, _, Some(msg)) if matches!(read.level.as_deref(), Some("error" | "fatal")) => {
                Some(Self::Failure(cut(&msg)))
            }
            (None, _, Some(msg)) if read.level.as_deref() == Some("warning") => {
                Some(Self::Warning(cut(&msg)))
            }
            (None, Some(text), _) | (None, None, Some(text)) => Some(Self::Word(cut(&text))),
            (None, None, None) => Some(Self::Word(cut(line))),
        }
    }
}

fn cut(text: &str) -> String {
    match text.floor_char_boundary(LONGEST) {
        end if end < text.len() => format!("{}…", &text[..end]),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_plugin_are_read() {
        let step = |id: &str, text: &str, done| Said::Step { id: id.to_owned(), text: text.to_owned(), done };
        for (line, expected) in [
            (
                r#"{"id":"Container a-web-1","status":"Creating"}"#,
                step("Container a-web-1", "Creating", None),
            ),
            (
                r#"{"id":"0123456789ab","parent_id":"web","text":"Downloading","status":"[=> ]","current":5,"total":10,"percent":50}"#,
                step("web 0123456789ab", "Downloading", Some((5, Some(10)))),
            ),
            (r#"{"id":"web","text":"Pulling"}"#, step("web", "Pulling", None)),
            (r#"{"error":true,"message":"no such image"}"#, Said::Failure("no such image".to_owned())),
            (r#"{"level":"warning","msg":"odd","time":"x"}"#, Said::Warning("odd".to_owned())),
            (r#"{"level":"fatal","msg":"bad"}"#, Said::Failure("bad".to_owned())),
            ("panic: what", Said::Word("panic: what".to_owned())),
            ("{}", Said::Word("{}".to_owned())),
        ] {
            assert_eq!(Said::read(line), Some(expected), "{line}");
        }
        assert_eq!(Said::read("  "), None);
        let long = Said::read(&format!(r#"{{"level":"warning","msg":"{}"}}"#, "ü".repeat(30_000)));
        let Some(Said::Warning(text)) = long else { panic!("{long:?}") };
        assert!(text.len() < LONGEST + 4 && text.ends_with("ü…"), "{} bytes", text.len());
    }
}
