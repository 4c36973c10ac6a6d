using LinuxP2V.Cmdlets.Tests.Support;
using LinuxP2V.Engine.Access;

namespace LinuxP2V.Cmdlets.Tests;

public sealed class SourceTests(TestShell shell) : IClassFixture<TestShell>
{
    [Fact]
    public void ReadsSeveralHostsFromThePipelineAtOnceAndGoesOnPastAFailure()
    {
        shell.Engine.ReadDelay = TimeSpan.FromMilliseconds(200);
        var result = shell.Run($"'web01', 'down1', 'web02', 'web03' | Get-P2VSource {TestShell.Login} -ThrottleLimit 3");

        Assert.Equal(["web01", "web02", "web03"], result.Output.Select(o => o.ToString()).Order());
        var error = result.Error("SourceUnreachable");
        Assert.Equal("down1", error.TargetObject);
        Assert.Equal(System.Management.Automation.ErrorCategory.ConnectionError, error.CategoryInfo.Category);
        Assert.Equal("Check its address.", error.ErrorDetails.RecommendedAction);
        Assert.Equal(3, shell.Engine.MostReadsAtOnce);
    }

    [Fact]
    public void BindsByPropertyNameAndReadsUserAndPortFromTheAddress()
    {
        var result = shell.Run($"[pscustomobject]@{{ ComputerName = 'admin@web09:2222' }} | Get-P2VSource {TestShell.Login} -Sudo");

        var source = result.Single<P2VSource>();
        Assert.Equal(("web09", 2222, "admin"), (source.ComputerName, source.Port, source.User));
        var (query, secrets) = shell.Engine.Reads.Single(r => r.Query.Host == "web09");
        Assert.Equal(ElevationPreference.Always, query.Elevation);
        Assert.Equal("geheim", secrets.Password);
        Assert.Equal("geheim", secrets.SudoPassword);
    }

    [Fact]
    public void WithoutPasswordOrKeySaysSoBeforeItConnects()
    {
        var result = shell.Run("Get-P2VSource nobody");
        result.Error("SourceCredentialRequired");
        Assert.DoesNotContain(shell.Engine.Reads, r => r.Query.Host == "nobody");
    }

    [Fact]
    public void AJumpHostHasItsOwnLogin()
    {
        shell.Run(
            $"Get-P2VSource inner {TestShell.Login} -JumpHost hop@gate:2200 -JumpCredential ([pscredential]::new('x', "
                + "([System.Net.NetworkCredential]::new('', 'hopword').SecurePassword)))"
        );
        var (query, secrets) = shell.Engine.Reads.Single(r => r.Query.Host == "inner");
        Assert.Equal(("gate", 2200, "hop"), (query.JumpHost!.Host, query.JumpHost.Port, query.JumpHost.User));
        Assert.Equal("hopword", secrets.JumpHost!.Password);
    }

    [Fact]
    public void PartsAreTypedAndShownAsTables()
    {
        shell.Run($"$global:source = Get-P2VSource web01 {TestShell.Login}");
        var text = shell.Render("$source");
        Assert.Matches(@"Name\s+OperatingSystem\s+Firmware\s+NumCpu\s+MemoryGB\s+UsedGB", text);
        Assert.Matches(@"web01\s+Debian GNU/Linux 12\s+Bios\s+2\s+4\s+3", text);

        var volumes = shell.Render("$source.Volumes");
        Assert.Matches(@"/\s+/dev/sda1\s+ext4\s+20\s+3\s+True", volumes);
        Assert.Matches(@"/srv\s+nas:/srv\s+nfs4\s+0\s+0\s+False", volumes);
        Assert.DoesNotContain("/proc", volumes, StringComparison.Ordinal);
        Assert.Matches(@"sda\s+20\s+Mbr\s+1", shell.Render("$source.Disks"));
        Assert.Matches(@"eth0\s+52:54:00:00:00:01\s+True", shell.Render("$source.NetworkAdapters"));
    }

    [Fact]
    public void FindingsCarryTheWorstFirst()
    {
        shell.Engine.Findings =
        [
            new Finding(FindingSeverity.Warning, "RunningDatabase", "mysqld", "mysqld runs.", "Stop it."),
            new Finding(FindingSeverity.Error, "UnsupportedFileSystem", "/srv", "zfs.", "Leave it out."),
        ];
        var result = shell.Run($"Get-P2VSource web01 {TestShell.Login} | Test-P2VSource");
        Assert.Equal(["UnsupportedFileSystem", "RunningDatabase"], result.Output.Select(o => ((P2VFinding)o.BaseObject).Id));
        Assert.Equal("Leave it out.", ((P2VFinding)result.Output[0].BaseObject).Remedy);
    }

    [Fact]
    public void AStopFromDownstreamEndsTheReading()
    {
        shell.Engine.ReadDelay = TimeSpan.FromMilliseconds(50);
        var result = shell.Run(
            $"'a1', 'a2', 'a3', 'a4' | Get-P2VSource {TestShell.Login} -ThrottleLimit 1 | ForEach-Object {{ $_; throw 'enough' }}"
        );
        Assert.Single(result.Output);
        Assert.Contains("enough", Assert.Single(result.Errors).Exception.Message, StringComparison.Ordinal);
    }
}
