//! Lines in which calls wait for their turn: the first of each line has it, the others follow one by one.

use std::collections::{BTreeMap, HashMap, VecDeque};

use crate::call::{Line, Ticket};

/// All lines. A call has one place in one line, from when it enters until it has ended.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    lines: HashMap<Line, VecDeque<Ticket>>,
    places: BTreeMap<Ticket, Line>,
}

impl Lines {
    /// How many stand in lines.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// Puts a call at the end of a line.
    pub(crate) fn enter(&mut self, ticket: Ticket, line: Line) {
        if self.places.insert(ticket, line).is_none() {
            self.lines.entry(line).or_default().push_back(ticket);
        }
    }

    /// Takes a call out of its line, if it stands in one, and says who comes first by that.
    pub(crate) fn leave(&mut self, ticket: Ticket) -> Option<Ticket> {
        let line = self.places.remove(&ticket)?;
        let queue = self.lines.get_mut(&line)?;
        let place = queue.iter().position(|waiting| *waiting == ticket)?;
        queue.remove(place);
        if queue.is_empty() {
            self.lines.remove(&line);
            return None;
        }
        if place == 0 { queue.front().copied() } else { None }
    }

    /// True if a call stands in a line.
    pub(crate) fn contains(&self, ticket: Ticket) -> bool {
        self.places.contains_key(&ticket)
    }

    /// True if a call is the first of its line.
    pub(crate) fn is_first(&self, ticket: Ticket) -> bool {
        let line = self.places.get(&ticket).and_then(|line| self.lines.get(line));
        line.and_then(VecDeque::front) == Some(&ticket)
    }

    /// Everyone, the oldest ticket first.
    pub(crate) fn tickets(&self) -> impl Iterator<Item = Ticket> + '_ {
        self.places.keys().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_has_its_own_first_and_whoever_leaves_lets_the_next_come() {
        let (one, two) = (Line::Channel(1.into()), Line::Channel(2.into()));
        let mut lines = Lines::default();
        for (ticket, line) in [(1, one), (2, one), (3, two), (4, one)] {
            lines.enter(Ticket(ticket), line);
        }
        assert!(lines.is_first(Ticket(1)) && lines.is_first(Ticket(3)) && !lines.is_first(Ticket(2)));
        assert_eq!(lines.leave(Ticket(2)), None, "it was not the first");
        assert_eq!(lines.leave(Ticket(1)), Some(Ticket(4)));
        assert_eq!(lines.leave(Ticket(4)), None);
        assert_eq!(lines.leave(Ticket(4)), None);
        assert_eq!(lines.len(), 1);
        assert_eq!(lines.lines.len(), 1, "an empty line is forgotten");
    }

    #[test]
    fn to_enter_again_keeps_the_place() {
        let line = Line::Channel(1.into());
        let mut lines = Lines::default();
        for ticket in [1, 2, 1] {
            lines.enter(Ticket(ticket), line);
        }
        assert_eq!(lines.leave(Ticket(1)), Some(Ticket(2)));
    }
}
