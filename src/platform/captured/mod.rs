//! Files from another machine in the place of a computer.

pub mod files;
