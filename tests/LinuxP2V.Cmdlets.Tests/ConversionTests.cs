using System.IO.Compression;
using System.Management.Automation;
using LinuxP2V.Cmdlets.Tests.Support;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Tests;

public sealed class ConversionTests : IDisposable
{
    private readonly TestShell shell = new();

    public ConversionTests() => shell.PrepareTask();

    private FakeManager Manager => shell.Engine.Manager;

    public void Dispose() => shell.Dispose();

    [Fact]
    public void TheStepsGoStateByStateAndHandTheConversionOn()
    {
        Manager.OnDrive = static (c, through) =>
            c with
            {
                State = through,
                MachineId = "vm-1",
                IsReconfigured = through == ConversionState.Reconfiguring,
            };
        var result = shell.Run("$task | New-P2VHelper | Copy-P2VVolume | Invoke-P2VReconfiguration | Complete-P2VConversion -PowerOn");
        Assert.Empty(result.Errors);
        Assert.Equal(P2VConversionState.Completed, result.Single<P2VConversion>().State);
        Assert.Equal(
            [ConversionState.HelperReady, ConversionState.Synchronized, ConversionState.Reconfiguring, ConversionState.Completed],
            Manager.Drives.Select(d => d.Through)
        );
        Assert.All(Manager.Drives, d => Assert.Equal("geheim", d.Secrets!.Password));
        // Reconfigured by a step of its own: another pass would undo that.
        Assert.Equal(SyncChoice.IfBroken, Manager.Drives[3].Goal!.Sync);
        Assert.Equal(["vm-1"], shell.Engine.Destination!.PoweredOn);
    }

    [Fact]
    public void AStepThatLiesBehindIsRefused()
    {
        Manager.OnDrive = static (c, _) => c with { State = ConversionState.Completed };
        shell.Run("$global:conversion = $task | Start-P2VConversion");
        shell.Run("$conversion | Copy-P2VVolume").Error("ConversionWrongState");
        Assert.Single(Manager.Drives);
    }

    [Fact]
    public void AFailureIsAnErrorWithItsRemedyAndTheConversionComesToo()
    {
        Manager.OnDrive = static (c, _) =>
            c with
            {
                State = ConversionState.Failed,
                InterruptedState = ConversionState.Copying,
                Error = new ErrorDescription(ErrorIds.TargetDiskFull, "Disk 0 is full.", "Make / larger.", "No space left"),
            };
        var result = shell.Run("$task | Start-P2VConversion | Wait-P2VConversion");
        var error = result.Error(ErrorIds.TargetDiskFull);
        Assert.Equal("Make / larger.", error.ErrorDetails.RecommendedAction);
        Assert.Contains("No space left", error.Exception.Message, StringComparison.Ordinal);
        var conversion = result.Single<P2VConversion>();
        Assert.Equal((P2VConversionState.Failed, P2VConversionState.Copying), (conversion.State, conversion.InterruptedState!.Value));
        Assert.Equal("TargetDiskFull: Disk 0 is full.", conversion.Error!.ToString());
    }

    [Fact]
    public void AFailureIsToldBeforeTheNextStepRefusesTheConversion()
    {
        Manager.OnDrive = static (c, through) =>
            through == ConversionState.HelperReady
                ? c with
                {
                    State = through,
                }
                : c with
                {
                    State = ConversionState.Failed,
                    InterruptedState = ConversionState.Copying,
                    Error = new ErrorDescription(ErrorIds.TargetDiskFull, "Disk 0 is full.", "Make / larger."),
                };
        var result = shell.Run("$task | New-P2VHelper | Copy-P2VVolume | Sync-P2VConversion");
        Assert.Equal(
            [ErrorIds.TargetDiskFull, ErrorIds.ConversionWrongState],
            result.Errors.Select(error => error.FullyQualifiedErrorId.Split(',')[0])
        );
    }

