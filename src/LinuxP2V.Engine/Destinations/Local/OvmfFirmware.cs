namespace LinuxP2V.Engine.Destinations.Local;

/// <summary>UEFI for QEMU: a read-only half, and variables of which each VM gets its own copy.</summary>
internal sealed record OvmfFirmware(string CodePath, string VariablesPath)
{
    private static readonly OvmfFirmware[] Known =
    [
        // Debian, Ubuntu
        new("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
        new("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"),
        // Fedora, RHEL
        new("/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd"),
        // SUSE
        new("/usr/share/qemu/ovmf-x86_64-4m-code.bin", "/usr/share/qemu/ovmf-x86_64-4m-vars.bin"),
        new("/usr/share/qemu/ovmf-x86_64-code.bin", "/usr/share/qemu/ovmf-x86_64-vars.bin"),
        // Arch
        new("/usr/share/edk2/x64/OVMF_CODE.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd"),
    ];

    /// <exception cref="P2VException">DestinationToolMissing.</exception>
    public static OvmfFirmware Locate() =>
        Known.FirstOrDefault(firmware => File.Exists(firmware.CodePath) && File.Exists(firmware.VariablesPath))
        ?? throw LocalTool.Missing("QEMU's UEFI firmware (OVMF) is not installed on this machine, and the VM boots by UEFI.");
}
