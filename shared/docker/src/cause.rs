use std::{error::Error as StdError, io};

use tokio_rustls::rustls;

use crate::{
    client::Failure,
    dial::{DialError, explain_tls},
};

/// What broke a connection, in the words of whatever in the chain of errors says most.
pub(crate) fn cause(error: &(dyn StdError + 'static)) -> String {
    let mut error = error;
    loop {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return explain_tls(tls);
        }
        if error.is::<Failure>() || error.is::<DialError>() {
            return error.to_string();
        }
        if let Some(io) = error.downcast_ref::<io::Error>() {
            // What it wraps is not its source: that is the source of what it wraps.
            match io.get_ref() {
                Some(inner) => error = inner,
                None => return io_words(io),
            }
            continue;
        }
        match error.source() {
            Some(source) => error = source,
            None => return last_words(error),
        }
    }
}

fn io_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::TimedOut => {
            "nothing was heard from it for 4 s; its machine or the network is down".to_owned()
        }
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof => {
            "the engine ended the connection".to_owned()
        }
        _ => error.to_string(),
    }
}

fn last_words(error: &(dyn StdError + 'static)) -> String {
    match error.downcast_ref::<hyper::Error>() {
        Some(http) if http.is_incomplete_message() => {
            "the engine ended the connection before it answered".to_owned()
        }
        Some(http) if http.is_parse() => "what answers there is not a Docker engine".to_owned(),
        _ => error.to_string(),
    }
}
