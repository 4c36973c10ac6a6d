using LinuxP2V.Cmdlets.Tests.Support;
using LinuxP2V.Engine.Conversions;

namespace LinuxP2V.Cmdlets.Tests;

public sealed class ManyTasksTests : IDisposable
{
    private readonly TestShell shell = new();

    public void Dispose() => shell.Dispose();

    [Fact]
    public void AHundredTasksFromThePipelineAreSetGoingWithOneSetOfLimits()
    {
        var manager = shell.Engine.Manager;
        manager.OnDrive = null;
        Assert.Empty(
            shell.Run($"$null = Connect-P2VServer -LocalPath /vms; $global:source = Get-P2VSource web01 {TestShell.Login}").Errors
        );

        var started = shell.Run(
            """
            1..100 | ForEach-Object { $source | New-P2VTask -Name "web$_" } |
                Start-P2VConversion -ThrottleLimit 10 -HostThrottleLimit 3 -DatastoreThrottleLimit 5
            """
        );

        // At once: nothing has moved yet, and each is on the pipeline.
        Assert.Empty(started.Errors);
        Assert.Equal(
            Enumerable.Range(1, 100).Select(n => $"web{n}"),
            started.Output.Select(o => Assert.IsType<P2VConversion>(o.BaseObject).Name)
        );
        Assert.All(manager.Drives, drive => Assert.Equal(new ThrottleLimits(10, 3, 5), drive.Limits));
        Assert.Equal(100, manager.Drives.Select(drive => drive.Id).Distinct().Count());
        Assert.Equal(100, shell.Run("Get-P2VConversion").Output.Count);

        foreach (var drive in manager.Drives)
            manager.Settle(manager.Get(drive.Id) with { State = ConversionState.Completed });
        var ended = shell.Run("Get-P2VConversion | Wait-P2VConversion");
        Assert.Empty(ended.Errors);
        Assert.Equal(100, ended.Output.Count(o => ((P2VConversion)o.BaseObject).State == P2VConversionState.Completed));
    }
}
