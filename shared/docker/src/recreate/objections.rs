use super::{Blueprint, own::own_container};
use crate::{Engine, Result};

/// Everything for which no container can be made in the place of this one, in words. Who may do it is another question.
///
/// # Errors
/// What the engine answers.
pub async fn objections(engine: &dyn Engine, blueprint: &Blueprint) -> Result<Vec<String>> {
    let mut objections = blueprint.refusals();
    if own_container().is_some_and(|own| own == blueprint.id) {
        objections
            .push("Dockline itself runs in it and would end with it; recreate it from outside".to_owned());
    }
    let users = engine.namespace_users(&blueprint.id).await?;
    if !users.is_empty() {
        objections.push(format!(
            "other containers live in its namespaces and would lose them: {}; remove them first",
            users.join(", ")
        ));
    }
    Ok(objections)
}
