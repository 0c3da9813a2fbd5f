//! Lines of a file, numbered and of bounded length.

use super::MAX_LINE;
use std::io::{self, BufRead};

/// A line as it stands in the file, without its line break.
#[derive(Debug)]
pub(super) struct RawLine {
    /// From 1.
    pub(super) number: u64,
    /// At most [`MAX_LINE`] bytes.
    pub(super) bytes: Vec<u8>,
    /// Whether there was more.
    pub(super) is_cut: bool,
}

impl RawLine {
    pub(super) fn is_blank(&self) -> bool {
        self.bytes.trim_ascii().is_empty()
    }
}

/// Reads a file line by line: a record is a line, so that a forgotten quote costs a line and not the rest of the file.
#[derive(Debug)]
pub(super) struct Lines<R> {
    reader: R,
    number: u64,
    bytes: u64,
}

const BOM: &[u8] = b"\xEF\xBB\xBF";

impl<R: BufRead> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, number: 0, bytes: 0 }
    }

    /// How many bytes were read.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The next line that is not blank.
    pub(super) fn next(&mut self) -> io::Result<Option<RawLine>> {
        loop {
            match self.read()? {
                Some(line) if line.is_blank() => {}
                other => return Ok(other),
            }
        }
    }

    fn read(&mut self) -> io::Result<Option<RawLine>> {
        let (mut bytes, mut is_cut, mut any) = (Vec::new(), false, false);
        loop {
            let buffer = match self.reader.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                buffer => buffer?,
            };
            if buffer.is_empty() {
                break;
            }
            any = true;
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let part = &buffer[..end.unwrap_or(buffer.len())];
            // One byte more than fits, for the `\r` of a line that just fits.
            let room = (MAX_LINE + 1).saturating_sub(bytes.len());
            is_cut |= part.len() > room;
            bytes.extend_from_slice(&part[..part.len().min(room)]);
            let used = part.len() + usize::from(end.is_some());
            self.reader.consume(used);
            self.bytes += used as u64;
            if end.is_some() {
                break;
            }
        }
        if !any {
            return Ok(None);
        }
        self.number += 1;
        if self.number == 1 && bytes.starts_with(BOM) {
            bytes.drain(..BOM.len());
        }
        if bytes.last() == Some(&b'\r') && !is_cut {
            bytes.pop();
        }
        is_cut |= bytes.len() > MAX_LINE;
        bytes.truncate(MAX_LINE);
        Ok(Some(RawLine { number: self.number, bytes, is_cut }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &[u8], expected: &[(u64, &str)]) {
        // A buffer of three bytes: every line spans several.
        let mut lines = Lines::new(io::BufReader::with_capacity(3, text));
        let mut found = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            assert!(!line.is_cut);
            found.push((line.number, String::from_utf8(line.bytes).unwrap()));
        }
        let found: Vec<_> = found.iter().map(|(number, text)| (*number, text.as_str())).collect();
        assert_eq!(found, expected);
        assert_eq!(lines.bytes(), text.len() as u64);
    }

    #[test]
    fn line_breaks_and_blank_lines() {
        check(b"", &[]);
        check(b"\n \r\n", &[]);
        check(b"one\ntwo", &[(1, "one"), (2, "two")]);
        check(b"\xEF\xBB\xBFone\r\n\r\ntwo\r\n", &[(1, "one"), (3, "two")]);
    }

    #[test]
    fn a_long_line_is_cut_and_the_next_is_whole() {
        for (length, is_cut) in [(MAX_LINE, false), (MAX_LINE + 1, true), (MAX_LINE * 3, true)] {
            for end in ["\n", "\r\n"] {
                let text = format!("{}{end}next", "x".repeat(length));
                let mut lines = Lines::new(text.as_bytes());
                let first = lines.next().unwrap().unwrap();
                assert_eq!((first.is_cut, first.bytes.len()), (is_cut, MAX_LINE), "{length} {end:?}");
                assert_eq!(lines.next().unwrap().unwrap().bytes, b"next");
            }
        }
    }
}
