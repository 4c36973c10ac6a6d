using System.Management.Automation;
using LinuxP2V.Cmdlets.Tests.Support;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Sources;

namespace LinuxP2V.Cmdlets.Tests;

/// <summary>The vSphere script of the documentation as it stands, without machines; the lab runs it with them.</summary>
public sealed class ExampleTests : IDisposable
{
    private readonly TestShell _shell = new();
    private readonly string _key = Path.GetTempFileName();

    public void Dispose()
    {
        _shell.Dispose();
        File.Delete(_key);
    }

    [Fact]
    public void TheScriptConvertsToWhereItIsTold()
    {
        _shell.Engine.Manager.OnDrive = (c, _) => c with { State = ConversionState.Completed, MachineId = "vm-42" };
        var result = Run("-Cluster prod -Datastore 'ds-*' -Portgroup 'VM Network' -Name web01-vm -MemoryGB 2 -PowerOn -Credential $credential");
        Assert.Empty(result.Errors);
        Assert.Equal("VirtualMachine-vm-42", result.Single<P2VVirtualMachine>().Id);
        var settings = _shell.Engine.PlannedWith!;
        Assert.Equal(("prod", "ds-*", null, null), (settings.Placement.VMHost, settings.Placement.Datastore, settings.Placement.ResourcePool, settings.Placement.InventoryLocation));
        Assert.Equal(["VM Network"], settings.NetworkNames);
        Assert.Equal(("web01-vm", 2 * Samples.GB, true), (settings.Name, settings.MemoryBytes, settings.PowerOn));
        Assert.Equal(new DestinationReference("VSphere", "vc01"), _shell.Engine.PlannedFor);
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

        Assert.Equal(("svc-p2v@example.org", "geheim"), (_shell.Engine.Connections[0].Options.UserName, _shell.Engine.Connections[0].Options.Password));
    }

    [Fact]
    public void AFindingOfTheServersStopsIt()
    {
        var vi = new FakePowerCli.VIServerImpl("vc01");
        _shell.Run("$global:DefaultVIServer = $vi; $null = Connect-P2VServer", ("vi", vi));
        _shell.Engine.OnConnect = server => server.Findings = [new Finding(FindingSeverity.Error, "DestinationFull", "ds1", "full", "free it")];
        var error = Assert.Throws<RuntimeException>(() => Run(""));
        Assert.Contains("cannot be converted to vc01", error.Message, StringComparison.Ordinal);
        Assert.Empty(_shell.Engine.Manager.List());
    }

    private TestShell.Result Run(string arguments) => _shell.Run(
        $$"""
        function Import-Module { }
        $credential = [pscredential]::new('svc', ([System.Net.NetworkCredential]::new('', 'geheim').SecurePassword))
        & $script web01 -KeyFile $key -Server vc01 {{arguments}}
        """,
        ("script", Path.GetFullPath(Path.Combine(Staged.HelpFolder, "..", "examples", "convert-linux-vsphere.ps1"))),
        ("key", _key));
}
