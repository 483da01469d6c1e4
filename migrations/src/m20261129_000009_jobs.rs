//! Background jobs: what waits, what is being worked on, and what has come to its end.
//!
//! `claimed_until` is by the database's own clock, which all workers share.

use sea_orm_migration::{prelude::*, schema::*};

use super::bytewise;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[derive(DeriveIden)]
enum Jobs {
    Table,
    Id,
    Kind,
    Host,
    Subject,
    Spec,
    State,
    Attempt,
    LostWorkers,
    CancelRequested,
    Progress,
    Error,
    AskerId,
    AskerName,
    AskerSession,
    RetryOf,
    Worker,
    ClaimedUntil,
    CreatedAt,
    StartedAt,
    FinishedAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Jobs::Table)
                    .if_not_exists()
                    // Version 7: newer jobs have larger ones.
                    .col(uuid(Jobs::Id).primary_key())
                    .col(bytewise(manager, text(Jobs::Kind)))
                    .col(bytewise(manager, text_null(Jobs::Host)))
                    .col(text(Jobs::Subject))
                    // JSON, written and read as a whole.
                    .col(text(Jobs::Spec))
                    .col(bytewise(manager, text(Jobs::State)))
                    // The fencing token: each taking by a worker makes the next one.
                    .col(integer(Jobs::Attempt))
                    .col(integer(Jobs::LostWorkers))
                    .col(boolean(Jobs::CancelRequested))
                    // JSON, written and read as a whole.
                    .col(text(Jobs::Progress))
                    .col(text_null(Jobs::Error))
                    // Not a reference: a job stays when the account that asked for it goes.
                    .col(uuid(Jobs::AskerId))
                    .col(text(Jobs::AskerName))
                    .col(uuid(Jobs::AskerSession))
                    .col(uuid_null(Jobs::RetryOf))
                    .col(text_null(Jobs::Worker))
                    .col(big_integer_null(Jobs::ClaimedUntil))
                    .col(big_integer(Jobs::CreatedAt))
                    .col(big_integer_null(Jobs::StartedAt))
                    .col(big_integer_null(Jobs::FinishedAt))
                    .to_owned(),
            )
            .await?;
        // Workers look for what waits, oldest first.
        manager
            .create_index(
                Index::create()
                    .name("ix_jobs_state")
                    .table(Jobs::Table)
                    .col(Jobs::State)
                    .col(Jobs::Id)
                    .if_not_exists()
                    .to_owned(),
            )
            .await?;
        // What is over goes by its age.
        manager
            .create_index(
                Index::create()
                    .name("ix_jobs_finished_at")
                    .table(Jobs::Table)
                    .col(Jobs::FinishedAt)
                    .if_not_exists()
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Jobs::Table).if_exists().to_owned()).await
    }
}
