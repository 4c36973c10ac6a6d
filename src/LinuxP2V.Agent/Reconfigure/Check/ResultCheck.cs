using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Guest.Checks;
using LinuxP2V.Protocol.Findings;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Reconfigure.Check;

/// <summary>Looks at the result as the firmware, the boot loader and the kernel will. Changes nothing.</summary>
internal static class ResultCheck
{
    private const string Remedy = "See the agent's log for what the tools of the copy said.";

    /// <returns>Errors for what would keep the copy from booting.</returns>
    /// <exception cref="IOException">A file of the copy cannot be read.</exception>
    public static async Task<IReadOnlyList<Finding>> RunAsync(ReconfigureContext context, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>(BootCheck.Run(context.Files.Tree.Store, context.Guest));
        var missing =
            context.Layout.Firmware == Firmware.Bios
                ? await FindBootCodeFaultAsync(context, cancellationToken)
                : await FindFallbackFaultAsync(context, cancellationToken);
        if (missing is not null)
            findings.Add(missing);

        return findings;
    }

    private static async Task<Finding?> FindBootCodeFaultAsync(ReconfigureContext context, CancellationToken cancellationToken)
    {
        var boot = context.Layout.BootDisk();
        var sector = new byte[512];
        await using var stream = File.OpenRead(context.Target.DiskDevices[boot.Number]);
        await stream.ReadExactlyAsync(sector, cancellationToken);
        return CopyRoot.Bytes.GetString(sector).Contains("GRUB", StringComparison.Ordinal)
            ? null
            : Error($"disk {boot.Number}", $"Disk {boot.Number} has no boot code after GRUB was installed.");
    }

    private static async Task<Finding?> FindFallbackFaultAsync(ReconfigureContext context, CancellationToken cancellationToken)
    {
        var files = context.Files.Tree;
        // BootCheck has said that it is missing; who forces the work gets here all the same.
        if (context.Layout.EfiVolume() is not { MountPoint: { } mount })
            return null;

        var folder = files.FindIgnoringCase(mount, "EFI") is { } efi ? files.FindIgnoringCase(efi, "BOOT") : null;
        var path = folder is null ? null : files.FindIgnoringCase(folder, "BOOTX64.EFI");
        var start = path is null ? [] : await File.ReadAllBytesAsync(context.Files.Host(path), cancellationToken);
        return start is [(byte)'M', (byte)'Z', ..]
            ? null
            : Error(mount, "EFI/BOOT/BOOTX64.EFI on the EFI system partition is missing or no program.");
    }

    private static Finding Error(string subject, string what) =>
        new(FindingSeverity.Error, ErrorIds.ReconfigurationFailed, subject, what, Remedy);
}
