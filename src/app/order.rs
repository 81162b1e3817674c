//! In which order the rows of a table are.

use std::cmp::Ordering;

/// A column by which rows can be put in order.
pub trait SortColumn: Copy + PartialEq {
    /// Whether the first press on its head puts the greatest first, as for counts, of which the most tells most.
    fn starts_descending(self) -> bool;
}

/// An order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order<C> {
    /// The column that decides first.
    pub by: C,
    /// Whether the greatest comes first.
    pub descending: bool,
}

impl<C: SortColumn> Order<C> {
    /// The usual way round of this column.
    pub fn usual(column: C) -> Self {
        Self { by: column, descending: column.starts_descending() }
    }

    /// The order after a press on a head: the other way round where it decides already.
    #[must_use]
    pub fn pressed(self, column: C) -> Self {
        if self.by == column { Self { descending: !self.descending, ..self } } else { Self::usual(column) }
    }

    /// What the values of the column say, the right way round.
    pub const fn directed(self, ordering: Ordering) -> Ordering {
        if self.descending { ordering.reverse() } else { ordering }
    }
}

#[cfg(test)]
mod tests {
    use super::{Order, SortColumn};

    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Column {
        Name,
        Count,
    }

    impl SortColumn for Column {
        fn starts_descending(self) -> bool {
            self == Self::Count
        }
    }

    #[test]
    fn a_second_press_turns_the_order_round_and_another_column_begins_its_own_way() {
        let order = Order::usual(Column::Name);
        assert!(!order.descending && order.pressed(Column::Name).descending);
        let counts = order.pressed(Column::Name).pressed(Column::Count);
        assert_eq!(counts, Order { by: Column::Count, descending: true });
        assert!(!counts.pressed(Column::Count).descending);
    }
}
