use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recordings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    pub username: String,
    pub host: String,
    pub container: String,
    pub container_name: String,
    pub sealed_command: Vec<u8>,
    pub run_as: Option<String>,
    pub terminal: bool,
    pub cols: i32,
    pub rows: i32,
    pub input: bool,
    pub ended: Option<String>,
    pub exit_code: Option<i64>,
    pub cut: bool,
    pub bytes: i64,
    pub length_micros: i64,
    pub started_at: i64,
    pub alive_at: i64,
    pub finished_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
