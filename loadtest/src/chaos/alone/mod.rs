//! Trials that need more than a fault under way: a writer or viewers of their own kind, or an engine.

mod engine;
mod events;
mod idle;
mod message;
mod reconnects;
mod rotation;
mod stalled;

pub(super) use self::{
    engine::{restart_engine, restart_loop},
    events::missed_events,
    idle::{IDLE, idle},
    message::lose_last,
    reconnects::reconnects,
    rotation::rotate,
    stalled::stalled_viewers,
};
