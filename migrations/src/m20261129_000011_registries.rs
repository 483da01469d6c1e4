//! Credentials of registries, and what registries said of newer images.

use sea_orm_migration::{prelude::*, schema::*};

use super::bytewise;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[derive(DeriveIden)]
enum Registries {
    Table,
    Id,
    Address,
    Username,
    Kind,
    Sealed,
    Revision,
    CreatedAt,
    UpdatedAt,
}

#[derive(DeriveIden)]
enum ImageUpdates {
    Table,
    Host,
    Reference,
    Digest,
    Outdated,
    Error,
    CheckedAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Registries::Table)
                    .if_not_exists()
                    .col(uuid(Registries::Id).primary_key())
                    // One set of credentials for each registry: which one a pull takes is never a question.
                    .col(bytewise(manager, string_uniq(Registries::Address)))
                    .col(text_null(Registries::Username))
                    .col(text(Registries::Kind))
                    // Encrypted for the row's ID.
                    .col(blob(Registries::Sealed))
                    .col(big_integer(Registries::Revision))
                    .col(big_integer(Registries::CreatedAt))
                    .col(big_integer(Registries::UpdatedAt))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(ImageUpdates::Table)
                    .if_not_exists()
                    .col(bytewise(manager, string(ImageUpdates::Host)))
                    .col(bytewise(manager, string(ImageUpdates::Reference)))
                    // What the registry has under this name; null while it was never told.
                    .col(text_null(ImageUpdates::Digest))
                    // The IDs of local images that are something else; JSON, written and read as a whole.
                    .col(text(ImageUpdates::Outdated))
                    .col(text_null(ImageUpdates::Error))
                    .col(big_integer(ImageUpdates::CheckedAt))
                    .primary_key(Index::create().col(ImageUpdates::Host).col(ImageUpdates::Reference))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(ImageUpdates::Table).if_exists().to_owned()).await?;
        manager.drop_table(Table::drop().table(Registries::Table).if_exists().to_owned()).await
    }
}
