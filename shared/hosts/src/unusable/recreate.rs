//! Making containers anew.

use async_trait::async_trait;
use dockline_docker::{Blueprint, Condition, FoundSuccessor, ImageHere, Recreate, Result, Successor};
use dockline_domain::{ContainerId, WantedImage, access::Grant};

use super::UnusableEngine;

#[async_trait]
impl Recreate for UnusableEngine {
    async fn blueprint(&self, _: &ContainerId) -> Result<Blueprint> {
        self.refuse()
    }

    async fn image_here(&self, _: &WantedImage) -> Result<Option<ImageHere>> {
        self.refuse()
    }

    async fn create_successor(&self, _: &Grant, _: &Blueprint, _: &Successor) -> Result<ContainerId> {
        self.refuse()
    }

    async fn successors(&self, _: &ContainerId) -> Result<Vec<FoundSuccessor>> {
        self.refuse()
    }

    async fn condition(&self, _: &ContainerId) -> Result<Condition> {
        self.refuse()
    }

    async fn namespace_users(&self, _: &ContainerId) -> Result<Vec<String>> {
        self.refuse()
    }

    async fn is_reached_through(&self, _: &Blueprint) -> Result<bool> {
        self.refuse()
    }
}