    [Fact]
    public async Task WaitDrawsABarForTheConversionAndOneForEachVolume()
    {
        Manager.OnDrive = null;
        var id = shell.Run("$global:conversion = $task | Start-P2VConversion; $conversion.Id").Single<string>();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        using var waiter = PowerShell.Create(shell.Runspace).AddScript("$conversion | Wait-P2VConversion -Verbose");
        var running = waiter.BeginInvoke();
        for (var done = 1; done <= 3; done++)
        {
            Manager.Put(Samples.Copying(Manager.Get(id), done * Samples.GB, 4 * Samples.GB));
            await Until(() =>
                waiter
                    .Streams.Progress.ToArray()
                    .Any(p => p.StatusDescription.Contains($"{done}.0 GB of 4.0 GB,", StringComparison.Ordinal))
            );
            Manager.Put(Samples.Copying(Manager.Get(id), done * Samples.GB, 4 * Samples.GB));
        }

        Manager.Settle(Manager.Get(id) with { State = ConversionState.Completed, Location = "/vms/web01-vm" });
        var conversion = Assert.IsType<P2VConversion>(Assert.Single(waiter.EndInvoke(running)).BaseObject);
        var result = (Progress: waiter.Streams.Progress.ToArray(), Verbose: waiter.Streams.Verbose.Select(v => v.Message).ToArray());

        Assert.Equal(("/vms/web01-vm", 100f), (conversion.Location, conversion.PercentComplete));
        var parent = result.Progress.Where(p => p.ParentActivityId < 0 && p.RecordType == ProgressRecordType.Processing).ToList();
        Assert.Contains(
            parent,
            p =>
                p.StatusDescription.Contains("3.0 GB of 4.0 GB, ", StringComparison.Ordinal)
                && p.StatusDescription.EndsWith(" left", StringComparison.Ordinal)
        );
        Assert.True(parent.Count <= 4 * (clock.Elapsed.TotalSeconds + 1), $"{parent.Count} records in {clock.Elapsed}");
        var child = result.Progress.Last(p => p.ParentActivityId == parent[0].ActivityId);
        Assert.Equal(("/", 75, "3.0 GB of 4.0 GB, 3 of 4 files"), (child.Activity, child.PercentComplete, child.StatusDescription));
        Assert.Equal(2, result.Progress.Count(p => p.RecordType == ProgressRecordType.Completed));
        Assert.Contains(result.Verbose, v => v == "web01-vm: driving");
        Assert.Contains(result.Verbose, v => v.Contains("Copying 1.0 GB of 4.0 GB", StringComparison.Ordinal));
        Assert.Contains(result.Verbose, v => v == "web01-vm: 100 %, Completed");
    }

    private static async Task Until(Func<bool> condition)
    {
        for (var tries = 0; !condition(); tries++)
        {
            Assert.True(tries < 2400, "nothing happened for two minutes");
            await Task.Delay(50);
        }
    }

