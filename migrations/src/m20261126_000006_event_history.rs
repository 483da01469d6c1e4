//! The history of events, by their identity: what is sent twice is stored once.

use sea_orm_migration::{prelude::*, schema::*};

use super::bytewise;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[derive(DeriveIden)]
enum EventHistory {
    Table,
    Id,
    Host,
    AtNs,
    Kind,
    Action,
    ActorId,
    ActorName,
    Attributes,
    StoredAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(EventHistory::Table)
                    .if_not_exists()
                    .col(bytewise(manager, text(EventHistory::Id)).primary_key())
                    .col(bytewise(manager, text(EventHistory::Host)))
                    // The engine's time in nanoseconds, as it is part of the identity.
                    .col(big_integer(EventHistory::AtNs))
                    .col(bytewise(manager, text(EventHistory::Kind)))
                    .col(bytewise(manager, text(EventHistory::Action)))
                    .col(bytewise(manager, text(EventHistory::ActorId)))
                    .col(bytewise(manager, text(EventHistory::ActorName)))
                    // A JSON object of texts, written and read as a whole.
                    .col(text(EventHistory::Attributes))
                    .col(big_integer(EventHistory::StoredAt))
                    .to_owned(),
            )
            .await?;
        let index = |name: &str, first: EventHistory, second: EventHistory| {
            Index::create()
                .name(name)
                .table(EventHistory::Table)
                .col(first)
                .col(second)
                .if_not_exists()
                .to_owned()
        };
        for index in [
            index("ix_event_history_at", EventHistory::AtNs, EventHistory::Id),
            index("ix_event_history_host", EventHistory::Host, EventHistory::AtNs),
            index("ix_event_history_actor", EventHistory::ActorId, EventHistory::AtNs),
        ] {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(EventHistory::Table).if_exists().to_owned()).await
    }
}
