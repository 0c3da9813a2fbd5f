//! Long lines.

/// The line in parts of at most `width` characters, broken at spaces; parts after the first are indented by four more.
/// A word that is longer stays whole.
pub(super) fn wrapped(line: &str, width: usize) -> Vec<String> {
    let text = line.trim_start();
    let indent = &line[..line.len() - text.len()];
    let mut lines = Vec::new();
    let mut part = indent.to_owned();
    let mut is_empty = true;
    for word in text.split(' ') {
        if !is_empty && part.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::replace(&mut part, format!("{indent}    ")));
            is_empty = true;
        }
        if !is_empty {
            part.push(' ');
        }
        part.push_str(word);
        is_empty = false;
    }
    lines.push(part);
    lines
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn lines_are_broken_at_spaces() {
        assert_eq!(wrapped("", 10), [""]);
        assert_eq!(wrapped("one two", 10), ["one two"]);
        assert_eq!(wrapped("  one two three", 10), ["  one two", "      three"]);
        assert_eq!(wrapped("onetwothreefour five", 10), ["onetwothreefour", "    five"]);
    }
}
