namespace LinuxP2V.Guest.BootLoaders;

/// <summary>A boot loader on an EFI system partition.</summary>
/// <param name="Folder">Its path in the guest: /boot/efi/EFI/debian.</param>
/// <param name="File">The file that the firmware starts: shimx64.efi, grubx64.efi, systemd-bootx64.efi.</param>
/// <param name="Companions">Files that the loader looks for beside itself.</param>
public sealed record EfiLoader(string Folder, string File, IReadOnlyList<string> Companions)
{
    public string Vendor => Folder[(Folder.LastIndexOf('/') + 1)..];

    /// <summary>As the firmware writes it: \EFI\debian\shimx64.efi.</summary>
    public string FirmwarePath => $"\\EFI\\{Vendor}\\{File}";

    public bool IsGrub => !File.StartsWith("systemd", StringComparison.OrdinalIgnoreCase);
}
