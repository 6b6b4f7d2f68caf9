//! How much there may be of anything: every limit that a user can meet, with the reason for it.
//!
//! `tests/house.rs` holds `docs/limits.md` and its Chinese twin against these.

/// The longest document, in bytes of UTF-8: 1 MiB. The largest scheme of the catalogue has a fiftieth of it.
pub const DOCUMENT_BYTES: usize = 1 << 20;

/// The longest XML file, in bytes: a decision table of 10 000 rules and ten inputs, with all the ids that editors give, has 12 MiB.
pub const XML_BYTES: usize = 16 << 20;

/// The most attributes of an element, and the most namespaces that may be in sight: the reader compares each with all others.
pub const XML_ATTRIBUTES: usize = 100;

/// The most elements and texts of an XML file: 72 bytes each while it is read.
pub const XML_NODES: u32 = 2_000_000;

/// The deepest nesting of a document: what serde_json reads without recursing too far.
pub const DOCUMENT_LEVELS: usize = 127;

/// The most inputs of a scheme: a positional call passes them beside scheme and as-of, and PostgreSQL's
/// `FUNC_MAX_ARGS` is 100.
pub const INPUTS: usize = 98;

/// The most values that `allowed` may list: rows are compared with one after the other.
pub const ALLOWED_VALUES: usize = 1000;

/// The most days that a file of events may have: more than a document of them would hold.
pub const FILE_DAYS: usize = 40_000;

/// The most tiers of a scheme, far beyond what anybody can tell apart.
pub const TIERS: usize = 1000;

/// The most bins of a characteristic: as many as tiers, since the bins of `bands` are those.
pub const BINS: usize = 1000;

/// The most rules of a decision table: each customer may have to try them all.
pub const RULES: usize = 10_000;

/// The most rows that one rule may become in a decision table of another format, which knows no "or" between inputs.
pub const ROWS_OF_A_RULE: usize = 1000;

/// The most predicates inside each other that a file may have for one bin: each is compared with the others.
pub const PREDICATES: usize = 200;

/// The most cells of a matrix: as many tiers are stored, 2 bytes each.
pub const CELLS: usize = 100_000;

/// The most actions in the strategy of a tier or an overlay.
pub const ACTIONS: usize = 200;

/// Digits that a number of a document may have before the point.
pub const INTEGER_DIGITS: u32 = 16;

/// Digits that it may have after the point, which a comparison key resolves.
pub const FRACTION_DIGITS: u32 = 12;

/// Digits of a sum of amounts: a whole number of so many digits and its sign fit 128 bits.
pub const SUM_DIGITS: u8 = 38;

/// The first and the last year of a date: those of jiff's calendar.
pub const YEARS: (i16, i16) = (-9999, 9999);

/// The longest duration, in days: 100 years of 365.25 days, beyond any rhythm of business.
pub const DURATION_DAYS: u32 = 36_525;

/// The same in years.
pub const DURATION_YEARS: i32 = 100;

/// Working days over which an answer may be due before it is refused: more than the longest duration has, and
/// the bound of the work done where days have minutes of working time.
pub const RESPONSE_WORKING_DAYS: u32 = 40_000;

/// Different values of an input up to which a fit is exact: each has 16 bytes in the state.
pub const FIT_EXACT_VALUES: usize = 1 << 16;

/// Different values of an input that a fit to an outcome tells apart: buckets of a histogram, of which there is one
/// of the customers with the outcome and one of the others. It coarsens beyond; its bins are much wider.
pub const OUTCOME_VALUES: usize = 1 << 14;

/// Different texts of an input, where any may come, that a fit to an outcome counts: what has more is a name or a key.
pub const OUTCOME_TEXTS: usize = 1 << 16;

/// Bytes of all those texts.
pub const OUTCOME_TEXT_BYTES: usize = 8 << 20;

/// The most texts that a fit to an outcome names in bins, where any may come: rows are compared with one after the other.
pub const NAMED_TEXTS: usize = 200;

/// Fine bins of a characteristic, of which a fit to an outcome makes its bins: twice as many with a trend. The work grows
/// with their square.
pub const FINE_BINS: usize = 200;

/// The square of the different values of a characteristic, times the bins that it may have, within which every value is
/// a fine bin: a thousand values in six bins take a tenth of a second and 70 MB.
pub const FINE_BIN_WORK: usize = 6_000_000;

/// The most bins that a fit to an outcome may be asked for: nobody reads more.
pub const LEARNED_BINS: u32 = 50;

/// Different combinations of bins that a fit to an outcome keeps: 2^20, unless there are so many characteristics that
/// they would take more than the bins below. Beyond, it keeps those whose hash begins with a zero, and so on.
pub const COMBINATIONS: usize = 1 << 20;

/// Bins of all combinations: 2 bytes each.
pub const COMBINATION_BINS: usize = 1 << 24;

/// The greatest weight of a customer.
pub const CUSTOMER_WEIGHT: f64 = 1e9;

/// Buckets of a distribution before it coarsens: 64 KiB in a row.
pub const DISTRIBUTION_BUCKETS: usize = 8192;

/// Different values that an exact distribution holds: 16 MiB in a row.
pub const DISTRIBUTION_EXACT_VALUES: usize = 1 << 20;

/// Different tiers that a tier mix or a migration counts: those of many schemes, and no wrong column.
pub const TALLY_TIERS: usize = 1 << 16;

/// The most periods of a horizon over which lifetime value is summed up.
pub const HORIZON_PERIODS: usize = 10_000;

/// Combinations of inputs, times rules, that the check of a scheme tries: well under a second.
pub const CHECK_TRIALS: usize = 4_000_000;

/// Different partial sums of a score that the check of a scheme follows.
pub const CHECK_SUMS: usize = 200_000;

/// Names that an error lists; it tells how many more there are.
pub(crate) const SHOWN: usize = 20;
