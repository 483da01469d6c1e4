//! Copies of volumes in the backup folder. Each was made by one job, and has its ID and its file's name from it.

use sea_orm_migration::{prelude::*, schema::*};

use super::bytewise;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[derive(DeriveIden)]
enum Backups {
    Table,
    Id,
    Host,
    Volume,
    Bytes,
    Sha256,
    Reaches,
    Schedule,
    CreatorId,
    CreatorName,
    CreatedAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Backups::Table)
                    .if_not_exists()
                    // Version 7: newer ones are larger.
                    .col(uuid(Backups::Id).primary_key())
                    .col(bytewise(manager, text(Backups::Host)))
                    .col(bytewise(manager, text(Backups::Volume)))
                    .col(big_integer(Backups::Bytes))
                    .col(text(Backups::Sha256))
                    // What the volume reached of its host then.
                    .col(text_null(Backups::Reaches))
                    .col(uuid_null(Backups::Schedule))
                    .col(uuid(Backups::CreatorId))
                    .col(text(Backups::CreatorName))
                    .col(big_integer(Backups::CreatedAt))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("ix_backups_schedule")
                    .table(Backups::Table)
                    .col(Backups::Schedule)
                    .col(Backups::Id)
                    .if_not_exists()
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Backups::Table).if_exists().to_owned()).await
    }
}
