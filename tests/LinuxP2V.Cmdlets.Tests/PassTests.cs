using System.Management.Automation;
using LinuxP2V.Cmdlets.Tests.Support;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Tests;

/// <summary>What comes between the first copy and the cutover.</summary>
public sealed class PassTests : IDisposable
{
    private static readonly DateTimeOffset StartTime = DateTimeOffset.UtcNow.AddMinutes(-10);

    private readonly TestShell shell = new();
    private readonly string id;

    public PassTests()
    {
        shell.PrepareTask();
        Manager.OnDrive = static (c, through) => c with { State = through, Volumes = [new VolumeState("/", 10, 10, 2, 2, true, 4)] };
        id = shell.Run("$global:conversion = $task | New-P2VHelper | Copy-P2VVolume; $conversion.Id").Single<string>();
    }

    private FakeManager Manager => shell.Engine.Manager;

    private FakeManager.Drive Last => Manager.Drives[^1];

    public void Dispose() => shell.Dispose();

    [Fact]
    public void SyncRunsAPassAndShowsWhatItBrought()
    {
        Manager.OnDrive = static (c, through) =>
            c with
            {
                State = through,
                Passes = [Pass(1), Pass(2) with { IsComplete = false }],
                ExpectedFinish = TimeSpan.FromSeconds(30),
            };
        var conversion = shell.Run("$conversion | Sync-P2VConversion").Single<P2VConversion>();
        Assert.Equal((ConversionState.Synchronized, SyncChoice.Always), (Last.Through, Last.Goal!.Sync));
        Assert.Equal((P2VConversionState.Synchronized, false, 4L), (conversion.State, conversion.CanResume, conversion.BytesKept));
        Assert.Equal(
            (1, 5L, 2048L, true),
            (conversion.Passes[0].Number, conversion.Passes[0].Created, conversion.Passes[0].Bytes, conversion.Passes[0].IsComplete)
        );
        Assert.InRange(conversion.EstimatedCutover!.Value, TimeSpan.FromSeconds(35), TimeSpan.FromHours(1));
        Assert.Matches(
            @"1\s+\S+ \S+\s+12\.0 s\s+5\s+6\s+7\s+8\s+9\s+2 KB\s+True",
            shell.Render("(Get-P2VConversion -Id $conversion.Id).Passes")
        );
    }

