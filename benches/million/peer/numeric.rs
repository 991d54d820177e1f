//! Ranges of exact numbers, in PostgreSQL's binary form.

use std::error::Error;

use bytes::{BufMut as _, BytesMut};
use claimdb::domain::decimal::Decimal;
use claimdb::domain::figure::{Bounds, Lower, Upper};
use tokio_postgres::types::{IsNull, ToSql, Type, accepts, to_sql_checked};

type Written = Result<IsNull, Box<dyn Error + Sync + Send>>;

#[derive(Debug)]
pub(super) struct NumericRange(pub(super) Bounds);

const LOWER_INCLUDED: u8 = 0x02;
const UPPER_INCLUDED: u8 = 0x04;
const LOWER_OPEN: u8 = 0x08;
const UPPER_OPEN: u8 = 0x10;

impl ToSql for NumericRange {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Written {
        assert!(!self.0.is_empty(), "no figure is nothing");
        let (lower, upper) = (self.0.lower.as_ref().map(Lower::number), self.0.upper.as_ref().map(Upper::number));
        let flag = |end: Option<(&Decimal, bool)>, open, included| match end {
            None => open,
            Some((_, true)) => included,
            Some((_, false)) => 0,
        };
        out.put_u8(flag(lower, LOWER_OPEN, LOWER_INCLUDED) | flag(upper, UPPER_OPEN, UPPER_INCLUDED));
        for (number, _) in [lower, upper].into_iter().flatten() {
            let mut bytes = BytesMut::new();
            put(number, &mut bytes);
            out.put_u32(u32::try_from(bytes.len())?);
            out.put(bytes);
        }
        Ok(IsNull::No)
    }

    accepts!(NUM_RANGE);
    to_sql_checked!();
}

const NEGATIVE: u16 = 0x4000;
/// Decimal digits in one digit of PostgreSQL's.
const GROUP: usize = 4;

/// Groups of four digits around the point, how many stand before it less one, the sign, and how many digits are behind it.
fn put(number: &Decimal, out: &mut BytesMut) {
    let text = number.to_string();
    let digits = text.trim_start_matches('-');
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let before = format!("{}{whole}", "0".repeat((GROUP - whole.len() % GROUP) % GROUP));
    let behind = format!("{fraction}{}", "0".repeat((GROUP - fraction.len() % GROUP) % GROUP));
    let all = before.clone() + &behind;
    out.put_u16((all.len() / GROUP) as u16);
    out.put_i16((before.len() / GROUP) as i16 - 1);
    out.put_u16(if number.is_negative() { NEGATIVE } else { 0 });
    out.put_u16(fraction.len() as u16);
    for group in all.as_bytes().chunks(GROUP) {
        out.put_u16(group.iter().fold(0, |value, digit| value * 10 + u16::from(digit - b'0')));
    }
}
