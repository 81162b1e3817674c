//! The one privileged door: a typed plan goes in, records come out, the journal is written, the helper ends.
//!
//! # Who could want what
//!
//! *Another user of the computer* wants an administrator's rights. They cannot start the helper with rights without an administrator who
//! agrees, and what they leave lying about is not trusted: files of ours are opened without following links, must belong to administrators
//! and be writable by them alone, and are replaced as a whole in folders of which the same is true ([`journal`],
//! `platform::linux::perform`). The lock of the journal is a file that only administrators can open, so nobody else can hold it and keep
//! PortMedic from working. PortMedic does not ask for rights for an executable that others could exchange ([`launch`]).
//!
//! *A program that runs as the user* wants to make use of a prompt that the user agrees to. It can replace an executable in the user's own
//! folders, draw on the screen and type: against that only an installation in a folder of root helps. What the door adds is that whoever
//! speaks through it can do no more than the closed list of [`Operation`](crate::remedy::Operation): no command, no path, no file name
//! comes through it. Unknown fields, jobs, versions and too long lines are refused (`validate`), names of services are checked against
//! what systemd allows, and the platform refuses processes and units that hold the computer or the session together.
//!
//! On Windows the helper behind a prompt is reached through a named pipe. Its name cannot be guessed, it is made before the prompt opens and
//! as the first of its name, lets in only the user who asks, the system and administrators, and nobody over the network. Each end demands
//! that the other is the process that it knows of, and the helper that it is the same executable; the helper lets nobody act in its name.
//! A request comes soon, on one line of bounded length, and once: a pipe is for one run.
//!
//! *A name on the computer* (of a process, a unit, a file) wants to be taken for something else. Names are shown with control characters
//! made visible; tools get them after `--`, never through a shell; processes are held by a handle that is compared with the start time
//! after it is open, connections are named by the kernel's own cookie.
//!
//! *Time* works against everybody: between the plan and the click others change the computer. Each step is compared with the state that the
//! user saw, before the first step for all and before each one again; after it, it is read back. At the first surprise nothing further is
//! done, but that a service which the run itself had stopped is started again (`given_back`). What is about to be done is on the disk before
//! it is, so a crash leaves the truth behind.
//!
//! *Whoever starts the helper* chooses what it finds around it. It leaves their folder, file mode, limits and terminal, runs the system's tools by
//! absolute path with nothing of their environment, and does not wait for them without end: a request comes within 20 seconds, a reply is taken
//! within 20, or they count as gone. Each request is taken once.
//!
//! # What it does not stop
//!
//! - An administrator who agrees to a plan that a hostile program made. The prompt says who asks; the plan says what.
//! - A program of the same user that exchanges PortMedic in that user's own folder, or on Windows puts a library beside it there, before the
//!   prompt. Installed where only administrators can write it cannot; where *other* users could, PortMedic does not ask.
//! - An undo or a repeated plan under a new id: what it does was agreed to again. The id keeps from accidents, not from intent.
//! - Somebody who changes the same list of the kernel between our reading and our writing it: the kernel has no call for both.
//! - Root. Who has the rights already needs no door.
//!
//! # What was tried
//!
//! Each line has a test. `N` is `tests/namespaces`, by real users, sockets
//! and files in namespaces; `L` a lab with a real systemd; `H` `tests/helper`, a made-up computer; `F` `tests/hostile`; `U` beside the code; `W`
//! in Wine.
//!
//! | attack | outcome | where |
//! |---|---|---|
//! | an operation, field, job or version that is not in the protocol | refused as a whole, with its name | N `helper`, U `validate`, W `serve` |
//! | a plan altered on its way, damaged requests | no more is done than stands in it, and it is refused where the state does not fit | F `door`, N `helper::changed` |
//! | port 0, ports beyond 65535, reversed ranges | refused | N `helper::out_of_bounds` |
//! | names that are options, paths, patterns or lines | refused | N `helper::bad_names`, U `perform::unit` |
//! | the number of a process that another one has by now; the first process | not touched; refused | N `helper::other_process`, `first_process` |
//! | hostile `PATH`, `HOME`, `TMPDIR`, `TZ`, D-Bus addresses, file mode, folder | nothing of it is run, read or written to | N `surroundings::environment`, U `command` |
//! | a limit for the size of files, set before it is started | lifted, as far as the kernel allows | N `surroundings::environment` |
//! | open and closed descriptors | theirs are not written to, ours are not theirs | N `surroundings::handed_files` |
//! | a link, a second name or a pipe in place of journal, lock, list or folder | refused, the target is as it was | N `surroundings::links`, `pipes` |
//! | a folder or journal that others can write | refused | N `surroundings::open_folders`, U `own_file`, `kept_files` |
//! | a request that is sent again | refused | N `surroundings::replay`, H `steps`, W `serve` |
//! | a request that is too long, cut off, or comes byte by byte | refused, after 20 seconds at the latest | N `helper::endless`, U `serve::line` |
//! | replies that nobody takes | counts as gone; no further step but a start of what was stopped | U `serve::line`, H `faults` |
//! | two helpers at once | the second is told who is at work, and changes nothing | N `cut::two_at_once` |
//! | the asker is killed, at each reply | the step is ended and written down, no further one begins | N `cut::left_alone`, W `serve` |
//! | the helper is killed, at each reply, line of the journal and system call | journal true, undo exact | N `cut`, `faults::killed`, H `cuts`, L `elevation` |
//! | an executable that others can exchange | no prompt is opened | L `elevation`, U `guarded`, `access` |
//! | a pipe of the same name, a second client, another program at its end | none comes in, nothing is said to it | W `pipe`, `door`, `serve` |
//! | a user without rights runs the helper | refused | L `elevation` |
//!
//! | fault | outcome | where |
//! |---|---|---|
//! | each system call that changes something answers EIO or ENOSPC, forth and back (`strace`) | told, and undo works from there | N `faults::fails`, `fails_back` |
//! | each call that replaces or keeps a file says yes and does nothing | read back, not believed | N `faults::lied_to` |
//! | a write is cut short at any byte of the journal; a disk without room | the line goes again, nothing is done that is not written down | N `cut::cut_lines`, `helper::no_room` |
//! | each command to systemd fails before or after it was carried out, lies, talks nonsense, is killed, leaves something running | told, and undo works from there | L `faults` |
//! | a tool hangs past its limit | it is ended, and told | U `command` |
//! | systemd is replaced by itself under a plan | told, and undo works from there | L `faults` |
//! | each step fails, or does nothing and says it did; each record cannot be written | later steps do not begin, what was stopped is started again | H `faults`, `given_back` |
//! | what is replaced is not on the disk when the power fails | file, then name, then folder are kept before the next step | N `faults::lasts` |
//! | somebody edited our file, gave it other rights, or wrote one that cannot be read | kept, or refused by name | N `surroundings::others`, U `own_exclusions` |

mod executor;
mod given_back;
pub mod journal;
pub mod launch;
#[cfg(windows)]
pub mod pipe;
pub mod protocol;
mod serve;
mod taken_back;
mod undo;
mod validate;

pub use executor::{Ended, Executor};
pub use serve::main_helper;
#[cfg(windows)]
pub use serve::{Door, main_helper_at};
pub use taken_back::{Changed, changed_since};
