//! Trains a compression dictionary of the sled layer on synthetic records. No real record may
//! ever be used: what is in the dictionary cannot be erased.
//!
//! `cargo run --release --example train_dictionary -- src/storage/sled/dictionary_3.bin`, which is not there yet: a dictionary
//! that stores were written with must be kept as it is. Give the new one the next id in `compression.rs`.

mod records;
mod text;
mod words;

use std::error::Error;
use std::fs::File;
use std::io::Write as _;

use text::Dice;

/// Small enough to stay in the processor's cache beside the writer's other work.
const DICTIONARY_BYTES: usize = 32 << 10;
/// A hundred times the dictionary, which its makers advise, and half as much again.
const SAMPLES: u64 = 1_500;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("where to?")?;
    let samples: Vec<Vec<u8>> = (0..SAMPLES).map(|seed| records::sample(&mut Dice::new(seed))).collect();
    let dictionary = zstd::dict::from_samples(&samples, DICTIONARY_BYTES)?;
    File::create_new(path)?.write_all(&dictionary)?;
    println!("{} bytes", dictionary.len());
    Ok(())
}
