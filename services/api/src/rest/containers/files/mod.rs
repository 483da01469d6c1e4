//! Files in containers, whether they run or not.

mod list;
mod reach;
mod read;
mod remove;
mod settle;
mod unpack;
mod upload;
mod write;

use serde::Deserialize;
use utoipa::IntoParams;

use dockline_domain::{ContainerPath, HostId};

use crate::{ApiError, extract::Fields};

pub(crate) use list::*;
pub(crate) use read::*;
pub(crate) use remove::*;
pub(crate) use settle::settle;
pub(crate) use unpack::*;
pub(crate) use upload::{announced, through};
pub(crate) use write::*;

/// Where in a container.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct At {
    /// An absolute path without `..`.
    path: String,
    /// The host, where the ID alone does not say it.
    #[param(value_type = Option<String>)]
    host: Option<HostId>,
}

impl At {
    fn parsed(&self) -> Result<ContainerPath, ApiError> {
        let mut fields = Fields::default();
        fields.check("path", self.path.parse()).ok_or_else(|| fields.into())
    }
}
