using LinuxP2V.Agent.Reconfigure.Initramfs;
using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Guest.Checks;
using LinuxP2V.Guest.Images;
using LinuxP2V.Protocol.Findings;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Reconfigure.Check;

/// <summary>Looks at the result as the firmware, the boot loader and the kernel will. Changes nothing.</summary>
internal static class ResultCheck
{
    private const string Remedy = "See the agent's log for what the tools of the copy said.";

    /// <param name="kernel">Version of the kernel that the plan chose; null where it chose none.</param>
    /// <returns>Errors for what would keep the copy from booting.</returns>
    /// <exception cref="IOException">A file of the copy cannot be read.</exception>
    public static async Task<IReadOnlyList<Finding>> RunAsync(
        ReconfigureContext context,
        string? kernel,
        CancellationToken cancellationToken
    )
    {
        var findings = new List<Finding>(BootCheck.Run(context.Files.Tree.Store, context.Guest));
        findings.AddRange(await CheckStartAsync(context, kernel, cancellationToken));
        var missing =
            context.Layout.Firmware == Firmware.Bios
                ? await FindBootCodeFaultAsync(context, cancellationToken)
                : await FindFallbackFaultAsync(context, cancellationToken);
        if (missing is not null)
            findings.Add(missing);

        return findings;
    }

    /// <summary>Opens what the loader starts by itself.</summary>
    private static async Task<IReadOnlyList<Finding>> CheckStartAsync(
        ReconfigureContext context,
        string? kernel,
        CancellationToken cancellationToken
    )
    {
        var store = context.Files.Tree.Store;
        if (BootStart.Find(store, context.Guest) is not { } start)
            return [];

        var reader = new ImageReader(context);
        if (start.UnifiedImage is not { } image)
        {
            var loaded = start.Initramfs.Count > 0 ? await reader.ReadAsync(start.Initramfs, cancellationToken) : null;
            return StartCheck.Run(store, context.Guest, start, kernel, null, loaded);
        }

        await using var file = File.OpenRead(context.Files.Host(image));
        var unified = UnifiedKernel.Read(file);
        var inside = unified?.Initramfs is { } part ? await reader.ReadAsync(image, part, cancellationToken) : null;
        return StartCheck.Run(store, context.Guest, start, kernel, unified, inside);
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

    /// <summary>That the fallback loader is there at all, BootCheck says.</summary>
    private static async Task<Finding?> FindFallbackFaultAsync(ReconfigureContext context, CancellationToken cancellationToken)
    {
        if (BootCheck.FallbackLoader(context.Files.Tree.Store, context.Guest) is not { } path)
            return null;

        var start = new byte[2];
        await using var file = File.OpenRead(context.Files.Host(path));
        return
            await file.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken) == start.Length
            && start is [(byte)'M', (byte)'Z']
            ? null
            : Error(path, $"{path}, which the VM's firmware starts, is no program.");
    }

    private static Finding Error(string subject, string what) =>
        new(FindingSeverity.Error, ErrorIds.ReconfigurationFailed, subject, what, Remedy);
}
