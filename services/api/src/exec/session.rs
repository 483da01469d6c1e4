//! One program and whoever is attached to it.

use std::{future::pending, sync::Arc, time::Duration};

use dockline_docker::{Ended, Error, Exec, ExecInput, ExecOutput, ExecPiece, ExecProcess};
use dockline_domain::exec::TerminalSize;
use futures::StreamExt;
use tokio::{
    io::AsyncWriteExt,
    sync::{mpsc, oneshot, watch},
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::{
    line::{Leaving, Outgoing, Typed},
    recording::{Recording, Room, Tape},
    scrollback::Scrollback,
    trail::{Trail, Why},
};
use crate::{ApiError, rest::containers::Target, ws::Control};

/// How long a program outlives its page.
const AWAY: Duration = Duration::from_secs(60);
/// How long the first client may take between the program's start and its own.
const COMING: Duration = Duration::from_secs(10);

/// Somebody attaches.
pub(super) struct Newcomer {
    pub(super) outgoing: mpsc::Sender<Outgoing>,
    pub(super) left: oneshot::Receiver<Leaving>,
    /// Whether the program is kept, too, when they are lost without a word.
    pub(super) keep: bool,
    /// By which their rights are withdrawn, from now on.
    pub(super) control: Arc<Control>,
    /// Gets what was printed before.
    pub(super) seen: oneshot::Sender<Vec<ExecPiece>>,
}

/// What reaches a session.
pub(super) struct Inbox {
    pub(super) newcomers: mpsc::Receiver<Newcomer>,
    pub(super) typed: mpsc::Receiver<Typed>,
    pub(super) size: watch::Receiver<TerminalSize>,
}

/// Runs a session to its end, and its program's.
pub(super) async fn run(
    exec: Exec,
    inbox: Inbox,
    control: Arc<Control>,
    trail: Trail,
    mut recording: Recording,
    target: &Target,
) {
    let Exec { input, mut output, process } = exec;
    let (stop, tape) = (CancellationToken::new(), recording.tape());
    let feeding = tokio::spawn(feed(input, inbox.typed, recording.tape(), stop.clone()));
    let mut people = People {
        control,
        newcomers: inbox.newcomers,
        client: None,
        until: Instant::now() + COMING,
        seen: Scrollback::default(),
    };
    let over = tokio::select! {
        over = pass_on(&mut output, &mut people, &tape) => over,
        why = recording.trouble() => Over::Given(why),
        never = resize(&*process, inbox.size, &tape) => never,
    };
    stop.cancel();
    drop(tape);
    // Taken back, so that it stays open until the program is ended; without it the program reads its end and goes on.
    let input = feeding.await.unwrap_or_else(|_| Box::new(tokio::io::sink()));
    let why = match over {
        Over::Ended => {
            let code = process.exit_code().await;
            let known = code.as_ref().ok().copied();
            trail.ended(Why::Exited, known, Ended::Gone).await;
            recording.finish(Why::Exited, known).await;
            drop(input);
            let last = code.map_or_else(|error| failed(target, error), Outgoing::Exit);
            return people.deliver(last).await;
        }
        Over::Lost(error) => {
            people.tell(failed(target, error));
            Why::EngineLost
        }
        Over::Given(why) => why,
    };
    let last = why.told();
    // Whoever is to be told why stays until then; everybody else's socket closes now.
    let told = last.map(|last| people.deliver(last));
    let ended = process.end(input).await.unwrap_or_else(|error| {
        tracing::warn!(%error, container = target.id.short(), "a program could not be ended");
        Ended::Left
    });
    trail.ended(why, None, ended).await;
    recording.finish(why, None).await;
    if let Some(told) = told {
        told.await;
    }
}

/// How a session comes to its end.
enum Over {
    /// The program has.
    Ended,
    /// What it prints cannot be had any more.
    Lost(Error),
    /// It is given up.
    Given(Why),
}

fn failed(target: &Target, error: Error) -> Outgoing {
    let error = target.failed(error);
    Outgoing::Failed { code: error.code(), message: ApiError::to_string(&error) }
}

/// Passes on what the program prints, at the pace of whoever is attached: a client that takes nothing holds the program
/// up, as a stopped terminal does. Without a client it goes on, and the last of it is kept.
async fn pass_on(output: &mut ExecOutput, people: &mut People, tape: &Tape) -> Over {
    loop {
        let outgoing = people.client.as_ref().map(|client| client.outgoing.clone());
        tokio::select! {
            biased;
            given_up = people.change() => if let Some(why) = given_up { return Over::Given(why) },
            (permit, room, piece) = next(output, outgoing, tape) => match piece {
                Some(Ok(piece)) => {
                    people.seen.push(&piece);
                    room.printed(&piece);
                    if let Some(permit) = permit {
                        permit.send(Outgoing::Piece(piece));
                    }
                }
                Some(Err(error)) => return Over::Lost(error),
                None => return Over::Ended,
            },
        }
    }
}

type Permit = mpsc::OwnedPermit<Outgoing>;

/// What the program prints next, once there is room for it.
async fn next<'a>(
    output: &mut ExecOutput,
    outgoing: Option<mpsc::Sender<Outgoing>>,
    tape: &'a Tape,
) -> (Option<Permit>, Room<'a>, Option<Result<ExecPiece, Error>>) {
    let permit = match outgoing {
        Some(outgoing) => match outgoing.reserve_owned().await {
            Ok(permit) => Some(permit),
            // They are gone, which `People::change` is about to notice.
            Err(_) => pending().await,
        },
        None => None,
    };
    let room = tape.room().await;
    (permit, room, output.next().await)
}

