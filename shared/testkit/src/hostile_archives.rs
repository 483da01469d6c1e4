//! Tars that must not be unpacked, and by which words each is refused. Written byte by byte: no library writes most of them.

/// A tar that must be refused.
#[derive(Debug, Clone)]
pub struct HostileArchive {
    /// What it tries.
    pub name: &'static str,
    /// The tar.
    pub bytes: Vec<u8>,
    /// Some words of the refusal.
    pub reason: &'static str,
}

const BLOCK: usize = 512;

/// One entry's header, with a right checksum.
#[derive(Clone)]
pub struct TarHeader([u8; BLOCK]);

impl TarHeader {
    /// Of this kind, in tar's own letters: `0` a file, `5` a folder, `2` a symbolic link.
    #[must_use]
    pub fn new(name: &[u8], kind: u8, size: u64) -> Self {
        let mut block = [0; BLOCK];
        block[..name.len()].copy_from_slice(name);
        block[100..108].copy_from_slice(b"0000644\0");
        block[108..116].copy_from_slice(b"0000000\0");
        block[116..124].copy_from_slice(b"0000000\0");
        block[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
        block[136..148].copy_from_slice(b"00000000001\0");
        block[156] = kind;
        block[257..265].copy_from_slice(b"ustar\x0000");
        Self(block)
    }

    /// With a link's target.
    #[must_use]
    pub fn link(mut self, target: &[u8]) -> Self {
        self.0[157..157 + target.len()].copy_from_slice(target);
        self
    }

    /// With other bytes in a field.
    #[must_use]
    pub fn field(mut self, at: usize, bytes: &[u8]) -> Self {
        self.0[at..at + bytes.len()].copy_from_slice(bytes);
        self
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(mut self) -> Vec<u8> {
        self.0[148..156].copy_from_slice(b"        ");
        let sum: u32 = self.0.iter().map(|byte| u32::from(*byte)).sum();
        self.0[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        self.0.to_vec()
    }
}

/// A file.
#[must_use]
pub fn tar_file(name: &str, content: &[u8]) -> Vec<u8> {
    let mut bytes = TarHeader::new(name.as_bytes(), b'0', content.len() as u64).bytes();
    bytes.extend_from_slice(&padded(content));
    bytes
}

/// Entries with what ends an archive.
#[must_use]
pub fn tar(entries: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = entries.concat();
    bytes.extend_from_slice(&[0; 2 * BLOCK]);
    bytes
}

fn padded(content: &[u8]) -> Vec<u8> {
    let mut bytes = content.to_vec();
    bytes.resize(content.len().div_ceil(BLOCK) * BLOCK, 0);
    bytes
}

fn entry(name: &str, kind: u8) -> TarHeader {
    TarHeader::new(name.as_bytes(), kind, 0)
}

/// An extended header with one record.
fn pax(kind: u8, record: &str) -> Vec<u8> {
    let mut length = record.len() + 3;
    while length != format!("{length} {record}\n").len() {
        length = format!("{length} {record}\n").len();
    }
    let record = format!("{length} {record}\n");
    let mut bytes = TarHeader::new(b"PaxHeader", kind, record.len() as u64).bytes();
    bytes.extend_from_slice(&padded(record.as_bytes()));
    bytes
}

/// A GNU entry with a long name for the next one.
fn long_name(kind: u8, name: &[u8]) -> Vec<u8> {
    let header = TarHeader::new(b"././@LongLink", kind, name.len() as u64 + 1).field(257, b"ustar  \0");
    let mut bytes = header.bytes();
    bytes.extend_from_slice(&padded(&[name, b"\0"].concat()));
    bytes
}

/// Everything that must be refused.
#[must_use]
pub fn hostile_archives() -> Vec<HostileArchive> {
    let mut all = Vec::new();
    let mut add = |name, bytes, reason| all.push(HostileArchive { name, bytes, reason });
    names(&mut add);
    links(&mut add);
    kinds(&mut add);
    forms(&mut add);
    extensions(&mut add);
    all
}

type Add<'a> = &'a mut dyn FnMut(&'static str, Vec<u8>, &'static str);

fn names(add: Add<'_>) {
    add("an absolute name", tar(&[tar_file("/etc/passwd", b"x")]), "begins with a slash");
    add("a name that climbs", tar(&[tar_file("../passwd", b"x")]), "a part ..");
    add("a name that climbs later", tar(&[tar_file("a/../../passwd", b"x")]), "a part ..");
    add("a folder that climbs", tar(&[entry("../a/", b'5').bytes()]), "a part ..");
    add(
        "a long name that climbs",
        tar(&[long_name(b'L', format!("{}/../../x", "a/".repeat(80)).as_bytes()), tar_file("a", b"x")]),
        "a part ..",
    );
    add("a pax name that climbs", tar(&[pax(b'x', "path=../../x"), tar_file("a", b"x")]), "a part ..");
    add("a pax name from the top", tar(&[pax(b'x', "path=/x"), tar_file("a", b"x")]), "begins with a slash");
    add("no name", tar(&[tar_file("", b"x")]), "empty");
    add("a name with a NUL", tar(&[pax(b'x', "path=a\0b"), tar_file("a", b"x")]), "NUL");
    add("a name that is no UTF-8", tar(&[TarHeader::new(b"\xff\xfe", b'0', 0).bytes()]), "not UTF-8");
    add(
        "a part that no file system takes",
        tar(&[pax(b'x', &format!("path={}", "n".repeat(256))), tar_file("a", b"x")]),
        "too long",
    );
    add("a name twice", tar(&[tar_file("a", b"1"), tar_file("./a", b"2")]), "there twice");
    add("a file that is a folder too", tar(&[tar_file("a", b"1"), tar_file("a/b", b"2")]), "no folder");
    add("a folder that becomes a file", tar(&[tar_file("a/b", b"1"), tar_file("a", b"2")]), "no folder");
}

fn links(add: Add<'_>) {
    add("a link to the top", tar(&[entry("a", b'2').link(b"/etc").bytes()]), "leads out");
    add("a link that climbs", tar(&[entry("a", b'2').link(b"../etc").bytes()]), "leads out");
    add(
        "a link that climbs behind another",
        tar(&[entry("a", b'2').link(b"b/../../etc").bytes()]),
        "leads out",
    );
    add(
        "a pax target that climbs",
        tar(&[pax(b'x', "linkpath=../../x"), entry("a", b'2').link(b"b").bytes()]),
        "leads out",
    );
    add(
        "a file below a link",
        tar(&[entry("a", b'2').link(b"b").bytes(), tar_file("a/x", b"x")]),
        "below a link",
    );
    add("a hard link to the top", tar(&[entry("a", b'1').link(b"/etc/shadow").bytes()]), "leads out");
    add("a hard link that climbs", tar(&[entry("a", b'1').link(b"../shadow").bytes()]), "leads out");
    add(
        "a hard link to what is not there",
        tar(&[entry("a", b'1').link(b"shadow").bytes()]),
        "hard link to no file",
    );
}

fn kinds(add: Add<'_>) {
    add("a device of characters", tar(&[entry("null", b'3').bytes()]), "is a device");
    add("a device of blocks", tar(&[entry("sda", b'4').bytes()]), "is a device");
    add("a pipe", tar(&[entry("pipe", b'6').bytes()]), "named pipe");
    add("a kind that nobody knows", tar(&[entry("a", b'Z').bytes()]), "unknown kind");
    add("a file with holes", tar(&[pax(b'x', "GNU.sparse.major=1"), tar_file("a", b"x")]), "tar");
    let hidden = [TarHeader::new(b"a/", b'5', 512).bytes(), tar_file("../x", b"")].concat();
    add("a folder with an entry as its content", tar(&[hidden]), "has content");
}

fn forms(add: Add<'_>) {
    add("nothing", Vec::new(), "holds nothing");
    add("an end without a begin", tar(&[]), "holds nothing");
    add("no tar", vec![b'x'; 4 * BLOCK], "no valid tar");
    add("gzip", [&[0x1f, 0x8b, 8, 0][..], &[0; 1_020][..]].concat(), "compressed");
    add("bzip2 that is a tar as well", tar(&[tar_file("BZh91AY", b"x")]), "compressed");
    add("xz", [&[0xfd, b'7', b'z', b'X', b'Z', 0][..], &[1; 1_018][..]].concat(), "compressed");
    let whole = tar_file("a", &[b'x'; 2_000]);
    add("a file that ends in its middle", whole[..BLOCK + 700].to_vec(), "ends in the middle");
    add("a header that ends in its middle", [&whole[..], &whole[..100]].concat(), "ends in the middle");
    add("no end", whole.clone(), "ends in the middle");
    add(
        "a second archive behind the end",
        [tar(&[whole]), tar(&[tar_file("../x", b"x")])].concat(),
        "follows its end",
    );
    add("a size beyond all bounds", tar(&[TarHeader::new(b"a", b'0', 7 << 30).bytes()]), "more than");
    let negative = entry("a", b'0').field(124, &[0xff; 12]);
    add("a size below nothing", tar(&[negative.bytes()]), "tar");
    add(
        "a size that is no number",
        tar(&[entry("a", b'0').field(124, b"zzzzzzzzzzz\0").bytes()]),
        "no valid tar",
    );
}

fn extensions(add: Add<'_>) {
    let inner = tar_file("../smuggled", b"x");
    add(
        "two sizes (CVE-2025-62518)",
        tar(&[pax(b'x', &format!("size={}", inner.len())), TarHeader::new(b"a", b'0', 0).bytes(), inner]),
        "two sizes",
    );
    add("a size for all that follow", tar(&[pax(b'g', "size=0"), tar_file("a", b"x")]), "global header");
    add("a name for all that follow", tar(&[pax(b'g', "path=../x"), tar_file("a", b"x")]), "global header");
    add(
        "a record that lies about its length",
        tar(&[
            {
                let mut bytes = TarHeader::new(b"PaxHeader", b'x', 20).bytes();
                bytes.extend_from_slice(&padded(b"99 path=../../x\n"));
                bytes
            },
            tar_file("a", b"x"),
        ]),
        "no valid tar",
    );
    let long = vec![b'n'; 3 << 20];
    add("a name of 3 MiB", tar(&[long_name(b'L', &long), tar_file("a", b"x")]), "longer than 1 MiB");
    add("a long name for nothing", tar(&[long_name(b'L', &[b'n'; 200])]), "tar");
    add(
        "two long names for one",
        tar(&[long_name(b'L', b"a"), long_name(b'L', b"b"), tar_file("a", b"x")]),
        "no valid tar",
    );
    add(
        "a long name and a pax name for one",
        tar(&[long_name(b'L', b"a"), pax(b'x', "path=b"), tar_file("a", b"x")]),
        "no valid tar",
    );
}