    [Fact]
    public void SyncNeedsACopyAndSaysSoBeforeItAsks()
    {
        Manager.Put(Manager.Get(id) with { Volumes = [new VolumeState("/", 1, 10, 0, 2, false)], State = ConversionState.HelperReady });
        var error = shell.Run("$conversion | Sync-P2VConversion -WhatIf").Error("ConversionWrongState");
        Assert.Contains("Copy-P2VVolume", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        shell.Run("$conversion | Test-P2VConversion").Error("ConversionWrongState");
        Assert.Equal(2, Manager.Drives.Count);
    }

    [Fact]
    public void WhatIfTellsAndDoesNothing()
    {
        shell.Run(
            "$conversion | Sync-P2VConversion -WhatIf; "
                + "$conversion | Test-P2VConversion -WhatIf -SamplePercent 5; "
                + "$conversion | Set-P2VConversion -BandwidthLimitMbps 5 -WhatIf; "
                + "$conversion | Complete-P2VConversion -QuiesceService nginx -PowerOn -WhatIf"
        );
        var text = string.Join('\n', shell.HostLines);
        Assert.Contains("Bring over what changed on the source", text, StringComparison.Ordinal);
        Assert.Contains("5 % of the files' contents", text, StringComparison.Ordinal);
        Assert.Contains("Limit the bandwidth to 5 Mbit/s", text, StringComparison.Ordinal);
        Assert.Contains("Stop nginx on the source, bring over what changed, finish and power on", text, StringComparison.Ordinal);
        Assert.Equal(2, Manager.Drives.Count);
        Assert.Null(Manager.Get(id).BandwidthLimitMbps);
    }

    [Theory]
    [InlineData("", false, SyncChoice.Always, 0)]
    [InlineData("", true, SyncChoice.IfBroken, 0)]
    [InlineData("-SkipSync", false, SyncChoice.Never, 0)]
    [InlineData("-QuiesceService nginx, mariadb, nginx", true, SyncChoice.Always, 2)]
    public void CompleteDoesTheLastPassUnlessItWasHadOrIsNotWanted(
        string parameters,
        bool isReconfigured,
        SyncChoice expected,
        int services
    )
    {
        Manager.Put(Manager.Get(id) with { IsReconfigured = isReconfigured });
        Assert.Empty(shell.Run($"$conversion | Complete-P2VConversion {parameters}").Errors);
        Assert.Equal((ConversionState.Completed, expected, services), (Last.Through, Last.Goal!.Sync, Last.Goal.QuiesceServices.Count));
    }

    [Theory]
    [InlineData("-SkipSync -QuiesceService nginx")]
    [InlineData("-QuiesceService '--now'")]
    [InlineData("-QuiesceService 'a b'")]
    public void CompleteRefusesWhatContradictsItself(string parameters)
    {
        Assert.Contains(
            "Parameter",
            Assert.Single(shell.Run($"$conversion | Complete-P2VConversion {parameters}").Errors).FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
        Assert.Equal(2, Manager.Drives.Count);
    }

    [Fact]
    public void StartDoesNoPass()
    {
        shell.Run("$task | Start-P2VConversion");
        Assert.Equal((ConversionState.Completed, SyncChoice.IfBroken), (Last.Through, Last.Goal!.Sync));
    }

    [Fact]
    public async Task TestWritesDifferencesAsTheyComeAndTheVerdictAtTheEnd()
    {
        Manager.OnDrive = null;
        using var test = PowerShell.Create(shell.Runspace).AddScript("$conversion | Test-P2VConversion -SamplePercent 10");
        using var input = new PSDataCollection<PSObject>();
        using var output = new PSDataCollection<PSObject>();
        var running = test.BeginInvoke(input, output);
        input.Complete();
        await Until(() => Manager.Drives.Count == 3);
        Assert.Equal((ConversionState.Synchronized, 10.0), (Last.Through, Last.Goal!.VerifyPercent!.Value));
        Manager.Find(Difference("/etc/hosts", false));
        Manager.Put(
            Manager.Get(id) with
            {
                State = ConversionState.Verifying,
                Verification = new Verification { StartedAt = StartTime },
            }
        );
        await Until(() => output.Count == 1);
        // A driver that died and another one may tell the same.
        Manager.Find(Difference("/etc/hosts", false));
        Manager.Find(Difference("/var/log/syslog", true));
        await Until(() => output.Count == 2);
        Manager.Settle(
            Manager.Get(id) with
            {
                State = ConversionState.Synchronized,
                IsGoalReached = true,
                Verification = Verified(wrong: 1, changed: 1),
            }
        );
        test.EndInvoke(running);

        var differences = output.Select(o => Assert.IsType<P2VDifference>(o.BaseObject)).ToList();
        Assert.Equal(["/etc/hosts", "/var/log/syslog"], differences.Select(d => d.Path));
        Assert.Equal(
            ("web01-vm", "/", P2VDifferenceKind.Content, false, "a", "b"),
            (
                differences[0].Conversion,
                differences[0].Volume,
                differences[0].Kind,
                differences[0].ChangedOnSource,
                differences[0].OnSource,
                differences[0].InCopy
            )
        );
        Assert.Contains(
            test.Streams.Warning,
            w =>
                w.Message.Contains("WRONG in 1 places", StringComparison.Ordinal)
                && w.Message.Contains("1 changed on the source", StringComparison.Ordinal)
        );
        Assert.Contains(test.Streams.Warning, w => w.Message == "web01-vm: not compared: no getfattr");
        Assert.Equal(1, shell.Run("(Get-P2VConversion -Id $conversion.Id).Verification").Single<P2VVerification>().Wrong);
        shell.Run("$found = $differences", ("differences", differences));
        Assert.Matches(@"Content\s+WRONG\s+/etc/hosts\s+a\s+b", shell.Render("$found"));
    }

    [Fact]
    public void TestOfAGoodCopySaysSoAndWritesNothingToThePipeline()
    {
        Manager.Find(Difference("/from/before", false));
        Manager.OnDrive = (c, through) =>
        {
            Manager.Differences.Clear();
            return c with { State = through, Verification = Verified(wrong: 0, changed: 0) with { NotCompared = [] } };
        };
        var result = shell.Run("$conversion | Test-P2VConversion");
        Assert.Empty(result.Output);
        Assert.Empty(result.Errors);
        Assert.Empty(result.Warnings);
        Assert.Equal(100, Last.Goal!.VerifyPercent);
        Assert.Contains(
            "web01-vm: the copy is right; 1000 entries compared, 800 files with their contents (1.0 MB).",
            Assert.Single(result.Information),
            StringComparison.Ordinal
        );
        Assert.Contains(result.HostLines, l => l.Contains("the copy is right", StringComparison.Ordinal));
        Assert.Matches(@"Wrong\s+: 0", shell.Render("(Get-P2VConversion -Id $conversion.Id).Verification"));
    }

    [Fact]
    public void TestThatFailsIsAnErrorAndNoVerdict()
    {
        Manager.OnDrive = static (c, _) =>
            c with
            {
                State = ConversionState.Failed,
                InterruptedState = ConversionState.Verifying,
                Error = new ErrorDescription(ErrorIds.SourceConnectionLost, "gone", "start it"),
                Verification = new Verification { StartedAt = StartTime },
            };
        var result = shell.Run("$conversion | Test-P2VConversion");
        result.Error(ErrorIds.SourceConnectionLost);
        Assert.Empty(result.Output);
        Assert.Empty(result.Information);
        Assert.True(shell.Run("Get-P2VConversion -Id $conversion.Id").Single<P2VConversion>().CanResume);
    }

    [Fact]
    public void SetLimitsAConversionAndTakesTheLimitOff()
    {
        Assert.Equal(
            12.5,
            shell.Run("$conversion | Set-P2VConversion -BandwidthLimitMbps 12.5").Single<P2VConversion>().BandwidthLimitMbps
        );
        Assert.Null(shell.Run("Set-P2VConversion $conversion.Id -BandwidthLimitMbps 0").Single<P2VConversion>().BandwidthLimitMbps);
        Assert.NotEmpty(shell.Run("Set-P2VConversion $conversion.Id -BandwidthLimitMbps -1").Errors);
        var tooSmall = Assert.Single(shell.Run("Set-P2VConversion $conversion.Id -BandwidthLimitMbps 0.05").Errors);
        Assert.Contains("0.1 to 1000000 Mbit/s", tooSmall.Exception.Message, StringComparison.Ordinal);
        Assert.Equal(0.1, shell.Run("Set-P2VConversion $conversion.Id -BandwidthLimitMbps 0.1").Single<P2VConversion>().BandwidthLimitMbps);
        shell.Run("Set-P2VConversion '000000000000' -BandwidthLimitMbps 1").Error("ConversionNotFound");
    }

    [Fact]
    public void ResumeGoesOnToWhatWasAskedAndRefusesWhatIsDone()
    {
        shell.Run("$conversion | Resume-P2VConversion").Error("ConversionWrongState");
        Manager.OnDrive = static (c, _) => c with { State = ConversionState.Failed, InterruptedState = ConversionState.Synchronizing };
        Assert.NotEmpty(shell.Run("$conversion | Sync-P2VConversion").Errors);
        Manager.OnDrive = static (c, through) => c with { State = through };
        Assert.Equal(
            P2VConversionState.Synchronized,
            shell
                .Run("Get-P2VConversion | Where-Object { $_.CanResume } | Resume-P2VConversion | Wait-P2VConversion")
                .Single<P2VConversion>()
                .State
        );
        Assert.Null(Last.Goal);
    }

    [Fact]
    public void ServicesThatAreLeftStoppedAreNamedByWhoeverLetsGo()
    {
        Manager.Put(Manager.Get(id) with { StoppedServices = ["nginx"], State = ConversionState.Synchronizing, IsGoalReached = false });
        var stopped = shell.Run("Stop-P2VConversion $conversion");
        Assert.Equal(["nginx"], stopped.Single<P2VConversion>().StoppedService);
        Assert.Contains("systemctl start nginx", Assert.Single(stopped.Warnings), StringComparison.Ordinal);
        Assert.Contains(
            "systemctl start nginx",
            Assert.Single(shell.Run("Remove-P2VConversion $conversion -Confirm:$false").Warnings),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task APassHasTheBarToItselfAndCtrlCEndsTheWaitingOnly()
    {
        Manager.OnDrive = null;
        using var waiter = PowerShell.Create(shell.Runspace).AddScript("$conversion | Sync-P2VConversion");
        var running = waiter.BeginInvoke();
        await Until(() => Manager.IsWatched(id));
        Manager.Put(
            Manager.Get(id) with
            {
                State = ConversionState.Synchronizing,
                UpdatedAt = DateTimeOffset.UtcNow,
                Activity = [new VolumeState("/", Samples.GB, 4 * Samples.GB, 1, 4, false)],
            }
        );
        await Until(() =>
            waiter
                .Streams.Progress.ToArray()
                .Any(p =>
                    p.StatusDescription.StartsWith("Synchronizing 1.0 GB of 4.0 GB", StringComparison.Ordinal) && p.PercentComplete == 25
                )
        );
        await Until(() => waiter.Streams.Progress.ToArray().Any(p => p is { ParentActivityId: > 0, Activity: "/", PercentComplete: 25 }));
        waiter.Stop();
        Assert.True(running.IsCompleted);
        Assert.Contains(shell.HostLines, l => l.Contains("Still running: web01-vm", StringComparison.Ordinal));
        Assert.True(Manager.IsDriven(id));
        Manager.Settle(Manager.Get(id) with { State = ConversionState.Synchronized, IsGoalReached = true });
        Assert.Equal(P2VConversionState.Synchronized, shell.Run("$conversion | Wait-P2VConversion").Single<P2VConversion>().State);
    }

    private static async Task Until(Func<bool> condition)
    {
        for (var tries = 0; !condition(); tries++)
        {
            Assert.True(tries < 2400, "nothing happened for two minutes");
            await Task.Delay(50);
        }
    }

    private static SyncPass Pass(int number) =>
        new()
        {
            Number = number,
            CoversSince = StartTime.AddMinutes(-10),
            StartedAt = StartTime,
            RunStartedAt = StartTime,
            Duration = TimeSpan.FromSeconds(12),
            ScanDuration = TimeSpan.FromSeconds(5),
            Counts = new SyncCounts
            {
                Created = 5,
                Changed = 6,
                MetadataOnly = 7,
                Renamed = 8,
                Deleted = 9,
                Bytes = 2048,
            },
            IsComplete = true,
        };

    private static Verification Verified(long wrong, long changed) =>
        new()
        {
            StartedAt = StartTime,
            Duration = TimeSpan.FromSeconds(9),
            SamplePercent = 10,
            Counts = new VerifyCounts
            {
                Entries = 1000,
                Files = 800,
                Bytes = 1 << 20,
                Wrong = wrong,
                ChangedOnSource = changed,
            },
            NotCompared = ["no getfattr"],
            IsComplete = true,
        };

    private static DifferenceEvent Difference(string path, bool changed) =>
        new()
        {
            VolumeId = "/",
            Path = path,
            Kind = DifferenceKind.Content,
            ChangedOnSource = changed,
            OnSource = "a",
            InCopy = "b",
        };
}
