//! What jobs work with beside their description: the context of a build, in pieces, and sealed secrets.
//!
//! A job's inputs are there before it is, so that no worker takes it without them; and they go when it is over. What was
//! begun and never became a job goes by its age.

use sea_orm_migration::{prelude::*, schema::*};

use super::bytewise;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[derive(DeriveIden)]
enum JobInputs {
    Table,
    Job,
    Part,
    Seq,
    Bytes,
    CreatedAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(JobInputs::Table)
                    .if_not_exists()
                    // Not a reference: the job comes after its inputs.
                    .col(uuid(JobInputs::Job))
                    .col(bytewise(manager, text(JobInputs::Part)))
                    .col(integer(JobInputs::Seq))
                    .col(blob(JobInputs::Bytes))
                    .col(big_integer(JobInputs::CreatedAt))
                    .primary_key(Index::create().col(JobInputs::Job).col(JobInputs::Part).col(JobInputs::Seq))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(JobInputs::Table).if_exists().to_owned()).await
    }
}
