//! Who gets the Enter key: a focused button or link takes it; everywhere else it presses the page's primary button.

use eframe::egui::{Context, Id, Key, Ui};

fn passing() -> Id {
    Id::unique("the focused widget leaves Enter to the page")
}

/// Says that the focused widget `id` has no use for Enter.
pub fn enter_is_for_the_page(ui: &Ui, id: Id) {
    ui.ctx().data_mut(|data| data.insert_temp(passing(), id));
}

/// Whether Enter was pressed and belongs to the page: nothing has the focus, or what has it leaves Enter to the page.
pub fn page_enter(ctx: &Context) -> bool {
    if !ctx.input(|input| input.key_pressed(Key::Enter)) || ctx.memory(|memory| memory.top_modal_layer().is_some()) {
        return false;
    }
    match ctx.memory(eframe::egui::Memory::focused) {
        None => true,
        Some(id) => ctx.data(|data| data.get_temp::<Id>(passing())) == Some(id),
    }
}
