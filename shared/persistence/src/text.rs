/// A caller's words as they are stored and searched for. PostgreSQL's text holds every character but
/// NUL, which somebody may well send as a user name; both databases keep a mark in its place.
pub(crate) fn storable(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text }
}
