//! A filter that the kernel runs over each socket of a dump: only those on a few ports are sent (`linux/inet_diag.h`, `inet_diag_bc_op`).
//!
//! The program halves the ports at each comparison, so that 64 ports cost a socket eight comparisons and not 64. The kernel allows jumps
//! ahead only, and demands that a program is a chain in which every comparison that comes true goes on with the next instruction: so the
//! upper half follows its comparison, and the lower half is jumped to.

use std::collections::BTreeSet;

use crate::machine::Port;

const JUMP: u8 = 1;
const SOURCE_PORT_AT_LEAST: u8 = 2;
const SOURCE_PORT_IS: u8 = 11;

/// A comparison has a second word with its port.
const COMPARISON: usize = 8;
const WORD: usize = 4;

/// The program that lets sockets on these ports through.
pub fn program(ports: &BTreeSet<Port>) -> Vec<u8> {
    let sorted: Vec<Port> = ports.iter().copied().collect();
    let mut bytes = vec![0; length(sorted.len())];
    write(&sorted, 0, &mut bytes);
    bytes
}

/// How long the program for so many ports is: a test and a jump to the end for each port, a comparison between each two.
const fn length(ports: usize) -> usize {
    match ports {
        0 => 0,
        ports => ports * (COMPARISON + WORD) + (ports - 1) * COMPARISON,
    }
}

/// Writes the part for `ports` at `start`.
fn write(ports: &[Port], start: usize, program: &mut [u8]) {
    let rest = program.len() - start;
    match ports {
        [] => {}
        [port] => {
            // Behind the end by one word means that the socket is left out, right at the end that it is let through.
            compare(SOURCE_PORT_IS, *port, rest + WORD, &mut program[start..]);
            let jump = rest - COMPARISON;
            instruction(JUMP, WORD, jump, &mut program[start + COMPARISON..]);
        }
        _ => {
            let (lower, upper) = ports.split_at(ports.len() / 2);
            let below = COMPARISON + length(upper.len());
            compare(SOURCE_PORT_AT_LEAST, upper[0], below, &mut program[start..]);
            write(upper, start + COMPARISON, program);
            write(lower, start + below, program);
        }
    }
}

/// Compares with the port: goes on with the next instruction, or `otherwise` so many bytes ahead.
fn compare(code: u8, port: Port, otherwise: usize, at: &mut [u8]) {
    instruction(code, COMPARISON, otherwise, at);
    at[WORD + 2..WORD + 4].copy_from_slice(&port.to_ne_bytes());
}

/// `struct inet_diag_bc_op`: how far ahead to go where it is true, and where it is not.
fn instruction(code: u8, yes: usize, no: usize, at: &mut [u8]) {
    at[0] = code;
    at[1] = u8::try_from(yes).unwrap_or(u8::MAX);
    at[2..4].copy_from_slice(&u16::try_from(no).unwrap_or(u16::MAX).to_ne_bytes());
}

#[cfg(test)]
mod tests {
    use super::{JUMP, SOURCE_PORT_AT_LEAST, program};
    use crate::machine::Port;

    /// Runs a program as the kernel does (`inet_diag_bc_run`).
    fn lets_through(program: &[u8], port: Port) -> bool {
        let half = |at: usize| u16::from_ne_bytes([program[at], program[at + 1]]);
        let mut at = 0;
        while at < program.len() {
            let is_true = match program[at] {
                JUMP => false,
                SOURCE_PORT_AT_LEAST => port >= half(at + 6),
                _ => port == half(at + 6),
            };
            at += if is_true { usize::from(program[at + 1]) } else { usize::from(half(at + 2)) };
        }
        at == program.len()
    }

    proptest::proptest! {
        #[test]
        fn a_socket_is_let_through_where_its_port_is_meant(
            ports in proptest::collection::btree_set(1..u16::MAX, 1..=64),
            others: Vec<u16>,
        ) {
            let program = program(&ports);
            for port in ports.iter().chain(&others) {
                assert_eq!(lets_through(&program, *port), ports.contains(port), "{port} of {ports:?}");
            }
        }
    }

    #[test]
    fn no_ports_need_no_program() {
        assert!(program(&[].into()).is_empty());
    }
}
