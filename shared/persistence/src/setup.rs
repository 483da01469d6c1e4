use dockline_domain::UserId;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait};

use crate::{
    Account, Database, Error, Moment, NewUser, Result,
    entity::setup,
    error::{failed, is_duplicate},
    users,
};

/// Whether the first administrator exists, and the one way to make it.
#[derive(Debug, Clone)]
pub struct SetupState(Database);

/// The only key that the table takes.
const THE_ONE: i32 = 1;

impl SetupState {
    pub(crate) const fn new(database: Database) -> Self {
        Self(database)
    }

    /// Whether the product still waits for its first administrator.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn required(&self) -> Result<bool> {
        let row = setup::Entity::find_by_id(THE_ONE).one(self.0.read()).await;
        Ok(row.map_err(failed("read whether set-up is done"))?.is_none())
    }

    /// Makes the first administrator. However many ask at the same moment, here or at other replicas,
    /// one gets it: the row that marks set-up as done has one possible key.
    ///
    /// # Errors
    /// [`Error::SetupDone`] for everybody but the first.
    pub async fn complete(&self, admin: NewUser, now: Moment) -> Result<Account> {
        self.0
            .write("make the first administrator", move |tx| {
                Box::pin(async move {
                    let id = UserId::generate();
                    // Before the account: who comes second learns that set-up is done, not that a
                    // name is taken.
                    let done =
                        setup::ActiveModel { id: Set(THE_ONE), completed_at: Set(now.0), user_id: Set(id.0) };
                    match done.insert(tx).await {
                        Ok(_) => users::insert(tx, id, admin, now).await,
                        Err(error) if is_duplicate(&error) => Err(Error::SetupDone),
                        Err(error) => Err(failed("make the first administrator")(error)),
                    }
                })
            })
            .await
    }
}
