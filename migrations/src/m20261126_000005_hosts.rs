//! The Docker hosts, and a number that grows with every change of any of them.
//!
//! `host_book` is one row: it is locked by every change, so that changes have one order on any database, and read
//! once a second by every replica, which reads the hosts again when the number is another one.

use sea_orm_migration::{prelude::*, schema::*};

use super::bytewise;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[derive(DeriveIden)]
enum Hosts {
    Table,
    Id,
    Address,
    Labels,
    Enabled,
    Origin,
    Sealed,
    Revision,
    CreatedAt,
    UpdatedAt,
}

#[derive(DeriveIden)]
enum HostBook {
    Table,
    Id,
    Revision,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Hosts::Table)
                    .if_not_exists()
                    .col(bytewise(manager, text(Hosts::Id)).primary_key())
                    .col(text(Hosts::Address))
                    // A JSON object of texts, written and read as a whole.
                    .col(text(Hosts::Labels))
                    .col(boolean(Hosts::Enabled))
                    .col(text(Hosts::Origin))
                    // Encrypted under the secret key; null without credentials.
                    .col(blob_null(Hosts::Sealed))
                    // The book's number at the last change.
                    .col(big_integer(Hosts::Revision))
                    .col(big_integer(Hosts::CreatedAt))
                    .col(big_integer(Hosts::UpdatedAt))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(HostBook::Table)
                    .if_not_exists()
                    .col(integer(HostBook::Id).primary_key().check(Expr::col(HostBook::Id).eq(1)))
                    .col(big_integer(HostBook::Revision))
                    .to_owned(),
            )
            .await?;
        let first = "INSERT INTO host_book (id, revision) VALUES (1, 0) ON CONFLICT (id) DO NOTHING";
        manager.get_connection().execute_unprepared(first).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(HostBook::Table).if_exists().to_owned()).await?;
        manager.drop_table(Table::drop().table(Hosts::Table).if_exists().to_owned()).await
    }
}
