//! The caret of a text field: it blinks for a while after the last input, and then rests. Where no graphics processor draws, as on servers
//! and over remote desktops, a window that draws itself anew twice a second takes a third of a processor.

use eframe::egui::Context;

/// For how many seconds it blinks: as long as GTK's (`gtk-cursor-blink-timeout`).
const BLINKS: f64 = 10.0;

/// When somebody touched the window last, in seconds of the window's own time.
#[derive(Debug, Default)]
pub struct Caret {
    touched: f64,
}

impl Caret {
    /// Lets it blink or rest in this frame, where it may blink at all.
    pub fn follow(&mut self, ctx: &Context, may_blink: bool) {
        let (time, is_touched) = ctx.input(|input| (input.time, !input.events.is_empty()));
        if is_touched {
            self.touched = time;
        }
        let blinks = may_blink && time - self.touched < BLINKS;
        if ctx.global_style().visuals.text_cursor.blink != blinks {
            ctx.all_styles_mut(|style| style.visuals.text_cursor.blink = blinks);
        }
    }
}
