using LinuxP2V.Engine.Sources.Model;

namespace LinuxP2V.Engine.Sources.Probing;

/// <summary>Makes facts of the probe's output.</summary>
internal static class SourceFactsReader
{
    public static SourceFacts Read(ProbeOutput output, DateTimeOffset readAt)
    {
        var devices = new BlockDeviceReader(output);
        var mounts = MountReader.Read(output, devices);
        return new SourceFacts
        {
            HostName = output.FirstLine("hostname") ?? output.FirstLine("file", "/etc/hostname") ?? "localhost",
            OperatingSystem = SystemReader.ReadOperatingSystem(output),
            Hardware = SystemReader.ReadHardware(output),
            Kernels = SystemReader.ReadKernels(output),
            BlockDevices = devices.Devices,
            VolumeGroups = LvmReader.Read(output.Lines("vgs"), output.Lines("lvs"), output.Lines("pvs")),
            Mounts = mounts,
            Swaps = MountReader.ReadSwaps(output, devices),
            Network = NetworkReader.Read(output),
            Boot = BootReader.Read(output, devices, mounts),
            Tools = ToolReader.Read(output),
            RunningDatabases = ProcessNames.ReadDatabases(output),
            SELinux = output.FirstLine("selinux") switch
            {
                null => null,
                "1" => "Enforcing",
                "0" => "Permissive",
                var state => state,
            },
            IsRoot = output.FirstLine("uid") == "0",
            ReadAt = readAt,
        };
    }
}
