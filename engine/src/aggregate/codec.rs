//! The bytes of stored values: little endian, a format word in front, integers of variable length. What
//! reads them trusts nothing.

use crate::error::{Error, ErrorKind, Result, sentence};

/// The format word of this version.
const FORMAT: u16 = 1;

/// Collects bytes.
pub struct Writer(Vec<u8>);

impl Writer {
    /// For a value of the kind that `tag` says.
    pub fn new(tag: u8) -> Self {
        let mut bytes = Vec::with_capacity(64);
        bytes.extend_from_slice(&FORMAT.to_le_bytes());
        bytes.push(tag);
        Writer(bytes)
    }

    /// One byte.
    pub fn byte(&mut self, value: u8) {
        self.0.push(value);
    }

    /// An unsigned integer, seven bits a byte (LEB128).
    #[inline]
    pub fn unsigned(&mut self, mut value: u128) {
        // Nearly all numbers fit in a word, in which bits are shifted far faster.
        while value > u128::from(u64::MAX) {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        let mut value = value as u64;
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    /// A signed integer, small magnitudes in few bytes (zigzag).
    pub fn signed(&mut self, value: i128) {
        self.unsigned(((value << 1) ^ (value >> 127)) as u128);
    }

    /// Eight bytes.
    #[inline]
    pub fn word(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    /// A double, bit by bit.
    pub fn float(&mut self, value: f64) {
        self.word(value.to_bits());
    }

    /// Bytes with their length.
    pub fn bytes(&mut self, value: &[u8]) {
        self.unsigned(value.len() as u128);
        self.0.extend_from_slice(value);
    }

    /// What was collected so far.
    pub fn collected(&self) -> &[u8] {
        &self.0
    }

    /// Takes all but the first bytes back.
    pub fn truncate(&mut self, bytes: usize) {
        self.0.truncate(bytes);
    }

    /// What was collected.
    pub fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// Reads bytes that may come from anywhere.
pub struct Reader<'b> {
    left: &'b [u8],
    what: &'static str,
}

impl<'b> Reader<'b> {
    /// Over the bytes of a value that errors call `what`, of the kind that `tag` says.
    ///
    /// # Errors
    ///
    /// `NotSupported` for an unknown format; `BadBytes` for another kind, or too few bytes.
    pub fn new(bytes: &'b [u8], tag: u8, what: &'static str) -> Result<Self> {
        let mut reader = Reader { left: bytes, what };
        let format = u16::from_le_bytes([reader.byte()?, reader.byte()?]);
        if format != FORMAT {
            return Err(Error::new(ErrorKind::NotSupported, format!("{what} in an unknown binary format"))
                .detail(format!("Found format {format}, this version reads format {FORMAT}."))
                .hint("It was written by another version of customer_tiering; send it as text instead."));
        }
        let found = reader.byte()?;
        if found != tag {
            return Err(reader.broken("it is a value of another type"));
        }
        Ok(reader)
    }

    /// The error for bytes that make no value.
    #[cold]
    pub fn broken(&self, why: &str) -> Error {
        Error::new(ErrorKind::BadBytes, format!("invalid binary {}", self.what)).detail(sentence(why))
    }

    /// One byte.
    ///
    /// # Errors
    ///
    /// `BadBytes` if the bytes end too early.
    #[inline]
    pub fn byte(&mut self) -> Result<u8> {
        match self.left.split_first() {
            Some((first, rest)) => {
                self.left = rest;
                Ok(*first)
            }
            None => Err(self.broken("it ends too early")),
        }
    }

    /// An unsigned integer.
    ///
    /// # Errors
    ///
    /// `BadBytes` if the bytes end too early, or hold no number.
    #[inline]
    pub fn unsigned(&mut self) -> Result<u128> {
        // Nearly all numbers take few bytes and fit in a word, in which bits are shifted far faster.
        let mut word = 0_u64;
        for (place, byte) in self.left.iter().enumerate().take(9) {
            word |= u64::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                if *byte == 0 && place > 0 {
                    break;
                }
                self.left = &self.left[place + 1..];
                return Ok(u128::from(word));
            }
        }
        self.long_unsigned()
    }

    fn long_unsigned(&mut self) -> Result<u128> {
        let mut value = 0_u128;
        for shift in (0..128).step_by(7) {
            let byte = self.byte()?;
            let bits = u128::from(byte & 0x7f);
            if shift > 121 && bits >> (128 - shift) != 0 {
                break;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                // One way to write each number, so that equal values have equal bytes.
                return if byte == 0 && shift > 0 {
                    Err(self.broken("a number is padded"))
                } else {
                    Ok(value)
                };
            }
        }
        Err(self.broken("a number is too long"))
    }

    /// An unsigned integer that the type can hold.
    ///
    /// # Errors
    ///
    /// `BadBytes` if the bytes end too early, or the number is too large.
    pub fn fits<T: TryFrom<u128>>(&mut self) -> Result<T> {
        let value = self.unsigned()?;
        T::try_from(value).map_err(|_| self.broken("a number is too large"))
    }

    /// A signed integer.
    ///
    /// # Errors
    ///
    /// `BadBytes` if the bytes end too early, or hold no number.
    pub fn signed(&mut self) -> Result<i128> {
        let value = self.unsigned()?;
        Ok((value >> 1) as i128 ^ -((value & 1) as i128))
    }

    /// A signed integer that the type can hold.
    ///
    /// # Errors
    ///
    /// `BadBytes` if the bytes end too early, or the number is too large.
    pub fn signed_fits<T: TryFrom<i128>>(&mut self) -> Result<T> {
        let value = self.signed()?;
        T::try_from(value).map_err(|_| self.broken("a number is too large"))
    }

    /// Eight bytes.
    ///
    /// # Errors
    ///
    /// `BadBytes` if the bytes end too early.
    #[inline]
    pub fn word(&mut self) -> Result<u64> {
        match self.left.split_first_chunk::<8>() {
            Some((first, rest)) => {
                self.left = rest;
                Ok(u64::from_le_bytes(*first))
            }
            None => Err(self.broken("it ends too early")),
        }
    }

    /// A double.
    ///
    /// # Errors
    ///
    /// Those of [`Reader::word`].
    pub fn float(&mut self) -> Result<f64> {
        self.word().map(f64::from_bits)
    }

    /// How many entries follow; each takes a byte at least, so that a forged number allocates nothing.
    ///
    /// # Errors
    ///
    /// `BadBytes` if fewer bytes than entries are left.
    pub fn length(&mut self) -> Result<usize> {
        let length = self.fits::<usize>()?;
        if length > self.left.len() { Err(self.broken("it ends too early")) } else { Ok(length) }
    }

    /// Bytes with their length.
    ///
    /// # Errors
    ///
    /// `BadBytes` if fewer bytes are left.
    pub fn bytes(&mut self) -> Result<&'b [u8]> {
        let length = self.length()?;
        let (bytes, rest) = self.left.split_at(length);
        self.left = rest;
        Ok(bytes)
    }

    /// Text with its length.
    ///
    /// # Errors
    ///
    /// `BadBytes` if fewer bytes are left, or they are no UTF-8.
    pub fn text(&mut self) -> Result<&'b str> {
        let bytes = self.bytes()?;
        core::str::from_utf8(bytes).map_err(|_| self.broken("a text is not UTF-8"))
    }

