using System.Diagnostics;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Agent.Tests.Storage;

/// <summary>Disks of the test: sparse files behind loop devices, and a resolver that hands them out by number.</summary>
internal sealed class LoopDisks : IDiskResolver, IDisposable
{
    private readonly List<string> devices = [];

    public LoopDisks(params long[] sizes)
    {
        Folder = Directory.CreateTempSubdirectory("linuxp2v-storage-").FullName;
        foreach (var size in sizes)
        {
            var file = Path.Combine(Folder, $"disk{devices.Count}.img");
            using (var stream = File.Create(file))
            {
                stream.SetLength(size);
            }

            devices.Add(Run("losetup", "-fP", "--show", file).Trim());
        }

        Settings = new StorageSettings { VolumesRoot = Path.Combine(Folder, "volumes"), TargetRoot = Path.Combine(Folder, "target") };
    }

    public string Folder { get; }

    public StorageSettings Settings { get; }

    public string this[int disk] => devices[disk];

    public Task<IReadOnlyDictionary<int, string>> ResolveAsync(TargetLayout layout, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<int, string>>(layout.Disks.ToDictionary(disk => disk.Number, disk => devices[disk.Number]));

    public TargetStorage Storage() => new(Settings, this);

    public static string Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {process.ExitCode} {error.Result}");
    }

    public void Dispose()
    {
        Mounts.UnmountTreeAsync(Folder, CancellationToken.None).GetAwaiter().GetResult();
        foreach (var device in devices)
        {
            using var partx = Process.Start(new ProcessStartInfo("partx", ["-d", device]) { RedirectStandardError = true })!;
            partx.WaitForExit();
            Run("losetup", "-d", device);
        }

        // For a look at the result with one's own eyes, or to start it.
        if (Environment.GetEnvironmentVariable("LINUXP2V_TEST_KEEP") is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
            File.Move(Path.Combine(Folder, "disk0.img"), Path.Combine(folder, Path.GetFileName(Folder) + ".img"));
        }

        Directory.Delete(Folder, recursive: true);
    }
}
