using LinuxP2V.Cmdlets.Tests.Support;

namespace LinuxP2V.Cmdlets.Tests;

/// <summary>Names of a server's inventory on the command line. What needs no server is in Pester.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly TestShell shell = new();

    public CompletionTests() =>
        Assert.Empty(
            shell
                .Run(
                    "$null = Connect-P2VServer vc01 -Credential ([pscredential]::new('u', "
                        + "([System.Net.NetworkCredential]::new('', 'geheim').SecurePassword)))"
                )
                .Errors
        );

    private FakeServer Server => (FakeServer)shell.Session.Servers.Default!.Connection!.Destination;

    public void Dispose() => shell.Dispose();

    [Fact]
    public void TheInventoryIsAskedForOnceAndNamesAreQuoted()
    {
        Assert.Equal(["esx01"], Complete("New-P2VTask -VMHost "));
        Assert.Equal(["'ds one'"], Complete("New-P2VTask -Datastore d"));
        Assert.Equal(["'it''s'"], Complete("New-P2VTask -NetworkName it"));
        Assert.Equal(["esx01"], Complete("New-P2VTask -Server vc01 -VMHost e"));
        Assert.Equal(1, Server.Listings);
    }

    [Fact]
    public void AServerThatDoesNotAnswerHoldsUpNobody()
    {
        Server.Delay = TimeSpan.FromMinutes(1);
        Assert.Equal([" "], Complete("New-P2VTask -VMHost "));
    }

    private IReadOnlyList<string> Complete(string line) =>
        [
            .. shell
                .Run(
                    $"[System.Management.Automation.CommandCompletion]::CompleteInput($line, {line.Length}, $null)"
                        + ".CompletionMatches.CompletionText",
                    ("line", line)
                )
                .Output.Select(text => text.ToString()),
        ];
}
