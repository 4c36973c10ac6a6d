using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Lab;
using LinuxP2V.Lab.Processes;
using LinuxP2V.Lab.VSphere;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.EndToEnd.Tests.Many;

/// <summary>A small source that a hundred conversions read at once: tests/lab/vsphere/load/source.sh.</summary>
internal sealed class LoadSource : IAsyncDisposable
{
    private const long MiB = 1 << 20;
    private const long FileSystemBytes = 48 * MiB;

    private readonly string folder;
    private readonly Process process;

    private LoadSource(string folder, int port, Process process)
    {
        (this.folder, this.process) = (folder, process);
        var key = string.Join(' ', File.ReadAllText(Path.Combine(folder, "host.pub")).Split(' ').Take(2)).Trim();
        Endpoint = new SourceEndpoint
        {
            Host = "127.0.0.1",
            Port = port,
            User = "root",
            HostKeys = [key],
        };
        Secrets = new SourceSecrets { PrivateKey = File.ReadAllText(KeyFile) };
    }

    public SourceEndpoint Endpoint { get; }

    public SourceSecrets Secrets { get; }

    /// <summary>The private key of its user root.</summary>
    public string KeyFile => Path.Combine(folder, "user");

    /// <summary>As tree.sh describes it.</summary>
    public string Tree => File.ReadAllText(Path.Combine(folder, "tree"));

    public static string Script(string name) => Path.Combine(LabPaths.Repository, "tests", "lab", "vsphere", "load", name);

    /// <summary>The copy in a VM that is off, as tree.sh describes it.</summary>
    public static async Task<string> TreeOfCopyAsync(VSphereLabVm vm)
    {
        var disk = Assert.Single(Directory.GetFiles(vm.Folder, "*-flat.vmdk"));
        // The first partition begins where the source's does.
        var script =
            "mount -t tmpfs tmpfs /mnt && mkdir /mnt/copy && mount -o loop,ro,offset=1048576 \"$1\" /mnt/copy && exec \"$2\" /mnt/copy";
        var tree = await Command.RunAsync(
            "unshare",
            ["--mount", "--propagation", "slave", "sh", "-c", script, "sh", disk, Script("tree.sh")],
            CancellationToken.None
        );
        tree.OrThrow($"The copy in {vm.Name} cannot be read");
        return tree.Output;
    }

    /// <param name="folder">For its keys and its file system.</param>
    /// <param name="name">What a discovery finds; null: there can be none.</param>
    public static async Task<LoadSource> StartAsync(string folder, string? name = null)
    {
        Directory.CreateDirectory(folder);
        using var finder = new TcpListener(IPAddress.Loopback, 0);
        finder.Start();
        var port = ((IPEndPoint)finder.LocalEndpoint).Port;
        finder.Stop();
        var start = new ProcessStartInfo(Script("source.sh"), [folder, $"{port}", .. name is null ? Array.Empty<string>() : [name]])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        return await process.StandardOutput.ReadLineAsync() == "ready"
            ? new LoadSource(folder, port, process)
            : throw new LabException($"The source did not start; see {folder}.");
    }

    /// <summary>Its one disk with its one volume, as a discovery would tell it.</summary>
    public static SourceFacts Facts() =>
        new()
        {
            HostName = "load",
            OperatingSystem = new OperatingSystemFacts
            {
                Id = "debian",
                VersionId = "12",
                PrettyName = "Debian GNU/Linux 12",
                RunningKernel = "6.1.0-40-amd64",
                Architecture = "x86_64",
            },
            Hardware = new HardwareFacts
            {
                Firmware = Firmware.Bios,
                CpuCount = 1,
                MemoryBytes = 1 << 30,
            },
            Kernels = [new KernelFacts("6.1.0-40-amd64", "/boot/vmlinuz-6.1.0-40-amd64", null, ["vmw_pvscsi", "vmxnet3"])],
            BlockDevices =
            [
                new BlockDeviceFacts
                {
                    Name = "sda",
                    Path = "/dev/sda",
                    Kind = BlockDeviceKind.Disk,
                    SizeBytes = FileSystemBytes + (2 * MiB),
                    PartitionTable = PartitionTableKind.Mbr,
                    TableIdentifier = "0badcafe",
                },
                new BlockDeviceFacts
                {
                    Name = "sda1",
                    Path = "/dev/sda1",
                    Kind = BlockDeviceKind.Partition,
                    SizeBytes = FileSystemBytes,
                    Parents = ["sda"],
                    ContentType = "ext4",
                    Partition = new PartitionFacts(1, MiB, "83", "0badcafe-01", null, true),
                },
            ],
            Mounts =
            [
                new MountFacts
                {
                    MountPoint = "/",
                    Device = "/dev/sda1",
                    FileSystem = "ext4",
                    Class = MountClass.Volume,
                    Options = "rw",
                    FstabOptions = "defaults",
                    SizeBytes = FileSystemBytes,
                    UsedBytes = 9 * MiB,
                    UsedInodes = 100,
                    Specification = new FileSystemSpec
                    {
                        Kind = FileSystemKind.Ext4,
                        Uuid = "5a5a5a5a-1111-4222-8333-444444444444",
                        Label = "load-root",
                    },
                },
            ],
            Network = new NetworkFacts
            {
                Adapters =
                [
                    new NetworkAdapterFacts
                    {
                        Name = "ens3",
                        MacAddress = "52:54:00:12:34:56",
                        IsPhysical = true,
                        IsUp = true,
                        Addresses = ["192.0.2.10/24"],
                    },
                ],
            },
            Boot = new BootFacts { Loader = "grub2", BootDisk = "sda" },
            Tools = new ToolFacts
            {
                Versions = new Dictionary<string, string> { ["tar"] = "tar (GNU tar) 1.34" },
                HasGnuTar = true,
            },
            IsRoot = true,
            ReadAt = DateTimeOffset.UnixEpoch,
        };

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
