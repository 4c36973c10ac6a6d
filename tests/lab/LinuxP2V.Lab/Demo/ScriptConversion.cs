using System.Globalization;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Lab.Machines;
using LinuxP2V.Lab.Processes;
using LinuxP2V.Lab.Proof;
using LinuxP2V.Lab.VSphere;

namespace LinuxP2V.Lab.Demo;

/// <summary>Converts a source the way an admin does: the example script, run by PowerShell.</summary>
public sealed class ScriptConversion(string folder, Action<string> log)
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(20);

    /// <summary>The state folder of this run: the user's own stays as it is.</summary>
    public string StateFolder { get; } = Directory.CreateDirectory(Path.Combine(folder, "state")).FullName;

    /// <summary>The destination of this run.</summary>
    public string MachinesFolder { get; } = Path.Combine(folder, "vms");

    /// <summary>Converts with docs/examples/convert-linux.ps1. Cancelling kills the script's process.</summary>
    /// <param name="source">A running machine.</param>
    /// <param name="name">Of the VM.</param>
    /// <param name="verify">Step by step, with a pass, a comparison of all contents and a last pass; else in one go.</param>
    /// <param name="cancellationToken">Kills the script.</param>
    /// <param name="hardware">Null: what the product chooses.</param>
    /// <param name="userName">Whose login the product takes.</param>
    /// <returns>The completed conversion.</returns>
    /// <exception cref="LabException">The script failed, or the conversion is not complete.</exception>
    public Task<Conversion> RunAsync(
        SourceMachine source,
        string name,
        bool verify,
        CancellationToken cancellationToken,
        VmHardware? hardware = null,
        string userName = "root"
    ) =>
        RunScriptAsync(
            "convert-linux.ps1",
            [
                "-ComputerName",
                source.Host,
                "-Port",
                source.Port.ToString(CultureInfo.InvariantCulture),
                "-UserName",
                userName,
                "-KeyFile",
                source.KeyFile,
                "-KnownHostsFile",
                Path.Combine(folder, "known_hosts"),
                "-LocalPath",
                MachinesFolder,
                "-Name",
                name,
                "-Accelerator",
                "Tcg",
                .. (hardware ?? VmHardware.Chosen).Parameters,
                .. verify ? new[] { "-Verify" } : [],
            ],
            cancellationToken
        );

    /// <summary>Converts with docs/examples/convert-linux-vsphere.ps1, and lets it power on the VM.</summary>
    /// <returns>The completed conversion.</returns>
    /// <exception cref="LabException">The script failed, or the conversion is not complete.</exception>
    public Task<Conversion> RunOnVSphereAsync(SourceMachine source, VSphereLab lab, string name, CancellationToken cancellationToken) =>
        RunScriptAsync(
            "convert-linux-vsphere.ps1",
            [
                "-ComputerName",
                source.Host,
                "-Port",
                source.Port.ToString(CultureInfo.InvariantCulture),
                "-KeyFile",
                source.KeyFile,
                "-KnownHostsFile",
                Path.Combine(folder, "known_hosts"),
                .. ServerParameters(lab),
                "-VMHost",
                "Cluster1",
                "-Datastore",
                "datastore1",
                "-NetworkName",
                "VM Network",
                "-Name",
                name,
                "-Snapshot",
                "-PowerOn",
            ],
            cancellationToken,
            Password(lab)
        );

    /// <summary>Goes on with docs/examples/resume-conversions.ps1, in a process of its own.</summary>
    /// <inheritdoc cref="RunOnVSphereAsync"/>
    public Task<Conversion> ResumeOnVSphereAsync(SourceMachine source, VSphereLab lab, CancellationToken cancellationToken) =>
        RunScriptAsync("resume-conversions.ps1", ["-KeyFile", source.KeyFile, .. ServerParameters(lab)], cancellationToken, Password(lab));

    /// <summary>The parameters by which a script reaches the lab's vCenter as its administrator.</summary>
    public static string[] ServerParameters(VSphereLab lab) =>
        [
            "-Server",
            string.Create(CultureInfo.InvariantCulture, $"{lab.Address}:{lab.Port}"),
            "-ServerUserName",
            lab.UserWith("Administrator").Name,
            "-CertificateThumbprint",
            lab.ThumbprintSha256,
        ];

    /// <summary>The administrator's password, as a script reads it from its standard input.</summary>
    public static string Password(VSphereLab lab) => lab.UserWith("Administrator").Password + "\n";

    private async Task<Conversion> RunScriptAsync(
        string name,
        string[] parameters,
        CancellationToken cancellationToken,
        string? input = null
    )
    {
        string[] arguments =
        [
            "-NoLogo",
            "-NoProfile",
            "-NonInteractive",
            "-File",
            Path.Combine(LabPaths.Repository, "docs", "examples", name),
        ];
        log($"pwsh docs/examples/{name} {string.Join(' ', parameters)}");

        using var running = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reports = ReportAsync(running.Token);
        var result = await Command.RunAsync(
            LabPaths.PowerShell,
            [.. arguments, .. parameters],
            cancellationToken,
            input,
            LabEnvironment.For(StateFolder),
            log
        );
        await running.CancelAsync();
        await reports;

        result.OrThrow("The conversion script failed");
        var conversion = Newest() ?? throw new LabException("The script left no conversion behind.");
        return conversion.State == ConversionState.Completed
            ? conversion
            : throw new LabException($"The conversion {conversion.Id} ended as {conversion.State}: {conversion.Error?.Cause}");
    }

    /// <summary>As a second process sees it: from the state folder.</summary>
    public Conversion? Newest() => Manager().List() is [.., var newest] ? newest : null;

    /// <summary>The file in which a conversion tells its steps.</summary>
    public string LogOf(Conversion conversion) => Manager().GetLogPath(conversion.Id);

    private ConversionManager Manager()
    {
        Environment.SetEnvironmentVariable(Engine.Conversions.StateFolder.OverrideVariable, StateFolder);
        return ConversionManager.ForUser();
    }

    /// <summary>The script's own progress bars need a terminal; a build log gets a line now and then.</summary>
    private async Task ReportAsync(CancellationToken cancellationToken)
    {
        var last = "";
        try
        {
            while (true)
            {
                await Task.Delay(ReportInterval, cancellationToken);
                var line = Newest() is { } conversion ? Describe(conversion) : "";
                if (line != last && line.Length > 0)
                {
                    log(line);
                }

                last = line;
            }
        }
        catch (OperationCanceledException)
        {
            // The script has ended.
        }
    }

    private static string Describe(Conversion conversion)
    {
        var done = conversion.Volumes.Sum(v => v.BytesDone);
        var total = Math.Max(conversion.Volumes.Sum(v => v.BytesTotal), 1);
        return conversion.State == ConversionState.Copying
            ? string.Create(CultureInfo.InvariantCulture, $"... {conversion.State}: {done >> 20} of {total >> 20} MiB")
            : $"... {conversion.State}";
    }
}
