//! The ways to draw, in the order in which they are tried.

use std::sync::Arc;

use eframe::egui_wgpu::{WgpuSetup, WgpuSetupCreateNew};
use eframe::wgpu::{Adapter, DeviceType, Surface};
use eframe::{NativeOptions, Renderer};

/// A way to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// wgpu on the best adapter that can show on the window.
    Any,
    /// wgpu on a software adapter (WARP, lavapipe).
    Software,
    /// OpenGL.
    OpenGl,
}

impl Attempt {
    /// All, in their order.
    pub const ALL: [Self; 3] = [Self::Any, Self::Software, Self::OpenGl];

    /// Its name in messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "graphics adapter",
            Self::Software => "software renderer",
            Self::OpenGl => "OpenGL",
        }
    }

    /// The options for this way.
    pub fn options(self, mut options: NativeOptions) -> NativeOptions {
        let software_only = match self {
            Self::OpenGl => {
                options.renderer = Renderer::Glow;
                return options;
            }
            Self::Any => false,
            Self::Software => true,
        };
        options.renderer = Renderer::Wgpu;
        let mut setup = WgpuSetupCreateNew::without_display_handle();
        setup.native_adapter_selector = Some(Arc::new(move |adapters, surface| choose(adapters, surface, software_only)));
        options.wgpu_options.wgpu_setup = WgpuSetup::CreateNew(setup);
        options
    }
}

/// The best adapter that can show on the surface. The window is still and small: a graphics processor that saves power comes first.
fn choose(adapters: &[Adapter], surface: Option<&Surface<'_>>, software_only: bool) -> Result<Adapter, String> {
    let fits = |adapter: &&Adapter| surface.is_none_or(|surface| adapter.is_surface_supported(surface));
    let wanted = |adapter: &&Adapter| !software_only || adapter.get_info().device_type == DeviceType::Cpu;
    let best = adapters.iter().filter(fits).filter(wanted).min_by_key(|adapter| rank(adapter.get_info().device_type));
    best.cloned().ok_or_else(|| if adapters.is_empty() { "there is none" } else { "none can show on this screen" }.to_owned())
}

const fn rank(kind: DeviceType) -> u8 {
    match kind {
        DeviceType::IntegratedGpu => 0,
        DeviceType::DiscreteGpu => 1,
        DeviceType::VirtualGpu => 2,
        DeviceType::Other => 3,
        DeviceType::Cpu => 4,
    }
}

/// Whether there is a screen to show a window on.
pub fn has_display() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY") || set("WAYLAND_SOCKET")
}
