//! The dynamic range is set, in the running kernel and for the next start.

use crate::answer::portmedic;
use crate::kernel::{self, RANGE, RESERVED};
use crate::next_start::{files, next_start};
use crate::room::Scenario;

pub const ALL: &[Scenario] = &[
    ("range sets both stores", set),
    ("undo of range restores both stores exactly", undo),
    ("range refuses what the kernel would refuse", refused),
    ("range without consent changes nothing", no_consent),
    ("range counts the ports that clients can get without the excluded ones", count),
];

fn set() {
    let answer = portmedic(&["range", "40000-50001", "--yes", "--json"]);
    answer.has_code(0);
    assert_eq!(answer.json["outcome"], "fixed");
    assert_eq!(answer.json["steps"][0]["operation"], "set_dynamic_range");
    assert_eq!(kernel::setting(RANGE), "40000\t50001");
    let next: Vec<_> = next_start(RANGE).unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    assert_eq!(next, ["40000", "50001"]);
}

fn undo() {
    kernel::set(RANGE, "30000 39999");
    portmedic(&["range", "40000-50001", "--yes"]).has_code(0);
    portmedic(&["undo", "--yes", "--json"]).has_code(0);
    assert_eq!(kernel::setting(RANGE), "30000\t39999");
    assert!(files().is_empty(), "{:?}", files());
}

fn refused() {
    let before = kernel::setting(RANGE);
    for range in ["50000-40000", "0-100", "40000-70000", "80-100", "40000", "", "a-b"] {
        let answer = portmedic(&["range", range, "--yes", "--json"]);
        assert_eq!(answer.code, 2, "range {range}: {answer:?}");
        assert_eq!(kernel::setting(RANGE), before, "range {range}");
        assert!(files().is_empty(), "range {range}: {:?}", files());
    }
}

fn no_consent() {
    let before = kernel::setting(RANGE);
    portmedic(&["range", "40000-50001"]).has_code(3);
    portmedic(&["range", "40000-50001", "--dry-run"]).has_code(0);
    assert_eq!(kernel::setting(RANGE), before);
    assert!(files().is_empty(), "{:?}", files());
}

fn count() {
    kernel::set(RESERVED, "1433,40010-40019");
    let answer = portmedic(&["range", "40000-40999", "--dry-run", "--json"]);
    let effect = answer.json["plan"]["options"][0]["effect"].to_string();
    assert!(effect.contains("one of 990 ports"), "{effect}");
}
