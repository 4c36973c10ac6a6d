using System.Globalization;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Reconfigure.Confinement;

/// <summary>
/// A /dev of few nodes: those that every program expects, and the disks of the copy with what lies on them, which the tools
/// of boot loaders and LVM look for. No channel to the hypervisor, no memory, no disk of anybody else.
/// </summary>
internal static class DeviceFolder
{
    private const string Devices = "/dev";
    private const string BlockClass = "/sys/class/block";

    private static readonly string[] Nodes = ["null", "zero", "full", "random", "urandom", "tty"];

    private static readonly (string Name, string Target)[] Links =
    [
        ("fd", "/proc/self/fd"),
        ("stdin", "/proc/self/fd/0"),
        ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"),
        ("ptmx", "pts/ptmx"),
    ];

    /// <param name="folder">Gets mounts of its own.</param>
    /// <exception cref="AgentException">MountFailed.</exception>
    public static async Task MakeAsync(string folder, MountedTarget target, CancellationToken cancellationToken)
    {
        await Mounts.MountAsync("devices", folder, ["-t", "tmpfs", "-o", "mode=755,nosuid,noexec,size=4m"], cancellationToken);
        await CopyAsync([.. Nodes, .. await OfDisksAsync(target, cancellationToken)], folder, cancellationToken);
        foreach (var (name, link) in Links)
            File.CreateSymbolicLink(Path.Combine(folder, name), link);

        await Mounts.MountAsync(
            "devpts",
            Path.Combine(folder, "pts"),
            ["-t", "devpts", "-o", "newinstance,ptmxmode=666,mode=620,nosuid,noexec"],
            cancellationToken
        );
        await Mounts.MountAsync(
            "shm",
            Path.Combine(folder, "shm"),
            ["-t", "tmpfs", "-o", "mode=1777,nosuid,nodev,noexec"],
            cancellationToken
        );
    }

    /// <summary>Nodes and links by their names below /dev, also those that LVM makes.</summary>
    private static async Task<IReadOnlyList<string>> OfDisksAsync(MountedTarget target, CancellationToken cancellationToken)
    {
        var numbers = Own(target).Select(NumberOf).ToHashSet(StringComparer.Ordinal);
        var found = await Tool.RunAsync(
            "find",
            [
                ".",
                "-xdev",
                "(",
                "-path",
                "./disk",
                "-o",
                "-path",
                "./pts",
                ")",
                "-prune",
                "-o",
                "(",
                "-type",
                "b",
                "-o",
                "-type",
                "l",
                ")",
                "-print0",
            ],
            cancellationToken,
            workingFolder: Devices
        );
        var names = found.Output.Split('\0', StringSplitOptions.RemoveEmptyEntries);
        if (names.Length == 0)
            return [];

        // A link that leads nowhere is left out; stat then ends with 1.
        var told = await Tool.RunAsync(
            "stat",
            ["-L", "--printf=%t:%T %F %n\\0", "--", .. names],
            cancellationToken,
            workingFolder: Devices
        );
        var own = told
            .Output.Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(" block special file ", 2))
            .Where(parts => parts.Length == 2 && numbers.Contains(FromHex(parts[0])))
            .Select(parts => parts[1]);
        return File.Exists($"{Devices}/mapper/control") ? [.. own, "mapper/control"] : [.. own];
    }

    /// <summary>
    /// The disks of the copy, their partitions, and the mapped devices that lie on nothing else; by their names in sysfs.
    /// </summary>
    private static HashSet<string> Own(MountedTarget target)
    {
        var own = new HashSet<string>(StringComparer.Ordinal);
        foreach (var device in target.DiskDevices.Values.Concat(target.VolumeDevices.Values))
            own.Add(Path.GetFileName(File.ResolveLinkTarget(device, returnFinalTarget: true)?.FullName ?? device));

        bool isMore;
        do
        {
            isMore = false;
            foreach (var folder in Directory.GetDirectories(BlockClass))
                isMore |= LiesOn(folder, own) && own.Add(Path.GetFileName(folder));
        } while (isMore);

        return own;
    }

    private static bool LiesOn(string folder, HashSet<string> own)
    {
        if (File.Exists($"{folder}/partition"))
            return Path.GetFileName(Path.GetDirectoryName(File.ResolveLinkTarget(folder, returnFinalTarget: true)!.FullName)) is { } disk
                && own.Contains(disk);

        var slaves = $"{folder}/slaves";
        var below = Directory.Exists(slaves) ? Directory.GetFileSystemEntries(slaves) : [];
        return below.Length > 0 && below.All(slave => own.Contains(Path.GetFileName(slave)));
    }

    /// <summary>Major and minor number: 8:1.</summary>
    private static string NumberOf(string name) =>
        File.Exists($"{BlockClass}/{name}/dev") ? File.ReadAllText($"{BlockClass}/{name}/dev").Trim() : "";

    private static string FromHex(string numbers) =>
        string.Join(
            ':',
            numbers
                .Split(':')
                .Select(number =>
                    int.Parse(number, NumberStyles.HexNumber, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture)
                )
        );

    private static async Task CopyAsync(IReadOnlyList<string> names, string folder, CancellationToken cancellationToken) =>
        (await Tool.RunAsync("cp", ["-a", "--parents", "--", .. names, folder], cancellationToken, workingFolder: Devices)).OrThrow(
            ErrorIds.MountFailed,
            "The device nodes of the copy could not be made.",
            "Restart the helper VM and run the conversion again."
        );
}
