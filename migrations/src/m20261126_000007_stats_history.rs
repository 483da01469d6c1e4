//! The history of resource use: a row for each container, step, moment and host (of cloned machines two have containers
//! with the same ID). Steps are 1, 10 and 60 seconds; the rows of
//! the longer ones are made of those of the shortest.

use sea_orm_migration::{prelude::*, schema::*};

use super::bytewise;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[derive(DeriveIden)]
enum StatsHistory {
    Table,
    Container,
    Step,
    AtMs,
    Host,
    Cpu,
    Memory,
    MemoryLimit,
    RxRate,
    TxRate,
    ReadRate,
    WriteRate,
    Pids,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(StatsHistory::Table)
                    .if_not_exists()
                    .col(bytewise(manager, text(StatsHistory::Container)))
                    .col(integer(StatsHistory::Step))
                    // The engine's time in milliseconds; the begin of the step for the longer ones.
                    .col(big_integer(StatsHistory::AtMs))
                    .col(bytewise(manager, text(StatsHistory::Host)))
                    .col(double_null(StatsHistory::Cpu))
                    .col(big_integer_null(StatsHistory::Memory))
                    .col(big_integer_null(StatsHistory::MemoryLimit))
                    .col(double_null(StatsHistory::RxRate))
                    .col(double_null(StatsHistory::TxRate))
                    .col(double_null(StatsHistory::ReadRate))
                    .col(double_null(StatsHistory::WriteRate))
                    .col(big_integer_null(StatsHistory::Pids))
                    .primary_key(
                        Index::create()
                            .col(StatsHistory::Container)
                            .col(StatsHistory::Step)
                            .col(StatsHistory::AtMs)
                            .col(StatsHistory::Host),
                    )
                    .to_owned(),
            )
            .await?;
        // Rows go by their age.
        manager
            .create_index(
                Index::create()
                    .name("ix_stats_history_age")
                    .table(StatsHistory::Table)
                    .col(StatsHistory::Step)
                    .col(StatsHistory::AtMs)
                    .if_not_exists()
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(StatsHistory::Table).if_exists().to_owned()).await
    }
}
