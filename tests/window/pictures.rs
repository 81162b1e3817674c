//! Draws every page in both themes into `target/pictures`, to be looked at. Needs a Vulkan driver, also one in software.

use std::path::Path;
use std::sync::Arc;

use eframe::egui::{Key, Modifiers, Theme};
use portmedic::app::Page;

use super::computer::{Computer, Script};
use super::screen::Screen;

fn save(screen: &mut Screen, name: &str, theme: Theme) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../pictures");
    std::fs::create_dir_all(&folder).unwrap();
    screen.harness.remove_cursor();
    screen.harness.run_steps(2);
    let picture = screen.harness.render().unwrap();
    let colors: std::collections::HashSet<_> = picture.pixels().step_by(97).collect();
    assert!(colors.len() > 16, "{name} is nearly blank");
    let theme = if theme == Theme::Dark { "dark" } else { "light" };
    picture.save(folder.join(format!("{name}-{theme}.png"))).unwrap();
}

fn open(script: Script, theme: Theme) -> Screen {
    open_sized(script, theme, 1100.0, 720.0)
}

fn open_sized(script: Script, theme: Theme, width: f32, height: f32) -> Screen {
    let computer = Arc::new(Computer::new(script));
    let mut screen = Screen::open_as(&computer, theme, width, height, true);
    screen.until("the services", |screen| !screen.is_looking_at_services());
    screen
}

fn to_owner(screen: &mut Screen) {
    screen.type_into("Service, port or error text", "postgresql");
    screen.press(Key::Enter);
    screen.until("the finding", |screen| screen.harness.state().state().case().is_some());
    screen.press(Key::Enter);
    assert_eq!(screen.page(), Page::Owner);
}

#[test]
#[ignore = "needs a Vulkan driver; .ci/run has one"]
fn pictures_of_every_page() {
    for theme in [Theme::Light, Theme::Dark] {
        let mut screen = open(Script::Healed, theme);
        save(&mut screen, "01-home", theme);
        screen.press_with(Modifiers::ALT, Key::Num1);
        screen.click_starting_with("PostgreSQL, postgresql.service");
        save(&mut screen, "02-service", theme);
        screen.click("Check port of PostgreSQL");
        screen.until("the finding", |screen| screen.harness.state().state().case().is_some());
        save(&mut screen, "03-port", theme);
        screen.click("Find the owner");
        save(&mut screen, "04-owner", theme);
        screen.click("Show the fixes");
        save(&mut screen, "05-fix", theme);
        screen.click("Apply 3 steps\u{2026}");
        screen.wait_for("All 3 steps are done");
        save(&mut screen, "06-apply-done", theme);
        screen.click("Verify");
        screen.wait_for("Fixed: PostgreSQL");
        save(&mut screen, "07-verify", theme);
        screen.click("Make the report");
        assert_eq!(screen.page(), Page::Report);
        save(&mut screen, "08-report", theme);
        screen.click("History");
        screen.wait_for("Undo: Close");
        save(&mut screen, "09-history", theme);
        screen.click("Settings");
        save(&mut screen, "10-settings", theme);
    }
}

#[test]
#[ignore = "needs a Vulkan driver; .ci/run has one"]
fn pictures_of_what_goes_wrong() {
    for theme in [Theme::Light, Theme::Dark] {
        let mut screen = open(Script::NothingFound, theme);
        save(&mut screen, "11-home-empty", theme);
        screen.press_with(Modifiers::ALT, Key::Num1);
        save(&mut screen, "12-service-empty", theme);
        screen.press_with(Modifiers::ALT, Key::ArrowLeft);
        screen.type_into("Service, port or error text", "5432");
        screen.press(Key::Enter);
        screen.until("the finding", |screen| screen.harness.state().state().case().is_some());
        screen.click("Show the finding");
        save(&mut screen, "13-owner-free", theme);

        let mut screen = open(Script::CannotLook, theme);
        screen.type_into("Service, port or error text", "5432");
        screen.press(Key::Enter);
        screen.wait_for("could not be looked into");
        save(&mut screen, "14-port-error", theme);

        for (script, name, said) in [
            (Script::Declined, "15-declined", "The prompt was declined"),
            (Script::SecondStepFails, "16-stopped", "The fix stopped after 1 of 3 steps"),
            (Script::WaitsForEver, "17-waiting", "Waiting for approval"),
            (Script::RunsForEver, "18-running", "Step 3 of 3"),
        ] {
            let mut screen = open(script, theme);
            to_owner(&mut screen);
            screen.click("Show the fixes");
            screen.click("Apply 3 steps\u{2026}");
            screen.wait_for(said);
            save(&mut screen, name, theme);
        }

        let mut screen = open(Script::NotFixed, theme);
        to_owner(&mut screen);
        screen.click("Show the fixes");
        screen.click_starting_with("End bkagent");
        screen.click("Apply 3 steps\u{2026}");
        save(&mut screen, "19-confirm", theme);
        screen.click("End process\u{2026}");
        screen.wait_for("All 2 steps are done");
        screen.click("Verify");
        screen.wait_for("Not fixed");
        save(&mut screen, "20-not-fixed", theme);
        screen.press_with(Modifiers::ALT, Key::Num3);
        save(&mut screen, "21-toast", theme);
    }
}

#[test]
#[ignore = "needs a Vulkan driver; .ci/run has one"]
fn pictures_of_small_windows() {
    for (width, height) in [(960.0, 640.0), (760.0, 520.0), (560.0, 440.0)] {
        let mut screen = open_sized(Script::Healed, Theme::Light, width, height);
        save(&mut screen, &format!("30-home-{width}"), Theme::Light);
        to_owner(&mut screen);
        save(&mut screen, &format!("31-owner-{width}"), Theme::Light);
        screen.press(Key::Enter);
        save(&mut screen, &format!("32-fix-{width}"), Theme::Light);
        screen.press_with(Modifiers::ALT, Key::Num7);
        save(&mut screen, &format!("33-report-{width}"), Theme::Light);
        screen.press_with(Modifiers::ALT, Key::Num1);
        save(&mut screen, &format!("34-service-{width}"), Theme::Light);
    }
}
