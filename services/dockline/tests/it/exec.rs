//! Programs in containers: terminals, and single commands.

mod commands;
mod rights;
mod stage;
mod survival;
mod terminals;