/// Gives the terminal each new size; of several that come at once, the last.
async fn resize(process: &dyn ExecProcess, mut size: watch::Receiver<TerminalSize>, tape: &Tape) -> Over {
    while size.changed().await.is_ok() {
        let wanted = *size.borrow_and_update();
        tape.resized(wanted).await;
        if let Err(error) = process.resize(wanted).await {
            tracing::debug!(%error, "a terminal could not be resized");
        }
    }
    pending().await
}

/// Gives the program what is typed, until told to stop.
async fn feed(
    mut input: ExecInput,
    mut typed: mpsc::Receiver<Typed>,
    tape: Tape,
    stop: CancellationToken,
) -> ExecInput {
    let feeding = async {
        while let Some(typed) = typed.recv().await {
            if let Typed::Bytes(bytes) = &typed {
                tape.typed(bytes).await;
            }
            let fed = match typed {
                Typed::Bytes(bytes) => match input.write_all(&bytes).await {
                    Ok(()) => input.flush().await,
                    Err(error) => Err(error),
                },
                Typed::End => input.shutdown().await,
            };
            if let Err(error) = fed {
                // It reads no more; that it has ended is told by its output.
                tracing::debug!(%error, "what was typed did not reach the program");
            }
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = feeding => {}
    }
    input
}

struct Client {
    outgoing: mpsc::Sender<Outgoing>,
    left: oneshot::Receiver<Leaving>,
    keep: bool,
}

/// Whoever is attached, or may come back.
struct People {
    control: Arc<Control>,
    newcomers: mpsc::Receiver<Newcomer>,
    client: Option<Client>,
    /// Until when somebody is waited for.
    until: Instant,
    seen: Scrollback,
}

impl People {
    /// Waits for a change among them; says why, when the session is to be given up.
    async fn change(&mut self) -> Option<Why> {
        tokio::select! {
            biased;
            (code, _) = self.control.closed() => Some(Why::of(code)),
            Some(newcomer) = self.newcomers.recv() => {
                self.welcome(newcomer);
                None
            }
            (leaving, keep) = left(self.client.as_mut()) => {
                self.client = None;
                self.until = Instant::now() + AWAY;
                let comes_back = leaving.map_or(keep, |leaving| leaving == Leaving::Away);
                (!comes_back).then_some(Why::ClientLeft)
            }
            () = sleep_until(self.until), if self.client.is_none() => Some(Why::ClientLeft),
        }
    }

    /// Whoever was attached before is not any more.
    fn welcome(&mut self, newcomer: Newcomer) {
        let Newcomer { outgoing, left, keep, control, seen } = newcomer;
        self.control = control;
        self.client = Some(Client { outgoing, left, keep });
        // Who is gone already is noticed by `left`.
        let _waiting = seen.send(self.seen.pieces());
    }

    /// Tells the last that there is, when there is room for it.
    fn tell(&self, last: Outgoing) {
        if let Some(client) = &self.client
            && let Err(error) = client.outgoing.try_send(last)
        {
            tracing::debug!(%error, "whoever was attached did not hear of the end");
        }
    }

    /// Tells the end of the program to whoever is attached, or comes back in time.
    async fn deliver(mut self, last: Outgoing) {
        loop {
            let outgoing = self.client.as_ref().map(|client| client.outgoing.clone());
            let room = async {
                match outgoing {
                    Some(outgoing) => outgoing.reserve_owned().await.ok(),
                    None => pending().await,
                }
            };
            tokio::select! {
                biased;
                given_up = self.change() => if given_up.is_some() { return },
                Some(room) = room => {
                    room.send(last);
                    return;
                }
            }
        }
    }
}

/// Waits until the client leaves: how, if it said so, and whether it wants the program kept otherwise.
async fn left(client: Option<&mut Client>) -> (Option<Leaving>, bool) {
    match client {
        Some(client) => ((&mut client.left).await.ok(), client.keep),
        None => pending().await,
    }
}
