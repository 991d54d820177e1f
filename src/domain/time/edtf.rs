//! The grammar of written times: EDTF level 0 and the parts of level 1 that news needs, and the
//! range that each form means. Not here: years before 0001 or with more than four digits, sets,
//! and the finer qualifications of level 2.

use ::time::{Date, Duration, Month, PrimitiveDateTime, Time};

use super::{ApproximateTime, TimeError, TimeRange, Timestamp};

/// One end of an interval, or a time that is none.
struct Part {
    earliest: Timestamp,
    latest: Timestamp,
    qualifier: Option<char>,
}

pub(super) fn parse(text: &str) -> Result<ApproximateTime, TimeError> {
    let mut cursor = Cursor { characters: text.chars().collect(), position: 0 };
    if is_unknown(text) {
        return Ok(ApproximateTime { text: text.into(), ..ApproximateTime::unknown() });
    }
    let first = end(&mut cursor)?;
    let (first, second) = if cursor.take('/') {
        let second = end(&mut cursor)?;
        if first.is_none() && second.is_none() {
            return Err(TimeError::NoEnd);
        }
        (first, Some(second))
    } else {
        (first, None)
    };
    cursor.expect_end(if second.is_some() { "the end" } else { "the end, / or a qualifier" })?;
    let parts = || first.iter().chain(second.iter().flatten());
    let is_marked = |marks: [char; 2]| parts().any(|part| part.qualifier.is_some_and(|q| marks.contains(&q)));
    let range = TimeRange {
        earliest: first.as_ref().map(|part| part.earliest),
        latest: second.as_ref().unwrap_or(&first).as_ref().map(|part| part.latest),
    };
    if let (Some(earliest), Some(latest)) = (range.earliest, range.latest)
        && earliest >= latest
    {
        return Err(TimeError::EndBeforeBeginning);
    }
    Ok(ApproximateTime {
        text: text.into(),
        range,
        is_uncertain: is_marked(['?', '%']),
        is_approximate: is_marked(['~', '%']),
    })
}

fn is_unknown(text: &str) -> bool {
    matches!(text, "XXXX" | "XXXX-XX" | "XXXX-XX-XX")
}

/// A date, or nothing where an end of an interval is open (`..`) or unknown (empty).
fn end(cursor: &mut Cursor) -> Result<Option<Part>, TimeError> {
    let is_interval = cursor.characters.contains(&'/');
    if is_interval && matches!(cursor.peek(), None | Some('/')) {
        return Ok(None);
    }
    if is_interval && cursor.take('.') {
        return if cursor.take('.') { Ok(None) } else { Err(cursor.unexpected("..")) };
    }
    let (earliest, latest) = date_or_instant(cursor)?;
    let qualifier = cursor.take_one_of(&['?', '~', '%']);
    Ok(Some(Part { earliest, latest, qualifier }))
}

/// The half-open range of a date or a date-time.
fn date_or_instant(cursor: &mut Cursor) -> Result<(Timestamp, Timestamp), TimeError> {
    let (year, years) = year(cursor)?;
    if years > 1 || cursor.peek() != Some('-') {
        return days(first_of(year, 1)?, first_of(year + years, 1)?);
    }
    cursor.position += 1;
    let month_position = cursor.position;
    if cursor.take_pair('X') {
        if cursor.take('-') && !cursor.take_pair('X') {
            return Err(cursor.unexpected("XX, because the month is XX"));
        }
        return days(first_of(year, 1)?, first_of(year + 1, 1)?);
    }
    let month = cursor.two_digits("a month (01 to 12), a season (21 to 24) or XX")?;
    if let 21..=24 = month {
        return season(year, month);
    }
    let Some(after) = following_month(year, month) else {
        return Err(TimeError::NoSuchPart { part: "month", value: month, position: month_position });
    };
    if !cursor.take('-') {
        return days(first_of(year, month)?, first_of(after.0, after.1)?);
    }
    let day_position = cursor.position;
    if cursor.take_pair('X') {
        return days(first_of(year, month)?, first_of(after.0, after.1)?);
    }
    let day = cursor.two_digits("a day or XX")?;
    let no_such_day = TimeError::NoSuchPart { part: "day of that month", value: day, position: day_position };
    let date = date(year, month, day).ok_or(no_such_day)?;
    if cursor.take('T') {
        return instant(cursor, date);
    }
    days(date, date.next_day().ok_or(TimeError::YearOutOfRange)?)
}

/// Four digits of which the last may be X: the first year and how many there are.
fn year(cursor: &mut Cursor) -> Result<(i32, i32), TimeError> {
    let mut first = 0;
    let mut years = 1;
    for place in 0..4 {
        let unspecified = place > 0 && cursor.take('X');
        if unspecified || years > 1 {
            if !unspecified {
                return Err(cursor.unexpected("X, because the digit before is X"));
            }
            first *= 10;
            years *= 10;
        } else {
            let expected = if place == 0 { "a year of four digits" } else { "a digit of the year or X" };
            first = first * 10 + i32::try_from(cursor.digit(expected)?).unwrap_or_default();
        }
    }
    // 0XXX would begin in the year 0000, which RFC 3339 can write and protobuf cannot carry.
    if first < 1 || first + years > 9999 {
        return Err(TimeError::YearOutOfRange);
    }
    if years > 1 && cursor.peek() == Some('-') {
        return Err(cursor.unexpected("no month, because the year is not fully specified"));
    }
    Ok((first, years))
}

