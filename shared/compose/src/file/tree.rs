use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};

use saphyr_parser::{Event, Parser};

use super::Problem;

/// Files of people are not nested deeper; dropping what is may exhaust the stack.
const DEEPEST: usize = 100;

/// The documents of a YAML text, with the lines of everything.
pub(super) struct Tree(pub(super) Vec<Rc<Node>>);

/// A value and where it begins. What an alias names is shared, not copied: so a small text stays small.
pub(super) struct Node {
    pub(super) line: u64,
    pub(super) value: Value,
}

pub(super) enum Value {
    Scalar(String),
    Sequence(Vec<Rc<Node>>),
    Mapping(Vec<Entry>),
}

pub(super) struct Entry {
    pub(super) key: String,
    pub(super) line: u64,
    pub(super) value: Rc<Node>,
}

/// What is open: a sequence or mapping whose end was not seen yet.
struct Open {
    anchor: usize,
    line: u64,
    value: Value,
    /// The key whose value comes next.
    key: Option<(String, u64)>,
}

impl Tree {
    pub(super) fn parse(text: &str) -> Result<Self, Problem> {
        let (mut documents, mut open) = (Vec::new(), Vec::<Open>::new());
        let mut anchors = HashMap::new();
        let mut parser = Parser::new_from_str(text);
        while let Some(event) = parser.next_event() {
            let (event, span) = event.map_err(|error| Problem {
                line: Some(line(&error.marker().line())),
                message: format!("this is not YAML: {}", error.info()),
            })?;
            let line = line(&span.start.line());
            let (anchor, node) = match event {
                Event::Scalar(text, _, anchor, _) => {
                    (anchor, Rc::new(Node { line, value: Value::Scalar(text.into_owned()) }))
                }
                Event::Alias(anchor) => {
                    let nothing = || Rc::new(Node { line, value: Value::Scalar(String::new()) });
                    (0, anchors.get(&anchor).cloned().unwrap_or_else(nothing))
                }
                Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _) if open.len() == DEEPEST => {
                    let _unused = anchor;
                    let message = format!("it is nested deeper than {DEEPEST} levels");
                    return Err(Problem { line: Some(line), message });
                }
                Event::SequenceStart(anchor, _) => {
                    open.push(Open { anchor, line, value: Value::Sequence(Vec::new()), key: None });
                    continue;
                }
                Event::MappingStart(anchor, _) => {
                    open.push(Open { anchor, line, value: Value::Mapping(Vec::new()), key: None });
                    continue;
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    let Some(Open { anchor, line, value, .. }) = open.pop() else { continue };
                    (anchor, Rc::new(Node { line, value }))
                }
                _ => continue,
            };
            if anchor != 0 {
                anchors.insert(anchor, Rc::clone(&node));
            }
            match open.last_mut() {
                None => documents.push(node),
                Some(parent) => parent.take(node),
            }
        }
        Ok(Self(documents))
    }

    /// The entries of a section, such as `services`, of all documents.
    pub(super) fn section(&self, name: &str) -> Vec<&Entry> {
        let sections = self.0.iter().flat_map(|root| root.entries()).filter(|entry| entry.key == name);
        sections.flat_map(|entry| entry.value.entries()).collect()
    }
}

impl Open {
    fn take(&mut self, node: Rc<Node>) {
        match &mut self.value {
            Value::Scalar(_) => {}
            Value::Sequence(items) => items.push(node),
            Value::Mapping(entries) => match self.key.take() {
                Some((key, line)) => entries.push(Entry { key, line, value: node }),
                // A key that is no text means nothing to Compose.
                None => self.key = Some((node.text().unwrap_or_default().to_owned(), node.line)),
            },
        }
    }
}

impl Node {
    /// The text of a scalar.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// The items of a sequence.
    pub(super) fn items(&self) -> &[Rc<Node>] {
        match &self.value {
            Value::Sequence(items) => items,
            _ => &[],
        }
    }

    /// The entries of a mapping, with those of what it merges (`<<`).
    pub(super) fn entries(&self) -> Vec<&Entry> {
        let (mut found, mut seen, mut left) = (Vec::new(), HashSet::new(), vec![self]);
        while let Some(node) = left.pop() {
            // One that is merged a thousand times is looked at once.
            if !seen.insert(std::ptr::from_ref(node)) {
                continue;
            }
            match &node.value {
                Value::Mapping(entries) => {
                    found.extend(entries.iter().filter(|entry| entry.key != "<<"));
                    left.extend(entries.iter().filter(|entry| entry.key == "<<").map(|entry| &*entry.value));
                }
                // `<<: [*a, *b]`.
                Value::Sequence(items) if !std::ptr::eq(node, self) => {
                    left.extend(items.iter().map(|item| &**item));
                }
                _ => {}
            }
        }
        found
    }

    /// An entry of a mapping.
    pub(super) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().into_iter().find(|entry| entry.key == key)
    }
}

fn line(number: &usize) -> u64 {
    *number as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_has_its_line_also_through_anchors_and_merges() {
        let text = "x-base: &base\n  image: a\n  env_file: x\nservices:\n  web:\n    <<: *base\n    ports:\n      - 1\n";
        let tree = Tree::parse(text).unwrap_or_else(|problem| panic!("{problem:?}"));
        let services = tree.section("services");
        assert_eq!((services[0].key.as_str(), services[0].line), ("web", 5));
        let lines: Vec<_> =
            services[0].value.entries().iter().map(|entry| (entry.key.clone(), entry.line)).collect();
        assert_eq!(lines, [("ports".to_owned(), 7), ("image".to_owned(), 2), ("env_file".to_owned(), 3)]);
        assert_eq!(services[0].value.entry("ports").expect("ports").value.items()[0].line, 8);
    }

    #[test]
    fn hostile_texts_cost_little() {
        let mut bomb = "a0: &a0 {x: 1}\n".to_owned();
        for level in 1..60 {
            let below = level - 1;
            bomb.push_str(&format!("a{level}: &a{level} {{<<: [*a{below}, *a{below}, *a{below}]}}\n"));
        }
        bomb.push_str("services: {web: {<<: *a59}}\n");
        let tree = Tree::parse(&bomb).unwrap_or_else(|problem| panic!("{problem:?}"));
        assert_eq!(tree.section("services")[0].value.entries().len(), 1);
        let deep = "[".repeat(100_000);
        assert!(Tree::parse(&deep).is_err());
        let deep = (0..200).map(|level| format!("{}a:\n", " ".repeat(level))).collect::<String>();
        assert!(Tree::parse(&deep).is_err_and(|problem| problem.message.contains("nested")));
        assert!(Tree::parse("a: &a [*a]\n").is_ok());
    }

    #[test]
    fn what_is_not_yaml_is_named_with_its_line() {
        let problem = Tree::parse("services:\n  a:\n    image: x\n   b: 1\n").err().expect("refused");
        assert_eq!(problem.line, Some(4), "{problem:?}");
    }
}
