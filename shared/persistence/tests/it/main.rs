//! The repositories on real databases: one suite, which both engines must pass.

mod accounts;
mod audit;
mod carry_over;
mod engine;
mod expansion;
mod history;
mod hosts;
mod jobs;
mod opening_file;
mod opening_server;
mod recordings;
mod registries;
mod replicas;
mod schedules;
mod sessions;
mod stacks;

use dockline_domain::access::Role;
use dockline_persistence::NewUser;

use crate::engine::{Engine, TestDatabase};

/// Runs each test on each engine. A test that is missing here is reported as unused.
macro_rules! suite {
    ($($file:ident: [$($test:ident),* $(,)?]),* $(,)?) => {
        suite!(@on sqlite, Sqlite, $($file [$($test)*])*);
        suite!(@on postgres, Postgres, $($file [$($test)*])*);
    };
    (@on $module:ident, $engine:ident, $($file:ident [$($test:ident)*])*) => {
        mod $module {
            $(mod $file {
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    crate::$file::$test(crate::Engine::$engine).await;
                })*
            })*
        }
    };
}

suite! {
    accounts: [
        names_are_taken_once_and_listed_in_order,
        the_last_administrator_stays,
        two_administrators_cannot_remove_each_other_at_the_same_moment,
        an_unknown_role_is_no_role,
        however_many_ask_one_becomes_the_first_administrator,
        a_caller_that_gives_up_leaves_no_open_transaction,
    ],
    audit: [
        each_action_is_one_line_with_its_latest_outcome,
        searches_by_everything,
        letters_beyond_ascii_and_bytes_that_are_no_text_are_stored_and_found,
        pages_neither_skip_nor_repeat,
        rows_written_at_the_same_moment_form_one_chain,
        rows_cannot_be_changed_removed_or_replaced,
        what_an_intruder_with_the_database_does_is_found,
        an_account_that_is_removed_stays_in_the_log,
    ],
    history: [
        an_event_is_stored_once_however_often_it_comes,
        events_are_searched_by_everything_in_pages_that_neither_skip_nor_repeat,
        averages_are_the_same_however_often_and_in_whichever_pieces_samples_come,
        samples_go_with_their_step_and_wrong_times_never_come,
        the_audit_log_is_relayed_in_the_order_of_its_chain,
    ],
    hosts: [
        a_host_is_kept_as_it_was_given,
        only_what_is_named_changes_and_every_change_counts,
        the_settings_decide_about_the_hosts_that_they_name,
        replicas_that_change_hosts_together_lose_no_change,
        a_book_from_before_a_backup_is_overtaken,
    ],
    jobs: [
        of_workers_that_ask_together_each_gets_another_job,
        a_silent_worker_loses_its_job_and_writes_nothing_any_more,
        a_claim_ends_by_the_clock_of_the_database,
        a_job_is_called_off_before_and_while_it_is_worked_on,
        a_job_that_is_given_back_is_taken_at_once,
        jobs_are_found_by_everything_in_pages,
        neither_what_waits_nor_what_is_over_grows_without_end,
        a_job_of_another_release_is_shown_and_left_alone,
    ],
    recordings: [
        a_recording_is_written_piece_by_piece_and_ended_once,
        a_writer_that_is_silent_is_dead_by_the_clock_of_the_database,
        recordings_are_found_by_everything_in_pages,
        what_is_old_goes_and_what_is_being_written_stays,
    ],
    registries: [
        a_registry_has_one_set_of_credentials,
        what_a_registry_said_outlives_its_silence,
    ],
    replicas: [
        the_first_administrator_is_made_once,
        an_administrator_is_left,
        the_audit_log_is_one_chain,
        a_refresh_token_has_one_history,
        nothing_deadlocks,
    ],
    schedules: [
        however_many_workers_see_a_time_one_job_comes_of_it,
        a_worker_that_dies_between_the_time_and_the_job_leaves_the_time,
        a_schedule_does_not_overtake_itself,
        schedules_are_kept_changed_and_removed,
        the_newest_backups_of_a_schedule_are_told_from_the_others,
        inputs_are_there_before_their_job_and_go_when_it_is_over,
        a_schedule_that_cannot_be_read_holds_up_no_other,
        a_file_is_unnoted_when_its_job_is_over_and_nothing_is_known_of_it,
    ],
    sessions: [
        a_token_is_good_once,
        a_token_older_than_the_predecessor_ends_the_sign_in_even_at_once,
        tabs_that_refresh_together_all_stay_signed_in,
        sign_ins_expire_unless_they_are_refreshed,
        signing_out_and_losing_rights_end_sign_ins,
        a_removed_account_signs_in_no_more,
    ],
    stacks: [a_file_whose_job_is_refused_is_not_kept],
}

fn new_user(name: &str, role: Role) -> NewUser {
    NewUser { username: name.parse().expect("a username"), password_hash: "$argon2id$…".into(), role }
}
