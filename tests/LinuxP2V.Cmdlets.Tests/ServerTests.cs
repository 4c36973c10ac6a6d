using System.Management.Automation;
using LinuxP2V.Cmdlets.Tests.Support;
using LinuxP2V.Engine.Conversions;

namespace LinuxP2V.Cmdlets.Tests;

public sealed class ServerTests : IDisposable
{
    private const string Connect = "Connect-P2VServer vc01 " + Login;
    private const string Login =
        "-Credential ([pscredential]::new('administrator@vsphere.local', "
        + "([System.Net.NetworkCredential]::new('', 'geheim').SecurePassword)))";

    private readonly TestShell shell = new();

    private FakeEngine Engine => shell.Engine;

    public void Dispose() => shell.Dispose();

    [Fact]
    public void ConnectOpensASessionByCredentialAndShowsTheServer()
    {
        var server = shell.Run($"{Connect} -Port 8443 -CertificateThumbprint {FakeServer.Thumbprint}").Single<P2VServer>();
        Assert.Equal(
            ("vc01", "VSphere", "vc01", 8443, true, false),
            (server.Name, server.Kind, server.Address, server.Port, server.IsConnected, server.IsBorrowed)
        );
        Assert.Equal(
            ("VMware vCenter Server 8.0.3 build-1", "8.0.3", @"VSPHERE.LOCAL\Administrator"),
            (server.Product, server.Version, server.User)
        );
        Assert.Equal(FakeServer.Thumbprint, server.CertificateThumbprint);
        var options = Assert.Single(Engine.Connections).Options;
        Assert.Equal(
            ("administrator@vsphere.local", "geheim", FakeServer.Thumbprint, false),
            (options.UserName, options.Password, options.CertificateThumbprint, options.SkipCertificateCheck)
        );
        Assert.Matches(
            @"vc01\s+VSphere\s+vc01\s+VSPHERE.LOCAL\\Administrator\s+VMware vCenter",
            shell.Render("$server = " + Connect + "; $server")
        );
    }

    [Theory]
    [InlineData("vc01:8443", "vc01", 8443)]
    [InlineData("[2001:db8::1]:444", "2001:db8::1", 444)]
    [InlineData("2001:db8::1", "2001:db8::1", 443)]
    public void AnAddressMayHaveAPort(string text, string host, int port)
    {
        shell.Run($"Connect-P2VServer -Name '{text}' {Login}").Single<P2VServer>();
        Assert.Equal((host, port), (Engine.Connections[0].Options.Address, Engine.Connections[0].Options.Port));
    }

