//! Work that several threads do side by side, because each waits for the system most of the time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Does `work` on `threads` threads, this one among them, and gives what each came to. Where the system gives no more threads, those that
/// are there do it all.
pub fn together<R: Send>(threads: usize, name: &str, work: impl Fn() -> R + Sync) -> Vec<R> {
    let work = &work;
    thread::scope(|scope| {
        let helpers: Vec<_> = (1..threads)
            .filter_map(|number| thread::Builder::new().name(format!("{name} {number}")).spawn_scoped(scope, work).ok())
            .collect();
        let mut done = vec![work()];
        done.extend(helpers.into_iter().map(|helper| helper.join().unwrap_or_else(|panic| thread_panicked(panic))));
        done
    })
}

/// Does `work` for each item, on `threads` threads at most; the answers are in the order of the items.
pub fn each<T: Sync, R: Send>(threads: usize, name: &str, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let parts = together(threads.min(items.len()), name, || {
        let mut part = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { return part };
            part.push((index, work(item)));
        }
    });
    let mut answers: Vec<(usize, R)> = parts.into_iter().flatten().collect();
    answers.sort_by_key(|(index, _)| *index);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

fn thread_panicked<R>(panic: Box<dyn std::any::Any + Send>) -> R {
    std::panic::resume_unwind(panic)
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::each;

    #[test]
    fn the_answers_are_in_the_order_of_the_items() {
        let items: Vec<u32> = (0..100).collect();
        for threads in [0, 1, 4, 200] {
            assert_eq!(each(threads, "test", &items, |item| item * 2), items.iter().map(|item| item * 2).collect::<Vec<_>>());
        }
        assert!(each(4, "test", &[], |item: &u32| *item).is_empty());
    }

    #[test]
    fn as_many_items_as_threads_are_worked_on_at_once_and_no_more() {
        let (meet, busy, most) = (Barrier::new(4), AtomicUsize::new(0), AtomicUsize::new(0));
        each(4, "test", &[(); 12], |()| {
            most.fetch_max(busy.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            meet.wait();
            busy.fetch_sub(1, Ordering::SeqCst);
        });
        assert_eq!(most.into_inner(), 4);
    }
}
