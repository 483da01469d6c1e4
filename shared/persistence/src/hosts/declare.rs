//! The hosts that the settings name.

use std::collections::{BTreeMap, BTreeSet};

use dockline_domain::{HostId, host::HostOrigin};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, DatabaseTransaction, EntityTrait, IntoActiveModel};

use super::{NewHost, advance, insert, lock};
use crate::{Moment, Result, entity::host, error::failed};

/// Makes them what the settings say, and gives the others to the administrators.
pub(super) async fn write(
    tx: &DatabaseTransaction,
    declared: Vec<(HostId, String)>,
    now: Moment,
) -> Result<()> {
    const OPERATION: &str = "write the hosts of the settings";
    // Before the hosts are read: two replicas that start together declare one after the other.
    lock(tx).await?;
    let rows = host::Entity::find().all(tx).await.map_err(failed(OPERATION))?;
    let (settings, added) = (HostOrigin::Settings.as_str(), HostOrigin::Added.as_str());
    let names: BTreeSet<&str> = declared.iter().map(|(id, _)| id.as_str()).collect();
    let mut changes = Vec::new();
    for row in rows.iter().filter(|row| row.origin == settings && !names.contains(row.id.as_str())) {
        let mut left = row.clone().into_active_model();
        left.origin = Set(added.to_owned());
        changes.push(left);
    }
    let mut missing = Vec::new();
    for (id, address) in declared {
        match rows.iter().find(|row| row.id == id.as_str()) {
            None => missing.push((id, address)),
            Some(row) if row.address == address && row.origin == settings => {}
            Some(row) => {
                let mut named = row.clone().into_active_model();
                named.origin = Set(settings.to_owned());
                if row.address != address {
                    named.address = Set(address);
                    // Credentials belong to the address that they were given for.
                    named.sealed = Set(None);
                }
                changes.push(named);
            }
        }
    }
    if changes.is_empty() && missing.is_empty() {
        return Ok(());
    }
    let revision = advance(tx, now, 0).await?;
    for mut change in changes {
        (change.revision, change.updated_at) = (Set(revision), Set(now.0));
        change.update(tx).await.map_err(failed(OPERATION))?;
    }
    for (id, address) in missing {
        let new = NewHost { id, address, labels: BTreeMap::new(), enabled: true, sealed: None };
        insert(tx, new, HostOrigin::Settings, revision, now).await?;
    }
    Ok(())
}
