using System.Management.Automation;
using LinuxP2V.Cmdlets.Tests.Support;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Rehearsals;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Tests;

/// <summary>Scripts of the documentation as they stand, without machines; the lab runs them with them.</summary>
public sealed class ExampleTests : IDisposable
{
    private readonly TestShell shell = new();
    private readonly string key = Path.GetTempFileName();

    public void Dispose()
    {
        shell.Dispose();
        File.Delete(key);
    }

    [Fact]
    public void TheScriptConvertsToWhereItIsTold()
    {
        shell.Engine.Manager.OnDrive = (c, _) => c with { State = ConversionState.Completed, MachineId = "vm-42" };
        var result = Run(
            "-Cluster prod -Datastore 'ds-*' -Portgroup 'VM Network' -Name web01-vm -MemoryGB 2 -PowerOn -Credential $credential"
        );
        Assert.Empty(result.Errors);
        Assert.Equal("VirtualMachine-vm-42", result.Single<P2VVirtualMachine>().Id);
        var settings = shell.Engine.PlannedWith!;
        Assert.Equal(
            ("prod", "ds-*", null, null),
            (settings.Placement.VMHost, settings.Placement.Datastore, settings.Placement.ResourcePool, settings.Placement.InventoryLocation)
        );
        Assert.Equal(["VM Network"], settings.NetworkNames);
        Assert.Equal(("web01-vm", 2 * Samples.GB, true), (settings.Name, settings.MemoryBytes, settings.PowerOn));
        Assert.Equal(new DestinationReference("VSphere", "vc01"), shell.Engine.PlannedFor);
        Assert.Contains(result.HostLines, line => line.Contains("VMware vCenter Server", StringComparison.Ordinal));
    }

    [Fact]
    public void ThePasswordComesFromStandardInput()
    {
        var input = Console.In;
        Console.SetIn(new StringReader("geheim\nnext line"));
        try
        {
            Assert.Empty(Run("-ServerUserName svc-p2v@example.org").Errors);
        }
        finally
        {
            Console.SetIn(input);
        }

        Assert.Equal(
            ("svc-p2v@example.org", "geheim"),
            (shell.Engine.Connections[0].Options.UserName, shell.Engine.Connections[0].Options.Password)
        );
    }

    [Fact]
    public void AFindingOfTheServersStopsIt()
    {
        var vi = new FakePowerCli.VIServerImpl("vc01");
        shell.Run("$global:DefaultVIServer = $vi; $null = Connect-P2VServer", ("vi", vi));
        shell.Engine.OnConnect = server =>
            server.Findings = [new Finding(FindingSeverity.Error, "DestinationFull", "ds1", "full", "free it")];
        var error = Assert.Throws<RuntimeException>(() => Run(""));
        Assert.Contains("cannot be converted to vc01", error.Message, StringComparison.Ordinal);
        Assert.Empty(shell.Engine.Manager.List());
    }

    [Fact]
    public void AVerifiedConversionGoesStepByStepAndStopsAtAWrongCopy()
    {
        Copied();
        var booted = new Rehearsal
        {
            ConversionId = "any",
            StartedAt = DateTimeOffset.UtcNow,
            Booted = true,
            Screenshots = ["/state/console-1.png"],
        };
        shell.Engine.Manager.UsualRehearsal = booted;
        var result = RunLocal("convert-linux.ps1", "-Verify");
        Assert.Empty(result.Errors);
        Assert.Equal(P2VConversionState.Completed, result.Single<P2VConversion>().State);
        Assert.Equal(
            [
                (ConversionState.HelperReady, false, false),
                (ConversionState.Synchronized, false, false),
                (ConversionState.Synchronized, true, false),
                (ConversionState.Synchronized, false, true),
                (ConversionState.Completed, true, false),
            ],
            Goals()
        );
        Assert.Contains(result.HostLines, line => line.Contains("the copy is right", StringComparison.Ordinal));
        Assert.Contains(result.HostLines, line => line.Contains("screen: /state/console-1.png", StringComparison.Ordinal));

        Copied();
        shell.Engine.Manager.UsualRehearsal = booted with { Booted = false, Reason = "No kernel." };
        var unbooted = Assert.Throws<RuntimeException>(() => RunLocal("convert-linux.ps1", "-Verify -Name dead"));
        Assert.Contains("does not boot yet: No kernel.", unbooted.Message, StringComparison.Ordinal);

        Copied(
            new DifferenceEvent
            {
                VolumeId = "/",
                Path = "/etc/passwd",
                Kind = DifferenceKind.Content,
                ChangedOnSource = false,
            }
        );
        var error = Assert.Throws<RuntimeException>(() => RunLocal("convert-linux.ps1", "-Verify -Name other"));
        Assert.Contains("is not as the machine is", error.Message, StringComparison.Ordinal);
        Assert.Equal(ConversionState.Synchronized, shell.Engine.Manager.List()[^1].State);
    }

