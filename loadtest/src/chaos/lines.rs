//! What a line looks like: its number, the length of what follows, and that. A line of which a piece is missing, or
//! that another was mixed into, is not one of these.

const PADDING: u8 = b'x';

/// The line with this number and so much padding.
pub(crate) fn text(number: u64, padding: usize) -> Vec<u8> {
    let mut line = format!("line {number} {padding} ").into_bytes();
    line.resize(line.len() + padding, PADDING);
    line.push(b'\n');
    line
}

/// The number of a whole line.
pub(crate) fn number(line: &[u8]) -> Option<u64> {
    let line = std::str::from_utf8(line).ok()?.strip_prefix("line ")?.strip_suffix('\n')?;
    let (number, rest) = line.split_once(' ')?;
    let (length, padding) = rest.split_once(' ')?;
    let is_whole = length.parse() == Ok(padding.len()) && padding.bytes().all(|byte| byte == PADDING);
    if is_whole { number.parse().ok() } else { None }
}

/// The same by a shell, from its variable `i`, with so much padding.
pub(crate) fn shell(padding: usize) -> String {
    format!("echo \"line $i {padding} {}\"", "x".repeat(padding))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_lines_have_a_number() {
        assert_eq!(number(&text(7, 0)), Some(7));
        assert_eq!(number(&text(8, 40_000)), Some(8));
        let long = text(9, 100);
        assert_eq!(number(&long[..50]), None);
        assert_eq!(number(&[&long[..50], &text(10, 0)].concat()), None);
        assert_eq!(number(b"line 7 1 y\n"), None);
        assert_eq!(shell(2), "echo \"line $i 2 xx\"");
    }
}
