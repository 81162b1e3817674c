//! A saved Case opens again; what is none is refused with what is wrong and what to do.

use portmedic::case::Case;
use portmedic::report::{Format, Hide, report};

use crate::cases::{fixed, office};

#[test]
fn a_saved_case_is_the_same_again() {
    let case = fixed(office());
    assert_eq!(Case::from_json(&report(&case, Format::Json, &Hide::nothing()).text).unwrap(), case);
}
