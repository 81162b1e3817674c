//! The window: draws the state of [`app`](crate::app) and sends its commands. The only room that knows egui; it decides nothing.

mod caret;
mod fonts;
mod icons;
mod keys;
mod open;
mod pages;
mod paint;
mod shell;
mod text;
mod theme;
mod widgets;
mod window;
mod words;

pub use open::open;
pub use window::{Clock, Window};
