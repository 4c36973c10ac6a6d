using LinuxP2V.Guest.BootLoaders;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Kernels;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Layout;
using BootEntry = LinuxP2V.Guest.Kernels.BootEntry;

namespace LinuxP2V.Guest.KernelChoice;

/// <summary>Where a boot loader keeps the entry that it starts by itself.</summary>
internal abstract class DefaultEntry
{
    protected const string Why = "the kernel that the loader would start has no driver for the VM's disks";

    /// <returns>Null for a loader that is not known.</returns>
    public static DefaultEntry? Of(GuestContext context)
    {
        var files = context.Files;
        var entries = BootEntry.Find(files);
        var hasGrub = GrubDefaultEntry.Programs.Any(name => files.Program(name) is not null);
        if (FolderOfGrubOfEntries(context) is { } folder)
            return new GrubOfEntriesDefault(folder, entries);

        return entries.FirstOrDefault(entry => files.FileExists($"{entry.Root}/loader/loader.conf") && !hasGrub) is { } entry
                ? new LoaderConfEntry($"{entry.Root}/loader/loader.conf", entries)
            : !hasGrub ? null
            : entries.Count > 0 ? new GrubBlsEntry(entries)
            : new GrubDefaultEntry();
    }

    private static string? FolderOfGrubOfEntries(GuestContext context) =>
        context.Layout.Firmware == Firmware.Uefi
        && context.Layout.EfiVolume() is { MountPoint: { } mount }
        && EfiPartition.Read(context.Files, context.Layout, mount, context.Options.BootedLoader) is { IsGrubOfEntries: true } partition
            ? partition.GrubFolder
            : null;

    /// <returns>A text that holds the version of the kernel; null when it is the newest one.</returns>
    public abstract string? ReadVersion(GuestContext context);

    /// <returns>False when it cannot be told.</returns>
    public abstract bool TryWrite(GuestContext context, string concern, InstalledKernel kernel);
}

/// <summary>systemd-boot.</summary>
internal sealed class LoaderConfEntry(string path, IReadOnlyList<BootEntry> entries) : DefaultEntry
{
    public override string? ReadVersion(GuestContext context) =>
        Lines(context).LastOrDefault(IsDefault)?["default".Length..].Trim() is { } pattern
            ? entries
                .Select(entry => entry.Id)
                .Where(id => Matches(id, pattern))
                .OrderByDescending(id => id, VersionOrder.Instance)
                .FirstOrDefault()
            : null;

    public override bool TryWrite(GuestContext context, string concern, InstalledKernel kernel)
    {
        if (entries.FirstOrDefault(entry => entry.Starts(kernel, context.Files)) is not { } entry)
            return false;

        var lines = Lines(context).Where(line => !IsDefault(line)).Prepend($"default {entry.Id}.conf");
        context.Write(concern, path, string.Join("\n", lines), $"starts kernel {kernel.Version}", Why);
        return true;
    }

    private string[] Lines(GuestContext context) => (context.Files.TryReadText(path) ?? "").Split('\n');

    private static bool IsDefault(string line) =>
        line.StartsWith("default ", StringComparison.Ordinal) || line.StartsWith("default\t", StringComparison.Ordinal);

    /// <summary>Patterns of the shell; older versions add .conf themselves.</summary>
    private static bool Matches(string id, string pattern) =>
        ShellPattern.Matches(id, pattern) || ShellPattern.Matches($"{id}.conf", pattern);
}

/// <summary>GRUB that reads the entries of the Boot Loader Specification: Fedora and Red Hat since 8.</summary>
internal sealed class GrubBlsEntry(IReadOnlyList<BootEntry> entries) : DefaultEntry
{
    private static readonly string[] Environments = ["/boot/grub2/grubenv", "/boot/grub/grubenv"];

    public override string? ReadVersion(GuestContext context) =>
        Environment(context) is { } path
            ? GrubEnvironment.Get(context.Files.ReadText(path), "saved_entry") is { Length: > 0 } saved
                ? saved
                : null
            : null;

    public override bool TryWrite(GuestContext context, string concern, InstalledKernel kernel)
    {
        if (
            Environment(context) is not { } path
            || entries.FirstOrDefault(entry => entry.Starts(kernel, context.Files)) is not { } entry
            || GrubEnvironment.Set(context.Files.ReadText(path), "saved_entry", entry.Id) is not { } text
        )
            return false;

        context.Write(concern, path, text, $"starts kernel {kernel.Version}", Why);
        return GrubDefaultEntry.Value(context) is null or "saved" || GrubDefaultEntry.TrySet(context, concern, "saved", kernel);
    }

    private static string? Environment(GuestContext context) => Environments.FirstOrDefault(context.Files.FileExists);
}

/// <summary>GRUB without a menu: SUSE's grub2-bls.</summary>
internal sealed class GrubOfEntriesDefault(string folder, IReadOnlyList<BootEntry> entries) : DefaultEntry
{
    private string Path => GrubOfEntries.EnvironmentIn(folder);

    public override string? ReadVersion(GuestContext context) =>
        GrubEnvironment.Get(context.Files.TryReadText(Path) ?? "", GrubOfEntries.Setting) is { Length: > 0 } named
            ? named
            : InOrder().FirstOrDefault()?.Id;

    public override bool TryWrite(GuestContext context, string concern, InstalledKernel kernel)
    {
        if (
            InOrder().FirstOrDefault(entry => entry.Starts(kernel, context.Files)) is not { } entry
            || GrubEnvironment.Set(context.Files.TryReadText(Path) ?? "", GrubOfEntries.Setting, $"{entry.Id}.conf") is not { } text
        )
            return false;

        context.Write(concern, Path, text, $"starts kernel {kernel.Version}", Why);
        return true;
    }

    /// <summary>Entries of snapshots come behind those of the system: SUSE names them so.</summary>
    private IEnumerable<BootEntry> InOrder() => entries.OrderByDescending(entry => entry.Id, VersionOrder.Instance);
}
