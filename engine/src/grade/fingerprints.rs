//! Whom another grading would leave as they are. Of everybody who was graded before a fingerprint is noted; then everybody who is graded
//! now is looked for among them. What is compared are hashes with a secret of each comparison, of 64 bits of the key and of 60 of what was written: nobody can have a change overlooked,
//! and chance does so once in 10^18.

use core::hash::{BuildHasher, Hasher};
use std::hash::RandomState;

use allocator_api2::alloc::Allocator;
use allocator_api2::vec::Vec;

/// In place of a time: there was no contact.
pub const NO_CONTACT: i64 = i64::MIN;

/// What was written of a customer before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// The customer had gone.
    Gone,
    /// Whatever the grading gives, something of it changes.
    Changes,
    /// Nothing changes if the source has the same columns, and its last contact is at this time.
    Contact(i64),
    /// Nothing changes if the source has the same columns, and its last contact is no later than this time.
    ContactUntil(i64),
}

/// The lowest bits of a hash of columns stand for what was before, and whether the customer was found.
const FOUND: u64 = 1;
const GONE: u64 = 2;
const CHANGES: u64 = 4;
const UNTIL: u64 = 8;
const FLAGS: u64 = FOUND | GONE | CHANGES | UNTIL;

/// How many customers wait for each other. Each has a place somewhere in memory; that of the next is fetched while one waits for its own.
const BATCH: usize = 64;

#[derive(Debug, Clone, Copy, Default)]
struct Fingerprint {
    /// The hash of the key; 0 if the place is free.
    key: u64,
    columns: u64,
    contact: i64,
}

/// The fingerprints of those who were graded before.
pub struct Fingerprints<A: Allocator + Clone> {
    secret: RandomState,
    /// Each from the place on that the highest bits of its key name; three quarters of them are taken at most. Twice as many places have the same order.
    places: Vec<Fingerprint, A>,
    count: usize,
    /// How many were here, and how many of them were found.
    here: usize,
    found: usize,
    /// Who is to be noted, or looked for.
    batch: Vec<Fingerprint, A>,
    /// The keys of those who are looked for, one after the other, and where each ends.
    customers: Vec<u8, A>,
    ends: Vec<usize, A>,
    columns: Vec<u8, A>,
}

impl<A: Allocator + Clone> Fingerprints<A> {
    /// Nobody is noted yet.
    pub fn new(memory: A) -> Self {
        let mut places = Vec::new_in(memory.clone());
        places.resize(4 * BATCH, Fingerprint::default());
        Fingerprints {
            secret: RandomState::new(),
            places,
            count: 0,
            here: 0,
            found: 0,
            batch: Vec::with_capacity_in(BATCH, memory.clone()),
            customers: Vec::new_in(memory.clone()),
            ends: Vec::with_capacity_in(BATCH, memory.clone()),
            columns: Vec::new_in(memory),
        }
    }

    /// How many were noted.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Whether they take so much memory, or soon will.
    pub fn outgrow(&self, bytes: usize) -> bool {
        let full = (self.count + 2 * BATCH) * 4 > self.places.len() * 3;
        size_of_val(&*self.places) * if full { 2 } else { 1 } > bytes
    }

    /// Notes a customer, who is noted once.
    #[inline]
    pub fn note(&mut self, customer: &[u8], before: Before, columns: &[Option<&[u8]>]) {
        let (key, columns) = self.hashes(customer, columns);
        let (flags, contact) = match before {
            Before::Gone => (GONE, NO_CONTACT),
            Before::Changes => (CHANGES, NO_CONTACT),
            Before::Contact(at) => (0, at),
            Before::ContactUntil(at) => (UNTIL, at),
        };
        self.here += usize::from(before != Before::Gone);
        self.batch.push(Fingerprint { key, columns: columns & !FLAGS | flags, contact });
        if self.batch.len() == BATCH {
            self.write();
        }
    }

    /// Looks for a customer, once, of whom the source has this; usable: whether the customer can be graded. Of whom something may change, `differs` is told, of this one and of
    /// those before; after the last one, by `finish`.
    #[inline]
    pub fn look(
        &mut self,
        customer: &[u8],
        contact: i64,
        columns: &[Option<&[u8]>],
        usable: bool,
        differs: impl FnMut(&[u8]),
    ) {
        let (key, columns) = self.hashes(customer, columns);
        self.batch.push(Fingerprint {
            key,
            columns: columns & !FLAGS | if usable { 0 } else { CHANGES },
            contact,
        });
        self.customers.extend_from_slice(customer);
        self.ends.push(self.customers.len());
        if self.batch.len() == BATCH {
            self.read(differs);
        }
    }

