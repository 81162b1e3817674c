//! The rules of firewalls as their tools and the registry write them, brought into one form.

pub mod iptables;
pub mod nft;
pub mod windows;
