//! In which line something is that the plugin speaks of by name.

use std::collections::HashSet;

use super::tree::{Node, Tree};

/// The sections whose names begin a path in the plugin's words.
const SECTIONS: [&str; 5] = ["services", "volumes", "networks", "configs", "secrets"];

/// The plugin's sentences have fewer; what is longer quotes the file.
const MOST_WORDS: usize = 30;

pub(super) fn line_of(tree: &Tree, message: &str) -> Option<u64> {
    told(message).or_else(|| by_path(tree, message)).or_else(|| by_service(tree, message))
}

/// `line 4: …`.
fn told(message: &str) -> Option<u64> {
    let (_, behind) = message.split_once("line ")?;
    let digits: String = behind.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// `services.web.image must be a string`, `services.web additional properties 'foo' not allowed`.
fn by_path(tree: &Tree, message: &str) -> Option<u64> {
    let words = message.split([' ', ':', ',']);
    let path = words.map(|word| word.trim_end_matches('.')).find(|word| {
        SECTIONS.iter().any(|section| word.strip_prefix(section).is_some_and(|rest| rest.starts_with('.')))
    })?;
    let (section, rest) = path.split_once('.')?;
    let root = tree.0.iter().find_map(|root| root.entry(section))?;
    let (line, node) = descend(root.line, &root.value, rest);
    Some(quoted(message).and_then(|key| node.entry(key)).map_or(line, |entry| entry.line))
}

/// As far along a path as the text goes. Names may have dots in them.
fn descend<'a>(line: u64, node: &'a Node, path: &str) -> (u64, &'a Node) {
    let (head, _) = path.split_once(['.', '[']).unwrap_or((path, ""));
    if let Some(item) =
        head.trim_end_matches(']').parse().ok().and_then(|index: usize| node.items().get(index))
    {
        let rest = path[head.len()..].trim_start_matches(['.', '[', ']']);
        return if rest.is_empty() { (item.line, item) } else { descend(item.line, item, rest) };
    }
    let fits = |key: &str| {
        path.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let longest =
        node.entries().into_iter().filter(|entry| fits(&entry.key)).max_by_key(|entry| entry.key.len());
    match longest {
        None => (line, node),
        Some(entry) => {
            let rest = path[entry.key.len()..].trim_start_matches(['.', '[']);
            if rest.is_empty() { (entry.line, &entry.value) } else { descend(entry.line, &entry.value, rest) }
        }
    }
}

/// `service "web" refers to undefined network zz: …`: the line of `zz` in there, or of the service.
fn by_service(tree: &Tree, message: &str) -> Option<u64> {
    let (_, behind) = message.split_once("service \"")?;
    let (name, behind) = behind.split_once('"')?;
    let service = tree.section("services").into_iter().find(|service| service.key == name)?;
    let words = behind.split([' ', ':', '"', ',']).filter(|word| !word.is_empty()).take(MOST_WORDS);
    let named = words.filter_map(|word| find(&service.value, word, &mut HashSet::new())).last();
    Some(named.unwrap_or(service.line))
}

/// Where a word is a value, a key, or the begin of a mount. What is shared by aliases is looked through once.
fn find(node: &Node, word: &str, seen: &mut HashSet<*const Node>) -> Option<u64> {
    if !seen.insert(std::ptr::from_ref(node)) {
        return None;
    }
    if node.text().is_some_and(|text| text == word || text.split(':').next() == Some(word)) {
        return Some(node.line);
    }
    for entry in node.entries() {
        // The service's own keys are the file's language, not names.
        if seen.len() > 1 && entry.key == word {
            return Some(entry.line);
        }
        if let Some(line) = find(&entry.value, word, seen) {
            return Some(line);
        }
    }
    node.items().iter().find_map(|item| find(item, word, seen))
}

/// `'foo'`.
fn quoted(message: &str) -> Option<&str> {
    message.split('\'').nth(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plugins_words_lead_to_lines() {
        let text = "services:\n  web:\n    image: [1]\n    foo: 1\n    networks:\n      - zz\n    volumes:\n      - data:/x\n    depends_on:\n      gone: {}\n  a.b:\n    ports:\n      - 1:2:3\n";
        let tree = Tree::parse(text).unwrap_or_else(|problem| panic!("{problem:?}"));
        for (message, line) in [
            ("failed to parse -: yaml: line 4: did not find expected key", Some(4)),
            ("validating -: services.web additional properties 'foo' not allowed", Some(4)),
            ("validating -: services.web.image must be a string", Some(3)),
            ("validating -: services.a.b.ports.0 invalid proto", Some(13)),
            (
                "error while interpolating services.web.image: required variable X is missing a value: need X",
                Some(3),
            ),
            ("service \"web\" refers to undefined network zz: invalid compose project", Some(6)),
            ("service \"web\" refers to undefined volume data: invalid compose project", Some(8)),
            ("service \"web\" depends on undefined service \"gone\": invalid compose project", Some(10)),
            ("service \"a.b\" has neither an image nor a build context specified", Some(11)),
            ("empty compose file", None),
        ] {
            assert_eq!(line_of(&tree, message), line, "{message}");
        }
    }
}
