//! The Compose files of stacks, each with its variables, in every form that is kept.

use sea_orm_migration::{prelude::*, schema::*};

use super::bytewise;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[derive(DeriveIden)]
enum StackRevisions {
    Table,
    Host,
    Name,
    Revision,
    Action,
    Sealed,
    Services,
    SavedById,
    SavedByName,
    SavedAt,
    DeployedAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(StackRevisions::Table)
                    .if_not_exists()
                    // Not a reference: hosts that the settings name come and go.
                    .col(bytewise(manager, text(StackRevisions::Host)))
                    .col(bytewise(manager, text(StackRevisions::Name)))
                    // 1, 2, … for each stack.
                    .col(integer(StackRevisions::Revision))
                    .col(text(StackRevisions::Action))
                    // The file and the variables, encrypted under the secret key: both hold secrets.
                    .col(blob(StackRevisions::Sealed))
                    // A JSON list of names, written and read as a whole.
                    .col(text(StackRevisions::Services))
                    // Not a reference: a file stays when the account that saved it goes.
                    .col(uuid(StackRevisions::SavedById))
                    .col(text(StackRevisions::SavedByName))
                    .col(big_integer(StackRevisions::SavedAt))
                    // When its deployment last succeeded.
                    .col(big_integer_null(StackRevisions::DeployedAt))
                    .primary_key(
                        Index::create()
                            .col(StackRevisions::Host)
                            .col(StackRevisions::Name)
                            .col(StackRevisions::Revision),
                    )
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(StackRevisions::Table).if_exists().to_owned()).await
    }
}
