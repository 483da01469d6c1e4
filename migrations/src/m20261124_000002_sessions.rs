//! Sign-ins, and the refresh tokens of each.
//!
//! A sign-in is one row of `sessions`. Each refresh replaces its token by one of the next
//! generation; old tokens stay known (as hashes), since the return of one means theft.

use sea_orm_migration::{prelude::*, schema::*};

use super::m20261124_000001_users::Users;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[derive(DeriveIden)]
enum Sessions {
    Table,
    Id,
    UserId,
    /// The generation of the tokens that are valid now.
    Generation,
    /// When that generation replaced the one before.
    RotatedAt,
    CreatedAt,
    LastUsedAt,
    ExpiresAt,
    RevokedAt,
    RevokedReason,
    Address,
    UserAgent,
}

#[derive(DeriveIden)]
enum RefreshTokens {
    Table,
    Hash,
    SessionId,
    Generation,
    IssuedAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Sessions::Table)
                    .if_not_exists()
                    .col(uuid(Sessions::Id).primary_key())
                    .col(uuid(Sessions::UserId))
                    .col(big_integer(Sessions::Generation))
                    .col(big_integer(Sessions::RotatedAt))
                    .col(big_integer(Sessions::CreatedAt))
                    .col(big_integer(Sessions::LastUsedAt))
                    .col(big_integer(Sessions::ExpiresAt))
                    .col(big_integer_null(Sessions::RevokedAt))
                    .col(text_null(Sessions::RevokedReason))
                    .col(text_null(Sessions::Address))
                    .col(text_null(Sessions::UserAgent))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_sessions_user")
                            .from(Sessions::Table, Sessions::UserId)
                            .to(Users::Table, Users::Id)
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        index(manager, "ix_sessions_user", Sessions::Table, Sessions::UserId).await?;
        index(manager, "ix_sessions_expires", Sessions::Table, Sessions::ExpiresAt).await?;
        manager
            .create_table(
                Table::create()
                    .table(RefreshTokens::Table)
                    .if_not_exists()
                    // SHA-256 in hex: the token itself is nowhere in the database.
                    .col(text(RefreshTokens::Hash).primary_key())
                    .col(uuid(RefreshTokens::SessionId))
                    .col(big_integer(RefreshTokens::Generation))
                    .col(big_integer(RefreshTokens::IssuedAt))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_refresh_tokens_session")
                            .from(RefreshTokens::Table, RefreshTokens::SessionId)
                            .to(Sessions::Table, Sessions::Id)
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        index(manager, "ix_refresh_tokens_session", RefreshTokens::Table, RefreshTokens::SessionId).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(RefreshTokens::Table).if_exists().to_owned()).await?;
        manager.drop_table(Table::drop().table(Sessions::Table).if_exists().to_owned()).await
    }
}

async fn index(
    manager: &SchemaManager<'_>,
    name: &str,
    table: impl IntoTableRef,
    column: impl IntoIndexColumn,
) -> Result<(), DbErr> {
    let statement = Index::create().name(name).table(table).col(column).if_not_exists().to_owned();
    manager.create_index(statement).await
}
