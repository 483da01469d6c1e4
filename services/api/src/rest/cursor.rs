//! Pages: how many, and where the next one begins.

use std::{fmt::Display, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    ApiError,
    extract::{Fields, filled},
};

/// The most items of one page.
pub(crate) const MAX_LIMIT: u64 = 500;
/// The items of one page when nothing else is said.
const DEFAULT_LIMIT: u64 = 100;

/// The page that was asked for.
#[derive(Debug)]
pub(crate) struct Wanted<T> {
    /// How many items at most.
    pub(crate) limit: u64,
    /// Behind which position; from the beginning without one.
    pub(crate) after: Option<T>,
}

/// Takes a list's `limit` and `cursor`. Fails with everything that is wrong with them and was noted before.
pub(crate) fn wanted<T: FromStr>(
    mut fields: Fields,
    limit: Option<u64>,
    cursor: Option<&String>,
) -> Result<Wanted<T>, ApiError> {
    let limit = fields.check("limit", self::limit(limit));
    let after = fields.check_optional("cursor", filled(cursor).map(decode));
    let Some(limit) = limit else { return Err(fields.into()) };
    fields.finish()?;
    Ok(Wanted { limit, after })
}

fn limit(wanted: Option<u64>) -> Result<u64, &'static str> {
    match wanted {
        None => Ok(DEFAULT_LIMIT),
        Some(limit @ 1..=MAX_LIMIT) => Ok(limit),
        Some(_) => Err("must be a number from 1 to 500"),
    }
}

/// The cursor of the page that begins behind a position, if there is one. It is opaque to callers: what it is may change.
pub(crate) fn next(position: Option<impl Display>) -> Option<String> {
    position.map(|position| URL_SAFE_NO_PAD.encode(position.to_string()))
}

/// The position in a cursor of ours.
fn decode<T: FromStr>(cursor: &str) -> Result<T, &'static str> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.and_then(|text| text.parse().ok()).ok_or("must be the next_cursor of the page before")
}

/// Cuts a list that was read with one item more than `limit`; whether there was one.
pub(crate) fn cut<T>(items: &mut Vec<T>, limit: u64) -> bool {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = items.len() > limit;
    items.truncate(limit);
    more
}
