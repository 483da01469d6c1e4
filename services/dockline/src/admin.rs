use std::io::{BufRead, Write};

use anyhow::{Context, bail};
use dockline_auth::{NewPassword, Passwords};
use dockline_domain::Username;
use dockline_persistence::{Actor, Database, Moment, NewEntry, Outcome, UserChange};

use crate::settings::Settings;

/// Gives an account a new password and ends its sessions.
pub(crate) async fn reset_password(settings: &Settings, username: &str) -> anyhow::Result<()> {
    let username: Username = username.parse()?;
    let database = Database::open(&settings.database()).await?;
    let account = database
        .users()
        .credentials(&username)
        .await?
        .with_context(|| format!("there is no account {username}"))?
        .account;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("the password is read from standard input")?;
    let password = NewPassword::new(line.trim_end_matches(['\r', '\n']), username.as_str())?;
    let hash = Passwords::default().hash(password).await?;
    let change = UserChange { password_hash: Some(hash.0), ..UserChange::default() };
    database.users().update(account.id, change, Moment::now()).await?;
    database.sessions().revoke_all(account.id, "password reset", Moment::now()).await?;
    let entry = NewEntry {
        actor: Actor::default(),
        action: "user.reset_password".to_owned(),
        target: Some(format!("users/{}", account.id)),
        detail: None,
        address: None,
        request_id: "dockline admin".to_owned(),
    };
    database.audit().record(entry, Outcome::Success, Moment::now()).await?;
    writeln!(std::io::stdout(), "{username} has a new password; its sessions are ended")?;
    Ok(())
}

/// Checks the hash chain of the audit log.
pub(crate) async fn verify_audit(settings: &Settings) -> anyhow::Result<()> {
    let database = Database::open(&settings.database()).await?;
    let verified = database.audit().verify().await?;
    if let Some(broken) = verified.broken {
        bail!("the audit log was tampered with: {broken}");
    }
    writeln!(
        std::io::stdout(),
        "{} rows are as they were written; the last hash is {}",
        verified.rows,
        verified.head
    )?;
    Ok(())
}
