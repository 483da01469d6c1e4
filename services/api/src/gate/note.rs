use std::{cell::RefCell, future::Ready, future::ready, rc::Rc};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use dockline_persistence::Actor;
use serde_json::{Map, Value};

use crate::ApiError;

/// What a handler adds to its line in the audit log. Never a secret.
#[derive(Debug, Clone, Default)]
pub struct Note(Rc<RefCell<Contents>>);

#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) actor: Option<Actor>,
    pub(super) target: Option<String>,
    pub(super) detail: Map<String, Value>,
    pub(super) skip: bool,
}

impl Note {
    /// Names what it was done to more exactly than the path does.
    pub fn target(&self, target: impl Into<String>) {
        self.0.borrow_mut().target = Some(target.into());
    }

    /// Names who did it, on routes without a signed-in caller.
    pub fn actor(&self, actor: Actor) {
        self.0.borrow_mut().actor = Some(actor);
    }

    /// Adds a detail.
    pub fn detail(&self, name: &str, value: impl Into<Value>) {
        self.0.borrow_mut().detail.insert(name.to_owned(), value.into());
    }

    /// Nothing happened that is worth a line. Only for routes that are audited afterwards.
    pub fn skip(&self) {
        self.0.borrow_mut().skip = true;
    }

    /// Takes [`Note::skip`] back.
    pub fn record(&self) {
        self.0.borrow_mut().skip = false;
    }

    pub(super) fn take(&self) -> Contents {
        self.0.take()
    }
}

impl FromRequest for Note {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(request.extensions().get::<Self>().cloned().ok_or(ApiError::Internal("a route without a gate")))
    }
}
