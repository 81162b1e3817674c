//! The fonts of the window, from `assets/fonts`.

use std::sync::Arc;

use eframe::egui::{Context, FontData, FontDefinitions, FontFamily};

/// Inter Medium: row names, buttons, labels.
pub const MEDIUM: &str = "medium";
/// Inter SemiBold: headlines and titles.
pub const SEMIBOLD: &str = "semibold";
/// Lucide: the icons.
pub const ICONS: &str = "icons";

/// Gives egui the fonts. Before the first text is laid out, so before the first frame; what a font lacks comes from the system's fonts.
pub fn install(ctx: &Context) {
    ctx.set_fonts(definitions());
}

fn definitions() -> FontDefinitions {
    let fonts: [(&str, FontFamily, &'static [u8]); 5] = [
        ("Inter Regular", FontFamily::Proportional, include_bytes!("../../assets/fonts/Inter-Regular.ttf")),
        ("Inter Medium", FontFamily::Name(MEDIUM.into()), include_bytes!("../../assets/fonts/Inter-Medium.ttf")),
        ("Inter SemiBold", FontFamily::Name(SEMIBOLD.into()), include_bytes!("../../assets/fonts/Inter-SemiBold.ttf")),
        ("JetBrains Mono", FontFamily::Monospace, include_bytes!("../../assets/fonts/JetBrainsMonoNL-Regular.ttf")),
        ("Lucide", FontFamily::Name(ICONS.into()), include_bytes!("../../assets/fonts/Lucide-subset.ttf")),
    ];
    let mut definitions = FontDefinitions::empty();
    for (name, family, bytes) in fonts {
        definitions.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
        definitions.families.insert(family, vec![name.to_owned()]);
    }
    definitions
}

#[cfg(test)]
mod tests {
    use eframe::egui::text::LayoutJob;
    use eframe::egui::{Color32, FontId};
    use eframe::epaint::text::{Fonts, TextOptions};

    use super::*;
    use crate::ui::icons::Icon;

    fn width(text: &str, family: FontFamily) -> f32 {
        let mut fonts = Fonts::new(TextOptions::default(), definitions());
        let job = LayoutJob::simple_singleline(text.to_owned(), FontId::new(14.0, family), Color32::PLACEHOLDER);
        fonts.with_pixels_per_point(1.0).layout_job(job).size().x
    }

    #[test]
    fn every_icon_is_in_the_icon_font() {
        let mut fonts = Fonts::new(TextOptions::default(), definitions());
        let font = FontId::new(16.0, FontFamily::Name(ICONS.into()));
        for icon in Icon::ALL {
            assert!(
                fonts.with_pixels_per_point(1.0).has_glyph(&font, icon.glyph()),
                "{icon:?} is missing: run assets/fonts/build.py"
            );
        }
    }

    #[test]
    fn figures_are_as_wide_as_each_other_in_every_face() {
        for family in [FontFamily::Proportional, FontFamily::Name(MEDIUM.into()), FontFamily::Name(SEMIBOLD.into())] {
            assert!((width("11111111", family.clone()) - width("08976543", family)).abs() < 0.5);
        }
    }

    #[test]
    fn commands_keep_their_characters_instead_of_ligatures() {
        for text in ["->", "!=", "=>"] {
            let apart: f32 = text.chars().map(|c| width(&c.to_string(), FontFamily::Monospace)).sum();
            assert!((width(text, FontFamily::Monospace) - apart).abs() < 0.5, "{text}");
        }
    }
}
