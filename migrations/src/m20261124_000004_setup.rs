//! Whether the first administrator was made.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[derive(DeriveIden)]
enum Setup {
    Table,
    Id,
    CompletedAt,
    UserId,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Setup::Table)
                    .if_not_exists()
                    // One possible row: of two concurrent set-ups the second one fails on its key.
                    .col(integer(Setup::Id).primary_key().check(Expr::col(Setup::Id).eq(1)))
                    .col(big_integer(Setup::CompletedAt))
                    // No foreign key: that account may be removed later, set-up stays done.
                    .col(uuid(Setup::UserId))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Setup::Table).if_exists().to_owned()).await
    }
}
