//! Nothing that a value or a name says becomes SQL: hostile ones in every place where one can stand leave the database as it was.
//!
//! | file | about |
//! |---|---|
//! | `payloads` | hostile texts |
//! | `fingerprint` | everything that a database has, as one number |
//! | `values` | hostile texts as values, in every place |
//! | `aliases` | tables that are called as statements call theirs |
//! | `contents` | hostile texts inside of values, in files, and in what goes with a connection |
//! | `copies` | hostile texts in COPY, into and out of files, and in cursors |
//! | `declared` | hostile names in all that a program declares beside models |
//! | `names` | hostile names in models, and where a name comes at run time |
//! | `places` | hostile texts in every public function that is given one |
//! | `parts` | hostile texts as steps into JSON, elements of arrays, words of questions |
//! | `random` | random texts as values and names |
//! | `logged` | what the server's log, `tracing` and the echo say of values |
//! | `statements` | hostile names in statements of every kind |
//! | `shown` | what the server, logs and events see of values |

mod aliases;
mod contents;
mod copies;
mod declared;
mod fingerprint;
mod logged;
mod names;
mod parts;
mod payloads;
mod places;
mod random;
mod shown;
mod statements;
mod values;