fn season(year: i32, season: u32) -> Result<(Timestamp, Timestamp), TimeError> {
    if season == 21 || season == 23 {
        return days(first_of(year, 1)?, first_of(year + 1, 1)?);
    }
    let beginning = if year > 1 { first_of(year - 1, 12)? } else { first_of(1, 1)? };
    days(beginning, first_of(year + 1, 4)?)
}

/// The range of a time of day at that date, up to the finest part that is stated.
fn instant(cursor: &mut Cursor, date: Date) -> Result<(Timestamp, Timestamp), TimeError> {
    let hour = cursor.bounded(23, "hour", "an hour of two digits")?;
    cursor.expect(':')?;
    let minute = cursor.bounded(59, "minute", "a minute of two digits")?;
    let mut micros = (i64::from(hour) * 60 + i64::from(minute)) * 60_000_000;
    let mut length = 60_000_000;
    if cursor.take(':') {
        micros += i64::from(cursor.bounded(59, "second", "a second of two digits")?) * 1_000_000;
        length = 1_000_000;
        if cursor.take('.') {
            while length == 1_000_000 || cursor.peek().is_some_and(|c| c.is_ascii_digit()) {
                if length == 1 {
                    return Err(cursor.unexpected("at most six digits of a second"));
                }
                length /= 10;
                micros += i64::from(cursor.digit("a digit")?) * length;
            }
        }
    }
    let start = micros_of(date) + micros - offset_micros(cursor)?;
    Ok((instant_at(start)?, instant_at(start + length)?))
}

/// The zone's offset from UTC; none is stated, or `Z`: 0.
fn offset_micros(cursor: &mut Cursor) -> Result<i64, TimeError> {
    if cursor.take('Z') {
        return Ok(0);
    }
    let Some(sign) = cursor.take_one_of(&['+', '-']) else {
        return Ok(0);
    };
    let hours = cursor.bounded(23, "hour of an offset", "an offset like +03:00")?;
    let minutes =
        if cursor.take(':') { cursor.bounded(59, "minute of an offset", "an offset like +03:00")? } else { 0 };
    let micros = (i64::from(hours) * 60 + i64::from(minutes)) * 60_000_000;
    Ok(if sign == '-' { -micros } else { micros })
}

fn following_month(year: i32, month: u32) -> Option<(i32, u32)> {
    match month {
        1..=11 => Some((year, month + 1)),
        12 => Some((year + 1, 1)),
        _ => None,
    }
}

fn date(year: i32, month: u32, day: u32) -> Option<Date> {
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok()
}

fn first_of(year: i32, month: u32) -> Result<Date, TimeError> {
    date(year, month, 1).ok_or(TimeError::YearOutOfRange)
}

fn days(first: Date, after: Date) -> Result<(Timestamp, Timestamp), TimeError> {
    Ok((instant_at(micros_of(first))?, instant_at(micros_of(after))?))
}

fn micros_of(date: Date) -> i64 {
    let since_1970: Duration =
        PrimitiveDateTime::new(date, Time::MIDNIGHT).assume_utc() - ::time::OffsetDateTime::UNIX_EPOCH;
    since_1970.whole_seconds() * 1_000_000
}

fn instant_at(micros: i64) -> Result<Timestamp, TimeError> {
    Timestamp::from_micros(micros).map_err(|_| TimeError::YearOutOfRange)
}

/// The characters still to be read.
struct Cursor {
    characters: Vec<char>,
    position: usize,
}

impl Cursor {
    fn peek(&self) -> Option<char> {
        self.characters.get(self.position).copied()
    }

    fn unexpected(&self, expected: &'static str) -> TimeError {
        TimeError::Unexpected { position: self.position, expected, found: self.peek() }
    }

    fn take(&mut self, wanted: char) -> bool {
        let is_there = self.peek() == Some(wanted);
        self.position += usize::from(is_there);
        is_there
    }

    fn take_pair(&mut self, wanted: char) -> bool {
        let pair = self.characters.get(self.position..self.position + 2);
        let is_there = pair == Some(&[wanted, wanted]);
        self.position += if is_there { 2 } else { 0 };
        is_there
    }

    fn take_one_of(&mut self, wanted: &[char]) -> Option<char> {
        let found = self.peek().filter(|c| wanted.contains(c))?;
        self.position += 1;
        Some(found)
    }

    fn digit(&mut self, expected: &'static str) -> Result<u32, TimeError> {
        let digit = self.peek().and_then(|c| c.to_digit(10)).ok_or_else(|| self.unexpected(expected))?;
        self.position += 1;
        Ok(digit)
    }

    fn two_digits(&mut self, expected: &'static str) -> Result<u32, TimeError> {
        Ok(self.digit(expected)? * 10 + self.digit(expected)?)
    }

    fn bounded(&mut self, max: u32, part: &'static str, expected: &'static str) -> Result<u32, TimeError> {
        let position = self.position;
        let value = self.two_digits(expected)?;
        if value > max {
            return Err(TimeError::NoSuchPart { part, value, position });
        }
        Ok(value)
    }

    fn expect(&mut self, wanted: char) -> Result<(), TimeError> {
        if self.take(wanted) { Ok(()) } else { Err(self.unexpected("a time of day like 12:00:00")) }
    }

    fn expect_end(&self, expected: &'static str) -> Result<(), TimeError> {
        if self.peek().is_none() { Ok(()) } else { Err(self.unexpected(expected)) }
    }
}
