use std::panic::catch_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::Duration;

use super::*;

#[test]
fn results_come_in_the_order_of_the_items_whatever_the_threads() {
    for threads in [0, 1, 2, 8] {
        for count in [0u64, 1, 2, 3, 17, 500] {
            let mut seen = Vec::new();
            let work = |item: u64| {
                sleep(Duration::from_micros(item * 7919 % 97));
                item * item
            };
            let outcome: Result<(), ()> = ordered(threads, 0..count, work, |result| {
                seen.push(result);
                Ok(())
            });
            assert_eq!(outcome, Ok(()));
            assert_eq!(seen, (0..count).map(|item| item * item).collect::<Vec<_>>());
        }
    }
}

#[test]
fn no_more_items_are_under_way_than_promised() {
    let (made, consumed, most) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let items = (0..200).inspect(|_| {
        let made = made.fetch_add(1, Ordering::SeqCst) + 1;
        most.fetch_max(made - consumed.load(Ordering::SeqCst), Ordering::SeqCst);
    });
    let slow = |_| {
        sleep(Duration::from_micros(200));
        consumed.fetch_add(1, Ordering::SeqCst);
        Ok::<(), ()>(())
    };
    ordered(2, items, |item| item, slow).unwrap();
    assert!(most.load(Ordering::SeqCst) <= 5, "{most:?}");
    assert!(most.load(Ordering::SeqCst) >= 4, "{most:?}");
}

#[test]
fn an_error_of_the_consumer_ends_an_endless_input() {
    let outcome = ordered(4, 0u64.., |item| item, |result| if result < 100 { Ok(()) } else { Err(result) });
    assert_eq!(outcome, Err(100));
}

#[test]
fn panics_reach_the_caller_with_their_message() {
    let work = |item: u32| {
        assert!(item != 50, "work broke at {item}");
        item
    };
    let payload = catch_unwind(|| ordered(3, 0u32.., work, |_| Ok::<(), ()>(()))).unwrap_err();
    assert_eq!(payload.downcast_ref::<String>().unwrap(), "work broke at 50");

    let items = (0..).inspect(|item: &u32| assert!(*item != 20, "items broke"));
    let payload =
        catch_unwind(AssertUnwindSafe(|| ordered(3, items, |item| item, |_| Ok::<(), ()>(())))).unwrap_err();
    assert_eq!(*payload.downcast_ref::<&str>().unwrap(), "items broke");

    let consume = |result: u32| if result < 10 { Ok::<(), ()>(()) } else { panic!("consume broke") };
    let payload = catch_unwind(AssertUnwindSafe(|| ordered(3, 0u32.., |item| item, consume))).unwrap_err();
    assert_eq!(*payload.downcast_ref::<&str>().unwrap(), "consume broke");
}
