use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recording_pieces")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub recording: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    pub sealed: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
