//! The window with the real investigation, the real helper and the real proof.

use portmedic::app::Page;

use super::facts::{Facts, Manner};
use super::screen::Screen;

#[test]
fn the_real_flows_heal_a_computer_and_take_it_back() {
    let facts = Facts::new(Manner::Obeys);
    let mut screen = Screen::open(&facts.computer());
    screen.wait_for("db.service");
    screen.click("Check db.service");
    screen.until("the finding", |screen| screen.harness.state().state().case().is_some());
    screen.click("Find the owner");
    assert!(screen.has("blocks the port"));
    screen.click("Show the fixes");
    screen.click_primary();
    screen.wait_for("steps are done");
    screen.click("Verify");
    screen.wait_for("Fixed: ");
    assert!(screen.has("checks passed"), "every check is counted");
    assert!(screen.has("Port 5432 stays excluded after a restart"));
    screen.click("Make the report");
    assert_eq!(screen.page(), Page::Report);
    assert!(screen.says().iter().any(|said| said == "Fixed"), "the report says what it came to");

    screen.click("History");
    screen.wait_for("Exclude 5432");
    screen.click_starting_with("Undo: ");
    screen.wait_for("What was there before the change is put back");
    screen.click("Undo");
    screen.wait_for("The change was taken back");
    assert!(facts.change(|facts| facts.exclusions.is_empty()), "nothing is excluded any more");
}
