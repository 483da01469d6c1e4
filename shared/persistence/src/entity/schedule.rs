use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "schedules")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub cron: String,
    pub timezone: String,
    pub task: String,
    pub enabled: bool,
    pub owner_id: Uuid,
    pub owner_name: String,
    pub owner_session: Uuid,
    pub created_at: i64,
    pub updated_at: i64,
    pub next_at: Option<i64>,
    pub last_at: Option<i64>,
    pub last_job: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
