//! The sketches of figures as bytes: the last part of their terms, and part of the format on disk.

use crate::domain::figure::{FigureKind, Qualifier, ReadSketch, Sketch, Step};
use crate::domain::model::{Aggregation, UnitSystem};

/// Appends the bytes of a sketch.
pub(super) fn put(bytes: &mut Vec<u8>, sketch: &Sketch) {
    let Sketch::Read(sketch) = sketch else { return };
    let (kind, aggregation) = (sketch.kind.map(FigureKind::number), sketch.aggregation.map(Aggregation::number));
    bytes.extend([Some(sketch.qualifier.number()), kind, aggregation].map(byte));
    bytes.extend(sketch.low.number().to_be_bytes());
    bytes.extend(sketch.high.number().to_be_bytes());
    if let Some((system, code)) = &sketch.unit {
        bytes.push(byte(Some(system.number())));
        bytes.extend_from_slice(code.as_bytes());
    }
}

/// The sketch that these bytes are; none when they are no sketch.
pub(super) fn read(bytes: &[u8]) -> Option<Sketch> {
    if bytes.is_empty() {
        return Some(Sketch::NotRead);
    }
    let ([qualifier, kind, aggregation], bytes) = bytes.split_first_chunk()?;
    let (low, bytes) = bytes.split_first_chunk()?;
    let (high, bytes) = bytes.split_first_chunk()?;
    let unit = match bytes.split_first() {
        None => None,
        Some((system, code)) => {
            Some((UnitSystem::from_number(i32::from(*system))?, String::from_utf8(code.to_vec()).ok()?))
        }
    };
    // 0 is none of them.
    let given = |number: &u8| (*number != 0).then_some(i32::from(*number));
    Some(Sketch::Read(ReadSketch {
        qualifier: Qualifier::from_number(i32::from(*qualifier))?,
        kind: given(kind).map_or(Some(None), |number| FigureKind::from_number(number).map(Some))?,
        aggregation: given(aggregation).map_or(Some(None), |number| Aggregation::from_number(number).map(Some))?,
        low: Step::from_number(u16::from_be_bytes(*low))?,
        high: Step::from_number(u16::from_be_bytes(*high))?,
        unit,
    }))
}

fn byte(number: Option<i32>) -> u8 {
    number.map_or(0, |number| u8::try_from(number).unwrap_or(u8::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sketches_lead_back_from_their_bytes() {
        let one = ReadSketch {
            qualifier: Qualifier::Nearly,
            kind: Some(FigureKind::Count),
            aggregation: None,
            low: Step::of(&"1999".parse().expect("a number")).expect("a step"),
            high: Step::of(&"0.02".parse().expect("a number")).expect("a step"),
            unit: None,
        };
        let sketches = [
            Sketch::NotRead,
            Sketch::Read(ReadSketch {
                kind: None,
                aggregation: Some(Aggregation::Change),
                low: Step::ZERO,
                ..one.clone()
            }),
            Sketch::Read(ReadSketch { unit: Some((UnitSystem::Iso4217, "EUR".to_owned())), ..one.clone() }),
            Sketch::Read(ReadSketch { unit: Some((UnitSystem::Other, String::new())), ..one.clone() }),
            Sketch::Read(one),
        ];
        for sketch in sketches {
            let mut bytes = Vec::new();
            put(&mut bytes, &sketch);
            assert_eq!(read(&bytes), Some(sketch));
        }
        assert_eq!(read(&[1, 0]), None, "too short");
        assert_eq!(read(&[99, 0, 0, 0, 1, 0, 1]), None, "no qualifier");
        assert_eq!(read(&[1, 0, 0, 0xFF, 0xFF, 0, 1]), None, "no step");
    }
}
