use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};

use saphyr_parser::{Event, Parser};

use super::{
    Problem,
    readers::{readable, usual},
};

/// Files of people are not nested deeper; dropping what is may exhaust the stack.
const DEEPEST: usize = 100;
/// The most values, where one counts each time that an alias names it. What walks through a file visits no more.
const HEAVIEST: usize = 200_000;
/// So much text weighs as much as a value: keys are copied where an alias names them.
const TEXT_OF_ONE: usize = 64;

/// The documents of a YAML text, with the lines of everything.
pub(super) struct Tree(pub(super) Vec<Rc<Node>>);

/// A value and where it begins. What an alias names is shared, not copied: so a small text stays small.
pub(super) struct Node {
    pub(super) line: u64,
    pub(super) value: Value,
    /// How many levels are below, also through aliases.
    height: usize,
    /// How many values it is, those of aliases included.
    weight: usize,
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
    node: Node,
    /// The key whose value comes next.
    key: Option<(String, u64)>,
}

impl Tree {
    pub(super) fn parse(text: &str) -> Result<Self, Problem> {
        let text = readable(text)?;
        let mut documents = Open::new(0, 0, Value::Sequence(Vec::new()));
        let (mut open, mut anchors) = (Vec::<Open>::new(), HashMap::new());
        let mut parser = Parser::new_from_str(text);
        while let Some(event) = parser.next_event() {
            let (event, span) = event.map_err(|error| {
                let message = format!("this is not YAML: {}", error.info());
                Problem::at(line(&error.marker().line()), message)
            })?;
            let line = line(&span.start.line());
            let (anchor, node) = match event {
                Event::Scalar(text, _, anchor, tag) => {
                    usual(tag.as_deref(), line)?;
                    (anchor, Rc::new(Node::new(line, Value::Scalar(text.into_owned()))))
                }
                Event::Alias(anchor) => {
                    let nothing = || Rc::new(Node::new(line, Value::Scalar(String::new())));
                    (0, anchors.get(&anchor).cloned().unwrap_or_else(nothing))
                }
                Event::SequenceStart(..) | Event::MappingStart(..) if open.len() == DEEPEST => {
                    return Err(Problem::at(line, format!("it is nested deeper than {DEEPEST} levels")));
                }
                Event::SequenceStart(anchor, tag) => {
                    usual(tag.as_deref(), line)?;
                    open.push(Open::new(anchor, line, Value::Sequence(Vec::new())));
                    continue;
                }
                Event::MappingStart(anchor, tag) => {
                    usual(tag.as_deref(), line)?;
                    open.push(Open::new(anchor, line, Value::Mapping(Vec::new())));
                    continue;
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    let Some(Open { anchor, node, .. }) = open.pop() else { continue };
                    (anchor, Rc::new(node))
                }
                _ => continue,
            };
            let parent = open.last_mut().unwrap_or(&mut documents);
            if !parent.take(&node) {
                let message = "it has too many values, or its anchors make it too deep or too large";
                return Err(Problem::at(line, message.to_owned()));
            }
            if anchor != 0 {
                anchors.insert(anchor, node);
            }
        }
        Ok(Self(documents.node.items().to_vec()))
    }

    /// The entries of a section, such as `services`, of all documents.
    pub(super) fn section(&self, name: &str) -> Vec<&Entry> {
        let sections = self.0.iter().flat_map(|root| root.entries()).filter(|entry| entry.key == name);
        sections.flat_map(|entry| entry.value.entries()).collect()
    }
}

impl Open {
    const fn new(anchor: usize, line: u64, value: Value) -> Self {
        Self { anchor, node: Node::new(line, value), key: None }
    }

    /// Takes a value, or the key of one; `false` when that makes it too deep or too large.
    fn take(&mut self, node: &Rc<Node>) -> bool {
        self.node.height = self.node.height.max(node.height + 1);
        self.node.weight = self.node.weight.saturating_add(node.weight);
        match &mut self.node.value {
            Value::Scalar(_) => {}
            Value::Sequence(items) => items.push(Rc::clone(node)),
            Value::Mapping(entries) => match self.key.take() {
                Some((key, line)) => entries.push(Entry { key, line, value: Rc::clone(node) }),
                // A key that is no text means nothing to Compose.
                None => self.key = Some((node.text().unwrap_or_default().to_owned(), node.line)),
            },
        }
        self.node.height <= DEEPEST && self.node.weight <= HEAVIEST
    }
}

impl Node {
    const fn new(line: u64, value: Value) -> Self {
        let weight = match &value {
            Value::Scalar(text) => 1 + text.len() / TEXT_OF_ONE,
            _ => 1,
        };
        Self { line, value, height: 0, weight }
    }

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

    fn refused(text: &str) -> Problem {
        Tree::parse(text).err().unwrap_or_else(|| panic!("{} bytes were taken", text.len()))
    }

    #[test]
    fn hostile_texts_cost_little() {
        let mut bomb = "a0: &a0 {x: 1}\n".to_owned();
        for level in 1..60 {
            let below = level - 1;
            bomb.push_str(&format!("a{level}: &a{level} {{<<: [*a{below}, *a{below}, *a{below}]}}\n"));
        }
        assert!(refused(&bomb).message.contains("too large"));
        let tree = Tree::parse(&bomb.lines().take(8).map(|line| format!("{line}\n")).collect::<String>());
        let tree = tree.unwrap_or_else(|problem| panic!("{problem:?}"));
        assert_eq!(tree.0[0].entry("a7").expect("the last").value.entries().len(), 1);

        let deep = "[".repeat(100_000);
        assert!(Tree::parse(&deep).is_err());
        let deep = (0..200).map(|level| format!("{}a:\n", " ".repeat(level))).collect::<String>();
        assert!(refused(&deep).message.contains("nested"));
        assert!(Tree::parse("a: &a [*a]\n").is_ok());
        // One anchor's name for ever deeper values, as items and as keys; dropped, they would exhaust the stack.
        let chain = format!("[&a [],{}]", "&b [*a],&a [*b],".repeat(60_000));
        assert!(chain.len() < 1 << 20 && refused(&chain).message.contains("too deep"));
        let keys = format!("[&a {{}},{}]", "&a {*a : 1},".repeat(80_000));
        assert!(refused(&keys).message.contains("too deep"));
        // A large value that is named again and again, and a long key.
        let many = format!("a: &a {{{}}}\nb: [{}]\n", "k: 1,".repeat(1_000), "*a,".repeat(1_000));
        assert!(refused(&many).message.contains("too large"));
        let long = format!("[&a {}, {{{}}}]", "k".repeat(500_000), "*a : 1,".repeat(50_000));
        assert!(refused(&long).message.contains("too large"));
    }

    #[test]
    fn what_is_not_yaml_is_named_with_its_line() {
        let problem = Tree::parse("services:\n  a:\n    image: x\n   b: 1\n").err().expect("refused");
        assert_eq!(problem.line, Some(4), "{problem:?}");
    }
}
