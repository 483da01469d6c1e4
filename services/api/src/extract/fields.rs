use std::fmt::Display;

use dockline_contract::rest::FieldError;

use crate::ApiError;

/// Collects everything that is wrong with a request's fields, so that one answer names it all.
#[derive(Debug, Default)]
#[must_use = "the collected errors must be returned"]
pub struct Fields(Vec<FieldError>);

impl Fields {
    /// Takes a field's value, or notes why it has none.
    pub fn check<T, E: Display>(&mut self, field: &str, parsed: Result<T, E>) -> Option<T> {
        parsed
            .map_err(|error| self.0.push(FieldError { field: field.to_owned(), message: error.to_string() }))
            .ok()
    }

    /// Takes an optional field's value: absent is fine, wrong is not.
    pub fn check_optional<T, E: Display>(&mut self, field: &str, parsed: Option<Result<T, E>>) -> Option<T> {
        parsed.and_then(|parsed| self.check(field, parsed))
    }

    /// Fails if anything was wrong.
    ///
    /// # Errors
    /// 422 with everything that was noted.
    pub fn finish(self) -> Result<(), ApiError> {
        if self.0.is_empty() { Ok(()) } else { Err(self.into()) }
    }
}

/// An empty field of a form is no condition.
pub(crate) fn filled(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
}

impl From<Fields> for ApiError {
    fn from(fields: Fields) -> Self {
        Self::InvalidFields(fields.0)
    }
}
