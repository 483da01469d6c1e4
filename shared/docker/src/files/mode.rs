//! Go's file modes, in which engines tell what is at a path.

use dockline_contract::rest::FileKind;

const DIR: u32 = 1 << 31;
const SYMLINK: u32 = 1 << 27;
const DEVICE: u32 = 1 << 26;
const PIPE: u32 = 1 << 25;
const SOCKET: u32 = 1 << 24;
const SETUID: u32 = 1 << 23;
const SETGID: u32 = 1 << 22;
const CHAR_DEVICE: u32 = 1 << 21;
const STICKY: u32 = 1 << 20;
const IRREGULAR: u32 = 1 << 19;

pub(super) const fn kind_of(mode: u32) -> FileKind {
    if mode & DIR != 0 {
        FileKind::Folder
    } else if mode & SYMLINK != 0 {
        FileKind::Link
    } else if mode & (DEVICE | PIPE | SOCKET | CHAR_DEVICE | IRREGULAR) != 0 {
        FileKind::Other
    } else {
        FileKind::File
    }
}

/// The permission bits as Unix writes them.
pub(super) fn permissions(mode: u32) -> u32 {
    let bit = |go: u32, unix: u32| if mode & go != 0 { unix } else { 0 };
    (mode & 0o777) | bit(SETUID, 0o4000) | bit(SETGID, 0o2000) | bit(STICKY, 0o1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_as_go_writes_them() {
        assert_eq!((kind_of(0o644), permissions(0o644)), (FileKind::File, 0o644));
        assert_eq!((kind_of(0x8000_01ed), permissions(0x8000_01ed)), (FileKind::Folder, 0o755));
        assert_eq!((kind_of(0x0800_01ff), permissions(0x0800_01ff)), (FileKind::Link, 0o777));
        assert_eq!((kind_of(0x0420_01b6), permissions(0x0420_01b6)), (FileKind::Other, 0o666));
        // /tmp, and a program that becomes another user.
        assert_eq!((kind_of(0x8010_01ff), permissions(0x8010_01ff)), (FileKind::Folder, 0o1777));
        assert_eq!((kind_of(0x0080_01ed), permissions(0x0080_01ed)), (FileKind::File, 0o4755));
    }
}