    [Theory]
    [InlineData("https://vc01/sdk")]
    [InlineData("./vms")]
    [InlineData("vc01:none")]
    public void WhatIsNoAddressIsRefused(string text)
    {
        var error = shell.Run($"Connect-P2VServer '{text}' {Login}").Error("ServerUnreachable");
        Assert.Contains("-LocalPath", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void FailuresHaveTheirCategory()
    {
        Assert.Equal(
            ErrorCategory.ConnectionError,
            shell.Run($"Connect-P2VServer down {Login}").Error("ServerUnreachable").CategoryInfo.Category
        );
        var refused = shell
            .Run(
                "Connect-P2VServer vc01 -Credential ([pscredential]::new('u', "
                    + "[System.Net.NetworkCredential]::new('', 'falsch').SecurePassword))"
            )
            .Error("ServerAuthenticationFailed");
        Assert.Equal(ErrorCategory.AuthenticationError, refused.CategoryInfo.Category);
        Assert.Contains(
            "-Credential",
            shell.Run("Connect-P2VServer vc01").Error("ServerNotConnected").ErrorDetails.RecommendedAction,
            StringComparison.Ordinal
        );
        shell.Run("Connect-P2VServer").Error("ServerNotConnected");
        Assert.NotEmpty(shell.Run($"Connect-P2VServer vc01 {Login} -CertificateThumbprint 12:34").Errors);
        Assert.Empty(Engine.Connections);
    }

    [Fact]
    public void NoSecretIsShownAnywhere()
    {
        var result = shell.Run(
            $"$s = {Connect}; $b = $vi | Connect-P2VServer; "
                + "$s, $b | ForEach-Object { [System.Management.Automation.PSSerializer]::Serialize($_, 5); \"$_\"; "
                + "$_.PSObject.Properties | ForEach-Object { \"$($_.Name)=$($_.Value)\" } }",
            ("vi", new FakePowerCli.VIServerImpl("vc02"))
        );
        Assert.Empty(result.Errors);
        var text = string.Join('\n', result.Output);
        Assert.DoesNotContain("geheim", text, StringComparison.Ordinal);
        Assert.DoesNotContain(FakePowerCli.Secret, text, StringComparison.Ordinal);
        Assert.Equal("(session)@vc02:443", Engine.Connections[1].Options.ToString());
    }

    [Theory]
    [InlineData("Connect-P2VServer -VIServer $vi -SkipCertificateCheck")]
    [InlineData("$vi | Connect-P2VServer -SkipCertificateCheck")]
    [InlineData("$global:DefaultVIServer = $vi; Connect-P2VServer -SkipCertificateCheck")]
    [InlineData("$global:DefaultVIServers = @($vi); Connect-P2VServer vc01 -SkipCertificateCheck")]
    public void PowerClisConnectionIsBorrowed(string script)
    {
        var server = shell.Run(script, ("vi", new FakePowerCli.VIServerImpl("vc01") { Port = 8443 })).Single<P2VServer>();
        Assert.Equal(("vc01", 8443, true), (server.Name, server.Port, server.IsBorrowed));
        var options = Assert.Single(Engine.Connections).Options;
        Assert.Equal((FakePowerCli.Secret, null, true), (options.SessionSecret, options.Password, options.SkipCertificateCheck));
    }

    [Fact]
    public void ANotConnectedOrWrongVIServerIsToldSo()
    {
        var closed = new FakePowerCli.VIServerImpl("vc01") { IsConnected = false, SessionSecret = null };
        Assert.Contains(
            "Connect-VIServer vc01",
            shell.Run("$vi | Connect-P2VServer", ("vi", closed)).Error("ServerNotConnected").ErrorDetails.RecommendedAction,
            StringComparison.Ordinal
        );
        var wrong = Assert.Single(
            shell.Run("Connect-P2VServer -VIServer $vm", ("vm", new FakePowerCli.InventoryItemImpl("web01", "VirtualMachine-vm-7"))).Errors
        );
        Assert.Contains("web01", wrong.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("SessionSecret", wrong.Exception.Message, StringComparison.Ordinal);
        Assert.Empty(Engine.Connections);
    }

    [Fact]
    public void AVIServerFromClixmlIsBorrowedAsALiveOneIs()
    {
        shell
            .Run("Connect-P2VServer -VIServer $vi", ("vi", FakePowerCli.Deserialized(new FakePowerCli.VIServerImpl("vc01"))))
            .Single<P2VServer>();
        Assert.Equal(FakePowerCli.Secret, Engine.Connections[0].Options.SessionSecret);
    }

    [Fact]
    public void ATaskTakesAVIServerAndPowerClisDefault()
    {
        var vi = new FakePowerCli.VIServerImpl("vc01");
        var source = shell.Run($"Get-P2VSource web01 {TestShell.Login}").Output[0];
        Assert.Equal("vc01", shell.Run("$source | New-P2VTask -Server $vi", ("source", source), ("vi", vi)).Single<P2VTask>().Destination);
        Assert.Equal("vc01", shell.Run("$source | New-P2VTask -Server $vi", ("source", source), ("vi", vi)).Single<P2VTask>().Destination);
        Assert.Single(Engine.Connections);

        shell.Run("Disconnect-P2VServer");
        Assert.Equal(
            "vc01",
            shell
                .Run("$global:DefaultVIServers = @($vi); $source | New-P2VTask", ("source", source), ("vi", vi))
                .Single<P2VTask>()
                .Destination
        );
        Assert.Equal(2, Engine.Connections.Count);
    }

    [Fact]
    public void OfSeveralDefaultsNoneIsGuessed()
    {
        var both = new object[] { new FakePowerCli.VIServerImpl("vc01"), new FakePowerCli.VIServerImpl("vc02") };
        var source = shell.Run($"Get-P2VSource web01 {TestShell.Login}").Output[0];
        var error = shell
            .Run("$global:DefaultVIServers = $both; $source | New-P2VTask", ("both", both), ("source", source))
            .Error("ServerNotConnected");
        Assert.Contains("vc01, vc02", error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal("vc02", shell.Run("$source | New-P2VTask -Server vc02", ("source", source)).Single<P2VTask>().Destination);
    }

    [Fact]
    public void AStoredTaskFindsItsServerAmongPowerClisConnections()
    {
        var source = shell.Run($"Get-P2VSource web01 {TestShell.Login}").Output[0];
        shell.Run($"{Connect}; $global:task = $source | New-P2VTask; Disconnect-P2VServer", ("source", source));
        shell.Run("$task | Test-P2VTask").Error("ServerNotConnected");
        var result = shell.Run("$global:DefaultVIServer = $vi; $task | Test-P2VTask", ("vi", new FakePowerCli.VIServerImpl("VC01")));
        Assert.Empty(result.Errors);
        Assert.Equal(FakePowerCli.Secret, Engine.Connections[^1].Options.SessionSecret);
    }

    [Fact]
    public void DisconnectEndsTheSession()
    {
        shell.Run(Connect);
        var result = shell.Run("Disconnect-P2VServer vc01");
        Assert.Empty(result.Errors);
        Assert.Empty(result.Warnings);
        Assert.Equal(1, Engine.Connections[0].Server.Disposals);
        shell.Run("Disconnect-P2VServer vc01").Error("ServerNotConnected");
        Assert.Empty(shell.Run("Disconnect-P2VServer none*").Errors);
    }

    [Fact]
    public async Task ASessionOutlivesTheConversionsThatUseIt()
    {
        Engine.Manager.OnDrive = null;
        var id = shell
            .Run($"$null = {Connect}; Get-P2VSource web01 {TestShell.Login} | New-P2VTask -Name web01-vm | Start-P2VConversion")
            .Single<P2VConversion>()
            .Id;
        var warning = Assert.Single(shell.Run("Disconnect-P2VServer").Warnings);
        Assert.Contains("web01-vm", warning, StringComparison.Ordinal);
        var server = Engine.Connections[0].Server;
        Assert.Equal(0, server.Disposals);
        Engine.Manager.Settle(Engine.Manager.Get(id) with { State = ConversionState.Completed });
        await Eventually(() => server.Disposals == 1);
    }

    [Fact]
    public async Task ConnectingAgainEndsTheFormerSession()
    {
        shell.Run($"{Connect}; {Connect}");
        Assert.Single(shell.Session.Servers.All);
        await Eventually(() => Engine.Connections[0].Server.Disposals == 1);
        Assert.Equal(0, Engine.Connections[1].Server.Disposals);
    }

    [Fact]
    public void TwoServersOfOneAddressAreTwo()
    {
        var source = shell.Run($"Get-P2VSource web01 {TestShell.Login}").Output[0];
        shell.Run($"{Connect} -Port 8443; $global:task = $source | New-P2VTask; {Connect}", ("source", source));
        Assert.Equal(2, shell.Session.Servers.All.Count);
        Assert.Equal(8443, Engine.PlannedFor!.Port);
        shell.Run("Get-P2VHelperImage -Datastore ds2 -Server vc01").Error("ServerNotConnected");

        // The task's own server is not the one of the other port.
        shell.Run("Disconnect-P2VServer");
        Assert.Null(Assert.Single(Engine.Connections, connection => connection.Server.Disposals == 1).Server.Reference.Port);
        Assert.Empty(shell.Run("$task | Test-P2VTask").Errors);
        shell.Run("Disconnect-P2VServer");
        var error = shell.Run($"$null = {Connect}; $task | Test-P2VTask").Error("ServerNotConnected");
        Assert.Contains("vc01:8443", error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheEndOfTheRunspaceEndsItsSessions()
    {
        shell.Run(Connect);
        shell.Dispose();
        Assert.Equal(1, Engine.Connections[0].Server.Disposals);
    }

    private static async Task Eventually(Func<bool> condition)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!condition())
            await Task.Delay(20, timeout.Token);
    }
}
