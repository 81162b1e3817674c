//! Pictures of every page in every state, compared with those in `snapshots/`. Needs a Vulkan driver, also one in software.
//!
//! `UPDATE_SNAPSHOTS=1 cargo test --test window -- --ignored pictures` takes the new ones over, to be looked at and committed. Where a
//! picture differs, a `.diff.png` beside it shows where.

use std::collections::HashSet;

use eframe::egui::Theme;
use egui_kittest::{SnapshotOptions, SnapshotResults, try_image_snapshot_options};

use super::screen::View;
use super::states::{ALL, State};

/// So many pixels may differ: drivers round edges of arcs and glyphs differently.
const OTHER_PIXELS: usize = 40;

/// Other sizes and scales than the usual one, for the pages with the most in them.
const OTHER_VIEWS: [(&str, (f32, f32), f32); 6] = [
    ("01-home", (560.0, 440.0), 1.0),
    ("02-service", (700.0, 520.0), 1.0),
    ("04-owner", (960.0, 640.0), 1.0),
    ("04-owner", (560.0, 440.0), 2.0),
    ("05-fix", (860.0, 560.0), 1.5),
    ("07-verify", (700.0, 520.0), 1.0),
];

#[test]
#[ignore = "needs a Vulkan driver; .ci/run has one"]
fn pictures_in_light() {
    compare_all(Theme::Light, "light");
}

#[test]
#[ignore = "needs a Vulkan driver; .ci/run has one"]
fn pictures_in_dark() {
    compare_all(Theme::Dark, "dark");
}

#[test]
#[ignore = "needs a Vulkan driver; .ci/run has one"]
fn pictures_of_other_sizes_and_scales() {
    let mut results = SnapshotResults::new();
    for (name, size, pixels_per_point) in OTHER_VIEWS {
        let state = ALL.iter().find(|state| state.name == name).unwrap();
        let view = View { size, pixels_per_point, ..pictures(Theme::Light) };
        compare(&mut results, state, view, &format!("{name}-{}x{}-at-{pixels_per_point}", size.0, size.1));
    }
}

fn compare_all(theme: Theme, word: &str) {
    let mut results = SnapshotResults::new();
    for state in ALL {
        let view = View { pixels_per_point: 1.0, ..pictures(theme) };
        compare(&mut results, state, view, &format!("{}-{word}", state.name));
    }
}

fn pictures(theme: Theme) -> View {
    View { theme, pictures: true, ..View::default() }
}

/// What differs is kept in `results`, which tell all of it at their end.
fn compare(results: &mut SnapshotResults, state: &State, view: View, name: &str) {
    let mut screen = state.open(view);
    screen.harness.remove_cursor();
    screen.harness.run_steps(2);
    let picture = screen.harness.render().unwrap();
    let colors: HashSet<_> = picture.pixels().step_by(97).collect();
    assert!(colors.len() > 16, "{name} is nearly blank");
    let options = SnapshotOptions::new().output_path("tests/window/snapshots").max_failed_pixels(OTHER_PIXELS);
    results.add(try_image_snapshot_options(&picture, name, &options));
}
