using System.Diagnostics;
using System.Globalization;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Sources.Probing;

namespace LinuxP2V.Engine.Tests.Sources;

/// <summary>The probe on this very machine, in several shells, against independent commands.</summary>
// Not beside the making of that server's user, which changes /etc.
[Collection(nameof(SshServer))]
public sealed class ProbeScriptTests
{
    public static TheoryData<string> Shells => ["dash", "bash", "busybox"];

    [Theory]
    [MemberData(nameof(Shells))]
    public void Facts_agree_with_this_machine(string shell)
    {
        var facts = Run(shell);

        Assert.Equal(Command.Run("uname", "-m").Trim(), facts.OperatingSystem.Architecture);
        Assert.Equal(Command.Run("sh", "-c", ". /etc/os-release; echo $ID").Trim(), facts.OperatingSystem.Id);
        Assert.Equal(int.Parse(Command.Run("nproc", "--all"), CultureInfo.InvariantCulture), facts.Hardware.CpuCount);
        // A container has none.
        Assert.Equal(File.Exists("/etc/machine-id") ? File.ReadAllText("/etc/machine-id").Trim() : null, facts.OperatingSystem.MachineId);
        Assert.InRange(facts.Hardware.MemoryBytes, 1 << 28, 1L << 42);

        var root = facts.Mounts.Single(mount => mount.MountPoint == "/");
        Assert.Equal(MountClass.Volume, root.Class);
        Assert.Equal(Command.Run("findmnt", "-no", "FSTYPE", "/").Trim(), root.FileSystem);
        Assert.Equal(
            long.Parse(Command.Run("df", "-B1", "--output=size", "/").Split('\n')[1], CultureInfo.InvariantCulture),
            root.SizeBytes
        );
        Assert.All(
            facts.Mounts.Where(mount => mount.FileSystem is "proc" or "sysfs" or "devtmpfs" or "tmpfs"),
            mount => Assert.Equal(MountClass.Pseudo, mount.Class)
        );

        foreach (var disk in facts.BlockDevices.Where(device => device.Kind == BlockDeviceKind.Disk))
            Assert.Equal(Command.Run("lsblk", "-bdno", "SIZE", disk.Path).Trim(), disk.SizeBytes.ToString(CultureInfo.InvariantCulture));

        var adapter = facts.Network.Adapters.First(candidate => candidate.IsPhysical);
        Assert.Equal(File.ReadAllText($"/sys/class/net/{adapter.Name}/address").Trim(), adapter.MacAddress);
        Assert.NotEmpty(adapter.Addresses);
        var defaultRoute = Command.Run("ip", "route", "show", "default").Split(' ');
        Assert.Contains(new RouteFacts("default", defaultRoute[2], defaultRoute[4]), facts.Network.Routes);
        Assert.Equal(shell != "busybox", facts.Tools.HasGnuTar);
        Assert.Equal(shell != "busybox", facts.Tools.HasGnuFind);
        Assert.Equal(
            shell == "busybox" ? "tar (busybox)" : "tar (GNU tar)",
            string.Join(' ', facts.Tools.Versions["tar"].Split(' ').Take(shell == "busybox" ? 2 : 3))
        );
    }

    [Fact]
    public void Probe_leaves_nothing_behind()
    {
        // Folders whose times would tell of a file made and removed.
        static string Times() => Command.Run("stat", "-c", "%n %y", "/etc", "/etc/ssh", "/root", "/boot", "/var", "/usr/local");
        var before = Times();
        Run("dash");
        Assert.Equal(before, Times());
    }

    private static SourceFacts Run(string shell)
    {
        var script = new ProbeScript();
        var applets = shell == "busybox" ? Directory.CreateTempSubdirectory("linuxp2v-busybox-") : null;
        try
        {
            var start = new ProcessStartInfo(shell)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            if (applets is not null)
            {
                foreach (var applet in Command.Run("busybox", "--list").Split('\n', StringSplitOptions.RemoveEmptyEntries))
                    File.CreateSymbolicLink(Path.Combine(applets.FullName, applet), "/bin/busybox");

                start.FileName = Path.Combine(applets.FullName, "sh");
                start.Environment["PATH"] = applets.FullName;
            }

            using var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEndAsync();
            process.StandardInput.Write(script.Text);
            process.StandardInput.Close();
            var output = ProbeOutput.Parse(process.StandardOutput.ReadToEnd(), script.Marker);
            process.WaitForExit();
            Assert.True(output.IsComplete, $"It ended after {output.LastSection}: {error.Result}");
            Assert.Equal("", error.Result);
            return SourceFactsReader.Read(output, DateTimeOffset.Now);
        }
        finally
        {
            applets?.Delete(recursive: true);
        }
    }
}
