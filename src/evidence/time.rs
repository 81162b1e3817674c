//! Times as people and commands write them above a table.

use jiff::civil::Date;

/// A line is longer than any time where it has more letters.
const LONGEST: usize = 64;
/// The months in English.
const MONTHS: [&str; 12] =
    ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];
/// The days of the week in English.
const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// The time of a line that holds a time of day and nothing but a time: `2024-03-12 10:41:22.53` where the order of day and month is
/// certain, else as it is written.
pub fn of_line(line: &str) -> Option<String> {
    let text = bare(line)?;
    let words = words(text);
    let clock = words.iter().find_map(|word| clock(word))?;
    let date = words.iter().any(|word| numbers_of(word).is_some());
    if !words.iter().all(|word| is_of_time(word)) || words.len() > if date { 5 } else { 7 } {
        return None;
    }
    let year = words.iter().any(|word| is_year(word));
    let only_clock = words.len() <= 2 && !date;
    if !date && !year && !only_clock {
        return None;
    }
    let half = words.iter().find_map(|word| half_of_day(word));
    let iso = date_of(&words).zip(clock.in_full_day(half)).map(|(date, clock)| format!("{date} {clock}"));
    Some(iso.unwrap_or_else(|| text.to_owned()))
}

/// The time of two lines, the date on the first and the time of day on the second.
pub fn of_lines(first: &str, second: &str) -> Option<String> {
    let (date, clock) = (bare_date(first)?, bare(second)?);
    of_line(clock).filter(|_| words(clock).len() <= 2)?;
    of_line(&format!("{date} {clock}"))
}

fn bare_date(line: &str) -> Option<&str> {
    let text = line.trim();
    if text.len() > LONGEST || !text.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let words = words(text);
    (words.len() <= 2 && words.iter().any(|word| numbers_of(word).is_some())).then_some(text)
}

/// The line without the signs around it, where it may be a time.
fn bare(line: &str) -> Option<&str> {
    let text = line.trim_matches(|c: char| c.is_whitespace() || "=-#*[]_>".contains(c));
    (text.len() <= LONGEST && text.contains(':') && text.contains(|c: char| c.is_ascii_digit())).then_some(text)
}

/// The words; the `T` of an ISO time separates too.
fn words(text: &str) -> Vec<&str> {
    let parts = |word| match <str>::split_once(word, 'T') {
        Some((date, clock)) if numbers_of(date).is_some() => vec![date, clock.trim_end_matches('Z')],
        _ => vec![word],
    };
    text.split_whitespace().flat_map(parts).map(|word| word.trim_end_matches(',')).filter(|word| !word.is_empty()).collect()
}

/// Whether a word may be part of a time: a number, a time of day, a date, a name of a day or month.
fn is_of_time(word: &str) -> bool {
    clock(word).is_some() || numbers_of(word).is_some() || is_year(word) || is_short_number(word) || is_name(word)
}

fn is_year(word: &str) -> bool {
    let digits = word.trim_end_matches('.');
    digits.len() == 4
        && (digits.starts_with("19") || digits.starts_with("20"))
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_short_number(word: &str) -> bool {
    word.trim_end_matches('.').parse::<u8>().is_ok_and(|number| number <= 31)
}

fn is_name(word: &str) -> bool {
    word.chars().count() <= 12 && word.chars().all(|c| c.is_alphabetic() || ".()".contains(c))
}

/// A time of day, as it is written.
#[derive(Debug, Clone, Copy)]
struct Clock<'a> {
    hour: u8,
    rest: &'a str,
}

fn clock(word: &str) -> Option<Clock<'_>> {
    let (hour, rest) = word.split_once(':')?;
    let digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = rest.splitn(2, ':');
    let (minute, second) = (parts.next()?, parts.next());
    let second_is_well = second.is_none_or(|second| {
        let (whole, part) = second.split_once(['.', ',']).unwrap_or((second, "0"));
        digits(whole) && part.bytes().all(|byte| byte.is_ascii_digit())
    });
    let hour = hour.parse().ok().filter(|hour| *hour < 24)?;
    (digits(minute) && second_is_well).then_some(Clock { hour, rest })
}

impl Clock<'_> {
    /// `10:41:22.53`, from 0 to 24 hours.
    fn in_full_day(self, half: Option<Half>) -> Option<String> {
        let hour = match half {
            None => self.hour,
            Some(_) if self.hour == 0 || self.hour > 12 => return None,
            Some(Half::Morning) => self.hour % 12,
            Some(Half::Afternoon) => self.hour % 12 + 12,
        };
        Some(format!("{hour:02}:{}", self.rest.replace(',', ".")))
    }
}

