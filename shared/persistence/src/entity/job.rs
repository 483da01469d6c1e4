use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "jobs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: String,
    pub host: Option<String>,
    pub subject: String,
    pub spec: String,
    pub state: String,
    pub attempt: i32,
    pub lost_workers: i32,
    pub cancel_requested: bool,
    pub progress: String,
    pub error: Option<String>,
    pub asker_id: Uuid,
    pub asker_name: String,
    pub asker_session: Uuid,
    pub retry_of: Option<Uuid>,
    pub worker: Option<String>,
    pub claimed_until: Option<i64>,
    pub created_at: i64,
    pub started_at: Option<i64>,
    pub finished_at: Option<i64>,
    pub schedule: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
