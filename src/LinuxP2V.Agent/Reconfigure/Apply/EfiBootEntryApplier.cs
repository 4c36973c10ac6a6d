using System.Globalization;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Guest.BootLoaders;
using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Agent.Reconfigure.Apply;

/// <summary>The helper is the VM, so the firmware's memory is the one that counts. It fails softly: the fallback is there.</summary>
internal sealed class EfiBootEntryApplier : ChangeApplier<EfiBootEntry>
{
    protected override async Task<GuestChange?> ApplyAsync(
        EfiBootEntry change,
        ReconfigureContext context,
        CancellationToken cancellationToken
    )
    {
        if (
            change.Volume.Device is not { Disk: { } disk, Partition: { } partition }
            || !File.Exists("/usr/bin/efibootmgr")
            || !Directory.Exists("/sys/firmware/efi/efivars")
        )
            return null;

        var listed = await Tool.RunAsync("efibootmgr", ["-v"], cancellationToken);
        if (!listed.Succeeded || listed.Output.Contains(change.Loader.FirmwarePath, StringComparison.OrdinalIgnoreCase))
            return null;

        string[] arguments =
        [
            "-c",
            "-d",
            context.Target.DiskDevices[disk],
            "-p",
            partition.ToString(CultureInfo.InvariantCulture),
            "-L",
            change.Loader.Vendor,
            "-l",
            change.Loader.FirmwarePath,
        ];
        var result = await Tool.RunAsync("efibootmgr", arguments, cancellationToken);
        if (result.Succeeded)
            return change;

        context.Warn($"The firmware took no boot entry; it will start the fallback loader. {result.LastLines}");
        return null;
    }
}