#[derive(Debug, Clone, Copy)]
enum Half {
    Morning,
    Afternoon,
}

fn half_of_day(word: &str) -> Option<Half> {
    match word.to_ascii_lowercase().as_str() {
        "am" | "a.m." | "오전" | "午前" | "上午" => Some(Half::Morning),
        "pm" | "p.m." | "오후" | "午後" | "下午" => Some(Half::Afternoon),
        _ => None,
    }
}

/// Three numbers with a sign between them, and the sign.
fn numbers_of(word: &str) -> Option<([i16; 3], char)> {
    let sign = word.chars().find(|c| !c.is_ascii_digit()).filter(|c| "/.-".contains(*c))?;
    let mut parts = word.trim_end_matches('.').split(sign).map(|part| part.parse().ok());
    let numbers = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some((numbers, sign))
}

/// The date, where its order is certain.
fn date_of(words: &[&str]) -> Option<Date> {
    let date = |year: i16, month: i16, day: i16| Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok();
    let Some((numbers, sign)) = words.iter().find_map(|word| numbers_of(word)) else {
        let mut months = words.iter().filter_map(|word| place_of(&MONTHS, word));
        let month = months.next().filter(|_| months.next().is_none())?;
        let day = words.iter().find(|word| is_short_number(word))?.trim_end_matches('.').parse().ok()?;
        let year = words.iter().find(|word| is_year(word))?.parse().ok()?;
        return date(year, i16::try_from(month).ok()? + 1, day);
    };
    let [first, second, third] = numbers;
    match sign {
        _ if first > 31 => date(first, second, third),
        _ if third < 1900 => None,
        '.' => date(third, second, first),
        _ => {
            let day = words.iter().find_map(|word| place_of(&DAYS, word));
            let fits = |date: &Date| day.is_none_or(|day| usize::try_from(date.weekday().to_monday_zero_offset()) == Ok(day));
            let month_first = date(third, first, second).filter(fits);
            let day_first = date(third, second, first).filter(fits);
            match (month_first, day_first) {
                // Windows writes the English day of the week before dates of the United States, where the month is first.
                (Some(one), Some(other)) if one != other => day.map(|_| one),
                (one, other) => one.or(other),
            }
        }
    }
}

/// The place of a name that is written in full or with three letters.
fn place_of(names: &[&str], word: &str) -> Option<usize> {
    let word = word.to_ascii_lowercase();
    names.iter().position(|name| *name == word || word.len() == 3 && name.starts_with(&word))
}

#[cfg(test)]
mod tests {
    use super::{of_line, of_lines};

    #[test]
    fn times_whose_order_is_certain_are_told_alike() {
        let lines = [
            ("Tue 03/12/2024 10:41:22.53 ", "2024-03-12 10:41:22.53"),
            ("12.03.2024  9:41:22,53", "2024-03-12 09:41:22.53"),
            ("=== 2024-03-12 10:41:22 ===", "2024-03-12 10:41:22"),
            ("2024-03-12T10:41:22", "2024-03-12 10:41:22"),
            ("2024/03/12 10:41", "2024-03-12 10:41"),
            ("Tuesday, March 12, 2024 1:41:22 PM", "2024-03-12 13:41:22"),
            ("Tue Mar 12 10:41:22 UTC 2024", "2024-03-12 10:41:22"),
            ("25/03/2024 10:41:22", "2024-03-25 10:41:22"),
        ];
        for (line, time) in lines {
            assert_eq!(of_line(line).as_deref(), Some(time), "{line}");
        }
        assert_eq!(of_lines("Tue 03/12/2024 ", "10:41 AM").as_deref(), Some("2024-03-12 10:41"));
    }

    #[test]
    fn times_that_may_mean_two_days_stay_as_they_are_written() {
        for line in ["03/12/2024 10:41:22,53", "mardi 12 mars 2024 10:41:22", "Dienstag, 12. März 2024 10:41:22", "10:41:22,53"]
        {
            assert_eq!(of_line(line).as_deref(), Some(line));
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for line in
            ["", "Active Connections", "2024-03-12 10:41:22 ERROR port 80: in use", "Port: 80", "  TCP  10.0.0.1:80  0.0.0.0:0"]
        {
            assert_eq!(of_line(line), None, "{line}");
        }
    }
}
