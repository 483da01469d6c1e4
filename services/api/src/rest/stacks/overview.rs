//! What is at an engine and what is kept here, put together.

use std::collections::{BTreeMap, BTreeSet};

use dockline_contract::rest::{ContainerSummary, StackContainer, StackState, StackSummary};
use dockline_docker::{Engine, Result, StackMember};
use dockline_domain::{HostId, StackName, access::Grant};
use dockline_persistence::StackRevision;

/// A container of a stack with its place in it.
pub(super) type Member = (StackMember, ContainerSummary);

/// The containers of a host that belong to stacks, by stack.
pub(super) async fn members(engine: &dyn Engine, grant: &Grant) -> Result<BTreeMap<StackName, Vec<Member>>> {
    let mut stacks = BTreeMap::<StackName, Vec<Member>>::new();
    for one in engine.list().await? {
        if let Some(member) = one.stack_member() {
            stacks.entry(member.stack.clone()).or_default().push((member, one.reveal(grant)));
        }
    }
    Ok(stacks)
}

/// One stack in short. `kept` are the forms of its file, newest first.
pub(super) fn summary(
    host: &HostId,
    name: &StackName,
    members: &[Member],
    kept: &[StackRevision],
) -> StackSummary {
    let count = |holds: &dyn Fn(&ContainerSummary) -> bool| {
        u32::try_from(members.iter().filter(|(_, one)| holds(one)).count()).unwrap_or(u32::MAX)
    };
    let (running, total) = (count(&|one| one.state == "running"), count(&|_| true));
    let newest = kept.first();
    let mut services: BTreeSet<&str> = members.iter().map(|(member, _)| member.service.as_str()).collect();
    if services.is_empty() {
        services.extend(newest.into_iter().flat_map(|file| file.services.iter().map(String::as_str)));
    }
    let deployed = kept.iter().filter(|file| file.deployed_at.is_some()).max_by_key(|file| file.deployed_at);
    StackSummary {
        name: name.to_string(),
        host: host.to_string(),
        state: match (running, total) {
            (_, 0) => StackState::Absent,
            (0, _) => StackState::Stopped,
            (running, total) if running == total => StackState::Running,
            _ => StackState::Partial,
        },
        managed: newest.is_some(),
        revision: newest.map(|file| file.revision),
        deployed_revision: deployed.map(|file| file.revision),
        services: services.into_iter().map(str::to_owned).collect(),
        running,
        total,
        unhealthy: count(&|one| one.health.as_deref() == Some("unhealthy")),
        updated_at: newest.map(|file| file.saved_at.to_string()),
    }
}

/// A container as a stack shows it.
pub(super) fn container((member, one): Member) -> StackContainer {
    StackContainer {
        id: one.id,
        name: one.name,
        service: member.service,
        number: member.number,
        image: one.image,
        state: one.state,
        health: one.health,
        status: one.status,
    }
}
