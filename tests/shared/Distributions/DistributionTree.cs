using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Tests.Shared.Distributions;

/// <summary>
/// The configuration that a distribution's installer writes, and the machine that it meets as a VM. README.md beside it says
/// how the files of the folder Trees are written.
/// </summary>
internal sealed class DistributionTree
{
    /// <summary>The VM's adapters have addresses of VMware's range, in the order of the source's.</summary>
    private const string TargetMac = "00:50:56:00:00:";

    /// <summary>The last part of an identifier is a number of its own for each device.</summary>
    private const string UuidStart = "0f6f0b8c-7f3e-4b8a-9a52-0d7a2a3b1c";
    private const string PartitionUuidStart = "3d1c7c2e-5a8f-4f0b-8f53-6c1f0a9b2d";
    private const string SectionMark = "== ";

    private static readonly Regex Placeholder = new(@"<(?<kind>uuid|partuuid) (?<volume>[^ >]+)>", RegexOptions.CultureInvariant);

    private readonly List<string[]> lines = [];
    private readonly Dictionary<string, string> texts = new(StringComparer.Ordinal);

    private DistributionTree(string name)
    {
        Name = name;
        string? file = null;
        foreach (var line in File.ReadAllLines(PathOf("Trees", name + ".tree")))
        {
            if (line.StartsWith(SectionMark, StringComparison.Ordinal))
                texts[file = line[SectionMark.Length..]] = "";
            else if (file is not null)
                texts[file] += line + "\n";
            else if (line.Length > 0 && line[0] != '#')
                lines.Add(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }

        Layout = ReadLayout();
        foreach (var path in texts.Keys.ToList())
            texts[path] = Placeholder.Replace(texts[path], Identifier);
    }

    /// <summary>All trees.</summary>
    public static IEnumerable<string> Names =>
        Directory.GetFiles(PathOf("Trees"), "*.tree").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal);

    public string Name { get; }

    public TargetLayout Layout { get; }

    /// <summary>It says so itself: a variant may be refused where the usual setup is not, or the other way round.</summary>
    public bool IsRefused => All("refused").Any();

    public GuestTarget Target => new(Layout, Options);

    private ReconfigureOptions Options =>
        new()
        {
            RunningKernel = All("kernel").First()[1],
            BootedLoader = All("booted").FirstOrDefault()?[1],
            Adapters =
            [
                .. All("adapter")
                    .Select(
                        (line, index) =>
                            new AdapterMapping(line[1], line[2], $"{TargetMac}{index + 1:x2}") { SourceDriver = line.ElementAtOrDefault(3) }
                    ),
            ],
            Replaced = [.. All("replaced").Select(line => new ReplacedDevice(line[1], line[2]))],
            Dropped = [.. All("dropped").Select(line => new DroppedDevice(line[1], line.ElementAtOrDefault(2), null))],
        };

    public static DistributionTree Read(string name) => new(name);

    /// <summary>A text that a test compares its result with, or writes anew where LINUXP2V_WRITE_EXPECTED is set.</summary>
    /// <param name="actual">Null for a text that another test writes.</param>
    public string Expected(string kind, string? actual)
    {
        var path = PathOf("Trees", $"{Name}.{kind}");
        if (actual is not null && Environment.GetEnvironmentVariable("LINUXP2V_WRITE_EXPECTED") is { Length: > 0 })
            File.WriteAllText(path, actual);

        return File.Exists(path) ? File.ReadAllText(path) : "";
    }

