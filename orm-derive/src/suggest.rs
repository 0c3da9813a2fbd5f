//! "Did you mean": the known name that is nearest to a wrong one.

/// `; did you mean …?`, or just `;` when nothing is near.
pub(crate) fn did_you_mean(word: &str, choices: &[&str]) -> String {
    match near(word, choices) {
        Some(choice) => format!("; did you mean `{choice}`?"),
        None => ";".to_owned(),
    }
}

/// The choice that `word` is probably meant to be.
pub(crate) fn near<'a>(word: &str, choices: &[&'a str]) -> Option<&'a str> {
    let allowed = 1 + word.chars().count() / 4;
    let distances = choices.iter().map(|choice| (distance(word, choice), *choice));
    let near = distances.filter(|(distance, _)| *distance <= allowed);
    near.min_by_key(|(distance, _)| *distance).map(|(_, choice)| choice)
}

/// Optimal string alignment distance: insertions, deletions, substitutions, swaps of neighbours.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before_last = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let substitution = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = substitution.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before_last[j - 2] + 1);
            }
            row.push(best);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_misses_are_found_and_strangers_are_not() {
        let choices = ["primary_key", "unique", "index", "length"];
        let check = |word, expected| assert_eq!(near(word, &choices), expected, "{word}");
        check("primry_key", Some("primary_key"));
        check("uniqeu", Some("unique"));
        check("idnex", Some("index"));
        check("lenght", Some("length"));
        check("foreign", None);
        check("", None);
    }
}
