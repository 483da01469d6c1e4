use std::time::Duration;

use async_trait::async_trait;
use bollard::{
    models::{ContainerSummary as EngineContainer, NetworkConnectRequest, NetworkDisconnectRequest},
    query_parameters::{InspectContainerOptions, InspectNetworkOptions, ListNetworksOptions},
};
use dockline_contract::rest::{
    ContainerUse, NetworkDetails, NetworkMember, NetworkPrunePreview, NetworkSummary, NetworkTopology,
    NetworksPruned, PrunableNetwork,
};
use dockline_domain::{ContainerId, NetworkId, NetworkRef, access::Grant};
use futures::{StreamExt, stream};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{
    Endpoint, Networks, NewNetwork,
    convert::{self, links, said},
};
use crate::{
    DockerEngine, Error, Missing, Result, Sensitive, convert as containers,
    images::{container_use, named},
    real::{QUICK, SLOW},
    system::is_older,
};

/// How many containers of a network are asked for their names in it at a time.
const AT_ONCE: usize = 8;

#[async_trait]
impl Networks for DockerEngine {
    async fn networks(&self) -> Result<Vec<Sensitive<NetworkSummary>>> {
        Ok(self.picture().await?.0.into_iter().map(Sensitive::new).collect())
    }

    async fn network_topology(&self) -> Result<Sensitive<NetworkTopology>> {
        let (mut networks, found) = self.picture().await?;
        let drawn = links(&found);
        networks.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        let told = |network: &NetworkSummary| -> Vec<_> {
            drawn.iter().filter(|link| link.leads_to(network)).map(|link| link.told(network)).collect()
        };
        let links = networks.iter().flat_map(told).collect();
        let mut containers: Vec<_> =
            found.into_iter().map(|one| containers::summary(&self.host, one)).collect();
        containers.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        Ok(Sensitive::new(NetworkTopology { networks, containers, links }))
    }

    async fn find_network(&self, reference: &NetworkRef) -> Result<Vec<NetworkId>> {
        let found = self.listed("find the network").await?;
        let ids = found.into_iter().filter_map(|one| one.id?.parse::<NetworkId>().ok());
        Ok(ids.filter(|id| reference.matches(id)).collect())
    }

    async fn network(&self, id: &NetworkId) -> Result<Sensitive<NetworkDetails>> {
        let request = self.docker()?.inspect_network(id.as_str(), None::<InspectNetworkOptions>);
        let inspected = self.ask_about(Missing::Network, "inspect the network", QUICK, request);
        let (mut found, containers) = tokio::try_join!(inspected, self.users())?;
        let options = containers::sorted(found.options.take());
        let links = links(&containers);
        let summary = convert::summary(&self.host, convert::listed(found), &links);
        let inside = links.into_iter().filter(|link| link.leads_to(&summary));
        let asked: Vec<_> = inside.map(|link| self.member(link.container, &summary)).collect();
        let mut members = Vec::new();
        let mut answers = stream::iter(asked).buffer_unordered(AT_ONCE);
        while let Some(member) = answers.next().await {
            members.extend(member?);
        }
        drop(answers);
        members.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        Ok(Sensitive::new(NetworkDetails { summary, members, options, secrets_hidden: false }))
    }

    async fn create_network(&self, _grant: &Grant, new: &NewNetwork) -> Result<NetworkId> {
        let operation = "create the network";
        // Engines before 25 make a second one of the same name.
        let taken = self
            .listed(operation)
            .await?
            .into_iter()
            .any(|one| one.name.as_deref() == Some(new.name.as_str()));
        if taken {
            return Err(Error::Conflict { message: format!("there is already a network {}", new.name) });
        }
        let request = self.docker()?.create_network(convert::request(new));
        let made = self.ask_about(Missing::Network, operation, SLOW, request).await?;
        made.id.parse().map_err(|_| Error::Engine { operation, message: "it told no ID".to_owned() })
    }

    async fn connect_container(
        &self,
        _grant: &Grant,
        id: &NetworkId,
        container: &ContainerId,
        endpoint: &Endpoint,
    ) -> Result<()> {
        let wanted = NetworkConnectRequest {
            container: container.to_string(),
            endpoint_config: Some(convert::settings(endpoint)),
        };
        let request = self.docker()?.connect_network(id.as_str(), wanted);
        self.ask_about(Missing::Network, "connect the container", SLOW, request).await
    }

    async fn disconnect_container(
        &self,
        _grant: &Grant,
        id: &NetworkId,
        container: &ContainerId,
        force: bool,
    ) -> Result<()> {
        let wanted = NetworkDisconnectRequest { container: container.to_string(), force: Some(force) };
        let request = self.docker()?.disconnect_network(id.as_str(), wanted);
        let done = self.ask_about(Missing::Network, "disconnect the container", SLOW, request).await;
        // Old engines take this for a failure of theirs.
        done.map_err(|error| match error {
            Error::Engine { message, .. } if message.contains("is not connected to") => {
                Error::Conflict { message }
            }
            other => other,
        })
    }

