using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Initramfs;

/// <summary>The lists beside a kernel's modules, made by the copy's depmod.</summary>
/// <param name="Version">Of the kernel.</param>
public sealed record ModuleIndexBuild(string Concern, string Version)
    : ToolChange(Concern, $"/lib/modules/{Version}/modules.dep", "made by depmod", "without it no module of the kernel can be loaded");
