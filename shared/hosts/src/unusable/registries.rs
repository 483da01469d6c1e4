//! What goes from and to registries.

use async_trait::async_trait;
use dockline_contract::rest::FoundImage;
use dockline_docker::{
    LoginAnswer, Platform, Pull, Push, RegistryLogin, RegistryQuestions, Result, TransferStream,
};
use dockline_domain::{ImageReference, access::Grant};

use super::UnusableEngine;

#[async_trait]
impl Pull for UnusableEngine {
    async fn pull(
        &self,
        _: &Grant,
        _: &ImageReference,
        _: Option<&RegistryLogin>,
        _: Option<&Platform>,
    ) -> Result<TransferStream> {
        self.refuse()
    }
}

#[async_trait]
impl Push for UnusableEngine {
    async fn push(&self, _: &Grant, _: &ImageReference, _: Option<&RegistryLogin>) -> Result<TransferStream> {
        self.refuse()
    }
}

#[async_trait]
impl RegistryQuestions for UnusableEngine {
    async fn try_login(&self, _: &Grant, _: &RegistryLogin) -> Result<LoginAnswer> {
        self.refuse()
    }

    async fn search_images(
        &self,
        _: &Grant,
        _: &str,
        _: u64,
        _: Option<&RegistryLogin>,
    ) -> Result<Vec<FoundImage>> {
        self.refuse()
    }

    async fn registry_digest(
        &self,
        _: &Grant,
        _: &ImageReference,
        _: Option<&RegistryLogin>,
    ) -> Result<String> {
        self.refuse()
    }
}
