//! What has jobs done at certain times, and of which schedule a job came.
//!
//! `next_at` is when a schedule runs next. Whoever moves it on, in one conditional statement, is who adds the job.

use sea_orm_migration::{prelude::*, schema::*};

use super::bytewise;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[derive(DeriveIden)]
enum Schedules {
    Table,
    Id,
    Name,
    Cron,
    Timezone,
    Task,
    Enabled,
    OwnerId,
    OwnerName,
    OwnerSession,
    CreatedAt,
    UpdatedAt,
    NextAt,
    LastAt,
    LastJob,
}

#[derive(DeriveIden)]
enum Jobs {
    Table,
    Schedule,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Schedules::Table)
                    .if_not_exists()
                    .col(uuid(Schedules::Id).primary_key())
                    .col(bytewise(manager, text_uniq(Schedules::Name)))
                    .col(text(Schedules::Cron))
                    .col(text(Schedules::Timezone))
                    // JSON, written and read as a whole.
                    .col(text(Schedules::Task))
                    .col(boolean(Schedules::Enabled))
                    // Not a reference: a schedule stays, and says so, when its account goes.
                    .col(uuid(Schedules::OwnerId))
                    .col(text(Schedules::OwnerName))
                    .col(uuid(Schedules::OwnerSession))
                    .col(big_integer(Schedules::CreatedAt))
                    .col(big_integer(Schedules::UpdatedAt))
                    .col(big_integer_null(Schedules::NextAt))
                    .col(big_integer_null(Schedules::LastAt))
                    .col(uuid_null(Schedules::LastJob))
                    .to_owned(),
            )
            .await?;
        // Workers look every second for what is due.
        manager
            .create_index(
                Index::create()
                    .name("ix_schedules_next_at")
                    .table(Schedules::Table)
                    .col(Schedules::NextAt)
                    .if_not_exists()
                    .to_owned(),
            )
            .await?;
        if manager.has_column("jobs", "schedule").await? {
            return Ok(());
        }
        manager
            .alter_table(Table::alter().table(Jobs::Table).add_column(uuid_null(Jobs::Schedule)).to_owned())
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table(Jobs::Table).drop_column(Jobs::Schedule).to_owned()).await?;
        manager.drop_table(Table::drop().table(Schedules::Table).if_exists().to_owned()).await
    }
}
