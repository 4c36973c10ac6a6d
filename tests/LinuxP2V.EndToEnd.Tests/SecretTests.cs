using System.Globalization;
using System.IO.Compression;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Sources;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Lab;
using LinuxP2V.Lab.Demo;
using LinuxP2V.Lab.Machines;
using LinuxP2V.Lab.Processes;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.EndToEnd.Tests;

/// <summary>
/// A helper that is logged in to a source: where the secrets are, and where they are not. They are looked for in all files of
/// the conversion, in arguments and environment of all processes, in the memory of the helper VM, and in what PowerShell
/// records and stores.
/// </summary>
[Trait("Area", "Conversions")]
[Trait("Run", "Full")]
[Collection(SourceTestGroup.Name)]
public sealed class SecretTests(SourceFixture lab) : IAsyncLifetime
{
    private readonly string folder = Directory.CreateDirectory(Path.Combine(lab.Folder, "secrets")).FullName;
    private CanaryUser user = null!;

    public async Task InitializeAsync() => user = await CanaryUser.CreateAsync(lab.Source, folder);

    public async Task DisposeAsync()
    {
        await QemuMachine.KillAllBelowAsync(folder);
        await user.RemoveAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task The_helper_holds_no_key_and_nothing_is_anywhere_else()
    {
        var found = await SearchAsync("kept", allowUnattended: false);

        // sudo's password has to be there; that it is found shows that the search finds what is there.
        Assert.Equal(["sudo's password in the memory of the helper"], found);
    }

    [Fact]
    public async Task With_AllowUnattended_the_key_is_in_the_helper_and_nowhere_else()
    {
        var found = await SearchAsync("sent", allowUnattended: true);
        Assert.Contains("the key in the memory of the helper", found);
        Assert.DoesNotContain(found, place => !place.EndsWith("in the memory of the helper", StringComparison.Ordinal));
        Assert.DoesNotContain("the passphrase in the memory of the helper", found);
    }

    [Fact]
    public async Task A_shell_that_shows_and_stores_all_that_it_can_shows_no_secret()
    {
        var run = Path.Combine(folder, "shell");
        var output = Directory.CreateDirectory(Path.Combine(run, "output")).FullName;
        var keyFile = Path.Combine(folder, "key");
        await File.WriteAllTextAsync(keyFile, user.Secrets.PrivateKey);
        File.SetUnixFileMode(keyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var wrong = $"wrong-{Guid.NewGuid():N}";
        Canary[] canaries = [.. user.Canaries, Canary.Text("the wrong password", wrong)];
        var found = new HashSet<string>();
        var script = Command.RunAsync(
            LabPaths.PowerShell,
            [
                "-NoLogo",
                "-NoProfile",
                "-NonInteractive",
                "-File",
                Path.Combine(LabPaths.Repository, "tests", "LinuxP2V.EndToEnd.Tests", "show-everything.ps1"),
                "-ComputerName",
                lab.Source.Host,
                "-Port",
                lab.Source.Port.ToString(CultureInfo.InvariantCulture),
                "-UserName",
                CanaryUser.Name,
                "-KeyFile",
                keyFile,
                "-KnownHostsFile",
                lab.KnownHosts,
                "-LocalPath",
                Path.Combine(run, "vms"),
                "-Output",
                output,
            ],
            CancellationToken.None,
            $"{user.Secrets.Passphrase}\n{user.Secrets.SudoPassword}\n{wrong}\n",
            LabEnvironment.For(Path.Combine(run, "state"))
        );
        while (!script.IsCompleted)
        {
            found.UnionWith(SecretSearch.Processes(canaries));
            await Task.WhenAny(script, Task.Delay(200));
        }

        var shown = (await script).OrThrow("The script failed");
        ZipFile.ExtractToDirectory(Path.Combine(output, "bundle.zip"), Path.Combine(output, "bundle"));
        await File.WriteAllTextAsync(Path.Combine(output, "shown.txt"), shown.Output + shown.Error);
        found.UnionWith(SecretSearch.Files(run, canaries));
        Assert.Empty(found);
        // The transcript and the bundle were searched with something in them.
        Assert.Contains(
            "SourceKeyUnreadable",
            await File.ReadAllTextAsync(Path.Combine(output, "transcript.txt")),
            StringComparison.Ordinal
        );
        Assert.NotEmpty(Directory.EnumerateFiles(Path.Combine(output, "bundle")));
        await QemuMachine.KillAllBelowAsync(run);
    }

    private async Task<IReadOnlyList<string>> SearchAsync(string name, bool allowUnattended)
    {
        var secrets = user.Secrets;
        var source = await SourceDiscovery.ReadAsync(lab.Options(CanaryUser.Name), secrets, NullConsole.Instance, CancellationToken.None);
        Assert.Equal(Elevation.SudoWithPassword, source.Endpoint.Elevation);
        var run = new EngineRun(Path.Combine(folder, name));
        var id = run.Manager.Create(run.Plan(source, name, new TaskSettings { AllowUnattended = allowUnattended })).Id;
        var canaries = user.Canaries;
        var found = new HashSet<string>();
        run.Drive(id, secrets, goal: new ConversionGoal { Through = ConversionState.HelperReady });
        var reaching = run.WaitAsync(id, TimeSpan.FromMinutes(8));
        while (!reaching.IsCompleted)
        {
            found.UnionWith(SecretSearch.Processes(canaries));
            await Task.WhenAny(reaching, Task.Delay(200));
        }

        var conversion = await reaching;
        Assert.True(conversion.State == ConversionState.HelperReady, conversion.Error?.ToString());
        found.UnionWith(SecretSearch.Files(Path.Combine(folder, name), canaries));
        var helper = Assert.Single(QemuProcessIds(Path.Combine(folder, name)));
        found.UnionWith(SecretSearch.Memory(helper, canaries));
        await QemuMachine.KillAllBelowAsync(Path.Combine(folder, name));
        return [.. found.Order(StringComparer.Ordinal)];
    }

    private static IEnumerable<int> QemuProcessIds(string folder) =>
        Directory
            .EnumerateFiles(folder, "qemu.pid", SearchOption.AllDirectories)
            .Select(file => int.Parse(File.ReadAllText(file).Trim(), CultureInfo.InvariantCulture));
}
