using System.Diagnostics;
using System.Text.Json;
using LinuxP2V.Lab.Processes;

namespace LinuxP2V.Lab.VSphere;

/// <summary>
/// A vSphere on this machine (tests/lab/vsphere): built when its sources changed, started here, and ended with this
/// process at the latest, as it watches its standard input.
/// </summary>
public sealed class VSphereLab : IAsyncDisposable
{
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(10);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly Process process;
    private readonly Announcement announcement;
    private readonly bool isFolderOurs;

    private VSphereLab(Process process, Announcement announcement, string folder, bool isFolderOurs)
    {
        this.process = process;
        this.announcement = announcement;
        this.isFolderOurs = isFolderOurs;
        Folder = folder;
        Control = new VSphereLabControl(announcement.ControlPort);
    }

    public string Address => announcement.Address;

    public int Port => announcement.Port;

    /// <summary>Hexadecimal, without colons.</summary>
    public string ThumbprintSha1 => announcement.ThumbprintSha1;

    public string ThumbprintSha256 => announcement.ThumbprintSha256;

    /// <summary>The server's certificate (PEM), for who wants to trust it by name.</summary>
    public string CertificateFile => announcement.CertificateFile;

    public IReadOnlyList<VSphereLabUser> Users => announcement.Users;

    public string Folder { get; }

    public VSphereLabControl Control { get; }

    public int ProcessId => process.Id;

    /// <summary>The user of a role, as given in the options.</summary>
    public VSphereLabUser UserWith(string role) => Users.First(user => user.Role == role);

    /// <exception cref="LabException">It cannot be built or does not start.</exception>
    public static async Task<VSphereLab> StartAsync(VSphereLabOptions options, CancellationToken cancellationToken = default)
    {
        var built = await Command.RunAsync(
            Path.Combine(LabPaths.Repository, "tests", "lab", "vsphere", "build.sh"),
            [],
            cancellationToken,
            environment: new Dictionary<string, string> { ["LINUXP2V_LAB"] = LabPaths.Lab }
        );
        built.OrThrow("The vSphere lab cannot be built");
        var folder = Path.GetFullPath(options.Folder);
        var isFolderOurs = !Directory.Exists(folder);
        var process = Process.Start(
            new ProcessStartInfo(built.Output.Trim(), options.Arguments())
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var line = await process.StandardOutput.ReadLineAsync(cancellationToken);
        if (line is null)
        {
            var words = await process.StandardError.ReadToEndAsync(cancellationToken);
            process.Dispose();
            throw new LabException($"The vSphere lab did not start: {words}");
        }

        var announcement = JsonSerializer.Deserialize<Announcement>(line, Json)!;
        return new VSphereLab(process, announcement, folder, isFolderOurs);
    }

    /// <summary>Ends it with all of its VMs, and waits for the end.</summary>
    public async ValueTask DisposeAsync()
    {
        Control.Dispose();
        process.StandardInput.Close();
        using var timeout = new CancellationTokenSource(EndTimeout);
        try
        {
            await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new LabException($"The vSphere lab (process {process.Id}) did not end; see {Folder}/lab.log.");
        }
        finally
        {
            process.Dispose();
        }

        if (isFolderOurs)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    private sealed record Announcement(
        string Address,
        int Port,
        string ThumbprintSha1,
        string ThumbprintSha256,
        string CertificateFile,
        int ControlPort,
        IReadOnlyList<VSphereLabUser> Users
    );
}