    /// How many bytes are left.
    pub fn left(&self) -> usize {
        self.left.len()
    }

    /// Nothing may follow.
    ///
    /// # Errors
    ///
    /// `BadBytes` if something follows.
    pub fn finish(self) -> Result<()> {
        if self.left.is_empty() { Ok(()) } else { Err(self.broken("bytes follow its end")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_round_trip(a in any::<i128>(), b in any::<u128>(), c in any::<f64>(), d in any::<Vec<u8>>()) {
            let mut writer = Writer::new(7);
            writer.signed(a);
            writer.unsigned(b);
            writer.float(c);
            writer.bytes(&d);
            let bytes = writer.finish();
            let mut reader = Reader::new(&bytes, 7, "test").unwrap();
            prop_assert_eq!(reader.signed().unwrap(), a);
            prop_assert_eq!(reader.unsigned().unwrap(), b);
            prop_assert_eq!(reader.float().unwrap().to_bits(), c.to_bits());
            prop_assert_eq!(reader.bytes().unwrap(), &d[..]);
            prop_assert!(reader.finish().is_ok());
        }

        #[test]
        fn any_bytes_give_a_number_or_an_error(bytes in any::<Vec<u8>>()) {
            if let Ok(mut reader) = Reader::new(&bytes, 1, "test") {
                while reader.signed().is_ok() && reader.bytes().is_ok() {}
            }
        }
    }
}
