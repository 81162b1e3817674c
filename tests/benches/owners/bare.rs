//! The least work that can answer: the yardstick. It checks nothing, reads nothing that it does not need and prints nothing.

use std::collections::HashMap;
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rustix::fs::{FileType, Mode, OFlags, RawDir};
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink};

/// The bit of a state in a question of `sock_diag`.
pub const LISTEN: u32 = 1 << 10;
/// Every state, and bound sockets.
const ALL: u32 = 0x3FFE;
const IPV4: u8 = 2;
const IPV6: u8 = 10;

/// The inodes of the TCP sockets of both families in these states, on this port, or on all for 0 (sock_diag(7)).
pub fn dump(states: u32, port: u16) -> Vec<u32> {
    let socket =
        rustix::net::socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, Some(netlink::SOCK_DIAG))
            .expect("a socket for questions");
    let mut inodes = Vec::new();
    let mut buffer = vec![0; 64 << 10];
    for family in [IPV4, IPV6] {
        let mut question = vec![0; 72];
        question[0..4].copy_from_slice(&72_u32.to_ne_bytes());
        question[4..6].copy_from_slice(&20_u16.to_ne_bytes()); // SOCK_DIAG_BY_FAMILY
        question[6..8].copy_from_slice(&0x301_u16.to_ne_bytes()); // a request for a dump
        question[16..18].copy_from_slice(&[family, 6]); // TCP
        question[20..24].copy_from_slice(&states.to_ne_bytes());
        question[24..26].copy_from_slice(&port.to_be_bytes());
        rustix::net::send(&socket, &question, SendFlags::empty()).expect("the question");
        'answer: loop {
            let (length, _) = rustix::net::recv(&socket, &mut buffer[..], RecvFlags::empty()).expect("the answer");
            let mut rest = &buffer[..length];
            while let Some(head) = rest.first_chunk::<16>() {
                let size = u32::from_ne_bytes([head[0], head[1], head[2], head[3]]).try_into().expect("a size");
                match u16::from_ne_bytes([head[4], head[5]]) {
                    3 => break 'answer, // NLMSG_DONE
                    2 => panic!("the kernel refuses the question"),
                    _ => inodes.push(u32::from_ne_bytes([rest[84], rest[85], rest[86], rest[87]])),
                }
                rest = rest.get(usize::next_multiple_of(size, 4)..).unwrap_or_default();
            }
        }
    }
    inodes
}

/// The whole table with the first owner of each socket: the dump beside two threads that look at every descriptor.
pub fn dump_and_scan() -> usize {
    let entries = fs::read_dir("/proc").expect("the processes").flatten();
    let pids: Vec<u32> = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    let next = AtomicUsize::new(0);
    let (inodes, holders) = thread::scope(|threads| {
        let inodes = threads.spawn(|| dump(ALL, 0));
        let scans = [(); 2].map(|()| threads.spawn(|| scan(&pids, &next)));
        let mut holders: HashMap<u32, u32> = HashMap::new();
        for found in scans {
            holders.extend(found.join().expect("a scan"));
        }
        (inodes.join().expect("the dump"), holders)
    });
    inodes.iter().filter(|inode| holders.contains_key(inode)).count()
}

/// Inode and process of each socket, for every process that no other thread has taken.
fn scan(pids: &[u32], next: &AtomicUsize) -> Vec<(u32, u32)> {
    let mut found = Vec::new();
    let mut buffer = Vec::with_capacity(32 << 10);
    let mut link = [0; 32];
    while let Some(pid) = pids.get(next.fetch_add(1, Ordering::Relaxed)) {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let Ok(folder) = rustix::fs::open(format!("/proc/{pid}/fd"), flags, Mode::empty()) else { continue };
        let mut entries = RawDir::new(&folder, buffer.spare_capacity_mut());
        while let Some(Ok(entry)) = entries.next() {
            if entry.file_type() != FileType::Symlink {
                continue;
            }
            let length = rustix::fs::readlinkat_raw(&folder, entry.file_name(), &mut link[..]).unwrap_or(0);
            let digits = link[..length].strip_prefix(b"socket:[").and_then(|rest| rest.strip_suffix(b"]"));
            let inode = digits.and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
            found.extend(inode.map(|inode| (inode, *pid)));
        }
    }
    found
}
