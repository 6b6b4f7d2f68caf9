//! Keeps the linker from dropping the section in which pgrx describes the SQL objects: nothing in the
//! library refers to it, and `cargo pgrx install` reads it after linking. Our own tools do without it.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        println!("cargo:rustc-cdylib-link-arg=-Wl,--no-gc-sections");
    }
}
