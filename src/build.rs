//! Gives the Windows executable its icon, manifest and version. For other systems there is nothing to do.

use std::env;
use std::io;

fn main() -> io::Result<()> {
    const ICON: &str = "assets/windows/portmedic.ico";
    const MANIFEST: &str = "assets/windows/portmedic.manifest";

    println!("cargo::rerun-if-changed=src/build.rs");
    println!("cargo::rerun-if-changed={ICON}");
    println!("cargo::rerun-if-changed={MANIFEST}");
    if env::var_os("CARGO_CFG_WINDOWS").is_none() {
        return Ok(());
    }
    let mut resource = winresource::WindowsResource::new();
    resource.set_icon(ICON).set_manifest_file(MANIFEST).set("ProductName", "PortMedic").set("FileDescription", "PortMedic");
    resource.compile_for("portmedic")
}