    [Fact]
    public void AnUnverifiedConversionStartsAndWaits()
    {
        Copied();
        Assert.Equal(P2VConversionState.Completed, RunLocal("convert-linux.ps1", "").Single<P2VConversion>().State);
        Assert.Equal([(ConversionState.Completed, false, false)], Goals());
    }

    [Fact]
    public void StayingInSyncPassesVerifiesAndCutsOver()
    {
        Copied();
        var result = RunLocal(
            "stay-in-sync.ps1",
            "-PassCount 2 -PauseMinutes 0 -BandwidthLimitMbps 50 -QuiesceService nginx, mariadb -PowerOn"
        );
        Assert.Empty(result.Errors);
        Assert.Equal(P2VConversionState.Completed, result.Single<P2VConversion>().State);
        Assert.Equal(
            [
                (ConversionState.HelperReady, false, false),
                (ConversionState.Synchronized, false, false),
                (ConversionState.Synchronized, true, false),
                (ConversionState.Synchronized, true, false),
                (ConversionState.Synchronized, false, true),
                (ConversionState.Completed, true, false),
            ],
            Goals()
        );
        Assert.Equal(["nginx", "mariadb"], shell.Engine.Manager.Drives[^1].Goal!.QuiesceServices);
        Assert.Equal(50, shell.Engine.PlannedWith!.Copy.BandwidthLimitMbps);
        Assert.Null(shell.Engine.Manager.List()[^1].BandwidthLimitMbps);
        Assert.Equal(["vm-42"], shell.Engine.Destination!.PoweredOn);
    }

    [Fact]
    public void StayingInSyncGoesOnWithWhatWasBegun()
    {
        Copied();
        var inner = shell.Engine.Manager.OnDrive!;
        shell.Engine.Manager.OnDrive = (c, through) =>
            through == ConversionState.Completed
                ? c with
                {
                    State = ConversionState.Failed,
                    InterruptedState = ConversionState.Finishing,
                    Error = new ErrorDescription("AgentFailed", "no", "again"),
                }
                : inner(c, through);
        Assert.ThrowsAny<RuntimeException>(() => RunLocal("stay-in-sync.ps1", "-PassCount 1"));
        var begun = Assert.Single(shell.Engine.Manager.List());
        shell.Engine.Manager.Put(begun with { State = ConversionState.Stopped, InterruptedState = ConversionState.Copying, Error = null });
        shell.Engine.Manager.OnDrive = inner;
        Assert.Equal(begun.Id, RunLocal("stay-in-sync.ps1", "-PassCount 1").Single<P2VConversion>().Id);
    }

    private IEnumerable<(ConversionState Through, bool IsPass, bool IsComparison)> Goals() =>
        shell.Engine.Manager.Drives.Select(d => (d.Goal!.Through, d.Goal.Sync == SyncChoice.Always, d.Goal.VerifyPercent is not null));

    /// <summary>Every drive gets where it is asked to; comparisons find what is given.</summary>
    private void Copied(params DifferenceEvent[] differences)
    {
        var manager = shell.Engine.Manager;
        manager.Differences.AddRange(differences);
        manager.OnDrive = (c, through) =>
            c with
            {
                State = through,
                MachineId = "vm-42",
                Volumes = through == ConversionState.HelperReady ? c.Volumes : [new VolumeState("/", 10, 10, 2, 2, true)],
                Passes =
                    c.Goal!.Sync != SyncChoice.Always
                        ? c.Passes
                        :
                        [
                            .. c.Passes,
                            new SyncPass
                            {
                                Number = c.Passes.Count + 1,
                                StartedAt = DateTimeOffset.UtcNow,
                                RunStartedAt = DateTimeOffset.UtcNow,
                                CoversSince = DateTimeOffset.UtcNow.AddHours(-1),
                                IsComplete = true,
                            },
                        ],
                Verification = c.Goal.VerifyPercent is null
                    ? c.Verification
                    : new Verification
                    {
                        StartedAt = DateTimeOffset.UtcNow,
                        Counts = new VerifyCounts { Wrong = differences.Length },
                        IsComplete = true,
                    },
            };
    }

    private TestShell.Result RunLocal(string script, string arguments) =>
        shell.Run(
            $$"""
            function Import-Module { }
            function Start-Sleep { }
            function Write-Host { $args | Out-Host }
            & $script web01 -KeyFile $key -LocalPath /vms {{arguments}}
            """,
            ("script", Path.GetFullPath(Path.Combine(Staged.HelpFolder, "..", "examples", script))),
            ("key", key)
        );

    private TestShell.Result Run(string arguments) =>
        shell.Run(
            $$"""
            function Import-Module { }
            $credential = [pscredential]::new('svc', ([System.Net.NetworkCredential]::new('', 'geheim').SecurePassword))
            & $script web01 -KeyFile $key -Server vc01 {{arguments}}
            """,
            ("script", Path.GetFullPath(Path.Combine(Staged.HelpFolder, "..", "examples", "convert-linux-vsphere.ps1"))),
            ("key", key)
        );
}
