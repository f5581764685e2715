//! Places, pauses and distances, on a clock of their own.

use super::*;

/// The server refuses a request; whether all were meant.
fn refuse_one(pacer: &Pacer, request: u64, told: Option<Duration>) -> bool {
    let asked = Asked { itself: true, wait: told, served: 0, of_a_rate: true };
    let all = pacer.asked(&mut Patience::of(request), asked) == Meant::All;
    if all {
        pacer.throttled(request, told);
    }
    all
}

/// The server refuses one request after the other, until all are meant.
fn refuse(pacer: &Pacer, told: Option<Duration>) {
    assert!((0..1_000).any(|request| refuse_one(pacer, request, told)));
}

#[tokio::test(start_paused = true)]
async fn places_follow_the_limit_down_and_up() {
    let pacer = Pacer::new(64, None);
    assert_eq!((pacer.limit(), pacer.permits.available_permits()), (4, 4));
    let places = [pacer.place().await, pacer.place().await, pacer.place().await, pacer.place().await];
    refuse(&pacer, None);
    refuse(&pacer, None);
    assert_eq!(pacer.limit(), 2);
    drop(places);
    assert_eq!(pacer.permits.available_permits(), 2);
    for _ in 0..500 {
        tokio::time::advance(Duration::from_millis(20)).await;
        pacer.answered(Duration::from_millis(20));
    }
    assert_eq!((pacer.limit(), pacer.permits.available_permits()), (3, 3), "below where it was throttled");
    pacer.restart();
    for _ in 0..500 {
        tokio::time::advance(Duration::from_millis(20)).await;
        pacer.answered(Duration::from_millis(20));
    }
    assert_eq!((pacer.limit(), pacer.permits.available_permits()), (64, 64));
}

#[tokio::test(start_paused = true)]
async fn a_pause_holds_everyone() {
    let pacer = Pacer::new(2, None);
    let start = Instant::now();
    pacer.throttled(3, Some(Duration::from_mins(1)));
    refuse(&pacer, None);
    drop(pacer.place().await);
    assert_eq!(start.elapsed(), Duration::from_mins(1));
    pacer.unavailable(Some(Duration::from_mins(2)));
    drop(pacer.place().await);
    assert_eq!(start.elapsed(), Duration::from_mins(3));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_when_to_come_back_gets_as_many_at_a_time_and_less_often() {
    let pacer = Pacer::new(64, None);
    let start = Instant::now();
    for _ in 0..500 {
        drop(pacer.place().await);
        tokio::time::advance(Duration::from_millis(1)).await;
        pacer.answered(Duration::from_millis(1));
    }
    let limit = pacer.limit();
    refuse(&pacer, Some(Duration::from_secs(1)));
    assert_eq!(pacer.limit(), limit);
    // 1,000 a second were too many.
    drop(pacer.place().await);
    assert_eq!(start.elapsed(), Duration::from_millis(1500));
    drop(pacer.place().await);
    assert_eq!(start.elapsed(), Duration::from_millis(1502));
    pacer.restart();
    drop((pacer.place().await, pacer.place().await));
    assert_eq!(start.elapsed(), Duration::from_millis(1502));
}

#[tokio::test(start_paused = true)]
async fn one_in_fifty_that_is_refused_waits_for_itself() {
    let pacer = Pacer::new(64, None);
    let start = Instant::now();
    for request in 0..5_000 {
        drop(pacer.place().await);
        match request % 50 {
            0 => _ = refuse_one(&pacer, request, Some(Duration::from_secs(1))),
            _ => pacer.answered(Duration::ZERO),
        }
    }
    assert_eq!(start.elapsed(), Duration::ZERO, "nobody else waits");
    for request in 5_000..5_100 {
        match request % 8 {
            0 => _ = refuse_one(&pacer, request, Some(Duration::from_secs(1))),
            _ => pacer.answered(Duration::ZERO),
        }
    }
    drop(pacer.place().await);
    assert_eq!(start.elapsed(), Duration::ZERO, "one in eight, and not long");
    for request in 5_100..5_300 {
        match request % 8 {
            0 => _ = refuse_one(&pacer, request, Some(Duration::from_secs(1))),
            _ => pacer.answered(Duration::ZERO),
        }
    }
    drop(pacer.place().await);
    assert!(start.elapsed() >= Duration::from_secs(1), "one in eight: it throttles");
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_the_rate_waits_for_a_pause_too() {
    let pacer = Pacer::new(4, Some(1));
    drop(pacer.place().await);
    let start = Instant::now();
    let (place, ()) = tokio::join!(pacer.place(), async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        pacer.throttled(6, Some(Duration::from_mins(1)));
    });
    drop(place);
    assert_eq!(start.elapsed(), Duration::from_millis(60_500));
}

#[tokio::test(start_paused = true)]
async fn pauses_without_a_word_from_the_server_grow_until_it_serves() {
    let pacer = Pacer::new(8, None);
    let pause = async || {
        let start = Instant::now();
        refuse(&pacer, None);
        refuse(&pacer, None);
        drop(pacer.place().await);
        start.elapsed().as_millis()
    };
    assert_eq!([pause().await, pause().await, pause().await], [100, 200, 400]);
    pacer.answered(Duration::from_millis(5));
    assert_eq!(pause().await, 100);
}

#[tokio::test(start_paused = true)]
async fn a_rate_spreads_requests_evenly() {
    let pacer = Pacer::new(64, Some(50));
    let start = Instant::now();
    for _ in 0..101 {
        drop(pacer.place().await);
    }
    assert_eq!(start.elapsed(), Duration::from_secs(2));
}
