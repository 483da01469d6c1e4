use dockline_domain::access::Role;
use dockline_persistence::{Actor, AuditFilter, Broken, Moment, NewEntry, Outcome};
use sea_orm::ConnectionTrait;

use crate::{Engine, TestDatabase};

fn entry(actor: &str, action: &str, target: &str) -> NewEntry {
    NewEntry {
        actor: Actor { id: None, name: Some(actor.to_owned()) },
        action: action.to_owned(),
        target: Some(target.to_owned()),
        detail: Some(serde_json::json!({ "host": "local" })),
        address: Some("203.0.113.9".to_owned()),
        request_id: format!("request-of-{actor}"),
    }
}

fn at(seconds: i64) -> Moment {
    Moment(1_795_514_400_000_000).plus_seconds(seconds)
}

/// Three actions: one done, one refused, one whose outcome was never written.
async fn filled(engine: Engine) -> TestDatabase {
    let test = TestDatabase::new(engine).await;
    let audit = test.database.audit();
    let pending =
        audit.intend(entry("ada", "container.stop", "containers/abc"), at(0)).await.expect("written");
    audit
        .record(entry("vera", "container.remove", "containers/abc"), Outcome::Denied, at(1))
        .await
        .expect("written");
    let lost = audit.intend(entry("bob", "user.create", "users/100%_eve"), at(2)).await.expect("written");
    drop(lost);
    audit.conclude(pending, Outcome::Success, at(3)).await.expect("written");
    test
}

async fn found(test: &TestDatabase, filter: AuditFilter) -> Vec<String> {
    let filter = AuditFilter { limit: 100, ..filter };
    let page = test.database.audit().search(&filter).await.expect("an answer");
    page.rows.iter().map(|row| format!("{} {} {}", row.entry, row.action, row.outcome)).collect()
}

pub async fn each_action_is_one_line_with_its_latest_outcome(engine: Engine) {
    let test = filled(engine).await;
    let all = found(&test, AuditFilter::default()).await;
    assert_eq!(all, ["3 user.create intent", "2 container.remove denied", "1 container.stop success"]);
}

pub async fn searches_by_everything(engine: Engine) {
    let test = filled(engine).await;
    let text = |text: &str| AuditFilter { text: Some(text.to_owned()), ..AuditFilter::default() };
    assert_eq!(found(&test, text("STOP")).await, ["1 container.stop success"]);
    assert_eq!(found(&test, text("vera")).await, ["2 container.remove denied"]);
    // What is searched for is text, not a pattern.
    assert_eq!(found(&test, text("0%_e")).await, ["3 user.create intent"]);
    assert_eq!(found(&test, text("a%c")).await, [""; 0]);
    let action = |text: &str| AuditFilter { action: Some(text.to_owned()), ..AuditFilter::default() };
    assert_eq!(found(&test, action("container.")).await.len(), 2);
    assert_eq!(found(&test, action("Container.")).await.len(), 2);
    assert_eq!(found(&test, action("container")).await.len(), 0);
    assert_eq!(found(&test, action("user.create")).await.len(), 1);
    let outcome = |outcome| AuditFilter { outcome: Some(outcome), ..AuditFilter::default() };
    assert_eq!(found(&test, outcome(Outcome::Intent)).await, ["3 user.create intent"]);
    assert_eq!(found(&test, outcome(Outcome::Success)).await.len(), 1);
    let times = AuditFilter { since: Some(at(1)), until: Some(at(1)), ..AuditFilter::default() };
    assert_eq!(found(&test, times).await, ["2 container.remove denied"]);
    let actor = AuditFilter { actor: Some("ada".to_owned()), ..AuditFilter::default() };
    assert_eq!(found(&test, actor).await.len(), 1);
}

pub async fn letters_beyond_ascii_and_bytes_that_are_no_text_are_stored_and_found(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let audit = test.database.audit();
    // What a failed sign-in claims to be can be anything.
    for (number, actor) in ["Ärger", "nul\0byte", "back\\slash", "quote'\"", "𝕊🦀"].into_iter().enumerate()
    {
        let moment = at(number.try_into().expect("small"));
        audit
            .record(entry(actor, "auth.login", "sessions"), Outcome::Failure, moment)
            .await
            .expect("written");
    }
    for (wanted, entry) in
        [("ÄRGER", 1), ("nul\0BYTE", 2), ("k\\s", 3), ("'\"", 4), ("🦀", 5), ("\u{fffd}", 2)]
    {
        let text = AuditFilter { text: Some(wanted.to_owned()), ..AuditFilter::default() };
        assert_eq!(found(&test, text).await, [format!("{entry} auth.login failure")], "{wanted:?}");
    }
    let actor = AuditFilter { actor: Some("nul\0byte".to_owned()), ..AuditFilter::default() };
    assert_eq!(found(&test, actor).await, ["2 auth.login failure"]);
    let verified = audit.verify().await.expect("an answer");
    assert_eq!((verified.rows, verified.broken), (5, None));
}

