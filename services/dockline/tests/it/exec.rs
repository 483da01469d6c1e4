//! Programs in containers: terminals, and single commands.

mod commands;
mod editors;
mod recordings;
mod rights;
pub mod stage;
mod survival;
mod terminals;
