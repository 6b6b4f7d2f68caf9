//! Pages of HTML: the document that SQL gathered, written by the engine.

mod report;