    /// After all were noted, or looked for.
    pub fn finish(&mut self, differs: impl FnMut(&[u8])) {
        if self.ends.is_empty() { self.write() } else { self.read(differs) }
    }

    fn write(&mut self) {
        if (self.count + BATCH) * 4 > self.places.len() * 3 {
            self.grow();
        }
        let last = self.places.len() - 1;
        for place in 0..self.batch.len() {
            let noted = self.batch[place];
            let mut at = first(noted.key, self.places.len());
            while self.places[at].key != 0 {
                at = (at + 1) & last;
            }
            self.places[at] = noted;
        }
        self.count += self.batch.len();
        self.batch.clear();
    }

    #[cold]
    fn grow(&mut self) {
        let mut places = Vec::new_in(self.places.allocator().clone());
        places.resize(2 * self.places.len(), Fingerprint::default());
        let last = places.len() - 1;
        for noted in self.places.iter().filter(|noted| noted.key != 0) {
            let mut at = first(noted.key, places.len());
            while places[at].key != 0 {
                at = (at + 1) & last;
            }
            places[at] = *noted;
        }
        self.places = places;
    }

    fn read(&mut self, mut differs: impl FnMut(&[u8])) {
        // Of all of them first where they are: nothing of that depends on another.
        let mut found = [None; BATCH];
        for (place, looked) in found.iter_mut().zip(&self.batch) {
            *place = self.place_of(looked.key);
        }
        let mut start = 0;
        for ((looked, place), end) in self.batch.iter().zip(found).zip(&self.ends) {
            let stays = place.is_some_and(|place| {
                let noted = &mut self.places[place];
                let flags = noted.columns & FLAGS;
                noted.columns |= FOUND;
                self.found += usize::from(flags & (GONE | FOUND) == 0);
                let same_contact = match flags {
                    0 => looked.contact == noted.contact,
                    UNTIL => looked.contact <= noted.contact,
                    _ => false,
                };
                same_contact && looked.columns == noted.columns & !FLAGS
            });
            if !stays {
                differs(&self.customers[start..*end]);
            }
            start = *end;
        }
        self.batch.clear();
        self.customers.clear();
        self.ends.clear();
    }

    /// Whether somebody who was here was not found.
    pub fn some_are_missing(&self) -> bool {
        self.found < self.here
    }

    /// Whether a customer was here, and was not found.
    pub fn is_missing(&self, customer: &[u8]) -> bool {
        let mut hasher = self.secret.build_hasher();
        hasher.write(customer);
        self.place_of(key_of(hasher.finish()))
            .is_some_and(|place| self.places[place].columns & (FOUND | GONE) == 0)
    }

    #[inline]
    fn place_of(&self, key: u64) -> Option<usize> {
        let last = self.places.len() - 1;
        let mut at = first(key, self.places.len());
        loop {
            match self.places[at].key {
                found if found == key => return Some(at),
                0 => return None,
                _ => at = (at + 1) & last,
            }
        }
    }

    /// The hash of the key, and that of the key and the columns.
    #[inline]
    fn hashes(&mut self, customer: &[u8], columns: &[Option<&[u8]>]) -> (u64, u64) {
        self.columns.clear();
        for column in columns {
            let length = column.map_or(u32::MAX, |bytes| bytes.len() as u32);
            self.columns.extend_from_slice(&length.to_ne_bytes());
            self.columns.extend_from_slice(column.unwrap_or_default());
        }
        let mut hasher = self.secret.build_hasher();
        hasher.write(customer);
        let key = key_of(hasher.finish());
        hasher.write(&self.columns);
        (key, hasher.finish())
    }
}

/// A hash that is not that of a free place.
#[inline]
fn key_of(hash: u64) -> u64 {
    hash.max(1)
}

