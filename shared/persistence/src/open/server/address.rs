use sqlx::postgres::PgConnectOptions;
use url::Url;

use super::ServerError;

/// What an address may set. Others are refused rather than ignored: a misspelt `sslmode` would leave
/// the connection readable for everybody in between.
const PARAMETERS: [&str; 18] = [
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "ssl-mode",
    "ssl-root-cert",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "statement-cache-capacity",
    "user",
];

/// Reads a PostgreSQL address. No part of it is repeated in an error, but for names that we know:
/// what looks like another part may be a piece of a password that holds a `/` or a `?`.
pub(super) fn parse(url: &str) -> Result<PgConnectOptions, ServerError> {
    let refused = |reason: &str| ServerError::Address { reason: reason.to_owned() };
    let parsed = Url::parse(url).map_err(|error| refused(&error.to_string()))?;
    let after_host = [parsed.path(), parsed.query().unwrap_or_default()];
    if parsed.fragment().is_some() || after_host.iter().any(|part| part.contains('@')) {
        return Err(refused("a character of the password, user or database must be percent-encoded"));
    }
    let known = |name: &str| PARAMETERS.contains(&name) || name.starts_with("options[");
    if !parsed.query_pairs().all(|(name, _)| known(&name)) {
        let reason = format!("after the ? it may only set {}", PARAMETERS.join(", "));
        return Err(refused(&reason));
    }
    url.parse::<PgConnectOptions>().map_err(|error| match error {
        sqlx::Error::Configuration(reason) => refused(&reason.to_string()),
        other => refused(&other.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for url in [
            "postgres://app:secret@db.example/dockline",
            "postgresql://app:s%23cr%2Ft@db.example:6432/dockline?sslmode=verify-full",
            "postgres:///dockline?host=/var/run/postgresql",
            "postgres://app@[::1]:5432/dockline?sslrootcert=/etc/ssl/ca.pem&options[search_path]=dockline",
        ] {
            parse(url).expect(url);
        }
    }

    #[test]
    fn no_error_repeats_the_password() {
        for url in [
            "postgres://app:secret@db.example:port/dockline",
            "postgres://app:secret#x@db.example/dockline",
            "postgres://app:12/secret@db.example/dockline",
            "postgres://app:12?secret@db.example/dockline",
            "postgres://app:12?secret=x",
            "postgres://app:12#secret@db.example/dockline",
            "postgres://app:secret@db.example/dockline?sslmod=verify-full",
            "postgres://app:secret@db.example/dockline?sslmode=always",
            "postgres://app:secret@db.example/dockline?port=x",
        ] {
            let error = parse(url).expect_err(url).to_string();
            assert!(!error.contains("secret") && !error.contains('\n'), "{error}");
            assert!(error.contains("postgres://user:password@host:5432/database"), "{error}");
        }
    }
}
