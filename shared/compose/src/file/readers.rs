//! What the plugin's reader of YAML may take for something else than ours does. A key that only the plugin sees would not be
//! refused.

use saphyr_parser::Tag;

use super::Problem;

/// The text without its byte order mark, if the plugin's reader and this one see the same lines and tags in it.
pub(super) fn readable(text: &str) -> Result<&str, Problem> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let line_of = |place: usize| 1 + text[..place].matches('\n').count() as u64;
    if let Some((place, odd)) = text.char_indices().find(|(_, letter)| is_odd(*letter)) {
        let code = u32::from(odd);
        let message = format!(
            "it has the character U+{code:04X}, which readers of YAML take differently: leave it out"
        );
        return Err(Problem::at(line_of(place), message));
    }
    let mut directives = text.match_indices("%TAG").map(|(place, _)| place);
    let begins_line = |place: &usize| *place == 0 || text[..*place].ends_with(['\n', '\r']);
    match directives.find(begins_line) {
        Some(place) => {
            Err(Problem::at(line_of(place), "`%TAG` gives tags another meaning: leave it out".to_owned()))
        }
        None => Ok(text),
    }
}

const fn is_odd(letter: char) -> bool {
    matches!(letter, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// Refuses a tag that could make another text of a value: `!!binary` makes any key of letters that tell nothing.
pub(super) fn usual(tag: Option<&Tag>, line: u64) -> Result<(), Problem> {
    let Some(Tag { handle, suffix }) = tag else { return Ok(()) };
    match (handle.as_str(), suffix.as_str()) {
        ("tag:yaml.org,2002:", "str" | "int" | "float" | "bool" | "null" | "map" | "seq")
        | ("!", "reset" | "override") => Ok(()),
        _ => {
            Err(Problem::at(line, "it has a tag that is not used in Compose files: leave it out".to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::Tree;
    use super::*;

    fn refused(text: &str) -> Problem {
        Tree::parse(text).err().unwrap_or_else(|| panic!("{text} was taken"))
    }

    #[test]
    fn what_the_plugins_reader_would_read_otherwise_is_refused() {
        let service = "services:\n  web:\n    image: x\n";
        for end in ['\u{85}', '\u{2028}', '\u{2029}', '\u{feff}'] {
            let problem = refused(&format!("{service}    # x{end}    env_file: /etc/passwd\n"));
            assert!(problem.line == Some(4) && problem.message.contains("U+"), "{problem:?}");
        }
        assert!(Tree::parse(&format!("\u{feff}{service}")).is_ok());
        for tagged in [
            "!!binary ZW52X2ZpbGU=: x",
            "!<tag:yaml.org,2002:binary> ZW52X2ZpbGU=: x",
            "!x y: z",
            "y: !!set {z}",
            "y: !!omap [z: 1]",
            "y: !str z",
        ] {
            let problem = refused(&format!("{service}    {tagged}\n"));
            assert!(problem.line == Some(4) && problem.message.contains("tag"), "{tagged}: {problem:?}");
        }
        let split = "%TAG !b! tag:yaml.org,2002:bin\n---\nservices:\n  web:\n    !b!ary ZW52X2ZpbGU=: x\n";
        assert!(refused(split).message.contains("%TAG"));
        assert_eq!(refused(&format!("a: 1\n...\r{split}")).line, Some(2));
        let usual =
            "    ports: !override [!!str 1]\n    expose: !reset null\n    labels: !!map {a: '%TAG'}\n";
        assert!(Tree::parse(&format!("{service}{usual}")).is_ok());
    }
}
