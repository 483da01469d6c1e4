use async_trait::async_trait;
use dockline_domain::{ImageReference, access::Grant};
use futures::{StreamExt, stream};

use super::Push;
use crate::{Error, RegistryLogin, Result, TransferEvent, TransferStream, fake::FakeEngine};

#[async_trait]
impl Push for FakeEngine {
    async fn push(
        &self,
        _grant: &Grant,
        image: &ImageReference,
        login: Option<&RegistryLogin>,
    ) -> Result<TransferStream> {
        let name = image.to_string();
        drop(self.called("push", &name)?);
        if !self.images.has(&name) {
            let message = format!("An image does not exist locally with the tag: {}", image.name());
            return Err(Error::Engine { operation: "push the image", message });
        }
        self.registry.must_admit("push the image", login)?;
        self.registry.offer(&name, false);
        let pushed =
            TransferEvent { layer: Some("0123456789ab".to_owned()), status: "Pushed".to_owned(), done: None };
        Ok(stream::iter([Ok(pushed)]).boxed())
    }
}
