//! The audit log: append-only by triggers, chained by hashes.
//!
//! `audit_log` has a row for what somebody was about to do and another for how it ended; both carry
//! the same `entry` number. `audit_head` is one row: the end of the chain, locked while a row is
//! appended, so that rows have one order on any database.

use sea_orm_migration::{prelude::*, schema::*, sea_orm::DbBackend};

use super::bytewise;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[derive(DeriveIden)]
enum AuditLog {
    Table,
    Seq,
    Entry,
    At,
    WrittenAt,
    ActorId,
    Actor,
    Action,
    Target,
    Outcome,
    Detail,
    Address,
    RequestId,
    PrevHash,
    Hash,
}

#[derive(DeriveIden)]
enum AuditHead {
    Table,
    Id,
    Seq,
    Entry,
    Hash,
}

/// The hash that the first row's `prev_hash` must have.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(AuditLog::Table)
                    .if_not_exists()
                    .col(big_integer(AuditLog::Seq).primary_key())
                    .col(big_integer(AuditLog::Entry))
                    // When it was done; the same in the intent's row and in the outcome's.
                    .col(big_integer(AuditLog::At))
                    // When this row was written.
                    .col(big_integer(AuditLog::WrittenAt))
                    .col(uuid_null(AuditLog::ActorId))
                    .col(bytewise(manager, text_null(AuditLog::Actor)))
                    .col(bytewise(manager, text(AuditLog::Action)))
                    .col(bytewise(manager, text_null(AuditLog::Target)))
                    .col(text(AuditLog::Outcome))
                    // Text, not JSON: the hash is over these very bytes.
                    .col(text_null(AuditLog::Detail))
                    .col(text_null(AuditLog::Address))
                    .col(text(AuditLog::RequestId))
                    .col(text(AuditLog::PrevHash))
                    .col(text(AuditLog::Hash))
                    .to_owned(),
            )
            .await?;
        for (name, column) in
            [("ix_audit_log_at", AuditLog::At), ("ix_audit_log_request", AuditLog::RequestId)]
        {
            manager
                .create_index(
                    Index::create().name(name).table(AuditLog::Table).col(column).if_not_exists().to_owned(),
                )
                .await?;
        }
        manager
            .create_index(
                Index::create()
                    .name("ux_audit_log_entry_seq")
                    .table(AuditLog::Table)
                    .col(AuditLog::Entry)
                    .col(AuditLog::Seq)
                    .unique()
                    .if_not_exists()
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(AuditHead::Table)
                    .if_not_exists()
                    .col(integer(AuditHead::Id).primary_key().check(Expr::col(AuditHead::Id).eq(1)))
                    .col(big_integer(AuditHead::Seq))
                    .col(big_integer(AuditHead::Entry))
                    .col(text(AuditHead::Hash))
                    .to_owned(),
            )
            .await?;
        let db = manager.get_connection();
        db.execute_unprepared(&format!(
            "INSERT INTO audit_head (id, seq, entry, hash) VALUES (1, 0, 0, '{GENESIS}') ON CONFLICT (id) DO NOTHING"
        ))
        .await?;
        let triggers = match manager.get_database_backend() {
            DbBackend::Postgres => POSTGRES_TRIGGERS,
            _ => SQLITE_TRIGGERS,
        };
        for statement in triggers {
            db.execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(AuditHead::Table).if_exists().to_owned()).await?;
        manager.drop_table(Table::drop().table(AuditLog::Table).if_exists().to_owned()).await
    }
}

/// `INSERT OR REPLACE` deletes without firing a delete trigger, hence the third one.
const SQLITE_TRIGGERS: &[&str] = &[
    "CREATE TRIGGER IF NOT EXISTS audit_log_no_update BEFORE UPDATE ON audit_log \
     BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
    "CREATE TRIGGER IF NOT EXISTS audit_log_no_delete BEFORE DELETE ON audit_log \
     BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
    "CREATE TRIGGER IF NOT EXISTS audit_log_no_replace BEFORE INSERT ON audit_log \
     WHEN EXISTS (SELECT 1 FROM audit_log WHERE seq >= NEW.seq) \
     BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
    "CREATE TRIGGER IF NOT EXISTS audit_head_no_delete BEFORE DELETE ON audit_head \
     BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
];

const POSTGRES_TRIGGERS: &[&str] = &[
    "CREATE OR REPLACE FUNCTION audit_log_refuse() RETURNS trigger LANGUAGE plpgsql AS \
     $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$",
    "DROP TRIGGER IF EXISTS audit_log_no_change ON audit_log",
    "CREATE TRIGGER audit_log_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log \
     FOR EACH STATEMENT EXECUTE FUNCTION audit_log_refuse()",
    "DROP TRIGGER IF EXISTS audit_head_no_delete ON audit_head",
    "CREATE TRIGGER audit_head_no_delete BEFORE DELETE OR TRUNCATE ON audit_head \
     FOR EACH STATEMENT EXECUTE FUNCTION audit_log_refuse()",
];
