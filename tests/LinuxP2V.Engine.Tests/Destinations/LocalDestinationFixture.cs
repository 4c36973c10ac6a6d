using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Destinations.Local;
using LinuxP2V.Engine.Files;
using LinuxP2V.Protocol;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Destinations;

/// <summary>A destination folder with a stand-in helper CD; what it started is ended with it.</summary>
public sealed class LocalDestinationFixture : IAsyncDisposable
{
    public const string ConversionId = "abcdefghijkl";
    public const long MiB = 1024 * 1024;

    private readonly string scratch = Path.Combine(Path.GetTempPath(), $"p2v-local-{Guid.NewGuid():N}");

    public LocalDestinationFixture()
    {
        Directory.CreateDirectory(scratch);
        // A path with what shells and QEMU's option syntax trip over, and longer than a socket address.
        Root = Path.Combine(scratch, "the VM's, folder " + new string('x', 100));
        ImagePath = Path.Combine(scratch, "helper, cd.iso");
        var said = new HelperAnnouncement
        {
            ConversionId = ConversionId,
            BootId = "boot-1",
            Addresses = ["10.0.2.15"],
            HostKey = "ssh-ed25519 AAAAhost",
            AuthorizedKey = Settings.AuthorizedKey,
        };
        File.WriteAllBytes(ImagePath, StandInImage.HelperCd(Line(said), Line(said with { IsFinished = true })));
    }

    public string Root { get; }

    public string ImagePath { get; }

    public HelperSettings Settings { get; } = new() { ConversionId = ConversionId, AuthorizedKey = "ssh-ed25519 AAAAkey engine" };

    public LocalDestination Open(DiskImageFormat format = DiskImageFormat.Qcow2, double timeoutSeconds = 60) =>
        LocalDestination.Open(
            Root,
            new LocalDestinationOptions
            {
                Accelerator = LocalAccelerator.Tcg,
                ImageFormat = format,
                HelperTimeout = TimeSpan.FromSeconds(timeoutSeconds),
            },
            NullConsole.Instance
        );

    public Task<DestinationMachine> CreateAsync(LocalDestination destination, MachineSpecification machine) =>
        destination.CreateAsync(machine, Settings, ImagePath, ConversionId, CancellationToken.None);

    public static MachineSpecification Machine(
        string name = "vm1",
        DiskController controller = DiskController.Pvscsi,
        AdapterKind adapter = AdapterKind.Vmxnet3,
        Firmware firmware = Firmware.Bios
    ) =>
        new()
        {
            Name = name,
            Firmware = firmware,
            NumCpu = 1,
            MemoryBytes = 128 * MiB,
            Disks =
            [
                new DiskSpecification(4 * MiB, new DiskAddress(controller, 0, 0), DiskFormat.Thin),
                new DiskSpecification(8 * MiB, new DiskAddress(controller, 0, 1), DiskFormat.Thin),
            ],
            Adapters = [new AdapterSpecification(adapter, null), new AdapterSpecification(adapter, null)],
        };

    public string PathOf(string file, string machine = "vm1") => Path.Combine(Root, machine, file);

    public int ProcessId(string machine = "vm1") =>
        int.Parse(File.ReadAllText(PathOf("qemu.pid", machine)).Trim(), System.Globalization.CultureInfo.InvariantCulture);

    public DescriptionView Description(string machine = "vm1") =>
        JsonSerializer.Deserialize<DescriptionView>(File.ReadAllText(PathOf("vm.json", machine)), EngineJson.Options)!;

    /// <summary>Puts boot code onto the VM's first disk.</summary>
    public async Task WriteBootDiskAsync(string text, string machine = "vm1")
    {
        var raw = Path.Combine(scratch, "boot.raw");
        File.WriteAllBytes(raw, StandInImage.BootDisk(text, 4 * MiB));
        var target = Directory.EnumerateFiles(Path.Combine(Root, machine), "disk-0.*").Single();
        using var process = Process.Start("qemu-img", ["convert", "-O", Path.GetExtension(target)[1..], raw, target]);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    /// <summary>
    /// Says a byte to the VM and hangs up. QEMU may see the end before the byte, which is lost then: to be repeated
    /// until it shows.
    /// </summary>
    public async Task SignalAsync(byte signal, string machine = "vm1")
    {
        try
        {
            using var stream = await UnixSocket.ConnectAsync(PathOf("serial1.sock", machine), CancellationToken.None);
            stream.WriteByte(signal);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            // The VM is off.
        }

        await Task.Delay(500);
    }

    public static async Task WaitUntilAsync(Func<Task<bool>> condition, string what, int seconds = 180)
    {
        var deadline = DateTime.UtcNow.AddSeconds(seconds);
        while (!await condition())
        {
            Assert.True(DateTime.UtcNow < deadline, $"Waited {seconds} seconds in vain: {what}");
            await Task.Delay(200);
        }
    }

    public Task WaitForConsoleAsync(string text, string machine = "vm1") =>
        WaitUntilAsync(
            () =>
                Task.FromResult(
                    File.Exists(PathOf("console.log", machine))
                        && ReadShared(PathOf("console.log", machine)).Contains(text, StringComparison.Ordinal)
                ),
            $"'{text}' on the console"
        );

    public async ValueTask DisposeAsync()
    {
        foreach (var pidFile in Directory.Exists(Root) ? Directory.EnumerateFiles(Root, "qemu.pid", SearchOption.AllDirectories) : [])
        {
            var destination = Open();
            await destination.PowerOffAsync(Path.GetFileName(Path.GetDirectoryName(pidFile)!), CancellationToken.None);
        }

        Directory.Delete(scratch, recursive: true);
    }

    private static string Line(HelperAnnouncement announcement) =>
        "linuxp2v:" + JsonSerializer.Serialize(announcement, ProtocolJson.Default.HelperAnnouncement);

    private static string ReadShared(string path)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }

    /// <summary>The part of vm.json that tests look at.</summary>
    public sealed record DescriptionView(string Uuid, string State, int SshPort);
}
