use super::{Blueprint, own::is_own};
use crate::{Engine, Result};

/// Everything for which no container can be made in the place of this one, in words. Who may do it is another question.
///
/// # Errors
/// What the engine answers.
pub async fn objections(engine: &dyn Engine, blueprint: &Blueprint) -> Result<Vec<String>> {
    let mut objections = blueprint.refusals();
    if is_own(blueprint) {
        objections.push(
            "Dockline itself runs in it and would end half-way; recreate it from outside, by what made it, for example \
             with `docker compose up`"
                .to_owned(),
        );
    }
    if engine.is_reached_through(blueprint).await? {
        objections.push(
            "Dockline reaches this engine through it and would be cut off half-way; recreate it from outside, by what \
             made it, for example with `docker compose up` on the engine's machine"
                .to_owned(),
        );
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