/// The first place that may have a key, of a power of two of places.
#[inline]
fn first(key: u64, places: usize) -> usize {
    (key >> (64 - places.trailing_zeros())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use allocator_api2::alloc::Global;

    type Noted = Fingerprints<Global>;
    type Columns<'a> = std::vec::Vec<Option<&'a [u8]>>;

    fn columns<'a>(texts: &[&'a str]) -> Columns<'a> {
        texts.iter().map(|text| (*text != "-").then_some(text.as_bytes())).collect()
    }

    fn noted(customers: &[(&str, Before, &[&str])]) -> Noted {
        let mut noted = Fingerprints::new(Global);
        for (customer, before, texts) in customers {
            noted.note(customer.as_bytes(), *before, &columns(texts));
        }
        noted.finish(|_| unreachable!("nobody is looked for"));
        noted
    }

    /// Whether nothing changes of a customer.
    fn stays(noted: &mut Noted, customer: &str, contact: i64, texts: &[&str]) -> bool {
        let mut told = false;
        noted
            .look(customer.as_bytes(), contact, &columns(texts), true, |_| unreachable!("a batch is larger"));
        noted.finish(|differing| told = differing == customer.as_bytes());
        !told
    }

    #[test]
    fn who_has_the_same_stays() {
        let mut nobody = noted(&[]);
        assert!(nobody.count() == 0 && !nobody.some_are_missing() && !stays(&mut nobody, "1", 7, &["A"]));
        let mut noted = noted(&[
            ("1", Before::Contact(7), &["A", "anna"]),
            ("2", Before::Contact(NO_CONTACT), &["A", "-"]),
            ("3", Before::ContactUntil(7), &["-", "-"]),
            ("4", Before::Changes, &["A", "anna"]),
            ("5", Before::Gone, &["A", "anna"]),
            ("6", Before::Contact(7), &["A", "anna"]),
        ]);
        assert_eq!(noted.count(), 6);
        assert!(noted.outgrow(6 * size_of::<Fingerprint>()) && !noted.outgrow(1 << 20));
        assert!(noted.is_missing(b"1"));
        assert!(stays(&mut noted, "1", 7, &["A", "anna"]));
        assert!(!noted.is_missing(b"1"));
        assert!(stays(&mut noted, "2", NO_CONTACT, &["A", "-"]));
        assert!(stays(&mut noted, "3", NO_CONTACT, &["-", "-"]));
        assert!(!stays(&mut noted, "4", NO_CONTACT, &["A", "anna"]), "something of the assignment changes");
        assert!(!stays(&mut noted, "5", NO_CONTACT, &["A", "anna"]), "one who comes back");
        assert!(!stays(&mut noted, "7", 7, &["A", "anna"]), "one who is new");
        assert!(noted.some_are_missing() && noted.is_missing(b"6"));
        assert!(!noted.is_missing(b"5") && !noted.is_missing(b"7"));
        assert!(!stays(&mut noted, "1", 7, &["A", "anna"]), "one who comes twice");
        assert!(noted.some_are_missing(), "who comes twice stands for nobody else");
        let mut told = 0;
        noted.look(b"6", 7, &columns(&["A", "anna"]), false, |_| unreachable!("a batch is larger"));
        noted.finish(|_| told += 1);
        assert_eq!(told, 1, "one who cannot be graded");
        assert!(!noted.some_are_missing());
    }

    #[test]
    fn each_difference_is_seen() {
        let others = [["B", "x"], ["A", "-"], ["-", "x"], ["A", ""], ["", "Ax"], ["Ax", ""], ["A", "y"]];
        for before in [Before::Contact(7), Before::ContactUntil(7)] {
            for other in others {
                let mut noted = noted(&[("1", before, &["A", "x"])]);
                assert!(!stays(&mut noted, "1", 7, &other), "{before:?} {other:?}");
                assert!(!noted.some_are_missing());
            }
            let until = before == Before::ContactUntil(7);
            for (contact, same) in [(7, true), (8, false), (6, until), (NO_CONTACT, until)] {
                let mut noted = noted(&[("1", before, &["A", "x"])]);
                assert_eq!(stays(&mut noted, "1", contact, &["A", "x"]), same, "{before:?} {contact}");
            }
        }
    }

    #[test]
    fn many_are_told_apart() {
        let mut noted = Fingerprints::new(Global);
        for customer in 0..10_000_u32 {
            noted.note(
                &customer.to_be_bytes(),
                Before::Contact(customer.into()),
                &[Some(&customer.to_le_bytes())],
            );
        }
        noted.finish(|_| unreachable!("nobody is looked for"));
        assert!(
            noted.outgrow(10_000 * size_of::<Fingerprint>())
                && !noted.outgrow(4 * 10_000 * size_of::<Fingerprint>())
        );
        let mut told = std::vec::Vec::new();
        for customer in (0..10_000_u32).filter(|customer| customer % 10 > 0) {
            let column = (customer + u32::from(customer % 100 == 1)).to_le_bytes();
            noted.look(
                &customer.to_be_bytes(),
                customer.into(),
                &[Some(&column)],
                customer % 100 != 2,
                |differing| {
                    told.push(u32::from_be_bytes(differing.try_into().unwrap()));
                },
            );
        }
        noted.finish(|differing| told.push(u32::from_be_bytes(differing.try_into().unwrap())));
        let changed: std::vec::Vec<u32> =
            (0..10_000_u32).filter(|customer| [1, 2].contains(&(customer % 100))).collect();
        assert_eq!(told, changed);
        assert_eq!(
            (0..10_000_u32).filter(|customer| noted.is_missing(&customer.to_be_bytes())).count(),
            1000
        );
    }
}