    async fn remove_network(&self, _grant: &Grant, id: &NetworkId, force: bool) -> Result<()> {
        let request = self.docker()?.inspect_network(id.as_str(), None::<InspectNetworkOptions>);
        let inspected = self.ask_about(Missing::Network, "inspect the network", QUICK, request);
        let (found, containers) = tokio::try_join!(inspected, self.users())?;
        let links = links(&containers);
        let network = convert::summary(&self.host, convert::listed(found), &links);
        if network.predefined {
            let message = format!("every engine has the network {}; it cannot be removed", network.name);
            return Err(Error::Conflict { message });
        }
        let mut users: Vec<ContainerUse> = containers
            .into_iter()
            .map(container_use)
            .filter(|one| links.iter().any(|link| link.container == one.id && link.leads_to(&network)))
            .filter(|one| !force || one.state == "running")
            .collect();
        users.sort();
        if !users.is_empty() {
            let message =
                format!("containers are in this network: {}; disconnect or remove them first", named(&users));
            return Err(Error::Conflict { message });
        }
        self.remove_only(id.as_str()).await
    }

    async fn prunable_networks(&self, older_than: Option<Duration>) -> Result<NetworkPrunePreview> {
        let old_enough = |one: &NetworkSummary| {
            let created = OffsetDateTime::parse(&one.created_at, &Rfc3339);
            older_than.is_none() || created.is_ok_and(|at| is_older(at.unix_timestamp(), older_than))
        };
        let mut items: Vec<PrunableNetwork> = self
            .picture()
            .await?
            .0
            .into_iter()
            .filter(|one| one.containers == 0 && !one.predefined && one.scope == "local")
            .filter(old_enough)
            .map(|one| PrunableNetwork { id: one.id, name: one.name, stack: one.stack })
            .collect();
        items.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        Ok(NetworkPrunePreview { items })
    }

    async fn prune_networks(&self, _grant: &Grant, older_than: Option<Duration>) -> Result<NetworksPruned> {
        let mut pruned = NetworksPruned::default();
        for network in self.prunable_networks(older_than).await?.items {
            match self.remove_only(&network.id).await {
                Ok(()) => pruned.removed.push(network.name),
                // Somebody began to use it, or removed it, meanwhile.
                Err(Error::Conflict { .. } | Error::Missing { .. }) => {}
                Err(error) if pruned.removed.is_empty() => return Err(error),
                Err(error) => {
                    tracing::warn!(host = %self.host, %error, "the prune of networks ended early");
                    break;
                }
            }
        }
        Ok(pruned)
    }
}

impl DockerEngine {
    async fn listed(&self, operation: &'static str) -> Result<Vec<bollard::models::Network>> {
        let request = self.docker()?.list_networks(None::<ListNetworksOptions>);
        self.ask_about(Missing::Network, operation, QUICK, request).await
    }

    /// All networks and all containers, as of about the same moment.
    async fn picture(&self) -> Result<(Vec<NetworkSummary>, Vec<EngineContainer>)> {
        let (networks, containers) = tokio::try_join!(self.listed("list networks"), self.users())?;
        let links = links(&containers);
        let summaries = networks.into_iter().map(|one| convert::summary(&self.host, one, &links)).collect();
        Ok((summaries, containers))
    }

    /// A container of a network; `None` if it is gone by now. Only its own description tells its names there.
    async fn member(&self, id: String, network: &NetworkSummary) -> Result<Option<NetworkMember>> {
        let request = self.docker()?.inspect_container(&id, None::<InspectContainerOptions>);
        let found = match self.call("inspect the container", QUICK, request).await {
            Err(Error::NotFound) => return Ok(None),
            other => other?,
        };
        let networks = found.network_settings.and_then(|settings| settings.networks).unwrap_or_default();
        let inside = networks.into_iter().find(|(name, settings)| {
            settings.network_id.as_deref() == Some(network.id.as_str()) || *name == network.name
        });
        let Some((_, settings)) = inside else { return Ok(None) };
        let own = id.get(..12).unwrap_or_default();
        let aliases = settings.aliases.unwrap_or_default().into_iter().filter(|alias| alias != own);
        Ok(Some(NetworkMember {
            name: found.name.map(|name| containers::bare(&name)).unwrap_or_default(),
            state: found
                .state
                .and_then(|state| state.status)
                .map(|state| state.to_string())
                .unwrap_or_default(),
            aliases: aliases.collect(),
            ipv4: said(settings.ip_address),
            ipv6: said(settings.global_ipv6_address),
            mac_address: said(settings.mac_address),
            id,
        }))
    }

    async fn remove_only(&self, id: &str) -> Result<()> {
        let request = self.docker()?.remove_network(id);
        self.ask_about(Missing::Network, "remove the network", SLOW, request).await
    }
}
