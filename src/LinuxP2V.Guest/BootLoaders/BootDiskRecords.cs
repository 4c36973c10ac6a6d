using LinuxP2V.Guest.Devices;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Guest.BootLoaders;

/// <summary>Where packages remember the disk that GRUB was installed to: an update would write to it, or ask for it.</summary>
internal static class BootDiskRecords
{
    private const string DebconfAnswers = "/var/cache/debconf/config.dat";
    private const string SuseRecord = "/etc/default/grub_installdevice";

    public static void Plan(GuestContext context, string concern)
    {
        PlanDebian(context, concern);
        PlanSuse(context, concern);
    }

    private static void PlanDebian(GuestContext context, string concern)
    {
        if (context.Files.Program("debconf-set-selections") is null)
            return;

        if (context.Layout.Firmware == Firmware.Bios)
        {
            if (context.Files.FileExists("/var/lib/dpkg/info/grub-pc.list"))
                context.Run(
                    new GrubPackageDisk(
                        concern,
                        DeviceReference.OnDisk(context.Layout.BootDisk().Number),
                        "grub-pc",
                        "grub-pc/install_devices"
                    )
                );
            return;
        }

        const string Question = "grub-efi/install_devices";
        if (context.Layout.EfiVolume() is { Device: { Partition: not null } esp } && Answer(context, Question).Length > 0)
            context.Run(new GrubPackageDisk(concern, esp, "grub-efi-amd64", Question));
    }

    /// <summary>Each line a disk or partition, but for words that say what is done with them.</summary>
    private static void PlanSuse(GuestContext context, string concern)
    {
        var devices = (context.Files.TryReadText(SuseRecord) ?? "")
            .Split('\n')
            .Select(line => line.Trim())
            .Where(line => line.StartsWith("/dev/", StringComparison.Ordinal))
            .Distinct()
            .ToDictionary(name => name, name => Successor(context, name));
        if (devices.Count > 0)
            context.Run(new BootDiskRecord(concern, SuseRecord, devices));
    }

    /// <summary>A partition stays one where the copy has it; else, as for a disk, the boot disk serves.</summary>
    private static DeviceReference Successor(GuestContext context, string name)
    {
        var boot = DeviceReference.OnDisk(context.Layout.BootDisk().Number);
        if (context.Devices.Resolve(name).Volume?.Device is { Partition: not null } own)
            return own;

        var number = DeviceNames.IsHardwareName(name) && name.Contains("-part") ? DeviceNames.PartitionNumber(name) : null;
        return context
                .Layout.Volumes.FirstOrDefault(volume =>
                    number is not null
                    && volume.Device.Disk == boot.Disk
                    && volume.Device.Partition is not null
                    && DeviceNames.PartitionNumber(volume.SourceDevice) == number
                )
                ?.Device
            ?? boot;
    }

    /// <summary>What debconf keeps as the answer to a question; empty where there is none.</summary>
    private static string Answer(GuestContext context, string question)
    {
        var block = (context.Files.TryReadText(DebconfAnswers) ?? "")
            .Replace("\r", "")
            .Split(["\n\n"], StringSplitOptions.RemoveEmptyEntries)
            .Select(text => text.Split('\n'))
            .FirstOrDefault(lines => lines.Contains($"Name: {question}"));
        return block?.FirstOrDefault(line => line.StartsWith("Value:", StringComparison.Ordinal))?["Value:".Length..].Trim() ?? "";
    }
}
