//! How many short sentences are read for their figures in a second, on one core: `cargo bench --bench figures`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use claimdb::domain::figure::words;
use claimdb::domain::language::Language;

/// What reporters write, half of it without a figure or with a number that is none.
const SENTENCES: &[&str] = &[
    "Reports suggest that nearly 2,000 of them have already been killed.",
    "The trip let him connect with more than two dozen world leaders.",
    "They are closer than they have been in decades.",
    "Moscow and Pyongyang are bound by a 2024 mutual defence pact.",
    "Staff wiped down every surface he had touched.",
    "The analysts said on Wednesday that it was unclear why.",
    "Some 13,000 soldiers were deployed to the front in October.",
    "At least four people died and up to 30 were injured in the attack.",
    "The company will invest £2bn over the next three years.",
    "Only one in five voters knew about the plan.",
    "Prices rose by 3.4% in August, the ministry said.",
    "There were no casualties, according to the governor.",
    "Between 5 and 10 thousand people marched through the capital.",
    "He was speaking at a meeting in Beijing.",
    "The river rose 7 feet 10 inches in an hour and a half.",
    "Officials did not say when the talks would resume.",
];

const WARM_UP: Duration = Duration::from_millis(500);
const MEASURED: Duration = Duration::from_secs(3);

fn main() {
    let language: Language = "en-GB".parse().unwrap_or_else(|error| panic!("{error}"));
    let run = |time: Duration| {
        let (begin, mut read, mut figures) = (Instant::now(), 0u64, 0u64);
        while begin.elapsed() < time {
            for sentence in SENTENCES {
                let found = words::find(black_box(sentence), &language).unwrap_or_default();
                figures += black_box(found).len() as u64;
            }
            read += SENTENCES.len() as u64;
        }
        (read as f64 / begin.elapsed().as_secs_f64(), figures as f64 / read as f64)
    };
    run(WARM_UP);
    let (per_second, figures) = run(MEASURED);
    println!("{per_second:.0} sentences a second on one core, {figures:.2} figures in each");
}
