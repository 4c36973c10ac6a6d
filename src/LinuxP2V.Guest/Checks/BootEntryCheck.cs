using LinuxP2V.Guest.BootLoaders;
using LinuxP2V.Guest.CommandLine;
using LinuxP2V.Guest.Devices;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Findings;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Checks;

/// <summary>The menu that the loader really reads: kernel, initramfs and root of its entries.</summary>
internal sealed class BootEntryCheck
{
    private readonly GuestTree files;
    private readonly GuestTarget target;
    private readonly GrubPaths paths;
    private readonly List<Finding> findings = [];

    private BootEntryCheck(GuestTree files, GuestTarget target)
    {
        this.files = files;
        this.target = target;
        paths = new GrubPaths(files, target.Layout);
    }

    public static IReadOnlyList<Finding> Run(GuestTree files, GuestTarget target)
    {
        var check = new BootEntryCheck(files, target);
        if (target.Layout.Firmware == Firmware.Bios)
            check.CheckGrub(GrubMenuFile.OfBios(files, GrubPrograms.Installer(files)));
        else
            check.CheckEfi();

        return check.findings;
    }

    private void CheckEfi()
    {
        if (target.Layout.EfiVolume() is not { MountPoint: { } mount })
        {
            Fail("EFI system partition", "There is no EFI system partition to start from.");
            return;
        }

        var partition = EfiPartition.Read(files, target.Layout, mount, target.Options.BootedLoader);
        if (partition.Fallback is null)
            Fail(mount, $"The EFI system partition ({mount}) has no {EfiLoaders.FallbackFile}, which the VM's firmware starts.");

        if (partition is { Loader: null, Fallback: null })
            return;

        if (partition.IsGrub)
        {
            CheckGrub(GrubMenuFile.OfEfi(files, target.Layout, partition.GrubFolder));
            return;
        }

        if (!partition.IsSystemdBoot)
        {
            Warn(mount, $"What the loader {partition.Fallback} starts cannot be understood.");
            return;
        }

        // Entries may also lie on a partition of their own at /boot.
        string[] mounts = target.Layout.VolumeAt("/boot") is not null && mount != "/boot" ? [mount, "/boot"] : [mount];
        Check(SystemdBootEntries.Read(files, mounts), $"{mount}/loader/entries");
    }

    private void CheckGrub(string menu)
    {
        if (files.FileExists(menu))
            Check(GrubEntries.Read(files, menu), menu);
        else
            Fail(menu, $"There is no menu {menu} for GRUB.");
    }

    private void Check(BootEntries entries, string place)
    {
        if (entries.Default is not { } standard)
        {
            Fail(place, $"{place} has no entry to start.");
            return;
        }

        if (entries.Doubt is { } doubt)
            Warn(place, $"{place}: {doubt}.");

        foreach (var entry in entries.All.Distinct())
            Check(entry, entry == standard);
    }

    private void Check(BootEntry entry, bool isDefault)
    {
        var name = isDefault ? $"The default boot entry \"{entry.Name}\"" : $"Boot entry \"{entry.Name}\"";
        foreach (var problem in Problems(entry))
        {
            if (isDefault)
                Fail(entry.File, $"{name} {problem}.");
            else
                Warn(entry.File, $"{name} {problem}.");
        }

        if (entry.Doubts.Count > 0 || entry.Kernel is null)
        {
            var what = entry.Doubts.Count > 0 ? string.Join(", ", entry.Doubts) : "it starts no Linux kernel";
            // Entries of the firmware's setup and of other systems are none of ours; the default one must be understood.
            if (isDefault || entry.Kernel is not null)
                Warn(entry.File, $"{name} cannot be understood: {what}.");
        }

        foreach (var change in entry.Kernel is null ? [] : Misfits(entry))
            Warn(entry.File, $"{name} has {change.Line} on its command line: {change.Why}.");
    }

    private IEnumerable<string> Problems(BootEntry entry)
    {
        if (entry.Kernel is not { } kernel)
            yield break;

        if (entry.Device is { } device && !paths.HasDevice(device))
            yield return $"looks for its files on {device}, which the copy does not have";
        else if (paths.Find(kernel, entry.Device) is null)
            yield return $"starts {kernel}, which is not there";
        else
        {
            foreach (var initrd in entry.Initrds.Where(initrd => paths.Find(initrd, entry.Device) is null))
                yield return $"loads {initrd}, which is not there";
        }

        if (RootProblem(entry) is { } problem)
            yield return problem;
    }

    private string? RootProblem(BootEntry entry)
    {
        var spec = Root(entry);
        if (spec is null || !DeviceNames.IsDevice(spec))
            return null;

        if (entry.Initrds.Count == 0 && DeviceNames.Tag(spec) is { Name: "UUID" or "LABEL" })
            return $"has no initramfs, without which the kernel cannot find root={spec}";

        var root = target.Devices.Root;
        var resolved = target.Devices.Resolve(spec);
        return resolved.State == DeviceState.Kept && resolved.Volume == root ? null
            : root is not null && target.Layout.Disks.Count == 1 && target.DeviceOf(root.Device) == spec ? null
            : resolved.Volume is { } other && other != root ? $"takes {other.Id} for its root (root={spec})"
            : $"looks for root={spec}, which the copy does not have";
    }

    /// <summary>Words for the source's hardware; of the root it is said elsewhere.</summary>
    private IEnumerable<TextChange> Misfits(BootEntry entry)
    {
        var doubtful = Root(entry) is null && !entry.Words.Contains("root=");
        foreach (
            var change in CommandLineText
                .Transform(entry.Words, target.Devices)
                .Changes.Where(change => !change.Line.StartsWith("root=", StringComparison.Ordinal))
        )
            yield return change;

        if (doubtful)
            yield return new TextChange("no root=", "", "the initramfs decides which volume is the root");
    }

    private static string? Root(BootEntry entry) =>
        KernelWord.Split(entry.Words).Select(match => KernelWord.Parse(match.Value)).LastOrDefault(word => word.Name == "root")?.Value;

    private void Fail(string subject, string what) =>
        findings.Add(
            new Finding(
                FindingSeverity.Error,
                ErrorIds.ReconfigurationFailed,
                subject,
                what,
                "Mend the boot loader's configuration on the source, so that it starts an installed kernel."
            )
        );

    private void Warn(string subject, string what) =>
        findings.Add(
            new Finding(FindingSeverity.Warning, "BootEntry", subject, what, "See that the entry is not needed, or mend it in the copy.")
        );
}
