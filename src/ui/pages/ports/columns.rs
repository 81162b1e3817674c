//! Where the columns are, and which ones a narrow list drops.

use crate::app::ports::Column;

/// Below this width columns go.
const NARROW: f32 = 720.0;
/// The room that the last column needs.
const PROGRAM: f32 = 180.0;
/// The room that the last column keeps before others grow.
const PROGRAM_GENEROUS: f32 = 268.0;

/// A column at its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Which one.
    pub column: Column,
    /// Its left end, from the left end of the list.
    pub left: f32,
    /// Its width.
    pub width: f32,
}

impl Place {
    /// Whether its text stands at the right end.
    pub const fn is_right(self) -> bool {
        matches!(self.column, Column::Port | Column::Pid)
    }
}

/// The columns of a list that is `width` wide.
pub fn places(width: f32) -> Vec<Place> {
    let mut columns = Column::ALL.to_vec();
    if width < NARROW {
        columns.retain(|column| *column != Column::Local);
        for dropped in [Column::Pid, Column::Remote] {
            if width - fixed(&columns) < PROGRAM {
                columns.retain(|column| *column != dropped);
            }
        }
    }
    // Addresses take what the last column does not need: those of IPv6 are long.
    let mut spare = (width - fixed(&columns) - PROGRAM_GENEROUS).max(0.0);
    let mut left = 0.0;
    let mut places = Vec::new();
    for column in columns {
        let more = match column {
            Column::Local => (spare * 0.4).min(160.0),
            Column::Remote => spare.min(200.0),
            _ => 0.0,
        };
        spare -= more;
        let own = if column == Column::Program { width - left } else { usual(column) + more.floor() };
        places.push(Place { column, left, width: own });
        left += own;
    }
    places
}

const fn usual(column: Column) -> f32 {
    match column {
        Column::Protocol => 60.0,
        Column::Port => 72.0,
        Column::Local => 108.0,
        Column::Remote => 148.0,
        Column::State => 116.0,
        Column::Pid => 56.0,
        Column::Program => 0.0,
    }
}

fn fixed(columns: &[Column]) -> f32 {
    columns.iter().map(|column| usual(*column)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(width: f32) -> Vec<Column> {
        places(width).iter().map(|place| place.column).collect()
    }

    #[test]
    fn a_wide_list_has_every_column_and_fills_its_width() {
        for width in [816.0, 1200.0, 2400.0] {
            assert_eq!(shown(width), Column::ALL);
            let last = *places(width).last().unwrap();
            assert!((last.left + last.width - width).abs() < 0.5);
        }
    }

    #[test]
    fn narrow_lists_drop_the_local_address_first_then_the_process_number_then_the_far_end() {
        use Column::{Pid, Port, Program, Protocol, Remote, State};
        assert_eq!(shown(676.0), [Protocol, Port, Remote, State, Pid, Program]);
        assert_eq!(shown(580.0), [Protocol, Port, Remote, State, Program]);
        assert_eq!(shown(440.0), [Protocol, Port, State, Program]);
    }
}
