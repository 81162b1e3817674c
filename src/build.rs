//! Nothing to generate on Linux.

fn main() {
    println!("cargo::rerun-if-changed=src/build.rs");
}
