//! Recordings of terminals: who, when and where, and what was shown, sealed, in the pieces in which it was written.
//!
//! `started_at`, `finished_at` and `alive_at` are by the database's own clock, which all replicas share.

use sea_orm_migration::{prelude::*, schema::*};

use super::bytewise;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[derive(DeriveIden)]
enum Recordings {
    Table,
    Id,
    UserId,
    Username,
    Host,
    Container,
    ContainerName,
    SealedCommand,
    RunAs,
    Terminal,
    Cols,
    Rows,
    Input,
    Ended,
    ExitCode,
    Cut,
    Bytes,
    LengthMicros,
    StartedAt,
    AliveAt,
    FinishedAt,
}

#[derive(DeriveIden)]
enum RecordingPieces {
    Table,
    Recording,
    Number,
    Sealed,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Recordings::Table)
                    .if_not_exists()
                    // Version 7: newer recordings have larger ones.
                    .col(uuid(Recordings::Id).primary_key())
                    // Not a reference: a recording stays when the account goes.
                    .col(uuid(Recordings::UserId))
                    .col(bytewise(manager, text(Recordings::Username)))
                    .col(bytewise(manager, text(Recordings::Host)))
                    .col(bytewise(manager, text(Recordings::Container)))
                    .col(bytewise(manager, text(Recordings::ContainerName)))
                    // JSON, encrypted under the secret key: people write passwords there.
                    .col(blob(Recordings::SealedCommand))
                    .col(text_null(Recordings::RunAs))
                    .col(boolean(Recordings::Terminal))
                    .col(integer(Recordings::Cols))
                    .col(integer(Recordings::Rows))
                    .col(boolean(Recordings::Input))
                    .col(text_null(Recordings::Ended))
                    .col(big_integer_null(Recordings::ExitCode))
                    .col(boolean(Recordings::Cut))
                    .col(big_integer(Recordings::Bytes))
                    .col(big_integer(Recordings::LengthMicros))
                    .col(big_integer(Recordings::StartedAt))
                    // When its writer was there last: it says so also when nothing is to be written.
                    .col(big_integer(Recordings::AliveAt))
                    .col(big_integer_null(Recordings::FinishedAt))
                    .to_owned(),
            )
            .await?;
        // What is old goes.
        let by_age = Index::create()
            .name("ix_recordings_started_at")
            .table(Recordings::Table)
            .col(Recordings::StartedAt)
            .if_not_exists()
            .to_owned();
        manager.create_index(by_age).await?;
        manager
            .create_table(
                Table::create()
                    .table(RecordingPieces::Table)
                    .if_not_exists()
                    .col(uuid(RecordingPieces::Recording))
                    .col(integer(RecordingPieces::Number))
                    // Lines of an asciicast, encrypted under the secret key.
                    .col(blob(RecordingPieces::Sealed))
                    .primary_key(Index::create().col(RecordingPieces::Recording).col(RecordingPieces::Number))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_recording_pieces_recording")
                            .from(RecordingPieces::Table, RecordingPieces::Recording)
                            .to(Recordings::Table, Recordings::Id)
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(RecordingPieces::Table).if_exists().to_owned()).await?;
        manager.drop_table(Table::drop().table(Recordings::Table).if_exists().to_owned()).await
    }
}
