use dockline_docker::ExecSpec;
use dockline_domain::exec::CommandLine;

use crate::extract::{Fields, filled};

/// What a program is to be, from a request's fields, whose wrong ones are noted under these names.
pub(crate) fn parse(
    fields: &mut Fields,
    command: Vec<String>,
    user: Option<&String>,
    (dir_field, working_dir): (&str, Option<&String>),
) -> ExecSpec {
    let command = Some(command).filter(|words| !words.is_empty()).map(CommandLine::new);
    ExecSpec {
        command: fields.check_optional("cmd", command),
        user: fields.check_optional("user", filled(user).map(str::parse)),
        working_dir: fields.check_optional(dir_field, filled(working_dir).map(str::parse)),
        terminal: None,
    }
}
