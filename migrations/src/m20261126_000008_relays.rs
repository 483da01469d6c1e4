//! How far a relay has carried something from the database to the event log.

use sea_orm_migration::{prelude::*, schema::*};

use super::bytewise;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[derive(DeriveIden)]
enum Relays {
    Table,
    Name,
    Position,
    Token,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Relays::Table)
                    .if_not_exists()
                    .col(bytewise(manager, text(Relays::Name)).primary_key())
                    .col(big_integer(Relays::Position))
                    // Of the term that moved it last; an older one moves it no more.
                    .col(big_integer(Relays::Token))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Relays::Table).if_exists().to_owned()).await
    }
}
