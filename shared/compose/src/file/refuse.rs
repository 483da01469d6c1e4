//! What is refused by its key. The plugin runs where Dockline does: whatever it reads by a path would be a file of
//! Dockline's machine, and whatever it starts a program there.

use dockline_docker::is_own_label;

use super::{
    Problem,
    tree::{Entry, Node, Tree},
};
use crate::MOST_TOLD;

/// Names are cut in what is told: whoever wrote them knows how they go on.
pub(super) fn refused(tree: &Tree) -> Vec<Problem> {
    let roots = tree.0.iter().flat_map(|root| root.entries()).filter_map(|root| {
        let why = top_level(&root.key)?;
        Some(Problem::at(root.line, format!("`{}`: {why}", root.key)))
    });
    let files = ["configs", "secrets"].into_iter().flat_map(|section| {
        tree.section(section).into_iter().filter_map(move |one| {
            let file = one.value.entry("file")?;
            let message = format!(
                "{section}.{:.100}: `file` reads a file of Dockline's machine: write `content`, or `environment` with a variable",
                one.key
            );
            Some(Problem::at(file.line, message))
        })
    });
    let services = tree.section("services").into_iter().flat_map(|service| {
        service.value.entries().into_iter().flat_map(move |entry| {
            let say = move |(line, why)| {
                Problem::at(line, format!("service {:.100}: `{}` {why}", service.key, entry.key))
            };
            in_service(entry).into_iter().map(say)
        })
    });
    let mut problems: Vec<_> = roots.chain(files).chain(services).take(MOST_TOLD).collect();
    problems.sort_by_key(|problem| problem.line);
    problems.dedup();
    problems
}

fn top_level(key: &str) -> Option<&'static str> {
    match key {
        "include" => Some("other files are not there; put everything into this one"),
        "models" => Some("models of the machine that Dockline runs on are not used"),
        _ => None,
    }
}

fn in_service(entry: &Entry) -> Vec<(u64, &'static str)> {
    let whole = |why| vec![(entry.line, why)];
    match entry.key.as_str() {
        "build" => whole("is not done here: build the image first, and name it by `image`"),
        "env_file" => {
            whole("reads a file of Dockline's machine: write `environment`, with variables for secrets")
        }
        "label_file" => whole("reads a file of Dockline's machine: write `labels`"),
        "provider" => whole("starts a program on Dockline's machine"),
        "models" => whole("uses models of the machine that Dockline runs on"),
        "use_api_socket" if entry.value.text() != Some("false") => {
            whole("hands out the engine's socket and the credentials of registries")
        }
        "extends" => match entry.value.entry("file") {
            Some(file) => {
                vec![(file.line, "names another file, which is not there: put the service into this one")]
            }
            None => Vec::new(),
        },
        "labels" => {
            let keys = entry.value.entries().into_iter().map(|label| (label.line, label.key.as_str()));
            let items = entry.value.items().iter().filter_map(|item| Some((item.line, item.text()?)));
            let own = keys.chain(items.map(|(line, text)| (line, text.split('=').next().unwrap_or(text))));
            let why = "has one of Dockline's own labels, which it gives itself: leave it out";
            own.filter(|(_, key)| is_own_label(key)).map(|(line, _)| (line, why)).collect()
        }
        "volumes" => {
            let beside = entry.value.items().iter().filter(|item| is_beside(item));
            let why = "names a path beside the Compose file, which is nowhere: name a volume, or an absolute path of the host";
            beside.map(|item| (item.line, why)).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether a mount is of a path that begins at the file or at a home.
fn is_beside(mount: &Node) -> bool {
    let source = match mount.text() {
        Some(short) => short,
        None if mount.entry("type").and_then(|kind| kind.value.text()) != Some("bind") => return false,
        None => match mount.entry("source").or_else(|| mount.entry("src")).and_then(|it| it.value.text()) {
            // `type: bind` takes any text for a path.
            Some(path) => return !path.starts_with(['/', '$']),
            None => return false,
        },
    };
    source.starts_with(['.', '~'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(u64, String)> {
        let tree = Tree::parse(text).unwrap_or_else(|problem| panic!("{problem:?}"));
        refused(&tree).into_iter().map(|one| (one.line.expect("a line"), one.message)).collect()
    }

    #[test]
    fn each_way_to_a_file_or_program_of_this_machine_is_named() {
        for (text, line, words) in [
            ("include: [a.yaml]\n", 1, "`include`"),
            ("models: {m: {model: x}}\n", 1, "`models`"),
            ("services:\n  a:\n    build: .\n", 3, "build the image first"),
            ("services:\n  a:\n    env_file: /etc/passwd\n", 3, "service a: `env_file`"),
            ("services:\n  a:\n    env_file:\n      - path: x\n", 3, "`env_file`"),
            ("services:\n  a:\n    label_file: x\n", 3, "`label_file`"),
            ("services:\n  a:\n    provider: {type: sh}\n", 3, "starts a program"),
            ("services:\n  a:\n    use_api_socket: true\n", 3, "socket"),
            ("services:\n  a:\n    extends:\n      file: /etc/passwd\n      service: b\n", 4, "another file"),
            ("services:\n  a:\n    volumes:\n      - x:/x\n      - ./y:/y\n", 5, "absolute path"),
            ("services:\n  a:\n    volumes: ['~/.ssh:/y']\n", 3, "absolute path"),
            (
                "services:\n  a:\n    volumes:\n      - {type: bind, source: y, target: /y}\n",
                4,
                "absolute path",
            ),
            ("services:\n  a:\n    labels: {x: y, io.dockline.helper: volume}\n", 3, "Dockline's own labels"),
            (
                "services:\n  a:\n    labels:\n      - x=y\n      - io.dockline.helper.until=0\n",
                5,
                "own labels",
            ),
            ("secrets:\n  s:\n    file: /etc/passwd\n", 3, "secrets.s"),
            ("configs:\n  c: {file: ./x}\n", 2, "configs.c"),
            ("x-a: &a\n  env_file: x\nservices:\n  a: {<<: *a}\n", 2, "`env_file`"),
            ("x-a: &a {extends: {file: x}}\nservices:\n  a: {<<: [*a]}\n", 1, "another file"),
            ("services: {a: {image: x}}\n---\nservices:\n  b:\n    build: .\n", 5, "service b"),
        ] {
            let found = lines(text);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert!(found[0].0 == line && found[0].1.contains(words), "{text}: {found:?}");
        }
    }

    #[test]
    fn problems_without_end_are_cut() {
        let name = "n".repeat(1_000);
        let text = format!("services:\n  {name}: {{volumes: [{}]}}\n", "./x:/x,\n     ".repeat(1_000));
        let found = lines(&text);
        assert_eq!(found.len(), MOST_TOLD);
        assert!(found.iter().all(|(_, message)| message.len() < 500));
    }

    #[test]
    fn an_ordinary_file_passes() {
        let text = "services:\n  a:\n    image: x\n    extends: b\n    use_api_socket: false\n    volumes: [data:/x, /srv/y:/y, /z]\n    labels: {io.dockline.record: 'true'}\n  b: {image: y}\nvolumes: {data: {}}\nsecrets: {s: {environment: S}}\nconfigs: {c: {content: hello}}\n";
        assert_eq!(lines(text), []);
    }
}
