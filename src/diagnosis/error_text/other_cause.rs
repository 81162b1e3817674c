//! Reasons for not starting that have nothing to do with ports, so that a wrong trail can be left.

use super::line::Line;

/// What a line with such a reason has, in lower case. Each is what a program or systemd says when it gives up, not what it remarks in passing.
const CAUSES: [&str; 50] = [
    // Configuration.
    "[emerg]",
    "syntax error",
    "unknown directive",
    "unknown keyword",
    "unknown variable",
    "unknown option",
    "unrecognized option",
    "unrecognized configuration parameter",
    "invalid value for parameter",
    "bad configuration option",
    "bad directive",
    "parse error",
    "error(s) found in configuration",
    "fatal config file error",
    "configuration file contains errors",
    "invalid command '",
    "bad unit file setting",
    // Certificates.
    "cannot load certificate",
    "certificate has expired",
    "certificate verify failed",
    "key values mismatch",
    "no start line",
    "unable to load private key",
    // Files and rights.
    "no such file or directory",
    "filenotfounderror",
    "enoent",
    "is a directory",
    "read-only file system",
    "wrong ownership",
    "has invalid permissions",
    "lock file \"",
    "no space left on device",
    "disk quota exceeded",
    "error while loading shared libraries",
    "command not found",
    "exec format error",
    "cannot find module",
    "modulenotfounderror",
    "classnotfoundexception",
    "noclassdeffounderror",
    "failed to locate executable",
    "failed at step",
    "failed to load environment files",
    // Memory and crashes.
    "out of memory",
    "outofmemoryerror",
    "cannot allocate memory",
    "oom-kill",
    "segmentation fault",
    "too many open files",
    "dependency failed for",
];

/// Whether the line gives such a reason.
pub(super) fn stands_in(line: &Line) -> bool {
    line.has_any(&CAUSES)
}

/// Whether the line is about a file that may not be read.
pub(super) fn is_about_a_file(line: &Line) -> bool {
    is_about_a_socket_file(line) || words(line).any(|word| word.starts_with('/') && word.len() > 1)
}

/// Whether the line is about a socket in the file system, which is no port.
pub(super) fn is_about_a_socket_file(line: &Line) -> bool {
    let named = |word: &str| word.rsplit_once('.').is_some_and(|(_, kind)| kind == "sock");
    line.has("unix:") || line.has("unix address") || words(line).any(named)
}

fn words(line: &Line) -> impl Iterator<Item = &str> {
    line.lower.split([' ', '"', '\'', '(', ')', ',']).map(|word| word.trim_end_matches([':', '.']))
}
