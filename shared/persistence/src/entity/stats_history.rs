use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "stats_history")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub container: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub step: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    pub at_ms: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub host: String,
    pub cpu: Option<f64>,
    pub memory: Option<i64>,
    pub memory_limit: Option<i64>,
    pub rx_rate: Option<f64>,
    pub tx_rate: Option<f64>,
    pub read_rate: Option<f64>,
    pub write_rate: Option<f64>,
    pub pids: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
