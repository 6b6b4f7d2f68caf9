//! What one call site has looked up by name. A column of names may alternate between a few, so several
//! are kept; all are forgotten as soon as another snapshot could see something else.

use customer_tiering_engine::Result;

use crate::pg::call::utf8;
use crate::pg::snapshot::Stamp;

/// How many names a call site keeps.
const KEPT: usize = 32;

/// Things found by name under one snapshot.
pub struct ByName<T> {
    stamp: Option<Stamp>,
    known: Vec<(Box<[u8]>, T)>,
}

impl<T> Default for ByName<T> {
    fn default() -> Self {
        ByName { stamp: None, known: Vec::new() }
    }
}

impl<T> ByName<T> {
    /// What bears the name now, looked up with `find` if this call site does not know.
    #[inline]
    pub fn get(&mut self, name: &[u8], find: impl FnOnce(&str) -> Result<T>) -> Result<&T> {
        let stamp = Stamp::now();
        if stamp.is_none() || stamp != self.stamp {
            self.known.clear();
            self.stamp = stamp;
        }
        let place = match self.known.iter().position(|(known, _)| **known == *name) {
            Some(place) => place,
            None => self.add(name, find)?,
        };
        Ok(&self.known[place].1)
    }

    #[cold]
    fn add(&mut self, name: &[u8], find: impl FnOnce(&str) -> Result<T>) -> Result<usize> {
        let found = find(utf8(name))?;
        if self.known.len() >= KEPT {
            self.known.clear();
        }
        self.known.push((name.into(), found));
        Ok(self.known.len() - 1)
    }
}
