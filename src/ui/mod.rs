//! The window: draws the state of [`app`](crate::app) and sends its commands. The only room that knows egui; it decides nothing.

pub mod fonts;
pub mod icons;
pub mod keys;
pub mod paint;
pub mod text;
pub mod theme;
pub mod widgets;
