//! The practice machines through the real engine: diagnosis, planner, helper, proof and way back.

mod files;
mod lessons;
mod session;
