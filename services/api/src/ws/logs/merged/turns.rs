use std::task::Poll;

/// Whose turn it is: one frame each, so that a log which floods the viewer holds up no other.
#[derive(Debug, Default)]
pub(super) struct Turns(usize);

impl Turns {
    /// Asks each of `count` from the one on whose turn it is, until one has something.
    pub(super) fn next<T>(
        &mut self,
        count: usize,
        mut poll: impl FnMut(usize) -> Poll<T>,
    ) -> Poll<(usize, T)> {
        for step in 0..count {
            let index = (self.0 + step) % count;
            if let Poll::Ready(news) = poll(index) {
                self.0 = index + 1;
                return Poll::Ready((index, news));
            }
        }
        Poll::Pending
    }

    /// One has left, and those behind it have moved up.
    pub(super) const fn left(&mut self, index: usize) {
        if index < self.0 {
            self.0 -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each sends that has so many frames ready, in order.
    fn order(mut ready: Vec<usize>, leaves: bool) -> Vec<usize> {
        let mut names: Vec<usize> = (0..ready.len()).collect();
        let (mut turns, mut order) = (Turns::default(), Vec::new());
        loop {
            let polled = turns.next(ready.len(), |index| match ready[index] {
                0 => Poll::Pending,
                _ => Poll::Ready(()),
            });
            let Poll::Ready((index, ())) = polled else { return order };
            order.push(names[index]);
            ready[index] -= 1;
            if leaves && ready[index] == 0 {
                ready.remove(index);
                names.remove(index);
                turns.left(index);
            }
        }
    }

    #[test]
    fn who_floods_holds_up_nobody() {
        assert_eq!(order(vec![4, 1, 2], false), [0, 1, 2, 0, 2, 0, 0]);
        assert_eq!(order(vec![0, 3, 0], false), [1, 1, 1]);
        assert_eq!(order(vec![], false), [0; 0]);
    }

    #[test]
    fn nobody_is_passed_over_when_another_leaves() {
        assert_eq!(order(vec![1, 2, 2], true), [0, 1, 2, 1, 2]);
        assert_eq!(order(vec![3, 1, 1, 2], true), [0, 1, 2, 3, 0, 3, 0]);
    }
}
