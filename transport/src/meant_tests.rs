//! One kind of doubt after the other.

use super::*;

/// A server that is there and asks for so long a wait, when it has served so many.
fn after(served: u64, wait: Option<Duration>) -> Asked {
    Asked { itself: true, wait, served, of_a_rate: true }
}

#[tokio::test(start_paused = true)]
async fn one_request_is_meant_when_others_are_served_all_the_while() {
    let now = Instant::now();
    let last = |served: &[u64]| {
        let (mut doubt, mut patience) = (Doubt::default(), Patience::of(1));
        served.iter().map(|served| doubt.asked(now, &mut patience, after(*served, None))).last().unwrap()
    };
    assert_eq!(last(&[7]), Meant::Few);
    assert_eq!(last(&[7, 8, 9]), Meant::Few);
    assert_eq!(last(&[7, 8, 9, 11]), Meant::One);
    assert_eq!(last(&[7, 7, 7, 7, 7, 7]), Meant::Few, "nobody is served");
    assert_eq!((last(&[7, 107]), last(&[7, 106])), (Meant::One, Meant::Few));
    let (mut doubt, mut patience) = (Doubt::default(), Patience::of(1));
    assert_eq!(doubt.asked(now, &mut patience, after(7, None)), Meant::Few);
    assert_eq!(doubt.asked(now, &mut patience, after(107, None)), Meant::One);
    patience.over();
    assert_eq!(doubt.asked(now, &mut patience, after(300, None)), Meant::Few);
    for served in [300, 400, 600] {
        let gateway = Asked { itself: false, ..after(served, None) };
        assert_eq!(doubt.asked(now, &mut patience, gateway), Meant::Few, "a gateway says nothing of one");
    }
}

#[tokio::test(start_paused = true)]
async fn a_long_wait_is_about_all_when_several_in_a_row_are_asked_for_it() {
    let mut doubt = Doubt::default();
    let mut asked = |request, served, wait| {
        doubt.asked(Instant::now(), &mut Patience::of(request), after(served, Some(Duration::from_millis(wait))))
    };
    let (long, short) = (5_001, 5_000);
    assert_eq!([1, 2, 3].map(|request| asked(request, 10, long)), [Meant::Unclear, Meant::Unclear, Meant::All]);
    assert_eq!(asked(1, 10, long), Meant::All, "believed until one is served");
    assert_eq!(
        [(4, 11), (5, 11), (6, 12), (7, 13)].map(|(request, served)| asked(request, served, long)),
        [Meant::Unclear; 4]
    );
    assert_eq!([7; 3].map(|request| asked(request, 13, long)), [Meant::Unclear; 3], "one, again and again");
    assert_eq!([8, 9].map(|request| asked(request, 13, long)), [Meant::Unclear, Meant::All]);
    let mut fresh = Doubt::default();
    let short = after(0, Some(Duration::from_millis(short)));
    assert_eq!(fresh.asked(Instant::now(), &mut Patience::of(1), short), Meant::Few, "no matter of others");
}

#[tokio::test(start_paused = true)]
async fn all_are_meant_where_many_are_asked_and_for_some_time_after() {
    let mut doubt = Doubt::default();
    let mut request = 0;
    let mut ask = |doubt: &mut Doubt| {
        request += 1;
        doubt.asked(Instant::now(), &mut Patience::of(request), after(0, Some(Duration::from_secs(1))))
    };
    for _ in 0..115 {
        doubt.served();
    }
    for _ in 0..9 {
        assert_eq!(ask(&mut doubt), Meant::Few);
    }
    assert_eq!(ask(&mut doubt), Meant::All, "ten of 125");
    doubt.served();
    tokio::time::advance(Duration::from_millis(119_999)).await;
    assert_eq!((doubt.is_throttled(Instant::now()), ask(&mut doubt)), (true, Meant::All), "lately");
    tokio::time::advance(Duration::from_millis(1)).await;
    assert_eq!((doubt.is_throttled(Instant::now()), ask(&mut doubt)), (false, Meant::Few));
}

#[tokio::test(start_paused = true)]
async fn what_is_asked_while_the_server_is_away_tells_nothing_of_a_rate() {
    let mut doubt = Doubt::default();
    let away = Asked { of_a_rate: false, ..after(0, None) };
    for request in 0..100 {
        assert_eq!(doubt.asked(Instant::now(), &mut Patience::of(request), away), Meant::All);
    }
    assert!(!doubt.is_throttled(Instant::now()));
    assert_eq!(doubt.asked(Instant::now(), &mut Patience::of(100), after(0, None)), Meant::Few);
}

#[tokio::test(start_paused = true)]
async fn a_request_of_a_server_that_has_just_throttled_is_not_surely_the_one() {
    let mut doubt = Doubt::default();
    for request in 0..100 {
        doubt.asked(Instant::now(), &mut Patience::of(request), after(0, None));
    }
    let again = |doubt: &mut Doubt| {
        let mut patience = Patience::of(100);
        [7, 107].map(|served| doubt.asked(Instant::now(), &mut patience, after(served, None)))[1]
    };
    assert_eq!(again(&mut doubt), Meant::OneOrAll);
    tokio::time::advance(LATELY).await;
    assert_eq!(again(&mut doubt), Meant::One);
}