    /// <param name="standIn">The text of a stand-in by its name.</param>
    public void WriteTo(string folder, Func<string, string> standIn)
    {
        // Before all else, as paths go through these links.
        foreach (var name in All("usrmerge").SelectMany(_ => (string[])["bin", "lib", "lib64", "sbin"]))
        {
            Directory.CreateDirectory($"{folder}/usr/{name}");
            File.CreateSymbolicLink($"{folder}/{name}", $"usr/{name}");
        }

        foreach (var link in All("link"))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder + link[1])!);
            File.CreateSymbolicLink(folder + link[1], link[2]);
        }

        foreach (var path in All("folder").SelectMany(line => line.Skip(1)))
            Directory.CreateDirectory(folder + path);

        foreach (var path in All("file").SelectMany(line => line.Skip(1)))
            Write(folder + path, path.EndsWith(".efi", StringComparison.OrdinalIgnoreCase) ? "MZ" : "x");

        foreach (var kernel in All("kernel"))
            WriteKernel(folder, kernel[1], kernel[2], kernel[3..]);

        foreach (var tool in All("tool"))
            Write(folder + tool[1], standIn(tool[2]), isProgram: true);

        foreach (var (path, text) in texts)
            Write(folder + path, text);
    }

    private static void WriteKernel(string folder, string version, string ending, string[] modules)
    {
        var place = $"{folder}/lib/modules/{version}";
        Write($"{place}/modules.dep", string.Concat(modules.Where(name => name[0] != '+').Select(name => $"kernel/{name}{ending}:\n")));
        Write($"{place}/modules.builtin", string.Concat(modules.Where(name => name[0] == '+').Select(name => $"kernel/{name[1..]}.ko\n")));
    }

    private static void Write(string path, string text, bool isProgram = false)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        if (isProgram)
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.UserExecute);
    }

    private IEnumerable<string[]> All(string word) => lines.Where(line => line[0] == word);

    private TargetLayout ReadLayout()
    {
        var disk = All("disk").Single();
        var volumes = All("volume").Select(ReadVolume).ToList();
        var groups = All("group").Select(line => (Name: line[1], Partition: int.Parse(line[2], CultureInfo.InvariantCulture))).ToList();
        var isGpt = disk[1] == "gpt";
        var isUefi = disk[2] == "uefi";
        var numbers = volumes
            .Select(volume => volume.Device.Partition)
            .OfType<int>()
            .Concat(groups.Select(group => group.Partition))
            .Concat(isGpt && !isUefi ? [1] : Array.Empty<int>())
            .Distinct()
            .Order();
        return new TargetLayout
        {
            Firmware = isUefi ? Firmware.Uefi : Firmware.Bios,
            Disks =
            [
                new TargetDisk
                {
                    Number = 0,
                    SizeBytes = 64L << 30,
                    Address = new DiskAddress(DiskController.Pvscsi, 0, 0),
                    PartitionTable = isGpt ? PartitionTableKind.Gpt : PartitionTableKind.Mbr,
                    Identifier = isGpt ? null : "6b8b4567",
                    IsBootDisk = true,
                    Partitions = [.. numbers.Select(number => ReadPartition(number, isGpt, isUefi, volumes))],
                },
            ],
            VolumeGroups =
            [
                .. groups.Select(group => new TargetVolumeGroup
                {
                    Name = group.Name,
                    ExtentSizeBytes = 4 << 20,
                    PhysicalVolumes = [DeviceReference.OnDisk(0, group.Partition)],
                    LogicalVolumes =
                    [
                        .. volumes
                            .Where(volume => volume.Device.VolumeGroup == group.Name)
                            .Select(volume => new TargetLogicalVolume(volume.Device.LogicalVolume!, 4L << 30)),
                    ],
                }),
            ],
            Volumes = volumes,
        };
    }

    private static TargetPartition ReadPartition(int number, bool isGpt, bool isUefi, List<TargetVolume> volumes)
    {
        var volume = volumes.Find(candidate => candidate.Device.Partition == number);
        return new TargetPartition
        {
            Number = number,
            StartBytes = number * 4L << 30,
            SizeBytes = 4L << 30,
            Type =
                !isGpt ? "83"
                : volume is null && !isUefi ? Layouts.BiosBootType
                : volume?.FileSystem.Kind == FileSystemKind.Vfat ? LayoutQueries.EfiSystemPartitionType
                : Layouts.LinuxType,
            Uuid = isGpt ? $"{PartitionUuidStart}{number:00}" : null,
        };
    }

    private TargetVolume ReadVolume(string[] line)
    {
        var (mount, device, kind) = (line[1], line[2], Enum.Parse<FileSystemKind>(line[3], ignoreCase: true));
        var subvolume = line.FirstOrDefault(word => word.StartsWith("subvol=", StringComparison.Ordinal))?["subvol=".Length..];
        // Volumes of one device are one file system.
        var number = All("volume").Select(other => other[2]).Distinct().ToList().IndexOf(device) + 1;
        return new TargetVolume
        {
            Id = mount,
            MountPoint = mount.StartsWith('/') ? mount : null,
            Device = device.Split('/') is [var group, var name]
                ? DeviceReference.OnVolumeGroup(group, name)
                : DeviceReference.OnDisk(0, int.Parse(device, CultureInfo.InvariantCulture)),
            FileSystem = new FileSystemSpec
            {
                Kind = kind,
                Uuid = kind == FileSystemKind.Vfat ? $"A1B2-C3{number:00}" : $"{UuidStart}{number:00}",
                Label = line.FirstOrDefault(word => word.StartsWith("label=", StringComparison.Ordinal))?["label=".Length..],
            },
            MountOptions = subvolume is null ? null : $"subvol=/{subvolume}",
            Subvolume = subvolume is null ? null : new TargetSubvolume(subvolume) { IsDefault = line.Contains("default") },
            SourceDevice = line[4],
        };
    }

    private string Identifier(Match match)
    {
        var volume = Layout.Volumes.Single(candidate => candidate.Id == match.Groups["volume"].Value);
        return match.Groups["kind"].Value == "uuid" ? volume.FileSystem.Uuid! : Layout.PartitionOf(volume)!.Uuid!;
    }

    private static string PathOf(string folder, string file = "", [CallerFilePath] string path = "") =>
        Path.Combine(Path.GetDirectoryName(path)!, folder, file);
}
