use dockline_domain::{ContainerId, ContainerRef, HostId, ids::InvalidId, log::Position};
use dockline_fanout::StartAt;

use super::{MOST_PARTS, MergedParams};
use crate::{ApiError, extract::Fields, ws::logs::query};

/// What a viewer asked for.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) containers: Vec<Named>,
    pub(super) stacks: Vec<Stack>,
    pub(super) follow: bool,
    begin: StartAt,
    from: Vec<(ContainerRef, Position)>,
}

/// A container by its ID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) host: Option<HostId>,
    pub(super) reference: ContainerRef,
}

/// A Compose project of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stack {
    pub(super) host: HostId,
    pub(super) project: String,
}

impl Asked {
    pub(super) fn parse(params: &MergedParams) -> Result<Self, ApiError> {
        let mut fields = Fields::default();
        let containers =
            fields.check("container", each(&params.container, |text| named(text, params.host.as_ref())));
        let stacks = fields.check("stack", each(&params.stack, stack));
        let from = fields.check("from", each(&params.from, from));
        let begin = query::begin(&mut fields, params.tail.as_deref(), params.since.as_deref());
        let (Some(mut containers), Some(mut stacks), Some(from), Some(begin)) =
            (containers, stacks, from, begin)
        else {
            return Err(fields.into());
        };
        unique(&mut containers);
        unique(&mut stacks);
        let wanted = containers.len() + stacks.len();
        let checked = match wanted {
            0 => Err("name at least one container or stack".to_owned()),
            1..=MOST_PARTS => Ok(()),
            _ => Err(format!("at most {MOST_PARTS} can be watched together")),
        };
        let _noted = fields.check("container", checked);
        fields.finish()?;
        Ok(Self { containers, stacks, follow: params.follow.unwrap_or(true), begin, from })
    }

    /// Where a container begins that is there from the start.
    pub(super) fn start_at(&self, id: &ContainerId) -> StartAt {
        let seen = self.from.iter().find(|(reference, _)| reference.matches(id));
        seen.map_or(self.begin, |(_, position)| StartAt::After(*position))
    }

    /// Of stacks' containers, those that were seen before and are not `present` any more. What becomes of those that were
    /// asked for by name is told anyway.
    pub(super) fn gone<'a>(
        &'a self,
        present: impl Fn(&ContainerRef) -> bool + 'a,
    ) -> impl Iterator<Item = &'a ContainerRef> {
        let is_named = |seen: &ContainerRef| {
            let (seen, mut named) = (seen.as_str(), self.containers.iter().map(|one| one.reference.as_str()));
            named.any(|named| named.starts_with(seen) || seen.starts_with(named))
        };
        let seen = self.from.iter().map(|(reference, _)| reference);
        seen.filter(move |seen| !is_named(seen) && !present(seen))
    }
}

fn each<T>(texts: &[String], parse: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    texts.iter().filter(|text| !text.is_empty()).map(|text| parse(text)).collect()
}

fn unique<T: PartialEq>(items: &mut Vec<T>) {
    let mut kept: Vec<T> = Vec::with_capacity(items.len());
    for item in items.drain(..) {
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
    *items = kept;
}

fn named(text: &str, otherwise: Option<&HostId>) -> Result<Named, String> {
    let (host, reference) = match text.split_once('/') {
        Some((host, reference)) => (Some(host.parse().map_err(told)?), reference),
        None => (otherwise.cloned(), text),
    };
    Ok(Named { host, reference: reference.parse().map_err(told)? })
}

fn stack(text: &str) -> Result<Stack, String> {
    let (host, project) = text.split_once('/').ok_or("must be <host>/<project>")?;
    if !(1..=128).contains(&project.len()) {
        return Err("a project's name has 1 to 128 characters".to_owned());
    }
    Ok(Stack { host: host.parse().map_err(told)?, project: project.to_owned() })
}

fn from(text: &str) -> Result<(ContainerRef, Position), String> {
    let (container, position) = text.split_once('=').ok_or("must be <container>=<epoch>:<n>")?;
    Ok((container.parse().map_err(told)?, position.parse().map_err(told)?))
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn told(error: InvalidId) -> String {
    error.to_string()
}
