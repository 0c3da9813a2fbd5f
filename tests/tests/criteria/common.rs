//! The rows that the tests look for.

use orm_core::prelude::*;
use orm_tests::models::drawers::{Drawer, Label, Note, NoteLabel, Plate, Remark};

/// The tenant whose rows the tests see.
pub(crate) const OURS: i32 = 7;

/// Two drawers, ours (1) and theirs (2), with what is seen and what is hidden.
///
/// | | drawer 1 | drawer 2 |
/// |---|---|---|
/// | seen | notes 1 and 4, remark 1 | note 3, plate 2 |
/// | hidden | note 2 with remark 2, plate 1 | note 5 |
///
/// Note 4 answers note 2. Note 1 is about the labels "tea", "old" (retired) and "#house" (for the house only); that it is about
/// "milk" was taken back. Note 2 is about "tea".
pub(crate) async fn fill(engine: &Engine) {
    let mut session = engine.session();
    let drawer = |tenant, name| Drawer::builder().tenant(tenant).name(name);
    let [ours, theirs] =
        [(OURS, "ours"), (8, "theirs")].map(|(tenant, name)| session.add(drawer(tenant, name)));
    let note = |text, drawer, deleted| Note::builder().text(text).drawer(drawer).deleted(deleted);
    let seen = session.add(note("seen", ours, false));
    let deleted = session.add(note("deleted", ours, true));
    session.add(note("theirs", theirs, false));
    session.add(note("an answer", ours, false).answered(deleted));
    session.add(note("theirs, deleted", theirs, true));
    session.add(Remark::builder().text("on what is seen").note(seen));
    session.add(Remark::builder().text("on what is deleted").note(deleted));
    session.add(Plate::builder().off(true).drawer(ours));
    session.add(Plate::builder().drawer(theirs));
    let label = |word: &str| Label::builder().word(word);
    let tea = session.add(label("tea"));
    let old = session.add(label("old").retired(true));
    let [house, milk] = ["#house", "milk"].map(|word| session.add(label(word)));
    for (note, label, taken_back) in [
        (seen, tea, false),
        (seen, old, false),
        (seen, house, false),
        (seen, milk, true),
        (deleted, tea, false),
    ] {
        session.add(NoteLabel::builder().note(note).label(label).taken_back(taken_back));
    }
    session.commit().await.unwrap();
}

/// A session that sees the rows of our tenant only.
pub(crate) fn ours(engine: &Engine) -> Session {
    let mut session = engine.session();
    session.restrict::<Drawer>(Drawer::TENANT.eq(OURS));
    session.restrict::<Note>(Note::DRAWER.has(Drawer::TENANT.eq(OURS)));
    session
}

/// The texts of notes, in their order.
pub(crate) fn texts(session: &Session, notes: &[Handle<Note>]) -> Vec<String> {
    notes.iter().map(|note| session[*note].text.clone()).collect()
}
