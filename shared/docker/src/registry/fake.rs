use async_trait::async_trait;
use dockline_contract::rest::FoundImage;
use dockline_domain::{ImageReference, access::Grant};

use super::{LoginAnswer, RegistryLogin, RegistryQuestions};
use crate::{
    Error, Result,
    fake::{FakeEngine, FakeRegistry},
};

#[async_trait]
impl RegistryQuestions for FakeEngine {
    async fn try_login(&self, _grant: &Grant, login: &RegistryLogin) -> Result<LoginAnswer> {
        drop(self.called("try_login", login.address.as_str())?);
        if FakeRegistry::takes(login) {
            Ok(LoginAnswer::Accepted("Login Succeeded".to_owned()))
        } else {
            let address = &login.address;
            Ok(LoginAnswer::Refused(format!(
                "login attempt to http://{address}/v2/ failed with status: 401 Unauthorized"
            )))
        }
    }

    async fn search_images(
        &self,
        _grant: &Grant,
        term: &str,
        limit: u64,
        _login: Option<&RegistryLogin>,
    ) -> Result<Vec<FoundImage>> {
        drop(self.called("search_images", term)?);
        let offered = self.registry.offered();
        let found = offered
            .into_iter()
            .filter(|name| name.contains(term))
            .take(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(found
            .map(|name| FoundImage {
                name,
                description: String::new(),
                stars: 0,
                official: false,
                automated: false,
            })
            .collect())
    }

    async fn registry_digest(
        &self,
        _grant: &Grant,
        image: &ImageReference,
        login: Option<&RegistryLogin>,
    ) -> Result<String> {
        let name = image.to_string();
        drop(self.called("registry_digest", &name)?);
        let operation = "ask the registry for the image";
        self.registry.must_admit(operation, login)?;
        if self.registry.offered().contains(&name) {
            return Ok(FakeRegistry::DIGEST.to_owned());
        }
        Err(Error::Engine { operation, message: "manifest unknown".to_owned() })
    }
}
