//! Names that a message can offer.

use std::fmt;

/// `; did you mean …?` when a known name is near.
pub(crate) struct Suggest<'a, I>(pub(crate) &'a str, pub(crate) I);

impl<'n, I: Iterator<Item = &'n str> + Clone> fmt::Display for Suggest<'_, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let near = self
            .1
            .clone()
            .map(|name| (distance(self.0, name), name))
            .filter(|(distance, name)| *distance > 0 && *distance <= 2 && name.len() > 3)
            .min();
        match near {
            Some((_, name)) => write!(f, "; did you mean `{name}`?"),
            None => Ok(()),
        }
    }
}

/// `; candidates: …`
pub(super) struct Candidates<I>(pub(super) I);

impl<'n, I: Iterator<Item = &'n str> + Clone> fmt::Display for Candidates<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.0.clone().map(|name| format!("`{name}`")).collect();
        if names.is_empty() {
            return f.write_str("; there are no candidates");
        }
        write!(f, "; candidates: {}", names.join(", "))
    }
}

/// Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    rows[0] = (0..=b.len()).collect();
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let substitution = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = substitution.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}
