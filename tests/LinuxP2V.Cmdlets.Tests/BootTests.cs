using System.IO.Compression;
using LinuxP2V.Cmdlets.Tests.Support;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Rehearsals;

namespace LinuxP2V.Cmdlets.Tests;

/// <summary>Test-P2VBoot: what it asks for, and the object that it gives.</summary>
public sealed class BootTests : IDisposable
{
    private readonly TestShell shell = new();
    private readonly string id;

    public BootTests()
    {
        shell.PrepareTask();
        Manager.OnDrive = static (c, through) => c with { State = through, Volumes = [new VolumeState("/", 10, 10, 2, 2, true)] };
        id = shell.Run("$global:conversion = $task | New-P2VHelper | Copy-P2VVolume; $conversion.Id").Single<string>();
        Manager.Rehearsals[id] = new Rehearsal
        {
            ConversionId = id,
            StartedAt = DateTimeOffset.UtcNow,
            Booted = true,
            Reason = "Its system is degraded after 40 s.",
            SystemState = "degraded",
            Stages = [new BootStage("UserSpace", TimeSpan.FromSeconds(20.04)), new BootStage("SystemUp", TimeSpan.FromSeconds(40))],
            FailedUnits = ["nginx.service"],
            Addresses = ["eth0 10.0.2.15/24"],
            Screenshots = ["/state/console-1.png"],
        };
    }

    private FakeManager Manager => shell.Engine.Manager;

    public void Dispose() => shell.Dispose();

    [Fact]
    public void TheResultIsAnObjectAndStaysWithTheConversion()
    {
        var result = shell.Run("$conversion | Test-P2VBoot -TimeoutSec 60 -Force").Single<P2VRehearsal>();
        Assert.Equal((true, "degraded", id), (result.Booted, result.SystemState, result.ConversionId));
        Assert.Equal((20.0, "SystemUp"), (result.Stages[0].Seconds, result.Stages[1].Name));
        Assert.Equal("nginx.service", Assert.Single(result.FailedUnits));
        var (_, options) = Assert.Single(Manager.Rehearsed);
        Assert.Equal((TimeSpan.FromMinutes(1), true), (options.BootTimeout, options.Force));
        Assert.Null(options.HelperNetwork);
        Assert.True(shell.Run("(Get-P2VConversion -Id $conversion.Id).Rehearsal.Booted").Single<bool>());
    }

    [Fact]
    public void TheLogZipHasTheRehearsalWithItsPictures()
    {
        var folder = Directory.CreateTempSubdirectory("p2v-boot-log").FullName;
        try
        {
            Manager.RehearsalLog = Path.Combine(folder, "twin.log");
            var picture = Path.Combine(folder, "console-1.png");
            File.WriteAllText(Manager.RehearsalLog, "a step\n");
            File.WriteAllBytes(picture, [1, 2, 3]);
            Manager.Rehearsals[id] = Manager.Rehearsals[id] with { Screenshots = [picture, Path.Combine(folder, "gone.png")] };
            shell.Run("$conversion | Test-P2VBoot | Out-Null");
            var file = shell.Run("$conversion | Export-P2VLog -Path $folder", ("folder", folder)).Single<FileInfo>();
            using var zip = ZipFile.OpenRead(file.FullName);
            Assert.Equal(3, zip.GetEntry("console-1.png")!.Length);
            Assert.Equal(7, zip.GetEntry("rehearsal.log")!.Length);
            Assert.Null(zip.GetEntry("gone.png"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void UntilIsAskedWithWhatIsKnown()
    {
        shell.Run(
            "$global:asked = @(); $conversion | Test-P2VBoot -Until { $global:asked += $_.Addresses; $asked.Count -eq 2 } | Out-Null"
        );
        Assert.Equal("eth0 10.0.2.15/24 eth0 10.0.2.15/24", shell.Run("\"$asked\"").Single<string>());
    }

    [Fact]
    public void AnErrorOfUntilEndsTheRehearsal()
    {
        var error = shell.Run("$conversion | Test-P2VBoot -Until { throw 'no route' }").Error("TwinNotPossible");
        Assert.Contains("no route", error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIfMakesNothing()
    {
        shell.Run("$conversion | Test-P2VBoot -WhatIf");
        Assert.Empty(Manager.Rehearsed);
        Assert.Contains("Boot a disposable twin of the copy", string.Join('\n', shell.HostLines), StringComparison.Ordinal);
    }

    [Fact]
    public void OneThatCannotBeRehearsedDoesNotStopTheOthers()
    {
        var other = Manager.Put(Manager.Get(id) with { Id = "mnopqrstuvwx" }).Id;
        var result = shell.Run($"@('{other}', $conversion.Id) | Test-P2VBoot -HelperIPAddress 192.0.2.9/24 -HelperGateway 192.0.2.1");
        result.Error("ConversionWrongState");
        Assert.Equal(2, Manager.Rehearsed.Count);
        Assert.Equal("192.0.2.9/24", Assert.Single(Manager.Rehearsed[0].Options.HelperNetwork!.Addresses));
    }
}
