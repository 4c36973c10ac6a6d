using LinuxP2V.Cmdlets.Tests.Support;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Destinations;

namespace LinuxP2V.Cmdlets.Tests;

/// <summary>The VM of a conversion: PowerCLI's where it is, else ours.</summary>
public sealed class MachineTests : IDisposable
{
    /// <summary>A module of PowerCLI's name that knows two VMs.</summary>
    private const string PowerCli = """
        New-Module -Name VMware.VimAutomation.Core -ScriptBlock {
            function Get-VM {
                [CmdletBinding()] param([string[]] $Id, $Server)
                $global:asked = "$Id at $Server"
                if ($Id -eq 'VirtualMachine-vm-42') {
                    $type = 'VMware.VimAutomation.ViCore.Impl.V1.VM.UniversalVirtualMachineImpl'
                    [pscustomobject]@{ PSTypeName = $type; Name = 'web01-vm'; Id = $Id[0] }
                }
                else { Write-Error "no $Id" }
            }
        } | Import-Module -Global;
        """;

    private readonly TestShell shell = new();

    public MachineTests() =>
        Assert.Empty(
            shell
                .Run(
                    "$null = Connect-P2VServer vc01 -Credential ([pscredential]::new('Admin@Vsphere.Local', "
                        + "([System.Net.NetworkCredential]::new('', 'geheim').SecurePassword)));"
                        + $"$global:task = Get-P2VSource web01 {TestShell.Login} | New-P2VTask -Name web01-vm"
                )
                .Errors
        );

    public void Dispose() => shell.Dispose();

    [Fact]
    public void WithoutPowerCliItIsOurs()
    {
        Server.Machine = new DestinationMachine("vm-42", "web01-vm", MachinePower.PoweredOn, "/DC0/vm/web01-vm", []);
        var machine = shell.Run(Convert("vm-42")).Single<P2VVirtualMachine>();
        Assert.Equal(
            ("web01-vm", "VirtualMachine-vm-42", "PoweredOn", "vc01"),
            (machine.Name, machine.Id, machine.PowerState, machine.Server)
        );
        Assert.Equal(@"/VIServer=vsphere.local\administrator@vc01:443/VirtualMachine=VirtualMachine-vm-42/", machine.Uid);
        Assert.Matches(@"web01-vm\s+PoweredOn\s+vc01\s+/DC0/vm/web01-vm", shell.Render("$machine = (Get-P2VConversion)[0].VM; $machine"));
    }

    [Fact]
    public void WherePowerCliIsConnectedItIsPowerClis()
    {
        var result = shell.Run(
            PowerCli + "$global:DefaultVIServers = @($vi);" + Convert("vm-42"),
            ("vi", new FakePowerCli.VIServerImpl("vc01"))
        );
        Assert.Empty(result.Errors);
        var machine = Assert.Single(result.Output);
        Assert.Equal("VMware.VimAutomation.ViCore.Impl.V1.VM.UniversalVirtualMachineImpl", machine.TypeNames[0]);
        Assert.Equal("VirtualMachine-vm-42 at vc01", shell.Run("$global:asked").Single<string>());
    }

    [Theory]
    [InlineData("$global:DefaultVIServers = @($other);", "vm-42")]
    [InlineData("$global:DefaultVIServers = @($closed);", "vm-42")]
    [InlineData("$global:DefaultVIServer = $vi; Set-StrictMode -Version Latest; $ErrorActionPreference = 'Stop';", "vm-43")]
    [InlineData("Set-StrictMode -Version Latest; $ErrorActionPreference = 'Stop';", "vm-42")]
    public void WhatPowerCliCannotShowIsOurs(string setting, string id)
    {
        var result = shell.Run(
            PowerCli + setting + Convert(id),
            ("other", new FakePowerCli.VIServerImpl("vc02")),
            ("closed", new FakePowerCli.VIServerImpl("vc01") { IsConnected = false }),
            ("vi", new FakePowerCli.VIServerImpl("vc01"))
        );
        Assert.Empty(result.Errors);
        var machine = result.Single<P2VVirtualMachine>();
        // The server does not know it: it is still told which VM it was.
        Assert.Equal(("VirtualMachine-" + id, "web01-vm", null), (machine.Id, machine.Name, machine.PowerState));
    }

    [Fact]
    public void WithoutAConnectionItIsStillNamed()
    {
        shell.Run("$global:done = " + Convert("vm-42").Replace(".VM", "", StringComparison.Ordinal) + "; Disconnect-P2VServer");
        var machine = shell.Run("$done.VM").Single<P2VVirtualMachine>();
        Assert.Equal(("VirtualMachine-vm-42", null, null), (machine.Id, machine.Uid, machine.PowerState));
    }

    [Fact]
    public void OnTheEmbeddedDestinationItIsAFolder()
    {
        shell.PrepareTask();
        shell.Engine.Destination!.Machine = new DestinationMachine(
            "/vms/web01-vm",
            "web01-vm",
            MachinePower.PoweredOff,
            "/vms/web01-vm",
            []
        );
        var machine = shell.Run(Convert("/vms/web01-vm")).Single<P2VVirtualMachine>();
        Assert.Equal(("/vms/web01-vm", "PoweredOff", "/vms", null), (machine.Id, machine.PowerState, machine.Server, machine.Uid));
    }

    [Fact]
    public void BeforeThereIsAVMThereIsNone()
    {
        shell.Engine.Manager.OnDrive = null;
        Assert.True(shell.Run("$null -eq ($task | Start-P2VConversion).VM").Single<bool>());
    }

    private FakeServer Server => shell.Engine.Connections[0].Server;

    private string Convert(string machineId)
    {
        shell.Engine.Manager.OnDrive = (c, _) => c with { State = ConversionState.Completed, MachineId = machineId };
        return "($task | Start-P2VConversion | Wait-P2VConversion).VM";
    }
}