pub async fn pages_neither_skip_nor_repeat(engine: Engine) {
    let test = filled(engine).await;
    let audit = test.database.audit();
    let mut filter = AuditFilter { limit: 1, ..AuditFilter::default() };
    let mut entries = Vec::new();
    loop {
        let page = audit.search(&filter).await.expect("an answer");
        entries.extend(page.rows.iter().map(|row| row.entry));
        match page.next {
            Some(next) => filter.before = Some(next),
            None => break,
        }
    }
    assert_eq!(entries, [3, 2, 1]);
}

pub async fn rows_written_at_the_same_moment_form_one_chain(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let writers: Vec<_> = (0..50)
        .map(|number| {
            let audit = test.database.audit();
            let entry = entry(&format!("user-{number}"), "container.start", "containers/abc");
            tokio::spawn(async move {
                let pending = audit.intend(entry, at(number)).await.expect("written");
                audit.conclude(pending, Outcome::Success, at(number)).await.expect("written");
            })
        })
        .collect();
    for writer in writers {
        writer.await.expect("no panic");
    }
    let verified = test.database.audit().verify().await.expect("an answer");
    assert_eq!((verified.rows, verified.broken), (100, None));
}

pub async fn rows_cannot_be_changed_removed_or_replaced(engine: Engine) {
    let test = filled(engine).await;
    let raw = test.raw().await;
    let replacing: &[&str] = match engine {
        Engine::Sqlite => &[
            "INSERT OR REPLACE INTO audit_log SELECT seq, entry, at, written_at, actor_id, 'nobody', action, \
             target, outcome, detail, address, request_id, prev_hash, hash FROM audit_log WHERE seq = 1",
        ],
        Engine::Postgres => &[
            "INSERT INTO audit_log SELECT * FROM audit_log WHERE seq = 1 \
             ON CONFLICT (seq) DO UPDATE SET actor = 'nobody'",
            "TRUNCATE audit_log",
            "TRUNCATE audit_head",
        ],
    };
    let changing = [
        "UPDATE audit_log SET actor = 'nobody' WHERE seq = 1",
        "DELETE FROM audit_log WHERE seq = 1",
        "DELETE FROM audit_log",
        "DELETE FROM audit_head",
    ];
    for statement in changing.iter().chain(replacing) {
        let error = raw.execute_unprepared(statement).await.expect_err(statement).to_string();
        assert!(error.contains("append-only"), "{error}");
    }
    assert_eq!(test.database.audit().verify().await.expect("an answer").broken, None);
}

pub async fn what_an_intruder_with_the_database_does_is_found(engine: Engine) {
    // Whoever owns the database can drop the triggers; the chain tells all the same.
    let dropping: &[&str] = match engine {
        Engine::Sqlite => &["DROP TRIGGER audit_log_no_update", "DROP TRIGGER audit_log_no_delete"],
        Engine::Postgres => &["DROP TRIGGER audit_log_no_change ON audit_log"],
    };
    for (tampering, expected) in [
        ("UPDATE audit_log SET actor = 'nobody' WHERE seq = 2", Broken::Altered(2)),
        ("UPDATE audit_log SET detail = NULL WHERE seq = 3", Broken::Altered(3)),
        ("UPDATE audit_log SET at = at + 1 WHERE seq = 1", Broken::Altered(1)),
        ("DELETE FROM audit_log WHERE seq = 2", Broken::Missing(3)),
        ("DELETE FROM audit_log WHERE seq = 1", Broken::Missing(2)),
        ("DELETE FROM audit_log WHERE seq = 4", Broken::Truncated(3)),
        ("DELETE FROM audit_log", Broken::Truncated(0)),
    ] {
        let test = filled(engine).await;
        let raw = test.raw().await;
        for statement in dropping {
            raw.execute_unprepared(statement).await.expect("dropped");
        }
        raw.execute_unprepared(tampering).await.expect(tampering);
        let verified = test.database.audit().verify().await.expect("an answer");
        assert_eq!(verified.broken, Some(expected), "{tampering}");
    }
}

pub async fn an_account_that_is_removed_stays_in_the_log(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let (ada, bob) = (test.user("ada", Role::Admin).await, test.user("bob", Role::Viewer).await);
    let audit = test.database.audit();
    let mut entry = entry("bob", "auth.login", "users/bob");
    entry.actor = Actor::account(bob.id, &bob.username);
    audit.record(entry, Outcome::Success, at(0)).await.expect("written");
    test.database.users().remove(bob.id).await.expect("removed");
    let page = audit.search(&AuditFilter { limit: 10, ..AuditFilter::default() }).await.expect("an answer");
    assert_eq!(page.rows[0].actor.id, Some(bob.id));
    assert_ne!(ada.id, bob.id);
}
