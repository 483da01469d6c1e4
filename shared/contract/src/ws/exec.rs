use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What the server sends on `/ws/containers/{id}/exec` in text frames. What the program prints comes in binary frames,
/// byte for byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum ExecFrame {
    /// The first frame: the program runs.
    Started {
        /// Comes back as `session` to attach to the same program again.
        exec: String,
        /// Whether the program ran before, and the binary frames begin with what it printed last.
        resumed: bool,
        /// Whether what it prints is recorded.
        recorded: bool,
        /// Whether what is typed is recorded, too.
        recorded_input: bool,
    },
    /// Without a terminal: the binary frames from here on are of this output. They begin with stdout.
    Stream {
        /// `stdout` or `stderr`.
        stream: String,
    },
    /// The program has ended; the socket closes after this frame.
    Exit {
        /// Its exit code.
        code: i64,
    },
    /// Every 15 seconds, since browsers do not show pings to programs.
    Heartbeat {},
    /// It failed; the socket closes after this frame.
    Error {
        /// Stable.
        code: String,
        /// For people.
        message: String,
    },
}

/// What a client sends on `/ws/containers/{id}/exec` in text frames; anything else there is ignored. What is typed goes in
/// binary frames, byte for byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum ExecMessage {
    /// The terminal has another size now.
    Resize {
        /// Characters in a line; 1000 at most, as is whatever is larger.
        cols: u16,
        /// Lines; 1000 at most.
        rows: u16,
    },
    /// Nothing more will be typed: the program's input ends. With a terminal this changes nothing; type `^D` there.
    Eof {},
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_written_as_the_contract_says() {
        let started =
            ExecFrame::Started { exec: "e".into(), resumed: false, recorded: true, recorded_input: false };
        let text = serde_json::to_string(&started).expect("serializable");
        assert_eq!(
            text,
            r#"{"type":"started","exec":"e","resumed":false,"recorded":true,"recorded_input":false}"#
        );
        let exit = serde_json::to_string(&ExecFrame::Exit { code: 7 }).expect("serializable");
        assert_eq!(exit, r#"{"type":"exit","code":7}"#);
    }

    #[test]
    fn messages_are_read_as_the_contract_says() {
        let parse = |text: &str| serde_json::from_str::<ExecMessage>(text).ok();
        assert_eq!(
            parse(r#"{"type":"resize","cols":132,"rows":43,"x":1}"#),
            Some(ExecMessage::Resize { cols: 132, rows: 43 })
        );
        assert_eq!(parse(r#"{"type":"eof"}"#), Some(ExecMessage::Eof {}));
        assert_eq!(parse(r#"{"type":"paint"}"#), None);
        assert_eq!(parse(r#"{"type":"resize","cols":-1,"rows":43}"#), None);
        assert_eq!(parse("resize"), None);
    }
}