    [Fact]
    public async Task CtrlCEndsTheWaitingOnlyAndSaysSo()
    {
        Manager.OnDrive = null;
        var id = shell.Run("$global:conversion = $task | Start-P2VConversion; $conversion.Id").Single<string>();
        using var waiter = PowerShell.Create(shell.Runspace).AddScript("$conversion | Wait-P2VConversion");
        var running = waiter.BeginInvoke();
        await Until(() => Manager.IsWatched(id));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        waiter.Stop();

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), clock.Elapsed.ToString());
        Assert.Equal(PSInvocationState.Stopped, waiter.InvocationStateInfo.State);
        Assert.True(running.IsCompleted);
        Assert.Contains(
            shell.HostLines,
            l => l.StartsWith("WARNING", StringComparison.Ordinal) && l.Contains("Still running: web01-vm", StringComparison.Ordinal)
        );
        Assert.True(Manager.IsDriven(id));
        Manager.Settle(Manager.Get(id) with { State = ConversionState.Completed });
        Assert.Equal(P2VConversionState.Completed, shell.Run("$conversion | Wait-P2VConversion").Single<P2VConversion>().State);
    }

    [Fact]
    public void WaitingForWhatNobodyDrivesNamesResume()
    {
        Manager.OnDrive = static (c, _) => Samples.Copying(c, 1, 2);
        var error = shell.Run("$task | Start-P2VConversion | Wait-P2VConversion").Error("ConversionWrongState");
        Assert.Contains("Resume-P2VConversion", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Contains("Copying", error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ResumeUsesTheSessionsSecretsUnlessOthersAreGiven()
    {
        var id = shell.Run("$global:conversion = $task | Start-P2VConversion; $conversion.Id").Single<string>();
        shell.Run("Stop-P2VConversion $conversion");
        Assert.Equal(P2VConversionState.Stopped, shell.Run("Get-P2VConversion -Id $conversion.Id").Single<P2VConversion>().State);
        shell.Run("Resume-P2VConversion -Conversion $conversion.Id");
        Assert.Equal("geheim", Manager.Drives[1].Secrets!.Password);
        shell.Run(
            "$conversion | Resume-P2VConversion -Credential ([pscredential]::new('root', "
                + "([System.Net.NetworkCredential]::new('', 'neu').SecurePassword)))"
        );
        Assert.Equal("neu", Manager.Drives[2].Secrets!.Password);

        using var other = new TestShell();
        other.Engine.Manager.Put(Manager.Get(id));
        other.Run("$null = Connect-P2VServer -LocalPath /vms; Resume-P2VConversion $id", ("id", id));
        Assert.Null(other.Engine.Manager.Drives.Single().Secrets);
    }

    [Fact]
    public void GetFindsByNameIdAndState()
    {
        shell.Run("$task | Start-P2VConversion");
        Manager.OnDrive = null;
        var id = shell.Run("($task | Start-P2VConversion).Id").Single<string>();
        Assert.Equal(2, shell.Run("Get-P2VConversion").Output.Count);
        Assert.Equal(2, shell.Run("Get-P2VConversion WEB*").Output.Count);
        Assert.Equal(id, shell.Run("Get-P2VConversion -State Queued").Single<P2VConversion>().Id);
        Assert.True(shell.Run("Get-P2VConversion -Id $id", ("id", id)).Single<P2VConversion>().IsRunning);
        Assert.Empty(shell.Run("Get-P2VConversion none*").Errors);
        shell.Run("Get-P2VConversion none").Error("ConversionNotFound");
        shell.Run("Get-P2VConversion -Id zzz").Error("ConversionNotFound");
        Assert.Matches($@"{id}\s+web01-vm\s+Queued\s+0", shell.Render("Get-P2VConversion -State Queued"));
        Assert.Contains(
            id,
            shell
                .Run($"(TabExpansion2 'Stop-P2VConversion -Conversion {id[..6]}').CompletionMatches.CompletionText")
                .Output.Select(o => o.ToString())
        );
    }

    [Fact]
    public void RemoveAsksAndDeletesTheVMOnlyWhenTold()
    {
        shell.Run("$global:conversion = $task | Start-P2VConversion");
        shell.Run("$conversion | Remove-P2VConversion -DeleteVM -WhatIf");
        Assert.Empty(Manager.Removed);
        Assert.Contains(shell.HostLines, l => l.Contains("DELETE its VM", StringComparison.Ordinal));
        Assert.Empty(shell.Run("$conversion | Remove-P2VConversion -DeleteVM -Confirm:$false").Errors);
        Assert.Equal("/vms", Assert.Single(Manager.Removed).From!.Reference.Address);
        shell.Run("$conversion | Remove-P2VConversion -Confirm:$false").Error("ConversionNotFound");
    }

    [Fact]
    public void TheServerOfAConversionMustBeConnected()
    {
        shell.Run("$global:conversion = $task | Start-P2VConversion; Disconnect-P2VServer");
        var error = shell.Run("$conversion | Resume-P2VConversion").Error("ServerNotConnected");
        Assert.Contains("Connect-P2VServer -LocalPath '/vms'", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void TheLogZipHoldsLogTaskAndConversionAndNoSecret()
    {
        var folder = Directory.CreateTempSubdirectory("p2v-log");
        try
        {
            Manager.LogFolder = folder.FullName;
            var id = shell.Run("$global:conversion = $task | Start-P2VConversion; $conversion.Id").Single<string>();
            File.WriteAllText(Path.Combine(folder.FullName, id + ".log"), "a line\n");
            var file = shell.Run("$conversion | Export-P2VLog -Path $folder", ("folder", folder.FullName)).Single<FileInfo>();
            Assert.Equal($"web01-vm-{id}.zip", file.Name);
            using (var zip = ZipFile.OpenRead(file.FullName))
            {
                Assert.Equal(["conversion.json", "conversion.log", "task.json"], zip.Entries.Select(e => e.Name).Order());
                var texts = zip.Entries.ToDictionary(e => e.Name, e => new StreamReader(e.Open()).ReadToEnd());
                Assert.Equal("a line\n", texts["conversion.log"]);
                Assert.All(texts.Values, t => Assert.DoesNotContain("geheim", t, StringComparison.Ordinal));
                using var json = System.Text.Json.JsonDocument.Parse(texts["conversion.json"]);
                Assert.Equal(id, json.RootElement.GetProperty("Id").GetString());
            }

            shell.Run("$conversion | Export-P2VLog -Path $folder").Error("FileExists");
            Assert.Empty(shell.Run("$conversion | Export-P2VLog -Path $folder -Force").Errors);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
