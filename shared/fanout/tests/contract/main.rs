//! What every adapter of the fan-out's ports promises. The same tests run within one process, over Redis, and over
//! a Redis Cluster, there with a streamer and two replicas that share nothing but the store.

mod causes;
mod hosts;
mod logs;
mod news;
mod outbox;
mod people;
mod stage;

use anyhow::Result;

use self::stage::Stage;

/// Each promise as a test on each adapter.
macro_rules! promises {
    ($($module:ident::$promise:ident),+ $(,)?) => {
        mod memory {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $promise() -> super::Result<()> {
                super::$module::$promise(&super::Stage::memory()).await
            })+
        }

        /// One server for all of them, and a prefix each: this is also how two installations share a Redis.
        #[tokio::test(flavor = "multi_thread")]
        async fn redis() -> Result<()> {
            let server = dockline_testkit::RedisServer::start().await?;
            $({
                let stage = Stage::redis(&server.url(), stringify!($promise)).await?;
                anyhow::Context::context($module::$promise(&stage).await, stringify!($promise))?;
            })+
            Ok(())
        }

        #[tokio::test(flavor = "multi_thread")]
        async fn redis_cluster() -> Result<()> {
            let cluster = dockline_testkit::RedisCluster::start().await?;
            let address = cluster.urls().join(",");
            $({
                let stage = Stage::redis(&address, stringify!($promise)).await?;
                anyhow::Context::context($module::$promise(&stage).await, stringify!($promise))?;
            })+
            Ok(())
        }
    };
}

promises! {
    logs::what_is_published_arrives_everywhere_once_and_in_order,
    logs::a_batch_that_does_not_follow_is_refused_and_a_repeated_one_is_not,
    logs::whoever_lost_the_lease_publishes_nothing,
    logs::gaps_stand_where_they_were_marked,
    logs::old_chunks_go_and_the_newest_stay,
    logs::a_removed_container_is_told,
    news::the_newest_sample_arrives_everywhere,
    news::events_arrive_everywhere_in_order_and_are_kept,
    news::what_is_watched_is_wanted_and_for_a_while_after,
    outbox::what_is_published_waits_in_order_until_it_is_relayed,
    outbox::an_outbox_that_is_full_says_how_much_is_missing,
    outbox::whoever_lost_the_lease_relays_nothing,
    hosts::the_newest_book_of_hosts_stands_and_no_older_one_replaces_it,
    causes::what_was_asked_is_known_to_the_streamer,
    people::seats_are_limited_everywhere_together,
    people::a_ticket_opens_once_anywhere,
    people::revocations_reach_everybody,
}
