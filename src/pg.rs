//! What PostgreSQL is to the rest: arguments and results, memory, snapshots, numbers and dates. Few other
//! files reach for `pg_sys` themselves.

pub mod call;
pub mod date;
pub mod enums;
pub mod expanded;
pub mod heap;
pub mod memory;
pub mod messages;
pub mod multirange;
pub mod name_type;
pub mod numeric;
pub mod row;
pub mod snapshot;
