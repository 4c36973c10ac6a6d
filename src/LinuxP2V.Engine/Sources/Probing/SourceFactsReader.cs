using LinuxP2V.Engine.Sources.Model;

namespace LinuxP2V.Engine.Sources.Probing;

/// <summary>Makes facts of the probe's output. What cannot be understood is left out and noted in the facts' problems.</summary>
internal static class SourceFactsReader
{
    public static SourceFacts Read(ProbeOutput output, DateTimeOffset readAt)
    {
        var problems = new ReadingProblems();
        var devices = new BlockDeviceReader(output, problems);
        var mounts = MountReader.Read(output, devices, problems);
        return new SourceFacts
        {
            HostName = output.FirstLine("hostname") ?? output.FirstLine("file", "/etc/hostname") ?? "localhost",
            OperatingSystem = SystemReader.ReadOperatingSystem(output),
            Hardware = SystemReader.ReadHardware(output),
            Kernels = SystemReader.ReadKernels(output, problems),
            BlockDevices = devices.Devices,
            VolumeGroups = problems.Read("LVM", () => ReadGroups(output, devices.Devices), []),
            Mounts = mounts,
            Swaps = problems.Read("/proc/swaps", () => MountReader.ReadSwaps(output, devices), []),
            BtrfsFileSystems = problems.Read("btrfs", () => BtrfsReader.Read(output, devices.Devices, mounts), []),
            Network = problems.Read("network", () => NetworkReader.Read(output), new NetworkFacts()),
            Boot = problems.Read("boot loader", () => BootReader.Read(output, devices, mounts), new BootFacts()),
            Tools = problems.Read("tools", () => ToolReader.Read(output), new ToolFacts()),
            RunningDatabases = problems.Read("processes", () => ProcessNames.ReadDatabases(output), []),
            SELinux = output.FirstLine("selinux") switch
            {
                null => null,
                "1" => "Enforcing",
                "0" => "Permissive",
                var state => state,
            },
            Container = output.FirstLine("container"),
            IsRoot = output.FirstLine("uid") == "0",
            IsSudoOutputLogged = output.FirstLine("sudo-log") is not null,
            ReadAt = readAt,
            // Last: all that is above may add to it.
            Problems = problems.All,
        };
    }

    private static IReadOnlyList<VolumeGroupFacts> ReadGroups(ProbeOutput output, IReadOnlyList<BlockDeviceFacts> devices) =>
        PhysicalVolumePaths.Resolve(LvmReader.Read(output.Lines("vgs"), output.Lines("lvs"), output.Lines("pvs"), devices), devices);
}
