//! How a document is stored: a format word, a digest of the text, the canonical JSON text.
//!
//! The digest makes "is this the document that I compiled?" a comparison of 16 bytes, and equality
//! of documents cheap.

use customer_tiering_engine::{Error, ErrorKind, Result};
use pgrx::IntoDatum;
use pgrx::pg_sys::{self, Datum};
use sha2::{Digest as _, Sha256};

use crate::pg::call::{payload, utf8};

/// The first half of the SHA-256 of the canonical text.
pub type Digest = [u8; 16];

/// The layout that follows the varlena header: this word (little endian), digest, text.
const FORMAT: u32 = 1;

/// The bytes before the text, which tell a document from any other.
pub const HEAD: usize = 4 + 16;

/// A stored document, borrowed.
#[derive(Clone, Copy)]
pub struct Stored<'a> {
    /// The digest of the text.
    pub digest: Digest,
    /// The canonical JSON text.
    pub text: &'a str,
}

impl<'a> Stored<'a> {
    /// # Safety
    ///
    /// `datum` is a value of one of our document types that outlives `'a` or is detoasted.
    pub unsafe fn from_datum(datum: Datum) -> Result<Self> {
        // SAFETY: passed on to the caller.
        Self::from_bytes(unsafe { payload(datum) })
    }

    /// The digest in the varlena of a document.
    #[inline]
    pub fn digest_of(bytes: &[u8]) -> Result<Digest> {
        match bytes.get(4..HEAD).and_then(|digest| digest.try_into().ok()) {
            Some(digest) => Ok(digest),
            None => Err(unknown_format()),
        }
    }

    /// What stands in the varlena of a document.
    pub fn from_bytes(bytes: &'a [u8]) -> Result<Self> {
        match bytes.split_first_chunk::<4>() {
            Some((word, rest)) if u32::from_le_bytes(*word) == FORMAT && bytes.len() >= HEAD => {
                Ok(Stored { digest: Stored::digest_of(bytes)?, text: utf8(&rest[HEAD - 4..]) })
            }
            _ => Err(unknown_format()),
        }
    }
}

#[cold]
fn unknown_format() -> Error {
    Error::new(ErrorKind::NotSupported, "stored document has an unknown format")
        .hint("It was written by a newer version of customer_tiering; install that version.")
}

/// Just the digest of a stored document, for the fast path: no look at the text.
///
/// # Safety
///
/// As for [`Stored::from_datum`].
#[inline]
pub unsafe fn digest_of(datum: Datum) -> Result<Digest> {
    // SAFETY: passed on to the caller.
    Stored::digest_of(unsafe { payload(datum) })
}

/// The bytes of a varlena that stands for a value in the TOAST table: its header of two bytes, then where the
/// value is (`varattrib_1b_e` of the server, packed).
const POINTER: usize = 2 + size_of::<pg_sys::varatt_external>();

/// The header of such a varlena: that it is external, which the server marks at the other end of the byte
/// where the first byte is the highest, and that it points to the disk (not to memory).
const ON_DISK: [u8; 2] =
    [if cfg!(target_endian = "big") { 0x80 } else { 0x01 }, pg_sys::vartag_external::VARTAG_ONDISK as u8];

/// A document that a call site has seen. A document out of a table is most often stored out of line: the
/// same pointer then means the same document, and nothing is fetched and decompressed for every row.
pub struct Seen {
    digest: Digest,
    pointer: Option<[u8; POINTER]>,
}

impl Seen {
    /// A document of this digest.
    pub fn new(digest: Digest) -> Self {
        Seen { digest, pointer: None }
    }

    /// Whether it is this document.
    ///
    /// # Safety
    ///
    /// As for [`Stored::from_datum`].
    #[inline]
    pub unsafe fn is(&mut self, datum: Datum) -> Result<bool> {
        // SAFETY: the caller vouches for the varlena, whose first two bytes tell that it is a pointer; all
        // pointers to the disk have this length.
        let pointer = unsafe {
            let start = datum.cast_mut_ptr::<u8>();
            (start.cast::<[u8; 2]>().read() == ON_DISK).then(|| start.cast::<[u8; POINTER]>().read())
        };
        if pointer.is_some() && pointer == self.pointer {
            return Ok(true);
        }
        // SAFETY: passed on to the caller.
        let same = unsafe { digest_of(datum) }? == self.digest;
        if same {
            self.pointer = pointer;
        }
        Ok(same)
    }
}

/// What stands before the text of a document.
pub fn head(digest: Digest) -> [u8; HEAD] {
    let mut head = [0; HEAD];
    head[..4].copy_from_slice(&FORMAT.to_le_bytes());
    head[4..].copy_from_slice(&digest);
    head
}

/// What stands in the varlena of a document.
pub fn contents(canonical: &str) -> Vec<u8> {
    let hash = Sha256::digest(canonical.as_bytes());
    let mut contents = Vec::with_capacity(HEAD + canonical.len());
    contents.extend_from_slice(&FORMAT.to_le_bytes());
    contents.extend_from_slice(&hash[..HEAD - 4]);
    contents.extend_from_slice(canonical.as_bytes());
    contents
}

/// A document as a datum in the current memory context.
pub fn store(canonical: &str) -> Option<Datum> {
    contents(canonical).into_datum()
}
